"""How a set of links compares with the truth: pairs of claims that are one match, found and wanted."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from domain.identity.catalogue import Catalogue
from domain.identity.claims import FixtureClaim, Resolution
from domain.identity.directory import FixtureDirectory
from domain.identity.resolver import resolve

Key = tuple[str, str]


class Found(NamedTuple):
    """Precision and recall over pairs of claims, as fractions of whole numbers."""

    right: int
    said: int
    wanted: int

    @property
    def precision(self) -> float:
        """Return the share of the pairs said that are right; 1 when nothing was said."""
        return self.right / self.said if self.said else 1.0

    @property
    def recall(self) -> float:
        """Return the share of the pairs wanted that were said."""
        return self.right / self.wanted

    def __str__(self) -> str:
        return (
            f"precision {self.precision:.4f} ({self.right}/{self.said}), "
            f"recall {self.recall:.4f} ({self.right}/{self.wanted})"
        )


def linked(claims: Iterable[FixtureClaim], catalogue: Catalogue) -> dict[Key, Resolution]:
    """Resolve claims in their order."""
    directory = FixtureDirectory()
    return {(each.provider, each.provider_fixture_id): resolve(directory, catalogue, each) for each in claims}


def compared(links: Mapping[Key, Resolution], truth: Mapping[Key, str]) -> Found:
    """Count the pairs of claims under one fixture against those of one truth; what has no truth matches nothing."""
    said, wanted = _pairs([(key, each.fixture.fixture_id) for key, each in links.items()]), _pairs(list(truth.items()))
    return Found(len(said & wanted), len(said), len(wanted))


def verdicts(links: Mapping[Key, Resolution]) -> Counter[str]:
    """Count what became of the claims."""
    return Counter(each.verdict for each in links.values())


def _pairs(named: Sequence[tuple[Key, str]]) -> set[tuple[Key, Key]]:
    groups: dict[str, list[Key]] = {}
    for key, name in named:
        groups.setdefault(name, []).append(key)
    return {pair for keys in groups.values() for pair in combinations(sorted(keys), 2)}
