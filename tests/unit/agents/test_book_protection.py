"""The book judges providers by what all its partitions see, and prices its markets by that."""

from typing import Any

import pytest

from agents.book import book_context
from agents.book_protection import JUDGE
from bookstream import topics
from bookstream.codecs import decode, encode
from bookstream.delivery.memory import MemoryLog
from domain.events.canonical import Fixture, MarketOdds, SelectionOdds
from domain.events.feeds import ClockTick, FeedStatus, ProviderEvidence, ProviderStatus, Standing
from domain.events.head import Event, Source
from domain.events.trading import Quote

SECOND = 1_000_000
NOW = 1_700_000_000 * SECOND
FIXTURES = [f"fx-{number}" for number in range(12)]
FAIR = {"home": 2050, "draw": 3600, "away": 4000}
TURNED = {"home": 4000, "draw": 3600, "away": 2050}
MAKERS = ("altenar", "kambi", "bwin")


class Desks:
    """All partitions of the book on one log, and the providers that tick every second."""

    def __init__(self, batch_records: int = 100) -> None:
        self.log = MemoryLog([book_context()], batch_records=batch_records)
        self.second = 0
        self.sent = 0
        for fixture_id in FIXTURES:
            self.send(topics.FIXTURES, fixture_id, Fixture(
                **self.head("altenar"), fixture_id=fixture_id, sport="soccer", competition_id="c", competition="c",
                name="n", home_id=None, away_id=None, home=None, away=None, kick_off_at=NOW + 3600 * SECOND,
                status="SCHEDULED", provider_fixture_id="1", confidence=1.0,
            ))  # fmt: skip

    def run(
        self, seconds: int, makers: tuple[str, ...] = MAKERS, turned: str = "", fair: dict[str, int] | None = None
    ) -> None:
        """Let time pass; these providers tick, and one of them has its prices the wrong way round."""
        for _ in range(seconds):
            self.second += 1
            for number, fixture_id in enumerate(FIXTURES):
                if number % 4 == self.second % 4:
                    for maker in makers:
                        self.odds(maker, fixture_id, TURNED if maker == turned else fair or FAIR)
            tick = encode(ClockTick(**self.head("clock")))
            for partition in range(topics.PARTITIONS):
                self.log.send(topics.CLOCK.name, b"clock", tick, partition=partition)
            self.log.run()

    def odds(self, maker: str, fixture_id: str, odds: dict[str, int]) -> None:
        self.send(topics.ODDS, fixture_id, MarketOdds(
            **self.head(maker), fixture_id=fixture_id, market_id=f"{fixture_id}/MATCH_ODDS/FT",
            market_type="MATCH_ODDS", period="FT", line_milli=None, bookmaker=maker, status="OPEN", in_play=False,
            bet_delay_s=0, late=False,
            selections=tuple(SelectionOdds(selection_id=n, name=n, back_odds=o) for n, o in odds.items()),
        ))  # fmt: skip

    def status(self, maker: str, state: Any, stream_id: str) -> None:
        value = encode(FeedStatus(**self.head(maker), stream_id=stream_id, state=state, reason="silent"))
        for partition in range(topics.PARTITIONS):
            self.log.send(topics.FEED_STATUS.name, maker.encode(), value, partition=partition)
        self.log.run()

    def send(self, topic: topics.Topic, key: str, event: Event) -> None:
        self.log.send(topic.name, key.encode(), encode(event))
        self.log.run()

    def head(self, provider: str) -> dict[str, Any]:
        self.sent += 1
        at = NOW + self.second * SECOND
        source = Source(f"feeds.{provider}.raw", 0, self.sent)
        return {
            "event_id": f"e{self.sent}", "occurred_at": at, "received_at": at, "provider": provider, "source": source,
        }  # fmt: skip

    def states(self, provider: str) -> list[tuple[Standing, str]]:
        """Return what was said of a provider, the same in every partition."""
        said = [
            [(each.state, each.reason) for each in map(_status, records) if each.provider == provider]
            for records in self.log.topics[topics.PROVIDER_STATUS.name]
        ]
        assert all(each == said[0] for each in said), "every partition is told the same"
        return said[0]

    def quote(self, fixture_id: str) -> Quote:
        quotes = [decode(Quote, record.value or b"") for record in self.log.records(topics.QUOTES.name)]
        return [each for each in quotes if each.fixture_id == fixture_id][-1]


