"""What all providers told of a fixture, incident by incident, and what each of them has not told.

A goal is known by its side and number, a card by its side and number, a period by its kind: so that the same one told
by two providers is one fact. What anyone took back is expected of no one.
"""

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Final

import msgspec

from domain.events.canonical import Incident, IncidentKind
from domain.feeds.completeness import Count
from domain.feeds.scores import CANCELLED

SECOND: Final = 1_000_000
GRACE_US: Final = 180 * SECOND
"""Three polls of the slowest: so long after another told of it an incident is not missing yet."""
MOST_FACTS: Final = 128
"""More goals, cards and periods than any match has; what a broken feed tells beyond is not counted."""

GOALS: Final[frozenset[IncidentKind]] = frozenset({"GOAL"})
CARDS: Final[frozenset[IncidentKind]] = frozenset({"YELLOW_CARD", "RED_CARD"})
PERIODS: Final[frozenset[IncidentKind]] = frozenset({"KICK_OFF", "HALF_TIME", "SECOND_HALF", "FULL_TIME"})
COVERED: Final[Mapping[str, frozenset[IncidentKind]]] = {
    "theoddsapi": GOALS,
    "uof": GOALS | CARDS | PERIODS,
    "betsapi": GOALS | CARDS,
    "statsbomb": GOALS | CARDS,
    "opta": GOALS | CARDS,
}
"""What a provider is known to tell of. Any other kind, and of any other provider, is expected once it was told."""

_TAKEN_BACK: Final[dict[IncidentKind, IncidentKind]] = {after: before for before, after in CANCELLED.items()}


class Telling(msgspec.Struct, frozen=True, array_like=True):
    """When an incident happened by a provider's clock, and when it was heard of; `withdrawn` when it was taken back."""

    occurred_at: int
    received_at: int
    withdrawn: bool = False


class FixtureFacts(msgspec.Struct):
    """A fixture's facts by key: who told of each; `joined` is when each provider was first heard of the fixture."""

    joined: dict[str, int] = msgspec.field(default_factory=dict)
    facts: dict[str, dict[str, Telling]] = msgspec.field(default_factory=dict)


def join(known: FixtureFacts, provider: str, at: int) -> bool:
    """Note that a provider carries the fixture, from its first word on; say whether that is new."""
    if provider in known.joined:
        return False
    known.joined[provider] = at
    return True


def learn(known: FixtureFacts, incident: Incident) -> bool:
    """Take an incident in, and say whether anything is new. Idempotent, but for cards that carry no number."""
    provider = incident.provider
    is_new = join(known, provider, incident.received_at)
    undone = _TAKEN_BACK.get(incident.kind)
    if undone is not None:
        return _withdraw(known, incident, undone) or is_new
    key = _key_of(known, incident)
    if key is None:
        return is_new
    told = known.facts.get(key, {})
    before = told.get(provider)
    if (before is not None and not before.withdrawn) or (not told and len(known.facts) >= MOST_FACTS):
        return is_new
    known.facts.setdefault(key, {})[provider] = Telling(incident.occurred_at, incident.received_at)
    return True


def incidents_of(known: FixtureFacts, provider: str, at: int) -> Count:
    """Count what a provider should have told by now, and what of it it did."""
    since = known.joined.get(provider, at)
    covered = COVERED.get(provider, frozenset()) | _kinds_told(known, provider)
    expected = received = 0
    for key, told in known.facts.items():
        if key.partition("/")[0] not in covered or any(each.withdrawn for each in told.values()):
            continue
        first = min(each.received_at for each in told.values())
        if provider in told:
            received += 1
        elif first < since or first + GRACE_US > at:
            continue
        expected += 1
    return Count(expected, received)


def differences(known: FixtureFacts) -> Iterator[tuple[str, str, list[int]]]:
    """Yield each two providers that told of the same facts, and by how much the first's times are after the second's.

    In microseconds, by the providers' own clocks; in the order of their names.
    """
    for one, other in combinations(sorted(known.joined), 2):
        apart = [
            told[one].occurred_at - told[other].occurred_at
            for told in known.facts.values()
            if one in told and other in told
        ]
        if apart:
            yield one, other, apart


def _kinds_told(known: FixtureFacts, provider: str) -> set[str]:
    return {key.partition("/")[0] for key, told in known.facts.items() if provider in told}


def _key_of(known: FixtureFacts, incident: Incident) -> str | None:
    kind, side = incident.kind, incident.side
    if incident.market_id is not None:
        return None
    if kind in PERIODS:
        return kind
    score = incident.home_score if side == "HOME" else incident.away_score
    if kind in GOALS and side is not None and score is not None:
        return f"{kind}/{side}/{score}"
    if kind in CARDS and side is not None:
        return f"{kind}/{side}/{_standing(known, incident.provider, kind, side) + 1}"
    return None


def _standing(known: FixtureFacts, provider: str, kind: IncidentKind, side: str) -> int:
    """Count what a provider told of a side and did not take back."""
    number = 0
    while True:
        telling = known.facts.get(f"{kind}/{side}/{number + 1}", {}).get(provider)
        if telling is None or telling.withdrawn:
            return number
        number += 1


def _withdraw(known: FixtureFacts, incident: Incident, kind: IncidentKind) -> bool:
    """Mark what a correction takes back: the goal above the score that it leaves, the last card."""
    side = incident.side
    score = incident.home_score if side == "HOME" else incident.away_score
    if side is None or (kind in GOALS and score is None):
        return False
    number = score + 1 if kind in GOALS and score is not None else _standing(known, incident.provider, kind, side)
    told = known.facts.get(f"{kind}/{side}/{number}", {})
    telling = told.get(incident.provider)
    if telling is None or telling.withdrawn:
        return False
    told[incident.provider] = msgspec.structs.replace(telling, withdrawn=True)
    return True
