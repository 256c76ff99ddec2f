"""Closing odds: the last prices that each source had of a match before it began, as chances without their margin."""

from collections.abc import Mapping
from statistics import median
from typing import Final

import msgspec

SECOND: Final = 1_000_000
OLDEST_US: Final = 3600 * SECOND
"""A price that is older than this at the kick-off is no closing one: nobody says that it stood until then."""
LATEST_US: Final = 300 * SECOND
"""Matches begin some minutes late; a price of later is one of play, whatever its source calls it."""
MOST_SOURCES: Final = 128
"""More than have ever priced one match; those of a broken feed beyond are not compared."""


class Closing(msgspec.Struct, frozen=True, array_like=True):
    """A source's last price before the start: whose it is, when it was made, its selections' chances."""

    provider: str
    at: int
    chances: dict[str, float]


def is_closing(at: int, kick_off_at: int) -> bool:
    """Tell whether a price that was made then may be the last one before a start."""
    return kick_off_at - OLDEST_US <= at <= kick_off_at + LATEST_US


def note(known: dict[str, Closing], source: str, closing: Closing) -> bool:
    """Keep a source's closing price where it is its newest, and say whether that is news."""
    before = known.get(source)
    if before is None:
        if len(known) >= MOST_SOURCES:
            return False
    elif closing.at < before.at or closing == before:
        return False
    known[source] = closing
    return True


def closing_figures(known: Mapping[str, Closing]) -> dict[str, dict[str, float]]:
    """Return each provider's chances, the median of its sources, in the order of their names.

    Chances of other selections are no chances of the same thing: whoever lacks one of the selections is left out.
    """
    selections = {name for each in known.values() for name in each.chances}
    by_provider: dict[str, list[Closing]] = {}
    for _, each in sorted(known.items()):
        if each.chances.keys() == selections:
            by_provider.setdefault(each.provider, []).append(each)
    return {
        provider: {name: median(each.chances[name] for each in sources) for name in sorted(selections)}
        for provider, sources in sorted(by_provider.items())
    }
