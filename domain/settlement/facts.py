"""What is known of a match for settling its markets: scores by half, the order of goals, corners, cards, sets.

A match's tellings are kept and folded anew at each, in the order in which things happened: so that a goal withdrawn, a
card taken back or an incident that comes late leave the facts as if only the last truth had been known. Fold the
tellings of one provider, or of several that agree: a goal is known by its side and number.
"""

import re
from collections.abc import Iterable
from typing import Final, Literal

import msgspec

from domain.events.canonical import Fixture, FixtureStatus, Incident, IncidentKind, Side, Statistic
from domain.feeds.scores import CANCELLED

Phase = Literal["BEFORE", "FIRST_HALF", "HALF_TIME", "SECOND_HALF", "FINISHED", "ABANDONED", "CANCELLED"]
Pair = tuple[int, int]

MOST_TELLINGS: Final = 1_024
"""More than any match has; what a broken feed tells beyond is not kept."""
HALF_MINUTES: Final = 45
LATEST_FIRST_HALF: Final = 60
"""No first half has gone on to its sixtieth minute: a goal from then on is one of the second."""

_ORDER: Final[dict[IncidentKind, int]] = {
    "KICK_OFF": 0, "SECOND_HALF": 0, "GOAL_CANCELLED": 1, "YELLOW_CARD_CANCELLED": 1, "RED_CARD_CANCELLED": 1,
    "SCORE_CORRECTED": 2, "SCORE": 3, "GOAL": 4, "YELLOW_CARD": 5, "RED_CARD": 5, "HALF_TIME": 6, "FULL_TIME": 7,
}  # fmt: skip
_SET: Final = re.compile(r"(home|away)_set_([1-5])_games_count")
_FIGURES: Final = frozenset(
    f"{side}_{name}_count" for side in ("home", "away") for name in ("corners", "yellow_cards", "red_cards")
)


class Goal(msgspec.Struct, frozen=True, array_like=True):
    """One goal: its side, its number among that side's, the whole minutes elapsed, and its half where it is known."""

    side: Side
    number: int = 1
    minute: int | None = None
    half: int | None = None


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """A match as known. `home` and `away` are goals, points or, in tennis, sets; `goals` may lack some of them.

    `half` is the score of the first half once that is over; what was never told is None. `sets` holds the games of each
    set begun, the last one perhaps going on.
    """

    phase: Phase = "BEFORE"
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


class Telling(msgspec.Struct, frozen=True, array_like=True):
    """One incident, as far as settling needs it."""

    event_id: str
    at: int
    kind: IncidentKind
    side: Side | None = None
    minute: int | None = None
    home: int | None = None
    away: int | None = None


class Record(msgspec.Struct):
    """All that was told of a match: incidents in any order, each figure's newest value with its time, the status."""

    tellings: list[Telling] = msgspec.field(default_factory=list)
    figures: dict[str, tuple[int, int]] = msgspec.field(default_factory=dict)
    status: FixtureStatus = "SCHEDULED"


def learn(record: Record, told: Incident | Statistic | Fixture) -> bool:
    """Take something told into the record, and say whether the facts may have changed. Idempotent by event id."""
    if isinstance(told, Fixture):
        is_new = told.status != record.status and record.status not in {"FINISHED", "CANCELLED"}
        record.status = told.status if is_new else record.status
        return is_new
    if told.market_id is not None:
        return False
    if isinstance(told, Statistic):
        return _learn_figure(record, told)
    known = any(each.event_id == told.event_id for each in record.tellings)
    if known or told.kind not in _ORDER or len(record.tellings) >= MOST_TELLINGS:
        return False
    telling = Telling(
        told.event_id, told.occurred_at, told.kind, told.side, told.minute, told.home_score, told.away_score
    )
    record.tellings.append(telling)
    record.tellings.sort(key=_place)
    return True


def facts_of(record: Record) -> Facts:
    """Fold a record; tellings that came in another order give the same facts."""
    fold = _Fold()
    for telling in record.tellings:
        fold.take(telling)
    return fold.facts(record)


def folded(told: Iterable[Incident | Statistic | Fixture]) -> Facts:
    """Return the facts of a match of which all this was told."""
    record = Record()
    for each in told:
        learn(record, each)
    return facts_of(record)


def _learn_figure(record: Record, told: Statistic) -> bool:
    if told.name not in _FIGURES and not _SET.fullmatch(told.name):
        return False
    at, value = record.figures.get(told.name, (-1, -1))
    if told.occurred_at < at or value == int(told.value):
        return False
    record.figures[told.name] = (told.occurred_at, int(told.value))
    return True


def _place(telling: Telling) -> tuple[int, int, int, str]:
    """Order what happened at one time: what is taken back first, then goals by number."""
    total = (telling.home or 0) + (telling.away or 0)
    return telling.at, _ORDER[telling.kind], -total if telling.kind in CANCELLED.values() else total, telling.event_id


