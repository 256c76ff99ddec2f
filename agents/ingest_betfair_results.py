"""What the exchange says became of a market when it closes it, closes it anew, or opens it again."""

from agents.ingest_betfair_book import NOT_ODDS, runner_status
from agents.ingest_turn import Turn
from bookstream import topics
from connectors.betfair.definition import Definition, RunnerDefinition
from domain.events.settlement import MarketResult, ResultAction, SelectionResult
from domain.settlement.betfair import Runner, results_of
from domain.settlement.result import LegResult
from domain.settlement.telling import selection_result
from tables.ingest import BookState


def say_settled(turn: Turn, state: BookState, definition: Definition) -> None:
    """Say each line's results, as far as its runners' statuses tell them.

    Of a race with a withdrawal nothing is said: what is taken off a winner depends on when its bet was placed, and one
    result is every bet's. The desk settles it.
    """
    if definition.betting_type in NOT_ODDS:
        return
    results = results_of([_runner(each) for each in definition.runners], definition.number_of_winners)
    if results is None or any(each.deduction for each in results.values()):
        return
    lines: dict[int, list[tuple[str, LegResult]]] = {}
    for key, result in results.items():
        index, place = state.places.get(key, (-1, -1))
        if index >= 0:
            lines.setdefault(index, []).append((state.lines[index].selections[place].selection_id, result))
    for index, told in sorted(lines.items()):
        _say(turn, state, index, "SETTLE", tuple(selection_result(name, result) for name, result in told))


def say_reopened(turn: Turn, state: BookState) -> None:
    """Take back what was said of a market that is open again."""
    for index in range(len(state.lines)):
        _say(turn, state, index, "ROLLBACK_SETTLEMENT", ())


def _runner(given: RunnerDefinition) -> Runner:
    return Runner(
        id=given.selection_id, status=runner_status(given.status), sort_priority=given.sort_priority,
        handicap_milli=given.handicap_milli, name=given.name or "", adjustment_factor=given.adjustment_factor,
        removed_at=given.removed_at,
    )  # fmt: skip


def _say(
    turn: Turn, state: BookState, index: int, action: ResultAction, selections: tuple[SelectionResult, ...]
) -> None:
    assert state.book.definition is not None, "what closes is defined"
    speech = turn.speech
    result = MarketResult(
        **speech.head(), fixture_id=state.fixture_id, market_id=state.lines[index].market_id, told_by=speech.provider,
        told_number=state.book.definition.version, action=action, confirmed=True, selections=selections,
        selection_ids=(),
    )  # fmt: skip
    speech.say(topics.RESULTS, state.fixture_id, result)
