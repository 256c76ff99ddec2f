"""What the book remembers: rows of its private table, changed in place by the rules, encoded when a unit ends.

Every struct is stored as an array: fields are only ever appended, with a default.
"""

from typing import Literal

import msgspec

from domain.events.betting import BetLeg, LegVerdict
from domain.events.canonical import FixtureStatus, MarketStatus, SelectionOdds
from domain.events.feeds import FeedState, Standing
from domain.trading.liability import Liability

Form = Literal["LADDER", "WIDE", "ODDS", "TRADED", "NONE", "RAW"]
"""What a source's prices are made of: a tight ladder, a wide one, a bookmaker's odds, trades, or nothing whole.

RAW ones are not looked at yet.
"""


class View(msgspec.Struct, array_like=True):
    """What one source said last of a market.

    `outcomes` are the indexes of the selections it prices, ascending, `probabilities` their fair chances; `odds` what
    they were made of, so that the same odds are not worked out again. While the form is RAW there are only `offers`,
    the active selections as they came. `feed` names the feed's health row.
    """

    source: str
    provider: str
    bookmaker: str
    feed: str
    event_id: str
    occurred_at: int
    received_at: int
    status: MarketStatus
    in_play: bool
    bet_delay_s: int
    form: Form
    outcomes: tuple[int, ...]
    probabilities: tuple[float, ...]
    odds: tuple[int, ...]
    offers: tuple[SelectionOdds, ...] = ()


class Bar(msgspec.Struct, array_like=True, frozen=True):
    """A suspension: only prices heard after `at`, and made at or after `occurred_at`, count against it.

    Nothing opens the market before `until`.
    """

    reason: str
    at: int
    occurred_at: int = 0
    until: int = 0


class QuoteState(msgspec.Struct, array_like=True):
    """The market's quote as last published; `odds` and `max_stakes` by selection, None and 0 where not offered."""

    version: int
    status: MarketStatus
    reason: str
    in_play: bool
    bet_delay_s: int
    odds: list[int | None]
    max_stakes: list[int]
    expires_at: int
    opened_version: int = 0


class MarketState(msgspec.Struct, array_like=True):
    """One market: its selections in the order first heard, each source's view, its quote and its liability.

    `taken` sums every leg that is held or confirmed. `wake_at` is when the clock looks at the market next (0: never).
    `listed` is how many of the selections have been told of.
    """

    market_id: str
    fixture_id: str
    market_type: str
    period: str
    line_milli: int | None
    selections: list[str] = msgspec.field(default_factory=list)
    names: list[str] = msgspec.field(default_factory=list)
    views: list[View] = msgspec.field(default_factory=list)
    bar: Bar | None = None
    closed: bool = False
    trader: bool = False
    quote: QuoteState | None = None
    taken: Liability = msgspec.field(default_factory=Liability)
    exposure_version: int = 0
    wake_at: int = 0
    listed: int = 0


class ProviderHealth(msgspec.Struct, array_like=True):
    """A provider's state as it was decided last; `restored_at` is when it last came back from being down."""

    state: Standing = "UP"
    heard_at: int = 0
    restored_at: int = 0


class FixtureState(msgspec.Struct, array_like=True):
    """One fixture; `known` once its own record was read, which may come after its first odds.

    The clock looks at it at `look_at`; `newest_at` is what was heard last of its markets at the look before, and
    `silent_since` the look that first found it so. From `past_at` on its markets are being forgotten, and then this
    row alone is left: what comes late finds it and opens nothing. One with a successor was merged into it: it takes no
    bets any more, and those that it has stay. `short` are the providers that are not complete here, or were DOWN for
    that.
    """

    fixture_id: str
    known: bool = False
    status: FixtureStatus = "SCHEDULED"
    kick_off_at: int = 0
    home_score: int | None = None
    away_score: int | None = None
    last_incident: str = ""
    last_incident_at: int = 0
    bar: Bar | None = None
    trader: bool = False
    markets: list[str] = msgspec.field(default_factory=list)
    look_at: int = 0
    newest_at: int = 0
    silent_since: int = 0
    past_at: int = 0
    successor_id: str = ""
    short: dict[str, ProviderHealth] = msgspec.field(default_factory=dict)


class StreamHealth(msgspec.Struct, array_like=True):
    """One stream of a feed; `up_since` is when it was last connected, or last found whole again."""

    state: FeedState
    heard_at: int
    up_since: int


class FeedHealth(msgspec.Struct, array_like=True):
    """The streams of one feed by id, with what they amount to.

    A feed is what can be told apart at the book: a provider's streams of one partition of its raw topic. `up_since` is
    0 unless every stream that has not ended is up; `restored_at` is when a stream last came back from being down.
    """

    streams: dict[str, StreamHealth] = msgspec.field(default_factory=dict)
    down: bool = False
    heard_at: int = 0
    up_since: int = 0
    restored_at: int = 0


class PartitionState(msgspec.Struct, array_like=True):
    """What holds for a whole partition: the newest tick's time, and whether a trader has suspended everything."""

    at: int = 0
    trader: bool = False


class CustomerExposure(msgspec.Struct, array_like=True):
    """What one customer's held and confirmed legs in one market amount to, in the market's order of selections."""

    taken: Liability = msgspec.field(default_factory=Liability)


LegStatus = Literal["WAITING", "HELD", "CONFIRMED", "RELEASED", "REFUSED"]


class LegState(msgspec.Struct, array_like=True):
    """The journal of one leg: what was asked, what was answered, how it ended and when; `due_at` ends its delay."""

    status: LegStatus
    leg: BetLeg
    verdict: LegVerdict | None = None
    due_at: int = 0
    ended_at: int = 0
