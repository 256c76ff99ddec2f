"""What happened between two scores."""

from typing import Literal

import msgspec

from domain.events.canonical import Side


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
