"""The load: canonical ticks of many fixtures as three sources price them, the same for every candidate.

An exchange and two bookmakers follow one chance that wanders, so that nearly every tick moves a price. Deterministic.
"""

from collections.abc import Iterator, Sequence
from hashlib import blake2b
from itertools import islice
from random import Random
from typing import Final

import msgspec

from bookstream.codecs import encode
from bookstream.partitioner import partition_for
from bookstream.topics import PARTITIONS
from domain.events.canonical import Fixture, MarketOdds, SelectionOdds
from domain.events.head import Source

SECOND: Final = 1_000_000
START: Final = 1_790_000_000 * SECOND
"""The log's time of the first tick."""
KICK_OFF: Final = START + 48 * 3600 * SECOND
SOURCES: Final = (("betfair", "betfair"), ("theoddsapi", "pinnacle"), ("theoddsapi", "unibet"))
MARGIN: Final = 1.05
SELECTIONS: Final = (("home", "Home"), ("draw", "The Draw"), ("away", "Away"))


class Value(msgspec.Struct, frozen=True, gc=False):
    """An encoded event with its place."""

    key: bytes
    value: bytes
    partition: int


def fixture_ids(count: int) -> list[str]:
    """Return names of fixtures that are spread evenly over the partitions, as a long season's are."""
    wanted = dict.fromkeys(range(PARTITIONS), -(-count // PARTITIONS))
    found: list[str] = []
    number = 0
    while len(found) < count:
        fixture_id = f"fx-{blake2b(str(number).encode(), digest_size=8).hexdigest()}"
        partition = partition_for(fixture_id.encode(), PARTITIONS)
        if wanted[partition]:
            wanted[partition] -= 1
            found.append(fixture_id)
        number += 1
    return found


def market_id(fixture_id: str) -> str:
    """Return the id of the market that is ticked."""
    return f"{fixture_id}/MATCH_ODDS/FT"


def fixtures(ids: Sequence[str], at: int = START, kick_off_at: int = KICK_OFF) -> Iterator[Fixture]:
    """Yield each fixture as scheduled."""
    for fixture_id in ids:
        yield Fixture(
            event_id=f"fixture-{fixture_id}", occurred_at=at, received_at=at, provider="betfair",
            fixture_id=fixture_id, sport="football", competition_id="cp-0123456789abcdef", competition="League",
            name=f"Home {fixture_id} v Away", home_id="pt-0123456789abcdef", away_id="pt-fedcba9876543210",
            home="Home", away="Away", kick_off_at=kick_off_at, status="SCHEDULED",
            provider_fixture_id=f"provider-{fixture_id}", confidence=1.0,
        )  # fmt: skip


def ticks(ids: Sequence[str], *, gap_us: int = 1000, at: int = START, seed: int = 1) -> Iterator[MarketOdds]:
    """Yield ticks for ever: a random fixture each, its sources in turn, `gap_us` of the log's time apart."""
    random = Random(f"ticks {seed}")
    chances = {fixture_id: [0.45, 0.27] for fixture_id in ids}
    told = dict.fromkeys(ids, 0)
    number = 0
    while True:
        fixture_id = random.choice(ids)
        provider, bookmaker = SOURCES[told[fixture_id] % len(SOURCES)]
        told[fixture_id] += 1
        home, draw = chances[fixture_id]
        home = chances[fixture_id][0] = min(0.6, max(0.3, home + random.uniform(-0.02, 0.02)))
        draw = chances[fixture_id][1] = min(0.3, max(0.2, draw + random.uniform(-0.01, 0.01)))
        number += 1
        at += gap_us
        chance = (home, draw, 1 - home - draw)
        selections = _ladders(chance, random) if bookmaker == "betfair" else _book(chance)
        yield _tick(f"{number:032x}.0", number, fixture_id, (provider, bookmaker), selections, at=at)


def _tick(
    event_id: str,
    number: int,
    fixture_id: str,
    source: tuple[str, str],
    selections: tuple[SelectionOdds, ...],
    *,
    at: int,
) -> MarketOdds:
    provider, bookmaker = source
    return MarketOdds(
        event_id=event_id, occurred_at=at, received_at=at, provider=provider, provider_sequence=str(number),
        source=Source(f"feeds.{provider}.raw", number % PARTITIONS, number),
        fixture_id=fixture_id, market_id=market_id(fixture_id), market_type="MATCH_ODDS", period="FT",
        line_milli=None, bookmaker=bookmaker, status="OPEN", in_play=False, bet_delay_s=0, late=False,
        selections=selections,
    )  # fmt: skip


def _ladders(chance: Sequence[float], random: Random) -> tuple[SelectionOdds, ...]:
    return tuple(
        SelectionOdds(
            selection_id=name, name=label, back_odds=int(990 / share), back_size_minor=random.randrange(10_00, 900_00),
            lay_odds=int(1010 / share), lay_size_minor=random.randrange(10_00, 900_00),
            last_traded_odds=int(1000 / share), traded_minor=random.randrange(1_000_00, 90_000_00),
        )
        for (name, label), share in zip(SELECTIONS, chance, strict=True)
    )  # fmt: skip


def _book(chance: Sequence[float]) -> tuple[SelectionOdds, ...]:
    return tuple(
        SelectionOdds(selection_id=name, name=label, back_odds=int(1000 / share / MARGIN))
        for (name, label), share in zip(SELECTIONS, chance, strict=True)
    )


def values(events: Iterator[MarketOdds | Fixture], count: int) -> Iterator[Value]:
    """Yield the first events, encoded, each with the place that its fixture has."""
    for event in islice(events, count):
        key = event.fixture_id.encode()
        yield Value(key, encode(event), partition_for(key, PARTITIONS))