class _Fold:
    """A match while it is told again."""

    def __init__(self) -> None:
        self.phase: Phase = "BEFORE"
        self.minute = 0
        self.score = [0, 0]
        self.scored = False
        self.goals: list[Goal] = []
        self.half: Pair | None = None
        self.cards: dict[IncidentKind, list[int]] = {}

    def take(self, telling: Telling) -> None:
        kind = telling.kind
        self.minute = max(self.minute, telling.minute or 0)
        if kind == "GOAL":
            self._goal(telling)
        elif kind in {"SCORE", "SCORE_CORRECTED", "GOAL_CANCELLED"}:
            self._correct(telling)
        elif kind in {"YELLOW_CARD", "RED_CARD", "YELLOW_CARD_CANCELLED", "RED_CARD_CANCELLED"}:
            self._card(telling)
        elif kind == "HALF_TIME":
            self._end_half(telling)
        elif kind == "SECOND_HALF":
            if self.half is None:
                self._end_half(telling)
            self.phase = "SECOND_HALF" if self.phase != "FINISHED" else self.phase
        elif kind == "FULL_TIME":
            self._correct(telling)
            self.phase = "FINISHED"
        if self.phase == "BEFORE":
            self.phase = "FIRST_HALF"

    def _goal(self, telling: Telling) -> None:
        """Take a goal by its number; one that is known already, told again by another, changes nothing."""
        if telling.side is None:
            self._correct(telling)
            return
        index = 0 if telling.side == "HOME" else 1
        stated = (telling.home, telling.away)[index]
        number = self.score[index] + 1 if stated is None else stated
        if number <= self.score[index]:
            return
        self.score[index] = number
        other = (telling.away, telling.home)[index]
        self.score[1 - index] = max(self.score[1 - index], other or 0)
        self.goals.append(Goal(telling.side, number, telling.minute, None if self.half is None else 2))
        self.scored = True

    def _correct(self, telling: Telling) -> None:
        """Set the score as stated, and take back the last goals of a side that has fewer now."""
        if telling.home is None or telling.away is None:
            return
        self.score, self.scored = [telling.home, telling.away], True
        most = {"HOME": telling.home, "AWAY": telling.away}
        gone = [goal for goal in self.goals if goal.number > most[goal.side]]
        self.goals = [goal for goal in self.goals if goal.number <= most[goal.side]]
        if self.half is not None:
            early = [goal.side for goal in gone if goal.half == 1]
            home, away = self.half[0] - early.count("HOME"), self.half[1] - early.count("AWAY")
            self.half = (min(home, telling.home), min(away, telling.away))

    def _card(self, telling: Telling) -> None:
        back = {after: before for before, after in CANCELLED.items()}
        kind = back.get(telling.kind, telling.kind)
        counts = self.cards.setdefault(kind, [0, 0])
        index = 0 if telling.side == "HOME" else 1
        if telling.side is not None:
            counts[index] = max(0, counts[index] + (1 if kind == telling.kind else -1))

    def _end_half(self, telling: Telling) -> None:
        if self.half is not None:
            return
        if telling.home is not None and telling.away is not None and telling.kind == "HALF_TIME":
            self._correct(telling)
        self.half = (self.score[0], self.score[1])
        self.goals = [msgspec.structs.replace(goal, half=1) for goal in self.goals]
        self.phase = "HALF_TIME" if self.phase != "FINISHED" else self.phase

    def facts(self, record: Record) -> Facts:
        goals = tuple(
            goal if goal.half else msgspec.structs.replace(goal, half=_half_of(goal.minute)) for goal in self.goals
        )
        home, away = self.score
        half = self.half
        if half is None and len(goals) == home + away and all(goal.half for goal in goals) and self._is_past(goals):
            first = [goal.side for goal in goals if goal.half == 1]
            half = (first.count("HOME"), first.count("AWAY"))
        return Facts(
            phase=self._phase(record.status), minute=self.minute, home=home, away=away, scored=self.scored,
            goals=goals, half=half, corners=_figure(record, "corners"),
            yellows=_figure(record, "yellow_cards") or self._shown("YELLOW_CARD"),
            reds=_figure(record, "red_cards") or self._shown("RED_CARD"),
            sets=_sets(record),
        )  # fmt: skip

    def _is_past(self, goals: tuple[Goal, ...]) -> bool:
        """Say whether the first half is over, where no one said so."""
        return self.phase in {"SECOND_HALF", "FINISHED"} or any(goal.half == 2 for goal in goals)

    def _phase(self, status: FixtureStatus) -> Phase:
        if status == "CANCELLED" and self.phase != "FINISHED":
            return "CANCELLED" if self.phase == "BEFORE" else "ABANDONED"
        if status == "FINISHED" and self.scored:
            return "FINISHED"
        return "FIRST_HALF" if status == "IN_PLAY" and self.phase == "BEFORE" else self.phase

    def _shown(self, kind: IncidentKind) -> Pair | None:
        """Return the cards that incidents tell; one who tells of any card tells of all."""
        if not self.cards:
            return None
        home, away = self.cards.get(kind, [0, 0])
        return home, away


def _half_of(minute: int | None) -> int | None:
    if minute is None or HALF_MINUTES <= minute < LATEST_FIRST_HALF:
        return None
    return 1 if minute < HALF_MINUTES else 2


def _figure(record: Record, name: str) -> Pair | None:
    home, away = record.figures.get(f"home_{name}_count"), record.figures.get(f"away_{name}_count")
    return None if home is None or away is None else (home[1], away[1])


def _sets(record: Record) -> tuple[Pair, ...]:
    """Return the games of the sets from the first on, as far as both players' are told."""
    found: list[Pair] = []
    for number in range(1, 6):
        pair = _figure(record, f"set_{number}_games")
        if pair is None or pair == (0, 0):
            break
        found.append(pair)
    return tuple(found)