def _status(record: Any) -> ProviderStatus:
    return decode(ProviderStatus, record.value)


@pytest.fixture(scope="module")
def calm() -> Desks:
    desks = Desks()
    desks.run(40)
    return desks


def test_providers_that_agree_and_tick_are_up(calm: Desks) -> None:
    for maker in MAKERS:
        assert calm.states(maker) == [("UP", "alive")]
    assert {calm.quote(fixture_id).status for fixture_id in FIXTURES} == {"OPEN"}


def test_evidence_of_every_partition_goes_to_the_one_that_judges(calm: Desks) -> None:
    logs = calm.log.topics[topics.EVIDENCE.name]
    assert [bool(records) for records in logs] == [partition == JUDGE for partition in range(topics.PARTITIONS)]
    said = [decode(ProviderEvidence, record.value or b"") for record in logs[JUDGE]]
    assert len({each.partition for each in said}) > 1
    assert sum(each.judged for each in said if each.occurred_at == said[-1].occurred_at) == 3 * len(FIXTURES)


def test_a_provider_that_contradicts_two_others_goes_down_and_comes_back() -> None:
    desks = Desks()
    desks.run(20)
    desks.run(40, turned="bwin")
    assert desks.states("bwin")[-1] == ("DOWN", "contrary")
    assert desks.states("kambi") == desks.states("altenar") == [("UP", "alive")]
    open_ = [desks.quote(fixture_id) for fixture_id in FIXTURES]
    assert {(quote.status, len(quote.inputs)) for quote in open_} == {("OPEN", 2)}, "priced by the two others"
    desks.run(60)
    assert desks.states("bwin")[-1] == ("UP", "alive")
    desks.run(10, fair={"home": 2200, "draw": 3500, "away": 3600})
    assert {len(desks.quote(fixture_id).inputs) for fixture_id in FIXTURES} == {3}


def test_a_provider_that_falls_quiet_while_others_tick_is_stale() -> None:
    desks = Desks()
    desks.run(60)
    desks.run(35, ("altenar", "kambi"))
    assert desks.states("bwin")[-1] == ("DEGRADED", "stale")
    desks.run(40, ("altenar", "kambi"))
    assert desks.states("bwin")[-1] == ("DOWN", "stale")
    desks.run(60)
    assert desks.states("bwin")[-1] == ("UP", "alive")


def test_when_all_fall_quiet_together_nobody_is_stale() -> None:
    desks = Desks()
    desks.run(60)
    desks.run(100, ())
    assert {desks.states(maker)[-1] for maker in MAKERS} == {("UP", "alive")}


def test_a_provider_with_most_streams_lost_suspends_what_hangs_on_it_and_resumes() -> None:
    desks = Desks()
    for stream_id in ("a", "b", "c"):
        desks.status("kambi", "UP", stream_id)
    desks.run(10, ("kambi", "altenar"))
    assert desks.quote("fx-1").status == "OPEN"
    desks.status("kambi", "DOWN", "a")
    desks.run(1, ())
    assert desks.states("kambi")[-1] == ("DEGRADED", "silent")
    desks.status("kambi", "DOWN", "b")
    desks.run(1, ())
    assert desks.states("kambi")[-1] == ("DOWN", "silent")
    assert (desks.quote("fx-1").status, desks.quote("fx-1").reason) == ("SUSPENDED", "FEED_DOWN")
    for stream_id in ("a", "b"):
        desks.status("kambi", "UP", stream_id)
    desks.run(8, ("kambi", "altenar"))
    assert desks.states("kambi")[-1] == ("UP", "alive")
    assert desks.quote("fx-1").status == "OPEN"


def test_verdicts_are_the_same_however_the_log_is_cut() -> None:
    said = []
    for batch in (1, 100):
        desks = Desks(batch)
        desks.run(20)
        desks.run(30, turned="bwin")
        said.append([record.value for record in desks.log.records(topics.PROVIDER_STATUS.name)])
    assert said[0] == said[1]
