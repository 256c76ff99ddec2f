"""Facts out of canonical events: what one provider told of a match, folded anew at each telling.

It is folded in the order in which things happened, so that a goal withdrawn, a card taken back or an incident that
comes late leave the facts as if only the last truth had been known. Another provider's tellings are facts of their own:
where the two lead to different results, the market is held, and one that is slow does not undo what the other told.
"""

import re
from collections.abc import Iterable
from typing import Final

import msgspec

from domain.events.canonical import Fixture, Incident, IncidentKind, Side, Statistic
from domain.feeds.scores import CANCELLED
from domain.settlement.facts import HALF_MINUTES, LATEST_FIRST_HALF, Facts, Goal, Pair, Phase

MOST_TELLINGS: Final = 1_024
"""More than any match has; what a broken feed tells beyond is not kept."""

_ORDER: Final[dict[IncidentKind, int]] = {
    kind: place
    for place, kind in enumerate[IncidentKind]((
        "KICK_OFF", "SECOND_HALF", "GOAL_CANCELLED", "YELLOW_CARD_CANCELLED", "RED_CARD_CANCELLED", "SCORE_CORRECTED",
        "HALF_TIME", "SCORE", "GOAL", "YELLOW_CARD", "RED_CARD", "FULL_TIME",
    ))
}  # fmt: skip
"""The kinds that count, in their order where nothing else tells it."""
_BACK: Final[dict[IncidentKind, IncidentKind]] = {after: before for before, after in CANCELLED.items()}
_SET: Final = re.compile(r"(home|away)_set_([1-5])_games_count")
_FIGURES: Final = frozenset(
    f"{side}_{name}_count" for side in ("home", "away") for name in ("corners", "yellow_cards", "red_cards")
)


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
    """All that one provider told of a match: its incidents, each figure's newest value with its time, its call-off.

    `heard` counts what was new.
    """

    tellings: list[Telling] = msgspec.field(default_factory=list)
    figures: dict[str, tuple[int, int]] = msgspec.field(default_factory=dict)
    called_off: bool = False
    heard: int = 0


def learn(record: Record, told: Incident | Statistic | Fixture) -> bool:
    """Take something told into the record, and say whether the facts may have changed. Idempotent by event id.

    Of a fixture only its call-off counts: that it is over, another provider may have said, while this one's last goal
    is yet to come. The end is FULL_TIME.
    """
    is_new = _learn(record, told)
    record.heard += is_new
    return is_new


def _learn(record: Record, told: Incident | Statistic | Fixture) -> bool:
    if isinstance(told, Fixture):
        is_new = told.status == "CANCELLED" and not record.called_off
        record.called_off = record.called_off or is_new
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
    """Return the facts of a match of which one provider told all this."""
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


def _place(telling: Telling) -> tuple[int, int, int, int, str]:
    """Order what happened at one time: what is taken back first, then scores as they rise."""
    total = (telling.home or 0) + (telling.away or 0)
    is_back = telling.kind in _BACK
    return telling.at, not is_back, -total if is_back else total, _ORDER[telling.kind], telling.event_id


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
        is_later = self.phase in {"HALF_TIME", "SECOND_HALF"}
        self.goals.append(Goal(telling.side, number, telling.minute, 2 if is_later else None))
        self.scored = True

    def _correct(self, telling: Telling) -> None:
        """Set the score as stated, and take back the last goals of a side that has fewer now."""
        if telling.home is None or telling.away is None:
            return
        self.score, self.scored = [telling.home, telling.away], True
        most = {"HOME": telling.home, "AWAY": telling.away}
        self.goals = [goal for goal in self.goals if goal.number <= most[goal.side]]
        if self.half is not None:
            self.half = min(self.half[0], telling.home), min(self.half[1], telling.away)

    def _card(self, telling: Telling) -> None:
        kind = _BACK.get(telling.kind, telling.kind)
        counts = self.cards.setdefault(kind, [0, 0])
        index = 0 if telling.side == "HOME" else 1
        if telling.side is not None:
            counts[index] = max(0, counts[index] + (1 if kind == telling.kind else -1))

    def _end_half(self, telling: Telling) -> None:
        """End the first half with the score as stated; a goal beyond that one is of the second."""
        if self.phase not in {"BEFORE", "FIRST_HALF"}:
            return
        self.phase = "HALF_TIME"
        if telling.kind == "HALF_TIME" and telling.home is not None and telling.away is not None:
            self.half, self.scored = (telling.home, telling.away), True
        elif self.scored:
            self.half = self.score[0], self.score[1]
        home, away = self.half or (self.score[0], self.score[1])
        self.score = [max(self.score[0], home), max(self.score[1], away)]
        most = {"HOME": home, "AWAY": away}
        self.goals = [
            msgspec.structs.replace(goal, half=1 if goal.number <= most[goal.side] else 2) for goal in self.goals
        ]

    def facts(self, record: Record) -> Facts:
        goals = tuple(
            goal if goal.half else msgspec.structs.replace(goal, half=_half_of(goal.minute)) for goal in self.goals
        )
        home, away = self.score
        half = self.half
        if half is None and self._is_past(goals) and len(goals) == home + away and all(goal.half for goal in goals):
            first = [goal.side for goal in goals if goal.half == 1]
            half = (first.count("HOME"), first.count("AWAY"))
        return Facts(
            phase=self.phase, called_off=record.called_off, minute=self.minute, home=home, away=away,
            scored=self.scored, goals=goals, half=half, corners=_figure(record, "corners"),
            yellows=_figure(record, "yellow_cards") or self._shown("YELLOW_CARD"),
            reds=_figure(record, "red_cards") or self._shown("RED_CARD"),
            sets=_sets(record),
        )  # fmt: skip

    def _is_past(self, goals: tuple[Goal, ...]) -> bool:
        """Say whether the first half is over, where no one said so."""
        told = self.scored and self.phase in {"HALF_TIME", "SECOND_HALF", "FINISHED"}
        return told or any(goal.half == 2 for goal in goals)

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
