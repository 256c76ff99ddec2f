"""A market definition as state: integers and times instead of text, compact enough to be kept in a row."""

import msgspec

from connectors.betfair.messages import MarketStatus, RunnerStatus, StartingPrice, WireDefinition, WireRunner
from connectors.times import micros_of
from domain.errors import ContractViolation

GONE = frozenset({"REMOVED", "REMOVED_VACANT"})


class RunnerDefinition(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A runner as the definition has it; `key` names it in its market's book (`runner_key`).

    `adjustment_factor` is rule 4's reduction in percent, `bsp` the starting price in thousandths.
    """

    key: str
    selection_id: int
    status: RunnerStatus
    handicap_milli: int = 0
    sort_priority: int = 0
    name: str | None = None
    adjustment_factor: float | None = None
    removed_at: int | None = None
    bsp: int | None = None


class Definition(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A market as the exchange defines it now. Times are microseconds UTC, lines thousandths."""

    status: MarketStatus
    in_play: bool
    bet_delay_s: int
    version: int
    event_id: str
    event_type_id: str
    market_time: int
    runners: tuple[RunnerDefinition, ...]
    betting_type: str = "ODDS"
    market_type: str | None = None
    name: str | None = None
    event_name: str | None = None
    number_of_winners: int = 1
    suspend_time: int | None = None
    open_date: int | None = None
    settled_at: int | None = None
    bsp_market: bool = False
    bsp_reconciled: bool = False
    turn_in_play_enabled: bool = False
    complete: bool = False
    market_base_rate: float | None = None
    each_way_divisor: float | None = None
    line_max_milli: int | None = None
    line_min_milli: int | None = None
    line_interval_milli: int | None = None
    price_ladder: str | None = None
    key_line: tuple[str, ...] = ()
    regulators: tuple[str, ...] = ()
    country_code: str | None = None
    venue: str | None = None
    race_type: str | None = None

    def status_of(self, key: str) -> RunnerStatus | None:
        """Return a runner's status by its key; None when the definition does not have it."""
        return next((runner.status for runner in self.runners if runner.key == key), None)


def runner_key(selection_id: int, handicap_milli: int = 0) -> str:
    """Name a runner within its market: the selection, and its line where it has one."""
    return f"{selection_id}/{handicap_milli}" if handicap_milli else str(selection_id)


def define(wire: WireDefinition) -> Definition:
    """Turn a definition as sent into state.

    Raises:
        ContractViolation: a time is not ISO 8601, or a number is out of range.
    """
    return Definition(
        status=wire.status,
        in_play=wire.in_play,
        bet_delay_s=wire.bet_delay,
        version=wire.version,
        event_id=wire.event_id,
        event_type_id=wire.event_type_id,
        market_time=micros_of(wire.market_time),
        runners=tuple(_runner(runner) for runner in wire.runners),
        betting_type=wire.betting_type,
        market_type=wire.market_type,
        name=wire.name,
        event_name=wire.event_name,
        number_of_winners=wire.number_of_winners,
        suspend_time=_optional_micros(wire.suspend_time),
        open_date=_optional_micros(wire.open_date),
        settled_at=_optional_micros(wire.settled_time),
        bsp_market=wire.bsp_market,
        bsp_reconciled=wire.bsp_reconciled,
        turn_in_play_enabled=wire.turn_in_play_enabled,
        complete=wire.complete,
        market_base_rate=wire.market_base_rate,
        each_way_divisor=wire.each_way_divisor,
        line_max_milli=_milli(wire.line_max_unit),
        line_min_milli=_milli(wire.line_min_unit),
        line_interval_milli=_milli(wire.line_interval),
        price_ladder=wire.price_ladder_definition.type if wire.price_ladder_definition else None,
        key_line=_key_line(wire),
        regulators=tuple(wire.regulators),
        country_code=wire.country_code,
        venue=wire.venue,
        race_type=wire.race_type,
    )


def starting_price(value: StartingPrice | None) -> int | None:
    """Return a starting price in thousandths; None where there is none yet (the stream says NaN or Infinity)."""
    return None if value is None or isinstance(value, str) else _milli(value)


def _runner(wire: WireRunner) -> RunnerDefinition:
    handicap_milli = round(wire.hc * 1000)
    return RunnerDefinition(
        key=runner_key(wire.id, handicap_milli),
        selection_id=wire.id,
        status=wire.status,
        handicap_milli=handicap_milli,
        sort_priority=wire.sort_priority,
        name=wire.name,
        adjustment_factor=wire.adjustment_factor,
        removed_at=_optional_micros(wire.removal_date),
        bsp=starting_price(wire.bsp),
    )


def _key_line(wire: WireDefinition) -> tuple[str, ...]:
    if wire.key_line_definition is None:
        return ()
    return tuple(runner_key(each.id, round(each.hc * 1000)) for each in wire.key_line_definition.key_line)


def _optional_micros(text: str | None) -> int | None:
    return None if text is None else micros_of(text)


def _milli(value: float | None) -> int | None:
    if value is None:
        return None
    if abs(value) > 1e12:
        raise ContractViolation(f"a number out of range: {value!r}")
    return round(value * 1000)
