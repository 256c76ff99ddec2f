"""The messages of the Exchange Stream, as it writes them: market changes, connection, status; cricket is beside it.

Source: the Exchange Stream API's schema (`op` names the kind; times are ms UTC; `clk` is opaque: compare by equality).
Fields that are not declared here are tolerated; `unknown_fields` counts them.
"""

from collections import Counter
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from connectors.betfair.cricket import CricketMessage, Milliseconds
from connectors.unknown import count_unknown
from domain.errors import ContractViolation, UndecodableInput

Price = Annotated[float, Meta(ge=-1e9, le=1e9)]
"""Decimal odds; the value of the line in a LINE market, which may be below 0."""

Size = Annotated[float, Meta(ge=0, le=1e12)]
"""An amount in the currency of the subscription."""

Level = Annotated[int, Meta(ge=0, le=1000)]
Int64 = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
"""What a row can store."""

SelectionId = Int64

FullLadder = list[tuple[Price, Size]]
LevelLadder = list[tuple[Level, Price, Size]]
StartingPrice = float | Literal["Infinity", "-Infinity", "NaN"]

MOST_CHANGES: Final = 10_000
"""Of markets in a message, or runners in a market: ten times as many as a subscription may have."""

MarketStatus = Literal["INACTIVE", "OPEN", "SUSPENDED", "CLOSED"]
RunnerStatus = Literal["ACTIVE", "WINNER", "LOSER", "PLACED", "REMOVED", "REMOVED_VACANT", "HIDDEN"]
ChangeType = Literal["SUB_IMAGE", "RESUB_DELTA", "HEARTBEAT"]
Segment = Literal["SEG_START", "SEG", "SEG_END"]


class RunnerChange(msgspec.Struct, gc=False, omit_defaults=True):
    """What changed of one runner: `[price, size]` or `[level, price, size]`, absolute; size 0 removes."""

    id: SelectionId
    hc: Price = 0.0
    atb: FullLadder | None = None
    atl: FullLadder | None = None
    trd: FullLadder | None = None
    batb: LevelLadder | None = None
    batl: LevelLadder | None = None
    bdatb: LevelLadder | None = None
    bdatl: LevelLadder | None = None
    spb: FullLadder | None = None
    spl: FullLadder | None = None
    spn: StartingPrice | None = None
    spf: StartingPrice | None = None
    ltp: Price | None = None
    tv: Size | None = None


class WireRunner(msgspec.Struct, rename="camel", omit_defaults=True):
    """A runner in a market definition."""

    id: SelectionId
    status: RunnerStatus
    sort_priority: Int64 = 0
    hc: Price = 0.0
    name: str | None = None
    adjustment_factor: float | None = None
    removal_date: str | None = None
    bsp: StartingPrice | None = None


class LadderDefinition(msgspec.Struct):
    """Which price ladder a market uses: CLASSIC, FINEST, LINE_RANGE."""

    type: str


class KeyLineSelection(msgspec.Struct, omit_defaults=True):
    """One selection of a key line."""

    id: SelectionId
    hc: Price = 0.0


class KeyLine(msgspec.Struct, rename={"key_line": "kl"}):
    """The line of a handicap market that is offered first."""

    key_line: list[KeyLineSelection]


class WireDefinition(msgspec.Struct, rename="camel", omit_defaults=True):
    """A market definition: always whole, sent when anything in it changed. Times are ISO 8601."""

    status: MarketStatus
    event_id: str
    event_type_id: str
    in_play: bool
    version: Int64
    market_time: str
    runners: list[WireRunner]
    bet_delay: Annotated[int, Meta(ge=0, le=3600)] = 0
    betting_type: str = "ODDS"
    market_type: str | None = None
    name: str | None = None
    event_name: str | None = None
    number_of_winners: Int64 = 1
    number_of_active_runners: Int64 = 0
    market_base_rate: float | None = None
    suspend_time: str | None = None
    open_date: str | None = None
    settled_time: str | None = None
    bsp_market: bool = False
    bsp_reconciled: bool = False
    turn_in_play_enabled: bool = False
    persistence_enabled: bool = False
    cross_matching: bool = False
    runners_voidable: bool = False
    complete: bool = False
    discount_allowed: bool = False
    each_way_divisor: float | None = None
    line_max_unit: float | None = None
    line_min_unit: float | None = None
    line_interval: float | None = None
    price_ladder_definition: LadderDefinition | None = None
    key_line_definition: KeyLine | None = None
    regulators: list[str] = []
    country_code: str | None = None
    timezone: str | None = None
    venue: str | None = None
    race_type: str | None = None


class MarketChange(msgspec.Struct, omit_defaults=True, rename={"definition": "marketDefinition"}):
    """What changed of one market. `img` replaces all that was known of it, `con` says that changes were merged."""

    id: Annotated[str, Meta(min_length=1, max_length=64)]
    definition: WireDefinition | None = None
    rc: Annotated[list[RunnerChange], Meta(max_length=MOST_CHANGES)] = []
    img: bool = False
    con: bool = False
    tv: Size | None = None


class MarketMessage(msgspec.Struct, tag_field="op", tag="mcm", omit_defaults=True, rename="camel"):
    """A market change message. `status` 503 says that the stream is behind its source."""

    id: int | None = None
    clk: str | None = None
    initial_clk: str | None = None
    pt: Milliseconds | None = None
    ct: ChangeType | None = None
    mc: Annotated[list[MarketChange], Meta(max_length=MOST_CHANGES)] = []
    heartbeat_ms: int | None = None
    conflate_ms: int | None = None
    segment_type: Segment | None = None
    status: int | None = None


class ConnectionMessage(msgspec.Struct, tag_field="op", tag="connection", rename="camel", omit_defaults=True):
    """The first message on a connection."""

    connection_id: str
    id: int | None = None


class StatusMessage(msgspec.Struct, tag_field="op", tag="status", rename="camel", omit_defaults=True):
    """The answer to an operation, or the reason why the connection is about to be closed."""

    status_code: Literal["SUCCESS", "FAILURE"]
    id: int | None = None
    error_code: str | None = None
    error_message: str | None = None
    connection_closed: bool = False
    connection_id: str | None = None
    connections_available: int | None = None


Message = MarketMessage | CricketMessage | ConnectionMessage | StatusMessage

LATENCY_STATUS: Final = 503

_decoder = msgspec.json.Decoder(Message)


def decode(payload: bytes) -> Message:
    """Decode one message of the stream.

    Raises:
        UndecodableInput: the bytes are not JSON.
        ContractViolation: the JSON is not a message that this stream sends.
    """
    try:
        message: Message = _decoder.decode(payload)
    except msgspec.ValidationError as error:
        raise ContractViolation(f"not an Exchange Stream message: {error}") from error
    except (ValueError, RecursionError) as error:
        raise UndecodableInput(f"not JSON: {error}") from error
    return message


def encode(message: Message) -> bytes:
    """Write a message as the stream does, without the line's end."""
    return msgspec.json.encode(message)


def unknown_fields(payload: bytes) -> Counter[str]:
    """Count the fields, by their path, that this module does not declare.

    Raises:
        UndecodableInput: the bytes are not JSON.
    """
    return count_unknown(Message, payload)
