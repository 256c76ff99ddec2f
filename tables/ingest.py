"""Ingest's rows: its streams, the books and offers they carry, and what each provider's fixtures were resolved to."""

import msgspec

from bookstream.delivery.api import Rows, Shard
from connectors.betfair.ladder import MarketBook
from domain.events.canonical import FixtureStatus, MarketStatus, SelectionOdds
from domain.feeds.coupon import LeftOut
from domain.feeds.markets import MarketKind
from domain.feeds.stream import StreamState
from domain.identity.claims import FixtureClaim, KnownFixture
from tables.betsapi import BETSAPI_ROWS
from tables.fields import UNDECLARED
from tables.pitch import PITCH_ROWS
from tables.quality import QUALITY_ROWS
from tables.timeline import BUCKETS, Timeline
from tables.uof import UOF_ROWS

LOOK_EVERY_US = 6 * 3600 * 1_000_000
"""A row is asked this often whether it is past."""


class LinkState(msgspec.Struct):
    """What a provider's fixture was resolved to: it stays so. `claim` is what the provider said last.

    `figures` are statistics as last told. `past_at` is when it was noted to be long past, 0 before.
    `swapped`: the provider names the fixture's sides the other way round; the scores here are as it tells them.
    """

    claim: FixtureClaim
    fixture: KnownFixture
    confidence: float
    status: FixtureStatus = "SCHEDULED"
    home_score: int | None = None
    away_score: int | None = None
    figures: dict[str, int] = msgspec.field(default_factory=dict)
    past_at: int = 0
    swapped: bool = False


class LineState(msgspec.Struct):
    """One canonical market as last published."""

    market_id: str
    line_milli: int | None
    selections: list[SelectionOdds]
    said: bool = False


class BookState(msgspec.Struct):
    """One market of an exchange stream: its book, and what was published of it.

    `places` says where a runner stands: (index of its line, index of its selection). A `broken` book has missed
    something and waits for an image. `closed_at` is when it was settled, `past_at` when that was noted; 0 before.
    `idle_heard_at` and `idle_at` are where the market stood when it was last looked at for having been left. Of a
    `forgotten` one only its name is left. `said_at` is the provider's time of what was said last, `resulted_at` that of
    the results that stand, 0 where none do.
    """

    book: MarketBook
    link: str = ""
    fixture_id: str = ""
    bookmaker: str = ""
    kind: MarketKind | None = None
    lines: list[LineState] = msgspec.field(default_factory=list)
    places: dict[str, tuple[int, int]] = msgspec.field(default_factory=dict)
    status: MarketStatus = "SUSPENDED"
    in_play: bool = False
    bet_delay_s: int = 0
    broken: bool = False
    closed_at: int = 0
    volume_minor: int = 0
    volume_at: int = 0
    past_at: int = 0
    heard_at: int = 0
    idle_heard_at: int = -1
    idle_at: int = 0
    forgotten: bool = False
    said_at: int = 0
    resulted_at: int = 0


class OfferState(msgspec.Struct):
    """One bookmaker's market as last published: a hash of its content, the bookmaker's time, and when it was said.

    `prices` are what was offered to back and to lay, by selection, and `heard_at` is when: it is told again under
    another fixture when a person decides so.
    """

    content: str
    updated_at: int
    said_at: int
    offered: bool = True
    prices: dict[str, tuple[int | None, int | None]] = msgspec.field(default_factory=dict)
    heard_at: int = 0
    in_play: bool = False


class MarketShape(msgspec.Struct, frozen=True):
    """A canonical market of an aggregator's event, with its selections as (id, name)."""

    market_type: str
    period: str
    line_milli: int | None
    selections: tuple[tuple[str, str], ...]


class EventState(msgspec.Struct):
    """One event of an aggregator's stream: its markets by canonical id, and each bookmaker's offers of them."""

    fixture_id: str
    markets: dict[str, MarketShape] = msgspec.field(default_factory=dict)
    offers: dict[str, dict[str, OfferState]] = msgspec.field(default_factory=dict)


class Ruling(msgspec.Struct):
    """Where a person's decision sends a retired fixture, or a provider's one, from now on.

    `turned`: the retired one listed the two sides the other way round. `past_at` is when it was noted to be long past.
    """

    fixture: KnownFixture
    turned: bool = False
    past_at: int = 0


class ListState(msgspec.Struct):
    """The events that an aggregator's stream listed last."""

    events: list[str]


class AsideState(msgspec.Struct, frozen=True):
    """What a bookmaker's stream listed last that is no match, by its id."""

    listed: dict[str, LeftOut]


class Watch(msgspec.Struct, frozen=True):
    """A live stream that must not fall silent."""

    heard_at: int


class Look(msgspec.Struct, frozen=True, array_like=True):
    """Which row the clock looks at, and when: each row of these kinds is named by one look."""

    kind: str
    key: str
    at: int


STREAMS = Rows("stream", StreamState)
WATCHES = Rows("watch", Watch)
LINKS = Rows("link", LinkState)
BOOKS = Rows("book", BookState)
EVENTS = Rows("event", EventState)
LISTS = Rows("list", ListState)
ASIDES = Rows("aside", AsideState)
RULINGS = Rows("ruling", Ruling)
"""By the retired fixture's id, or by the key of the link that was decided on; and by the decision's, as carried out."""
LOOKS = Timeline(Rows("look", Look), width_us=60_000_000)
"""Streams, links, books, events and lines by when the clock asks whether they are past."""

ROWS = (
    STREAMS, WATCHES, LINKS, BOOKS, EVENTS, LISTS, ASIDES, RULINGS, LOOKS.rows, BUCKETS, *UOF_ROWS, *PITCH_ROWS,
    *QUALITY_ROWS, UNDECLARED, *BETSAPI_ROWS,
)  # fmt: skip


def within(stream_id: str, name: str = "") -> str:
    r"""Return the key of something of a stream; a stream's id may hold any character but \0."""
    return f"{stream_id}\0{name}"


def look_later(shard: Shard, kind: str, key: str, at: int) -> None:
    """See that the clock looks at a row that no look names: a new one, or one that was just looked at."""
    look = Look(kind, key, max(at, 0) + LOOK_EVERY_US)
    LOOKS.add(shard, look.at, _looked(look), look)


def due_looks(shard: Shard, at: int, most: int) -> list[Look]:
    """Take up to `most` looks whose time has come out of the index."""
    found = LOOKS.until(shard, at, most)
    for look in found:
        LOOKS.remove(shard, look.at, _looked(look))
    return found


def _looked(look: Look) -> str:
    return f"{look.kind}/{look.key}"
