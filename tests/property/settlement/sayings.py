"""Words about one market: few sources, instants, selections and windows, so that they meet each other often."""

from hypothesis import strategies as st

from domain.settlement.result import HALF_LOSE, HALF_WIN, LOSE, VOID, WIN, LegResult
from domain.settlement.words import DESK, Cancelled, CancelUndone, Outcome, Settled, SettlementUndone, Word

SELECTIONS = ("home", "draw", "away")
LATEST = 12
RESULTS = (WIN, LOSE, VOID, HALF_WIN, HALF_LOSE, LegResult(win=1, dead_heat=(1, 2)), LegResult(win=1, deduction=25))

instants = st.integers(0, LATEST)
moments = st.none() | instants
named = st.lists(st.sampled_from(SELECTIONS), unique=True, max_size=2).map(tuple)
sources = st.sampled_from(["uof:1", "uof:1", "uof:1", "uof:3", "ours", "ours", DESK])
outcomes = st.builds(
    Outcome,
    selection_id=st.sampled_from(SELECTIONS),
    result=st.sampled_from([WIN, LOSE, WIN, LOSE, *RESULTS, None]),
    known_at=st.none() | instants,
)


@st.composite
def windows(draw: st.DrawFn) -> tuple[int | None, int | None]:
    """Draw a window that is not empty."""
    start, end = draw(moments), draw(moments)
    return (start, end) if start is None or end is None or start < end else (end, start + 1)


@st.composite
def words(draw: st.DrawFn) -> Word:
    """Draw a word."""
    source, at, sequence = draw(sources), draw(instants), draw(st.integers(0, 1))
    match draw(st.sampled_from(["settle", "settle", "settle", "undo", "cancel", "restore"])):
        case "settle":
            told = tuple(draw(st.lists(outcomes, min_size=1, max_size=3, unique_by=lambda each: each.selection_id)))
            return Settled(source=source, at=at, sequence=sequence, outcomes=told, confirmed=draw(st.booleans()))
        case "undo":
            return SettlementUndone(source=source, at=at, sequence=sequence, selection_ids=draw(named))
        case kind:
            start, end = draw(windows())
            about = Cancelled if kind == "cancel" else CancelUndone
            return about(source=source, at=at, sequence=sequence, start=start, end=end, selection_ids=draw(named))


@st.composite
def markets_settled(draw: st.DrawFn) -> Word:
    """Draw a whole market's results, as a source usually gives them: one selection wins, or all are void."""
    winner = draw(st.sampled_from([*SELECTIONS, None]))
    told = [
        Outcome(selection_id=name, result=VOID if winner is None else WIN if name == winner else LOSE)
        for name in SELECTIONS
    ]
    return Settled(
        source=draw(st.sampled_from(["uof:1", "uof:1", "uof:1", "ours"])),
        at=draw(instants),
        outcomes=tuple(told),
        confirmed=draw(st.booleans()),
    )


def place(word: Word) -> tuple[str, int, int, type[Word], bool]:
    """Say where a word stands: two at one place would be a source that contradicts itself at one instant."""
    return word.source, word.at, word.sequence, type(word), isinstance(word, Settled) and word.confirmed
