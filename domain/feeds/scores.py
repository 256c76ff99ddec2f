"""What happened between two scores, and between two counts of cards: what is taken back is a correction."""

from typing import Final, Literal

import msgspec

from domain.events.canonical import IncidentKind, Side

CANCELLED: Final[dict[IncidentKind, IncidentKind]] = {
    "GOAL": "GOAL_CANCELLED",
    "YELLOW_CARD": "YELLOW_CARD_CANCELLED",
    "RED_CARD": "RED_CARD_CANCELLED",
}
"""What takes back what: the incidents that may turn out not to have been."""


class ScoreChange(msgspec.Struct, frozen=True):
    """One goal, or one taken back, and the score after it."""

    kind: Literal["GOAL", "GOAL_CANCELLED"]
    side: Side
    home: int
    away: int


def changes_of(home: int, away: int, new_home: int, new_away: int) -> list[ScoreChange]:
    """Return the goals between two scores one by one: what was taken back first, then home goals before away goals."""
    changes: list[ScoreChange] = []
    while home > new_home:
        home -= 1
        changes.append(ScoreChange("GOAL_CANCELLED", "HOME", home, away))
    while away > new_away:
        away -= 1
        changes.append(ScoreChange("GOAL_CANCELLED", "AWAY", home, away))
    while home < new_home:
        home += 1
        changes.append(ScoreChange("GOAL", "HOME", home, away))
    while away < new_away:
        away += 1
        changes.append(ScoreChange("GOAL", "AWAY", home, away))
    return changes


def is_corrected(home: int, away: int, new_home: int, new_away: int) -> bool:
    """Say whether a side has less than it had: no score of a match goes back by itself."""
    return new_home < home or new_away < away


def cards_between(kind: IncidentKind, before: int, after: int) -> list[IncidentKind]:
    """Return the cards between two counts one by one: shown, or withdrawn where the count is lower."""
    if after >= before:
        return [kind] * (after - before)
    return [CANCELLED[kind]] * (before - after)
