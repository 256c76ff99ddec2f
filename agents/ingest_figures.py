"""What is counted of a match: figures as last told, and the incidents that make them grow or fall."""

from agents.ingest_turn import Turn
from bookstream import topics
from domain.events.canonical import Incident, IncidentKind, Side, Statistic
from tables.ingest import LINKS


def take_count(turn: Turn, key: str, figure: str, count: int | None, *, may_fall: bool) -> int | None:
    """Note a count and return the one before, None where none changed: what a first message counts was not seen."""
    link = turn.shard.get(LINKS, key)
    if link is None or count is None or link.figures.get(figure) == count:
        return None
    before = link.figures.get(figure)
    if before is not None and count < before and not may_fall:
        return None
    link.figures[figure] = count
    turn.shard.put(LINKS, key, link)
    if before is not None or count:
        say_figure(turn, link.fixture.fixture_id, figure, count)
    return before


def grows(turn: Turn, key: str, figure: str, count: int) -> bool:
    """Count up to what a whole list tells of, and say whether that was new."""
    link = turn.shard.get(LINKS, key)
    if link is None or count <= link.figures.get(figure, 0):
        return False
    link.figures[figure] = count
    turn.shard.put(LINKS, key, link)
    say_figure(turn, link.fixture.fixture_id, figure, count)
    return True


def say_figure(turn: Turn, fixture_id: str, figure: str, value: float) -> None:
    """Tell a figure."""
    statistic = Statistic(
        **turn.speech.head(), fixture_id=fixture_id, name=figure, value=float(value), late=turn.speech.late
    )
    turn.speech.say(topics.STATISTICS, fixture_id, statistic)


def say_happened(
    turn: Turn, key: str, kind: IncidentKind, side: Side | None, minute: int | None, *,
    participant_id: str | None = None,
) -> None:  # fmt: skip
    """Tell of an incident of a linked match, and of whom it names."""
    link = turn.shard.get(LINKS, key)
    assert link is not None, f"an incident in {key}, which was never linked"
    incident = Incident(
        **turn.speech.head(), fixture_id=link.fixture.fixture_id, kind=kind, side=side, minute=minute,
        participant_id=participant_id, late=turn.speech.late,
    )  # fmt: skip
    turn.speech.say(topics.INCIDENTS, incident.fixture_id, incident)


def figure_of(team: str, name: str) -> str:
    """Name the count of one side: home_yellow_cards_count."""
    return f"{team}_{name}_count"
