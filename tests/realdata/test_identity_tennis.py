"""A year of men's tennis from two sources, by names and days: the sets that were played tell which match is which."""

import csv
import gzip
import os
import random
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from domain.identity.catalogue import catalogue
from domain.identity.claims import FixtureClaim
from tests.realdata.identity_truth import Found, Key, compared, linked, verdicts

DATA = Path(os.environ.get("BOOKSTREAM_REALDATA") or Path(__file__).parents[3] / "shared" / "data")
TENNIS = DATA / "tennis"
DAY_US = 86_400_000_000

pytestmark = [pytest.mark.realdata, pytest.mark.skipif(not TENNIS.is_dir(), reason="the recorded files are absent")]

Sets = tuple[tuple[int, int], ...]


class Played(NamedTuple):
    """A match as one file tells it: the claim, and what the truth is made of."""

    claim: FixtureClaim
    surnames: frozenset[str]
    winner: str
    sets: Sets

    @property
    def key(self) -> Key:
        return self.claim.provider, self.claim.provider_fixture_id

    @property
    def day(self) -> int:
        return self.claim.kick_off_at // DAY_US


def _rows(name: str) -> Iterator[dict[str, str]]:
    with gzip.open(TENNIS / name, "rt", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def _claim(provider: str, reference: str, day: datetime, sides: tuple[str, str], competition: str) -> FixtureClaim:
    at = round(day.replace(tzinfo=UTC).timestamp()) * 1_000_000
    return FixtureClaim(
        provider=provider, provider_fixture_id=reference, sport="tennis", kick_off_at=at, time_is="DAY",
        home=sides[0], away=sides[1], competition=competition,
    )  # fmt: skip


def _surname(text: str) -> str:
    """Take the surname of "Del Potro J.M."."""
    words = [word for word in re.split(r"[ -]", text.casefold().replace("'", "")) if word and not word.endswith(".")]
    return " ".join(words)


def _odds() -> Iterator[Played]:
    for number, row in enumerate(_rows("tennis_data_co_uk_atp_2017.csv.gz")):
        sets = tuple((int(row[f"W{n}"]), int(row[f"L{n}"])) for n in range(1, 6) if row[f"W{n}"])
        sides = (row["Winner"], row["Loser"])
        if number % 2:
            sides = (sides[1], sides[0])
        claim = _claim("odds", str(number), datetime.fromisoformat(row["Date"]), sides, row["Tournament"])
        surnames = frozenset(_surname(text) for text in sides)
        yield Played(claim, surnames, _surname(row["Winner"]), sets)


def _points(surnames: Iterable[str]) -> Iterator[Played]:
    longest_first = sorted(surnames, key=len, reverse=True)

    def surname(text: str) -> str:
        plain = f" {text.casefold().replace('-', ' ').replace(chr(39), '')}"
        return next((known for known in longest_first if plain.endswith(f" {known}")), text)

    for row in _rows("pbp_matches_atp_main_2017.csv.gz"):
        sides = (row["server1"], row["server2"])
        day = datetime.strptime(row["date"], "%d %b %y")  # noqa: DTZ007 - a day, made UTC with the claim
        claim = _claim("points", row["pbp_id"], day, sides, row["tny_name"])
        sets = [tuple(map(int, re.sub(r"\(.*?\)", "", text).split("-"))) for text in row["score"].split()]
        yield Played(
            claim,
            frozenset(map(surname, sides)),
            surname(sides[int(row["winner"]) - 1]),
            tuple((each[0], each[1]) for each in sets),
        )


class Year:
    """Both files and the truth: the same surnames and the same sets won, within days or in no other match."""

    def __init__(self) -> None:
        self.odds = list(_odds())
        self.points = list(_points({name for each in self.odds for name in each.surnames}))
        self.truth: dict[Key, str] = {}
        by_pair: dict[frozenset[str], list[Played]] = {}
        for each in self.odds:
            by_pair.setdefault(each.surnames, []).append(each)
        for played in self.points:
            same = [each for each in by_pair.get(played.surnames, ()) if each.winner == played.winner]
            exact = [each for each in same if each.sets == played.sets]
            near = [each for each in same if abs(each.day - played.day) <= 2]
            of_both = [each for each in exact if each in near]
            found = of_both or (exact if len(exact) == 1 else near)
            if len(found) == 1:
                self.truth[found[0].key] = self.truth[played.key] = found[0].claim.provider_fixture_id

    def compare(self, claims: list[FixtureClaim]) -> Found:
        links = linked(claims, catalogue())
        unlinkable = {key: f"{key}" for key in links if key not in self.truth}
        found = compared(links, {**self.truth, **unlinkable})
        print(found, dict(verdicts(links)))
        return found


@pytest.fixture(scope="module")
def year() -> Year:
    return Year()


def test_the_files_hold_what_they_are_said_to_hold(year: Year) -> None:
    assert (len(year.odds), len(year.points)) == (2633, 2148)
    linkable = sum(1 for provider, _ in year.truth if provider == "points")
    print(f"{linkable} of the point-by-point matches can be linked")
    assert linkable >= 2005


@pytest.mark.parametrize("first", ["odds", "points"])
def test_the_year_s_matches_are_linked_and_none_wrongly(year: Year, first: str) -> None:
    odds, points = ([each.claim for each in file] for file in (year.odds, year.points))
    found = year.compare(odds + points if first == "odds" else points + odds)
    assert found.precision == 1.0
    assert found.recall >= 0.995


def test_in_any_order_none_is_linked_wrongly(year: Year) -> None:
    claims = [each.claim for each in (*year.odds, *year.points)]
    for seed in range(3):
        random.Random(seed).shuffle(claims)
        found = year.compare(claims)
        assert found.precision == 1.0
        assert found.recall >= 0.995
