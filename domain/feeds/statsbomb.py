"""StatsBomb's vocabulary in canonical words: the types of its events, the outcomes of shots, its cards.

Source: StatsBomb Open Data Specification (events). What is not named here says nothing about score, cards or figures.
"""

from typing import Final

from domain.events.canonical import IncidentKind

STARTING_XI, HALF_START, HALF_END = 35, 18, 34
SHOT, OWN_GOAL_FOR, FOUL_COMMITTED, BAD_BEHAVIOUR, PASS, OFFSIDE, SUBSTITUTION = 16, 25, 22, 24, 30, 8, 19
"""An own goal is told twice: for the side that it counts for (25), and against the other (20)."""

TYPES: Final = frozenset([
    2, 3, 4, 5, 6, 8, 9, 10, 14, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 33, 34, 35, 36, 37, 38,
    39, 40, 41, 42, 43,
])  # fmt: skip
"""All that the specification names, and three that older matches still have."""

GOAL, SAVED, SAVED_TO_POST, PENALTY = 97, 100, 116, 88
CORNER, PASS_OFFSIDE = 61, 76
_ON_TARGET: Final = frozenset([GOAL, SAVED, SAVED_TO_POST])
_CARDS: Final[dict[int, IncidentKind]] = {5: "RED_CARD", 6: "RED_CARD", 7: "YELLOW_CARD"}
_CARD_FIGURES: Final = {"RED_CARD": "red_cards_count", "YELLOW_CARD": "yellow_cards_count"}


def card_of(card: int) -> IncidentKind | None:
    """Return the incident of a card; a second yellow card is a red one."""
    return _CARDS.get(card)


def card_figures(kind: IncidentKind | None) -> dict[str, int]:
    """Return what a card adds."""
    return {_CARD_FIGURES[kind]: 1} if kind is not None else {}


def shot_figures(outcome: int) -> dict[str, int]:
    """Return what a shot adds: a shot, and one on target where it went in or was saved."""
    return {"shots_count": 1, "shots_on_target_count": 1} if outcome in _ON_TARGET else {"shots_count": 1}


def pass_figures(kind: int | None, outcome: int | None) -> dict[str, int]:
    """Return what a pass adds: a pass, a corner where it is one, an offside where its receiver was."""
    figures = {"passes_count": 1}
    if kind == CORNER:
        figures["corners_count"] = 1
    if outcome == PASS_OFFSIDE:
        figures["offsides_count"] = 1
    return figures
