"""The same match in several files, through ingest and the book: what differs is reported, and nothing else is."""

from itertools import permutations
from typing import NamedTuple

import pytest

import connectors
from agents.book import book_context
from agents.ingest import ingest_context
from bookstream import topics
from bookstream.codecs import decode, encode
from bookstream.delivery.memory import MemoryLog
from domain.events.canonical import Fixture
from domain.events.feeds import ClockTick, ProviderDifference
from domain.feeds.closing import closing_figures
from domain.identity.directory import FixtureDirectory
from tables.protection import CLOSINGS
from tests.realdata.pitch_truth import DATA, result
from tests.realdata.test_pitch_agreement import ENGLAND, SPAIN, Files

pytestmark = [pytest.mark.realdata, pytest.mark.skipif(not DATA.is_dir(), reason="the recorded files are absent")]

MINUTE = 60_000_000
Figures = dict[str, dict[str, float]]


class Change(NamedTuple):
    """A cell of a provider's file that is written otherwise."""

    provider: str
    before: bytes
    after: bytes


class Replayed(NamedTuple):
    """What came of files: the log, and the differences in their order."""

    log: MemoryLog
    told: list[ProviderDifference]

    def closings(self) -> Figures:
        """Return each provider's closing chances of the one match that has any of two."""
        shards = [self.log.shard("book", partition) for partition in range(topics.PARTITIONS)]
        found = [closing_figures(row.prices) for shard in shards for _, row in shard.scan(CLOSINGS)]
        (shared,) = [each for each in found if len(each) > 1]
        return shared


def replayed(files: Files, order: tuple[str, ...], change: Change | None = None) -> Replayed:
    """Replay what of each file has one of its texts, and then let the clock ask what differs."""
    log = MemoryLog([ingest_context(FixtureDirectory()), book_context()], batch_records=512)
    for name in order:
        path, wanted = files[name]
        for message in connectors.by_name(name.partition("/")[0]).recorded(path):
            if not any(text.encode() in message.payload for text in wanted):
                continue
            value = encode(message)
            if change is not None and change.provider == message.provider:
                value = value.replace(change.before, change.after)
            log.send(topics.raw_topic(message.provider), message.stream_id.encode(), value)
        log.run()
    at = max(decode(Fixture, record.value or b"").received_at for record in log.records(topics.FIXTURES.name))
    for _ in range(3):
        at += 10 * MINUTE
        tick = encode(ClockTick(event_id=f"t{at}", occurred_at=at, received_at=at, provider="clock"))
        for partition in range(topics.PARTITIONS):
            log.send(topics.CLOCK.name, b"clock", tick, partition=partition)
        log.run()
    return Replayed(
        log, [decode(ProviderDifference, each.value or b"") for each in log.records(topics.DIFFERENCES.name)]
    )


@pytest.mark.parametrize("order", [*permutations(ENGLAND)], ids="-".join)
def test_closing_odds_of_an_exchange_and_a_list_of_results_agree_in_any_order(order: tuple[str, ...]) -> None:
    found = replayed(ENGLAND, order)
    assert found.told == []
    closings = found.closings()
    row = result("E0_1617", "Middlesbrough", "Man City")
    pinnacle = [1 / float(row[name]) for name in ("PSCH", "PSCD", "PSCA")]
    for name, chance in zip(("home", "draw", "away"), pinnacle, strict=True):
        assert closings["footballdata"][name] == pytest.approx(chance / sum(pinnacle), abs=0.015)
        assert closings["betfair"][name] == pytest.approx(closings["footballdata"][name], abs=0.02)


def test_three_matches_of_spain_agree_on_goals_and_cards() -> None:
    assert replayed(SPAIN, tuple(SPAIN)).told == []


@pytest.mark.parametrize("order", [("betfair", "footballdata"), ("footballdata", "betfair")], ids="-".join)
def test_closing_odds_the_wrong_way_round_are_reported(order: tuple[str, ...]) -> None:
    turned = Change("footballdata", b",11.84,6.32,1.28", b",1.28,6.32,11.84")
    # Read after the list, the exchange tells its last hour once more, and each price of it is news.
    *_, event = told = replayed(ENGLAND, order, turned).told
    assert len(told) == 1 or order[0] == "footballdata"
    assert {(each.measure, each.differs, each.tolerance) for each in told} == {("CLOSING_ODDS", True, 0.03)}
    assert event.apart == pytest.approx(0.70, abs=0.02)
    home = {each.provider: each.value for each in event.figures if each.name == "home"}
    assert home == {"betfair": pytest.approx(0.08, abs=0.02), "footballdata": pytest.approx(0.77, abs=0.02)}


def test_a_final_score_that_another_list_does_not_bear_out_is_reported() -> None:
    higher = Change("footballdata", b"Man City,2,2,D", b"Man City,3,2,H")
    (event,) = replayed(ENGLAND, tuple(ENGLAND), higher).told
    assert (event.measure, event.differs, event.apart) == ("SCORE", True, 1.0)
    home = {each.provider: each.value for each in event.figures if each.name == "home_score"}
    assert home == {"footballdata": 3.0, "goaltimes": 2.0}


@pytest.mark.parametrize(
    ("change", "provider", "name"),
    [
        (Change("footballdata", b",7,1,0,2,0,0,1.11", b",7,1,0,3,0,0,1.11"), "statsbomb", "away_yellow_cards_count"),
        (Change("footballdata", b",7,1,0,2,0,0,1.11", b",7,1,0,2,1,0,1.11"), "statsbomb", "home_red_cards_count"),
    ],
)
def test_a_card_more_than_the_pitch_saw_is_reported(change: Change, provider: str, name: str) -> None:
    (event,) = replayed(SPAIN, tuple(SPAIN), change).told
    assert (event.measure, event.differs, event.apart) == ("CARDS", True, 1.0)
    values = {each.provider: each.value for each in event.figures if each.name == name}
    assert values["footballdata"] == values[provider] + 1
