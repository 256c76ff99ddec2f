"""Ingest's rows for the Unified Odds Feed: its lines, how its events and producers stand, what its markets are."""

import msgspec

from bookstream.delivery.api import Rows
from domain.events.canonical import MarketStatus
from domain.events.settlement import ResultAction
from domain.feeds.markets import MarketKind


class UofWord(msgspec.Struct, frozen=True):
    """What a producer said became of a line, at its own time in milliseconds.

    `results` are those of `UofLine`. A cancellation or a rollback is about `outcomes`, or about all where there is
    none. Bets are cancelled from `start` on and before `end`, milliseconds, None: open.
    """

    action: ResultAction
    producer: int
    at: int
    certainty: int = 0
    results: dict[str, tuple[int, float | None, float | None]] = msgspec.field(default_factory=dict)
    outcomes: tuple[str, ...] = ()
    start: int | None = None
    end: int | None = None
    superseded_by: str = ""


class UofLine(msgspec.Struct):
    """One market line in the provider's words, and what was told of it.

    `prices` are odds in thousandths by outcome, None where it is not offered. `heard_at` is each producer's newest
    message about it, in the producer's milliseconds. `status` is the feed's number; `results` are (result, void
    factor, dead-heat factor) by outcome. What it is in canonical words stays as it was first told: `kind`, `market_id`.
    `past_at` is when it was noted to be over, 0 before. `words` are the latest that were said of its results.
    """

    market: int
    specifiers: str
    status: int = 1
    producer: int = 0
    certainty: int = 0
    prices: dict[str, int | None] = msgspec.field(default_factory=dict)
    results: dict[str, tuple[int, float | None, float | None]] = msgspec.field(default_factory=dict)
    heard_at: dict[int, int] = msgspec.field(default_factory=dict)
    kind: MarketKind | None = None
    market_id: str = ""
    line_milli: int | None = None
    told: str = ""
    told_at: int = 0
    told_status: MarketStatus = "SUSPENDED"
    past_at: int = 0
    told_heard_at: int = 0
    words: list[UofWord] = msgspec.field(default_factory=list)


class UofMatch(msgspec.Struct):
    """How a match stood last, by the code of its period; `heard_at` is by producer, 0 for the REST interface.

    `named` are the provider's ids of the players that its timeline named.
    """

    period: str = ""
    heard_at: dict[int, int] = msgspec.field(default_factory=dict)
    named: list[str] = msgspec.field(default_factory=list)


class UofPulse(msgspec.Struct):
    """A producer's pulse: when it was last heard, and why what it says is not whole; nothing where it is.

    `recovering` is the request whose messages were heard last, until it is complete; `interrupted` the one that was
    heard when messages were lost.
    """

    alive_at: int = 0
    behind: str = ""
    recovering: int | None = None
    interrupted: int | None = None


class UofPulses(msgspec.Struct):
    """The producers of a stream, and the connection on which it was last heard."""

    producers: dict[int, UofPulse] = msgspec.field(default_factory=dict)
    connection: str = ""


class UofMarket(msgspec.Struct, frozen=True):
    """What a market is called, its groups, and the names of its outcomes."""

    name: str
    groups: str
    outcomes: dict[str, str]


UOF_LINES = Rows("uof_line", UofLine)
UOF_MATCHES = Rows("uof_match", UofMatch)
UOF_PULSES = Rows("uof_pulse", UofPulses)
UOF_MARKETS = Rows("uof_market", UofMarket)

UOF_ROWS = (UOF_LINES, UOF_MATCHES, UOF_PULSES, UOF_MARKETS)
