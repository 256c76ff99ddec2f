"""What one event of a match means: at most one incident, and how much it adds to the figures of its side.

An event may be told again in a newer version: then what the older one meant is taken back first.
"""

from typing import Final

import msgspec

from domain.events.canonical import IncidentKind, Side
from domain.feeds.scores import CANCELLED

PASSES: Final = "passes_count"
"""Counted all the time, told at the end of each half only."""
EXPECTED_GOALS: Final = "expected_goals"
EXPECTED_GOALS_UNIT: Final = 1_000_000
"""Expected goals are added up in millionths, so that their order does not matter."""


class Facts(msgspec.Struct, frozen=True):
    """What an event says. `player` is the provider's id of whom it names.

    `figures` are amounts by figure, without the side.
    A `withdrawn` one says nothing, and is remembered: an older version may come after it.
    """

    version: int
    side: Side
    minute: int
    incident: IncidentKind | None = None
    player: str | None = None
    figures: dict[str, int] = msgspec.field(default_factory=dict)
    withdrawn: bool = False

    @property
    def says_nothing(self) -> bool:
        """Say whether nothing follows from it."""
        return self.incident is None and not self.figures and not self.withdrawn


class Change(msgspec.Struct, frozen=True):
    """What follows from an event: incidents with their facts, and how the figures of both sides change."""

    incidents: tuple[tuple[IncidentKind, Facts], ...]
    figures: dict[str, int]


def change_between(before: Facts | None, now: Facts) -> Change:
    """Return what follows from an event that meant `before` when it was told last, None where it is new."""
    incidents: list[tuple[IncidentKind, Facts]] = []
    was = before.incident if before else None
    is_same = before is not None and (was, before.side) == (now.incident, now.side)
    if before is not None and was in CANCELLED and not is_same:
        incidents.append((CANCELLED[was], before))
    if now.incident is not None and not is_same:
        incidents.append((now.incident, now))
    figures: dict[str, int] = {}
    for sign, facts in ((-1, before), (1, now)):
        if facts is not None:
            for name, amount in facts.figures.items():
                figure = figure_name(facts.side, name)
                figures[figure] = figures.get(figure, 0) + sign * amount
    return Change(tuple(incidents), {name: amount for name, amount in figures.items() if amount})


def figure_name(side: Side, name: str) -> str:
    """Name the figure of one side: home_corners_count."""
    return f"{side.lower()}_{name}"
