"""Closing odds, where all providers' prices of a match meet: held against each other once it began.

The partition of the book that prices a fixture is the only writer of its CLOSING_ODDS on `feeds.differences`. A price
is noted when it is about to be lost, as its source suspends the market or turns in play, when anyone says that the
match began, and when it is told after that, as files of results do. A late tick says nothing.
"""

from agents.book_unit import Unit
from bookstream import topics
from bookstream.codecs import encode
from bookstream.delivery.api import Outbox, Record, Shard
from domain.events.canonical import MarketOdds
from domain.events.feeds import ProviderDifference
from domain.events.trace import followed
from domain.feeds.agreement import TOLERANCES, compare, is_news
from domain.feeds.closing import closing_figures, note
from domain.trading.cause import Cause
from domain.trading.closings import MARKET_TYPE, NEVER, PERIOD, begins_at, closing_of, told_alone, view_of
from domain.trading.playbook import Playbook
from domain.trading.state import FixtureState, MarketState, View
from ops.metrics import DIFFERENCES
from tables.protection import CLOSINGS, ClosingState


class Closings:
    """Notes closing prices while a batch is folded."""

    __slots__ = ("_out", "_playbook", "_shard", "_starts", "_unit")

    def __init__(self, shard: Shard, out: Outbox, unit: Unit, playbook: Playbook) -> None:
        self._shard = shard
        self._out = out
        self._unit = unit
        self._playbook = playbook
        self._starts: dict[str, int] = {}

    def hear(self, record: Record, market: MarketState, odds: MarketOdds) -> None:
        """Look at a tick before the book takes it; most cost a few comparisons, in play a look at the source's view."""
        if odds.market_type != MARKET_TYPE or odds.period != PERIOD or odds.late:
            return
        if odds.status == "OPEN" and not odds.in_play:
            if odds.received_at >= self._start(odds.fixture_id):
                alone = told_alone(market, odds, self._playbook)
                if alone is not None:
                    self._hear(record, odds, alone.selections, alone.views[0])
            return
        view = view_of(market, odds)
        if view is not None and view.status == "OPEN" and not view.in_play:
            self._hear(record, odds, market.selections, view)

    def _start(self, fixture_id: str) -> int:
        """Return from when on what is told of before a fixture's start is news; no tick changes that."""
        start = self._starts.get(fixture_id)
        if start is None:
            start = self._starts[fixture_id] = begins_at(self._unit.fixture(fixture_id))
        return start

    def _hear(self, record: Record, odds: MarketOdds, selections: list[str], view: View) -> None:
        start = self._start(odds.fixture_id)
        if start < NEVER:
            cause = self._unit.cause(record, odds.event_id, odds.received_at)
            begun = odds.in_play or odds.received_at >= start
            self._note(self._unit.fixture(odds.fixture_id), selections, [view], cause, begun=begun)

    def begin(self, fixture: FixtureState, cause: Cause) -> None:
        """Note the prices that stand when somebody says that a match began, or is over already."""
        if fixture.status == "SCHEDULED" or fixture.past_at:
            return
        for market_id in fixture.markets:
            market = self._unit.market(market_id)
            if market is not None and (market.market_type, market.period) == (MARKET_TYPE, PERIOD):
                self._note(fixture, market.selections, market.views, cause, begun=True)

    def _note(
        self, fixture: FixtureState, selections: list[str], views: list[View], cause: Cause, *, begun: bool
    ) -> None:
        row, is_new = self._shard.get(CLOSINGS, fixture.fixture_id) or ClosingState(), False
        for view in views:
            closing = closing_of(view, selections, fixture, self._playbook)
            is_new = (closing is not None and note(row.prices, view.source, closing)) or is_new
        if begun and (is_new or (row.prices and row.differing is None)):
            is_new = self._compare(fixture.fixture_id, row, cause) or is_new
        if is_new:
            self._shard.put(CLOSINGS, fixture.fixture_id, row)

    def _compare(self, fixture_id: str, row: ClosingState, cause: Cause) -> bool:
        found = compare("CLOSING_ODDS", closing_figures(row.prices))
        if not is_news(found, row.differing):
            return False
        row.differing = found if found.differs else None
        said = ProviderDifference(
            event_id=f"{cause.event_id}.closing", occurred_at=cause.at, received_at=cause.at, provider="bookstream",
            source=cause.source, fixture_id=fixture_id, measure="CLOSING_ODDS", differs=found.differs,
            apart=found.apart, tolerance=TOLERANCES["CLOSING_ODDS"], figures=found.figures,
        )  # fmt: skip
        self._out.send(
            topics.DIFFERENCES.name, f"{fixture_id}/CLOSING_ODDS".encode(), encode(said),
            partition=self._shard.partition, headers=followed(cause.trace, cause.source),
        )  # fmt: skip
        DIFFERENCES.labels("CLOSING_ODDS", "DIFFER" if found.differs else "AGREE").inc()
        return True
