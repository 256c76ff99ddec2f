"""What the exchange says became of a market when it closes it, closes it anew, or opens it again."""

from dataclasses import dataclass

from agents.ingest_betfair_book import NOT_ODDS, runner_status
from agents.ingest_speech import Speech
from bookstream import topics
from connectors.betfair.definition import Definition, RunnerDefinition
from domain.events.settlement import MarketResult, ResultAction, SelectionResult
from domain.settlement.betfair import Runner, results_of
from domain.settlement.result import LegResult
from domain.settlement.telling import selection_result
from tables.ingest import BookState


@dataclass(frozen=True, slots=True)
class Moved:
    """That a word is said of another fixture than before: after all that was said at its time, by this number."""

    provider: str
    number: int


def say_settled(speech: Speech, state: BookState, definition: Definition) -> None:
    """Say each line's results, as far as its runners' statuses tell them; what they told before is taken back.

    Of a race with a withdrawal nothing is told: what is taken off a winner depends on when its bet was placed, and one
    result is every bet's. The desk settles it.
    """
    if definition.betting_type in NOT_ODDS:
        return
    told = _told(state, definition)
    if not told:
        say_reopened(speech, state)
        return
    state.resulted_at = speech.at
    for index, results in sorted(told.items()):
        _say(speech, state, index, "SETTLE", tuple(selection_result(name, result) for name, result in results))


def say_reopened(speech: Speech, state: BookState) -> None:
    """Take back what was said of a market that is open again; nothing where nothing was said."""
    if state.resulted_at:
        for index in range(len(state.lines)):
            _say(speech, state, index, "ROLLBACK_SETTLEMENT", ())
    state.resulted_at = 0


def say_moved(speech: Speech, state: BookState, moved: Moved, *, is_gone: bool) -> None:
    """Say what was said last of a settled market under another fixture, or that it `is_gone` from where it stood."""
    if not state.resulted_at or state.book.definition is None:
        return
    for index, results in sorted(_told(state, state.book.definition).items()):
        selections = tuple(selection_result(name, None if is_gone else result) for name, result in results)
        _say(speech, state, index, "SETTLE", selections, moved=moved)


def _told(state: BookState, definition: Definition) -> dict[int, list[tuple[str, LegResult]]]:
    """Return what the runners' statuses tell, by line: its selections and their results."""
    results = results_of([_runner(each) for each in definition.runners], definition.number_of_winners)
    lines: dict[int, list[tuple[str, LegResult]]] = {}
    if results is None or any(each.deduction for each in results.values()):
        return lines
    for key, result in results.items():
        index, place = state.places.get(key, (-1, -1))
        if index >= 0:
            lines.setdefault(index, []).append((state.lines[index].selections[place].selection_id, result))
    return lines


def _runner(given: RunnerDefinition) -> Runner:
    return Runner(
        id=given.selection_id, status=runner_status(given.status), sort_priority=given.sort_priority,
        handicap_milli=given.handicap_milli, name=given.name or "", adjustment_factor=given.adjustment_factor,
        removed_at=given.removed_at,
    )  # fmt: skip


def _say(
    speech: Speech, state: BookState, index: int, action: ResultAction, selections: tuple[SelectionResult, ...], *,
    moved: Moved | None = None,
) -> None:  # fmt: skip
    assert state.book.definition is not None, "what closes is defined"
    head = speech.head() if moved is None else speech.head(state.resulted_at) | {"provider": moved.provider}
    result = MarketResult(
        **head, fixture_id=state.fixture_id, market_id=state.lines[index].market_id, told_by=head["provider"],
        told_number=state.book.definition.version if moved is None else moved.number, action=action, confirmed=True,
        selections=selections, selection_ids=(),
    )  # fmt: skip
    speech.say(topics.RESULTS, state.fixture_id, result)
