"""A market of the exchange as canonical markets: its runners placed in lines, each line as it is priced now."""

from collections.abc import Iterable
from typing import Final

from connectors.betfair.definition import Definition
from connectors.betfair.ladder import NOTHING_OFFERED, RunnerBook, best
from domain.events.canonical import MarketStatus, RunnerStatus, SelectionOdds
from domain.feeds import betfair
from domain.feeds.markets import AWAY, MarketKind
from domain.identity import names
from domain.identity.claims import Side
from domain.identity.ids import market_id, participant_id
from tables.ingest import BookState, LineState

NOT_ODDS: Final = frozenset(["LINE", "RANGE"])
"""In these betting types a price is a line, not odds."""
_EMPTY: Final = RunnerBook()
_STATUS: Final[dict[str, RunnerStatus]] = {
    "ACTIVE": "ACTIVE", "WINNER": "WINNER", "LOSER": "LOSER", "PLACED": "PLACED", "REMOVED": "REMOVED",
    "REMOVED_VACANT": "REMOVED", "HIDDEN": "REMOVED",
}  # fmt: skip
_MARKET: Final[dict[str, MarketStatus]] = {
    "OPEN": "OPEN", "SUSPENDED": "SUSPENDED", "INACTIVE": "SUSPENDED", "CLOSED": "CLOSED",
}  # fmt: skip


def runner_status(status: str) -> RunnerStatus:
    """Return a runner's status in canonical words."""
    return _STATUS[status]


def place_runners(state: BookState, definition: Definition, sport: str) -> list[Side]:
    """Give each new runner its selection, and return those that are participants in their own right.

    Sticky: what a market is and where a runner stands never change, whatever later definitions leave out or name.
    """
    if state.kind is None:
        state.kind = betfair.kind_of(sport, definition.market_type, definition.betting_type)
        state.bookmaker = betfair.bookmaker_of(definition.regulators)
    if definition.betting_type in NOT_ODDS:
        return []
    ordered = sorted(definition.runners, key=lambda runner: runner.sort_priority)
    runners = tuple(
        betfair.Runner(id=each.selection_id, handicap_milli=each.handicap_milli, name=each.name or "")
        for each in ordered
    )
    away_first = betfair.lists_away_first(definition.event_name or "", runners[0].name)
    selections = betfair.selections_of(state.kind, runners, away_first=away_first)
    sides = []
    for wire, runner, selection in zip(ordered, runners, selections, strict=True):
        if wire.key in state.places:
            continue
        told = selection
        if sport in betfair.RACING and state.kind.shape == "RUNNERS" and runner.name:
            told = participant_id(sport, names.runner(runner.name).key)
            sides.append(Side(id=told, name=_horse(runner.name), kind="RUNNER", called="", reference=str(runner.id)))
        _place(state, state.kind, wire.key, told, runner)
    return sides


def refresh(state: BookState, keys: Iterable[str], *, everything: bool) -> list[int]:
    """Bring what is published up to date with the book, and return the lines that changed, by index."""
    definition = state.book.definition
    assert definition is not None, "a book is refreshed only when it is defined"
    dirty: set[int] = set()
    statuses: dict[str, RunnerStatus] = {}
    if everything:
        statuses = {each.key: runner_status(each.status) for each in definition.runners}
        keys = state.places
        dirty.update(index for index, line in enumerate(state.lines) if not line.said)
    for key in keys:
        place = state.places.get(key)
        if place is None:
            continue
        line = state.lines[place[0]]
        old = line.selections[place[1]]
        new = _priced(old, state.book.runners.get(key, _EMPTY), statuses.get(key, old.status))
        if new != old:
            line.selections[place[1]] = new
            dirty.add(place[0])
    status = _MARKET[definition.status]
    if state.broken and status == "OPEN":
        status = "SUSPENDED"
    header = (status, definition.in_play, definition.bet_delay_s)
    if header != (state.status, state.in_play, state.bet_delay_s):
        state.status, state.in_play, state.bet_delay_s = header
        dirty.update(range(len(state.lines)))
    return [index for index in sorted(dirty) if _is_worth_saying(state, state.lines[index])]


def whole_market_id(state: BookState) -> str:
    """Return the canonical id of the market as a whole, whatever lines it has."""
    assert state.kind is not None, "a book has its kind when it is defined"
    if len(state.lines) == 1:
        return state.lines[0].market_id
    return _market_id(state, state.kind, None)


def traded_minor(state: BookState) -> int:
    """Return the market's traded volume in minor units: as the exchange says it, else the sum of its runners."""
    return state.book.tv or sum(runner.tv for runner in state.book.runners.values())


def _place(state: BookState, kind: MarketKind, key: str, selection: str, runner: betfair.Runner) -> None:
    line_milli = kind.line_milli
    if kind.by_line:
        line_milli = -runner.handicap_milli if selection == AWAY else runner.handicap_milli
    wanted = _market_id(state, kind, line_milli)
    index = next((i for i, line in enumerate(state.lines) if line.market_id == wanted), len(state.lines))
    if index == len(state.lines):
        state.lines.append(LineState(wanted, line_milli, []))
    line = state.lines[index]
    state.places[key] = (index, len(line.selections))
    line.selections.append(SelectionOdds(selection_id=selection, name=runner.name or selection))


def _market_id(state: BookState, kind: MarketKind, line_milli: int | None) -> str:
    base = market_id(state.fixture_id, kind.market_type, kind.period, line_milli)
    # Of a type that only Betfair has, a fixture may have several: one for each team.
    return f"{base}/{state.book.market_id}" if kind.own else base


def _priced(old: SelectionOdds, runner: RunnerBook, status: RunnerStatus) -> SelectionOdds:
    top = best(runner) if status == "ACTIVE" else NOTHING_OFFERED
    return SelectionOdds(
        selection_id=old.selection_id,
        name=old.name,
        status=status,
        back_odds=top.back_odds,
        back_size_minor=top.back_size_minor,
        lay_odds=top.lay_odds,
        lay_size_minor=top.lay_size_minor,
        last_traded_odds=runner.ltp or None,
        traded_minor=runner.tv or None,
    )


def _is_worth_saying(state: BookState, line: LineState) -> bool:
    """A handicap market defines dozens of lines; one that nobody ever priced is not told of."""
    if line.said or state.kind is None or not state.kind.by_line:
        return True
    return any(each.back_odds or each.lay_odds or each.last_traded_odds for each in line.selections)


def _horse(name: str) -> str:
    number, _, rest = name.partition(".")
    return rest.strip() if number.strip().isdigit() and rest.strip() else name.strip()
