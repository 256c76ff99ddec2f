"""The book goes by how complete a provider is in a fixture, and says so when it acts and when it lets go."""

from typing import Any

import pytest

from agents.book import book_context
from bookstream import topics
from bookstream.delivery.outbox import Sent
from domain.events.canonical import MarketOdds, SelectionOdds
from domain.events.feeds import FeedCompleteness, Measure, ProviderCoverage
from domain.feeds.completeness import OBJECTIVES, Count
from domain.feeds.coverage import LIMITS
from tables.book import FIXTURES
from tables.protection import COVERS, SHORT
from tests.unit.agents.desk import FX, HOUR, MARKET, NOW, SECOND, Desk, quotes, said
from tests.unit.agents.test_ingest_quality import MINUTE, Trial

STEADY = LIMITS.steady_us // SECOND
AGO = LIMITS.lately_us // SECOND


class Watched(Desk):
    """A desk whose market three bookmakers price, and what ingest says of them."""

    def __init__(self) -> None:
        super().__init__()
        self.fixture()
        for maker in ("kambi", "altenar", "bwin"):
            self.price(maker, 0)

    def price(self, maker: str, seconds: float) -> list[Sent]:
        offers = {"home": 1900, "draw": 3200, "away": 4600}
        return self.feed(topics.ODDS, self.odds(
            seconds, **self.head(seconds, maker), bookmaker=maker,
            selections=tuple(SelectionOdds(selection_id=n, name=n, back_odds=o) for n, o in offers.items()),
        ))  # fmt: skip

    def odds(self, seconds: float = 0, fair: dict[str, float] | None = None, **changes: Any) -> MarketOdds:
        return super().odds(seconds, fair, **changes)

    def tell(
        self, provider: str, seconds: float, expected: int, received: int, measure: Measure = "TICKS", **changes: Any
    ) -> list[Sent]:
        count = Count(expected, received)
        given: dict[str, Any] = {
            **self.head(seconds, provider), "fixture_id": FX, "measure": measure, "stream_id": "s", "since_at": NOW,
            "expected": expected, "received": received, "share": count.share, "objective": OBJECTIVES[measure],
            "met": count.meets(measure), **changes,
        }  # fmt: skip
        return self.feed(topics.COMPLETENESS, FeedCompleteness(**given))

    def coverage(self, sent: list[Sent]) -> list[tuple[str, str, str]]:
        return [(each.provider, each.state, each.reason) for each in said(sent, topics.COVERAGE, ProviderCoverage)]


@pytest.fixture
def desk() -> Watched:
    return Watched()


def test_a_complete_provider_changes_nothing(desk: Watched) -> None:
    before = desk.market().quote
    assert desk.tell("kambi", 60, 20, 20) == []
    assert desk.market().quote == before
    assert desk.names(SHORT) == []


def test_of_one_that_lost_most_no_price_counts_and_it_is_said(desk: Watched) -> None:
    sent = desk.tell("kambi", 60, 20, 5)
    assert desk.coverage(sent) == [("kambi", "DOWN", "incomplete")]
    (event,) = said(sent, topics.COVERAGE, ProviderCoverage)
    assert (event.fixture_id, event.measure, event.expected, event.received) == (FX, "TICKS", 20, 5)
    assert (event.objective, event.since_at, event.source.topic) == (0.95, NOW + 60 * SECOND, "feeds.completeness")
    quote = desk.market().quote
    assert quote.status == "OPEN", "the others are a quorum"
    (shut,) = quotes(desk.tell("altenar", 61, 20, 5))
    assert (shut.status, shut.reason) == ("SUSPENDED", "FEED_DOWN")


def test_it_counts_again_when_it_is_whole_and_was_heard_again(desk: Watched) -> None:
    for maker in ("kambi", "altenar"):
        desk.tell(maker, 60, 20, 5)
    for second in range(70, 70 + 2 * AGO, 10):
        let_go = desk.tick(second)
        if desk.coverage(let_go):
            break
    assert desk.coverage(let_go) == [("altenar", "UP", "alive"), ("kambi", "UP", "alive")]
    assert AGO + STEADY <= second <= AGO + STEADY + 80
    assert desk.names(SHORT) == []
    assert desk.market().quote.status == "SUSPENDED", "what it said before may be wrong"
    desk.price("bwin", second + 1)
    (quote,) = quotes(desk.price("kambi", second + 1))
    assert quote.status == "OPEN"


def test_one_under_its_objective_vouches_for_nothing_unchanged(desk: Watched) -> None:
    sent = desk.tell("kambi", 60, 20, 18)
    assert desk.coverage(sent) == [("kambi", "DEGRADED", "incomplete")]
    state = desk.shard.get(FIXTURES, FX)
    assert state is not None
    assert {name: each.state for name, each in state.short.items()} == {"kambi": "DEGRADED"}
    assert desk.market().quote.status == "OPEN"


def test_who_leads_and_lost_most_bars_what_the_others_held_before() -> None:
    desk = Watched()
    desk.feed(topics.ODDS, desk.odds(1))
    (shut,) = quotes(desk.tell("betfair", 60, 20, 5))
    assert (shut.market_id, shut.status, shut.reason) == (MARKET, "SUSPENDED", "FEED_DOWN")


def test_the_same_counts_again_say_nothing(desk: Watched) -> None:
    desk.tell("kambi", 60, 20, 5)
    assert desk.tell("kambi", 60, 20, 5) == []
    assert desk.tell("kambi", 59, 20, 20) == []


def test_counts_of_an_unknown_fixture_or_another_partition_leave_no_row(desk: Watched) -> None:
    for fixture_id in ("fx-2", "fx-3", "fx-4", "fx-nobody"):
        assert desk.tell("kambi", 60, 20, 5, fixture_id=fixture_id) == []
    assert desk.names(COVERS) == []


def test_what_is_known_of_providers_is_forgotten_with_the_fixture(desk: Watched) -> None:
    desk.tell("kambi", 60, 20, 5)
    desk.fixture(7200, status="FINISHED")
    for hour in range(3, 24 * 6):
        desk.tick(hour * HOUR // SECOND)
    assert (desk.names(COVERS), desk.names(SHORT)) == ([], [])
    assert desk.tell("kambi", 24 * 6 * 3600, 40, 5) == []


@pytest.mark.parametrize("batch_records", [1, 3, 1024])
def test_silence_that_ingest_counts_is_acted_upon_and_forgiven(batch_records: int) -> None:
    trial = Trial(book_context(), batch_records=batch_records)
    for _ in range(3):
        trial.poll()
        trial.tick()
    assert trial.said(topics.COVERAGE, ProviderCoverage) == []
    for _ in range(8):
        trial.tick(after=MINUTE)
    for _ in range(20):
        trial.poll()
        for _ in range(4):
            trial.tick(after=10 * SECOND)
    told = trial.said(topics.COVERAGE, ProviderCoverage)
    assert [each.state for each in told] == ["DEGRADED", "DOWN", "DEGRADED", "UP"]
    assert {(each.provider, each.measure) for each in told[:-1]} == {("theoddsapi", "TICKS")}
