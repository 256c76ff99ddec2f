"""Opta's vocabulary in canonical words: the types and qualifiers of F24's events.

Source: Opta F24 appendices (event types, qualifier types). What is not named here says nothing about score, cards or
figures. A goal with the qualifier of an own goal stands under the side that scored it against itself.
"""

from collections.abc import Callable
from typing import Final

from domain.events.canonical import IncidentKind

PASS, OFFSIDE_PASS, FOUL, CORNER_AWARDED, MISS, POST, SAVED, GOAL, CARD, PLAYER_OFF = 1, 2, 4, 6, 13, 14, 15, 16, 17, 18
PERIOD_END, PERIOD_START, DELETED = 30, 32, 43
MOST_TYPE: Final = 100
"""No type of the specification has a higher number; one that has is new."""
POST_MATCH: Final = 14
"""The period after the last one: its end is the end of the match."""

OWN_GOAL, YELLOW, SECOND_YELLOW, RED, BLOCKED, RESCINDED = 28, 31, 32, 33, 82, 171
FOR_SIDE: Final = 1
"""The outcome of a corner for the side that takes it; of a foul, for the side that was fouled."""

Has = Callable[[int], bool]
"""Says whether an event has a qualifier."""

_SHOTS: Final = frozenset([MISS, POST, SAVED, GOAL])


def incident_of(kind: int, has: Has) -> IncidentKind | None:
    """Return what a goal or a card is as an incident; a second yellow card is a red one, a rescinded card is none."""
    if kind == GOAL:
        return "GOAL"
    if kind != CARD or has(RESCINDED):
        return None
    if has(SECOND_YELLOW) or has(RED):
        return "RED_CARD"
    return "YELLOW_CARD" if has(YELLOW) else None


def figures_of(kind: int, outcome: int, has: Has) -> dict[str, int]:
    """Return what an event adds to the figures of its side."""
    if kind in _SHOTS and not has(OWN_GOAL):
        on_target = kind == GOAL or (kind == SAVED and not has(BLOCKED))
        return {"shots_count": 1, "shots_on_target_count": 1} if on_target else {"shots_count": 1}
    if kind == CARD:
        incident = incident_of(kind, has)
        return {} if incident is None else {"red_cards_count" if incident == "RED_CARD" else "yellow_cards_count": 1}
    if kind == CORNER_AWARDED:
        return {"corners_count": 1} if outcome == FOR_SIDE else {}
    if kind == FOUL:
        return {} if outcome == FOR_SIDE else {"fouls_count": 1}
    named = {PASS: "passes_count", OFFSIDE_PASS: "offsides_count", PLAYER_OFF: "substitutions_count"}
    return {named[kind]: 1} if kind in named else {}
