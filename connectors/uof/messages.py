"""The messages of the feed: odds, bet stops, settlements, cancellations, fixture changes, and the producers' pulse.

Source: Sportradar's Unified Odds Feed XML schemas. `product` is the producer; times are milliseconds UTC; `request_id`
stands only on messages of a recovery. What is not declared here is kept in the bytes and counted by `unknown_fields`.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from connectors.uof.status import Ms, SportEventStatus, Text, Urn

Product = Annotated[int, Meta(ge=1, le=1000)]
MarketId = Annotated[int, Meta(ge=0, le=2**31)]
OutcomeId = Annotated[str, Meta(min_length=1, max_length=256)]
RequestId = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Specifiers = Annotated[str, Meta(max_length=1024)]
MarketStatusCode = Annotated[int, Meta(ge=-4, le=1)]
"""1 active, 0 inactive, -1 suspended, -2 handed over, -3 settled, -4 cancelled."""


class FeedMessage(msgspec.Struct, kw_only=True):
    """What every message says: who sent it, when, and to which recovery it belongs."""

    product: Product
    timestamp: Ms
    request_id: RequestId | None = None


class EventMessage(FeedMessage, kw_only=True):
    """A message about one event."""

    event_id: Urn


class Outcome(msgspec.Struct):
    """One outcome's price. It may have a probability and no price; what is not active is not offered."""

    id: OutcomeId
    odds: float | None = None
    probabilities: float | None = None
    active: bool | None = None
    team: int | None = None
    win_probabilities: float | None = None
    half_win_probabilities: float | None = None
    refund_probabilities: float | None = None
    half_lose_probabilities: float | None = None
    lose_probabilities: float | None = None


class MarketMetadata(msgspec.Struct):
    """When a market will be stopped or settled, as planned."""

    next_betstop: Ms | None = None
    start_time: Ms | None = None
    end_time: Ms | None = None
    aams_id: int | None = None


class MarketLine(msgspec.Struct, kw_only=True):
    """A market's id and specifiers: together they name one line."""

    id: MarketId
    specifiers: Specifiers = ""
    extended_specifiers: Specifiers = ""
    extended_specifers: Specifiers = ""


class OddsMarket(MarketLine, kw_only=True):
    """A line's whole price: every outcome that it has. Without a status it is active."""

    status: MarketStatusCode = 1
    favourite: bool | None = None
    cashout_status: int | None = None
    metadata: list[MarketMetadata] = msgspec.field(default_factory=list, name="<market_metadata>")
    outcomes: list[Outcome] = msgspec.field(default_factory=list, name="<outcome>")


class Odds(msgspec.Struct):
    """The changed lines of an event; lines not named are unchanged."""

    betting_status: int | None = None
    betstop_reason: int | None = None
    markets: list[OddsMarket] = msgspec.field(default_factory=list, name="<market>")


class OddsGeneration(msgspec.Struct):
    """Parameters of the producer's own model."""

    expected_totals: float | None = None
    expected_supremacy: float | None = None


class OddsChange(EventMessage, kw_only=True):
    """New prices, and how the event stands."""

    odds_change_reason: int | None = None
    statuses: list[SportEventStatus] = msgspec.field(default_factory=list, name="<sport_event_status>")
    generation: list[OddsGeneration] = msgspec.field(default_factory=list, name="<odds_generation_properties>")
    odds: list[Odds] = msgspec.field(default_factory=list, name="<odds>")

    @property
    def markets(self) -> list[OddsMarket]:
        """Return the changed lines."""
        return [market for odds in self.odds for market in odds.markets]


class BetStop(EventMessage, kw_only=True):
    """Betting stops at once on groups of markets ("all", or names with | between)."""

    groups: Text = "all"
    market_status: MarketStatusCode = -1


class SettledOutcome(msgspec.Struct):
    """One outcome's result: 1 won, 0 lost; a part may be void, and a dead heat divides what is won."""

    id: OutcomeId
    result: Annotated[int, Meta(ge=-1, le=1)]
    void_factor: Annotated[float, Meta(ge=0, le=1)] | None = None
    dead_heat_factor: Annotated[float, Meta(ge=0, le=1)] | None = None


class SettledMarket(MarketLine, kw_only=True):
    """A line's results."""

    void_reason: int | None = None
    result: str | None = None
    outcomes: list[SettledOutcome] = msgspec.field(default_factory=list, name="<outcome>")


class Settled(msgspec.Struct):
    """The lines that are settled."""

    markets: list[SettledMarket] = msgspec.field(default_factory=list, name="<market>")


class BetSettlement(EventMessage, kw_only=True):
    """Results: of certainty 1 as scouted live, of certainty 2 as confirmed. Normally both are sent."""

    certainty: Annotated[int, Meta(ge=1, le=2)]
    outcomes: list[Settled] = msgspec.field(default_factory=list, name="<outcomes>")

    @property
    def markets(self) -> list[SettledMarket]:
        """Return the settled lines."""
        return [market for settled in self.outcomes for market in settled.markets]


class NamedOutcome(msgspec.Struct):
    """An outcome that a cancellation or a rollback names."""

    id: OutcomeId


class VoidedMarket(MarketLine, kw_only=True):
    """A line that a cancellation or a rollback is about."""

    name: Text | None = None
    void_reason: int | None = None
    outcomes: list[NamedOutcome] = msgspec.field(default_factory=list, name="<outcome>")


class LinesMessage(EventMessage, kw_only=True):
    """A message about lines, without prices."""

    markets: list[VoidedMarket] = msgspec.field(default_factory=list, name="<market>")


class BetCancel(LinesMessage, kw_only=True):
    """Bets placed in a window are void: with an end only those before it, with a start only those after it."""

    start_time: Ms | None = None
    end_time: Ms | None = None
    superceded_by: Text | None = None


class RollbackBetSettlement(LinesMessage, kw_only=True):
    """A settlement is undone."""


class RollbackBetCancel(LinesMessage, kw_only=True):
    """A cancellation is undone."""

    start_time: Ms | None = None
    end_time: Ms | None = None


class FixtureChange(EventMessage, kw_only=True):
    """Something of a fixture changed: 1 new, 2 its time, 3 cancelled, 4 its format, 5 its coverage."""

    change_type: int | None = None
    start_time: Ms | None = None
    next_live_time: Ms | None = None


class Alive(FeedMessage, kw_only=True):
    """A producer's pulse, every ten seconds; subscribed is 0 when messages were lost and must be recovered."""

    subscribed: Annotated[int, Meta(ge=0, le=1)]


class SnapshotComplete(FeedMessage, kw_only=True):
    """A recovery is over."""


FeedDocument = (
    OddsChange
    | BetStop
    | BetSettlement
    | BetCancel
    | RollbackBetSettlement
    | RollbackBetCancel
    | FixtureChange
    | Alive
    | SnapshotComplete
)

FEED_KINDS: dict[str, type[FeedMessage]] = {
    "odds_change": OddsChange,
    "bet_stop": BetStop,
    "bet_settlement": BetSettlement,
    "bet_cancel": BetCancel,
    "rollback_bet_settlement": RollbackBetSettlement,
    "rollback_bet_cancel": RollbackBetCancel,
    "fixture_change": FixtureChange,
    "alive": Alive,
    "snapshot_complete": SnapshotComplete,
}
