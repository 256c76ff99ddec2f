"""What is known of a match for settling its markets: scores by half, the order of goals, corners, cards, sets."""

from typing import Final, Literal

import msgspec

from domain.events.canonical import Side

Phase = Literal["BEFORE", "FIRST_HALF", "HALF_TIME", "SECOND_HALF", "FINISHED"]
Pair = tuple[int, int]

HALF_MINUTES: Final = 45
LATEST_FIRST_HALF: Final = 60
"""No first half has gone on to its sixtieth minute: a goal from then on is one of the second."""


class Goal(msgspec.Struct, frozen=True, array_like=True):
    """One goal: its side, its number among that side's, the whole minutes elapsed, and its half where it is known."""

    side: Side
    number: int = 1
    minute: int | None = None
    half: int | None = None


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """A match as known. `home` and `away` are goals, points or, in tennis, sets; `goals` may lack some of them.

    Without any score told it is not `scored`, and the 0 is none. `called_off` is a match that was not begun, or was
    given up in this phase. `half` is the score of the first half once that is over; what was never told is None. `sets`
    holds the games of each set begun, the last one perhaps going on.
    """

    phase: Phase = "BEFORE"
    called_off: bool = False
    minute: int = 0
    home: int = 0
    away: int = 0
    scored: bool = False
    goals: tuple[Goal, ...] = ()
    half: Pair | None = None
    corners: Pair | None = None
    yellows: Pair | None = None
    reds: Pair | None = None
    sets: tuple[Pair, ...] = ()

    @property
    def ordered(self) -> bool:
        """Say whether the order of all goals is known."""
        return len(self.goals) == self.home + self.away

    @property
    def finished(self) -> bool:
        """Say whether nothing can be added any more; an end without any score is not the end of nil-nil."""
        return self.phase == "FINISHED" and self.scored

    @property
    def abandoned(self) -> bool:
        """Say whether the match was begun and will not be played to its end."""
        return self.called_off and self.phase not in {"BEFORE", "FINISHED"}
