"""Say which canonical fixture a provider means. A wrong match is worse than none: in doubt it stays apart.

A team plays one match at a time. So fixtures are compared only with those that kick off near them (blocking, Fellegi
and Sunter 1969), by the names of both sides, and one side that is certain is evidence for the other.
"""

from typing import Final

import msgspec

from domain.events.canonical import ParticipantKind
from domain.identity import names
from domain.identity.catalogue import Catalogue, Known
from domain.identity.claims import Doubt, FixtureClaim, KnownFixture, Resolution, Side, completed
from domain.identity.directory import HOUR_US, FixtureDirectory
from domain.identity.ids import competition_id, fixture_id, participant_id, provider_fixture_id
from domain.identity.names import Name
from domain.identity.similarity import POSSIBLE, SURE, similarity

SAME_US: Final = 3 * HOUR_US
"""Providers state one kick-off at most this far apart."""
NEAR_US: Final = 36 * HOUR_US
"""The same pair again within this time may be a match that was put off."""
NEAR_IN_SERIES_US: Final = 12 * HOUR_US
"""The same in sports where a pair plays on days that follow each other."""
SERIES_SPORTS: Final = frozenset(["baseball", "basketball", "ice_hockey", "cricket"])

PLAYERS_SPORTS: Final = frozenset(
    ["tennis", "table_tennis", "darts", "snooker", "boxing", "mma", "badminton", "squash"]
)


def resolve(directory: FixtureDirectory, catalogue: Catalogue, claim: FixtureClaim) -> Resolution:
    """Resolve a claim against what is known, and make it known.

    Idempotent: the same provider's id keeps its fixture, whatever the claim says later (kick-offs move, names are
    shortened).
    """
    sides = _sides(directory, catalogue, claim)
    resolution = _resolve(directory, catalogue, claim, sides)
    directory.add(resolution.fixture, claim.provider, claim.provider_fixture_id)
    for side in sides:
        if side.reference:
            directory.refer((claim.provider, side.reference), side.id, side.name)
    return resolution


def _resolve(
    directory: FixtureDirectory, catalogue: Catalogue, claim: FixtureClaim, sides: tuple[Side, ...]
) -> Resolution:
    known = directory.linked(claim.provider, claim.provider_fixture_id)
    if known is not None:
        restated = _restated(catalogue, claim, sides, known)
        return Resolution(verdict="KNOWN", fixture=restated, confidence=1.0, sides=sides)
    apart = _fixture(
        catalogue, claim, sides, provider_fixture_id(claim.sport, claim.provider, claim.provider_fixture_id)
    )
    if len(sides) != 2:
        return Resolution(verdict="UNNAMED", fixture=apart, confidence=1.0, sides=sides)
    best = _match(directory, claim, sides)
    if isinstance(best, Doubt):
        return Resolution(verdict="UNSURE", fixture=apart, confidence=0.5, sides=sides, doubt=best)
    if best is not None:
        fixture, score = best
        same_time = msgspec.structs.replace(claim, kick_off_at=fixture.kick_off_at)
        matched = _restated(catalogue, same_time, sides, fixture)
        return Resolution(verdict="MATCHED", fixture=matched, confidence=score, sides=sides)
    home, away = sides
    new = fixture_id(claim.sport, home.id, away.id, claim.kick_off_at)
    # The second match of one pair on one day stays under its provider's id.
    fixture = _fixture(catalogue, claim, sides, new) if directory.get(new) is None else apart
    return Resolution(verdict="NEW", fixture=fixture, confidence=1.0, sides=sides)


def normalise(sport: str, text: str) -> Name:
    """Normalise the name of a sport's participant: a person's or a team's."""
    return names.person(text) if sport in PLAYERS_SPORTS and "/" not in text else names.team(text)


def _sides(directory: FixtureDirectory, catalogue: Catalogue, claim: FixtureClaim) -> tuple[Side, ...]:
    pairs = ((claim.home, claim.home_reference), (claim.away, claim.away_reference))
    found = [_side(directory, catalogue, claim, text, reference) for text, reference in pairs]
    return tuple(side for side in found if side is not None)


def _side(
    directory: FixtureDirectory, catalogue: Catalogue, claim: FixtureClaim, text: str | None, reference: str | None
) -> Side | None:
    kind: ParticipantKind = "PLAYER" if claim.sport in PLAYERS_SPORTS else "TEAM"
    if not text:
        told = directory.participant(claim.provider, reference)
        return Side(id=told[0], name=told[1], kind=kind, called="", reference=reference) if told else None
    name = normalise(claim.sport, text)
    known = catalogue.team(claim.sport, name) or Known(participant_id(claim.sport, name.key), text.strip(), ())
    return Side(id=known.id, name=known.name, kind=kind, called=text, aliases=known.aliases, reference=reference)


def _match(
    directory: FixtureDirectory, claim: FixtureClaim, sides: tuple[Side, ...]
) -> tuple[KnownFixture, float] | Doubt | None:
    same: list[tuple[KnownFixture, float]] = []
    doubts: list[Doubt] = []
    for candidate in directory.around(claim.sport, claim.kick_off_at, SAME_US):
        scored = _compare(claim.sport, sides, candidate)
        if isinstance(scored, Doubt):
            doubts.append(scored)
        elif scored is not None and directory.called(candidate.fixture_id, claim.provider) not in {None, ""}:
            # This provider has told of it under another id: a second listing, or a second match of the day.
            doubts.append(_doubt(candidate, scored, "the provider has another fixture like this one"))
        elif scored is not None:
            same.append((candidate, scored))
    if len(same) == 1:
        return same[0]
    if same:
        best, score = max(same, key=lambda found: found[1])
        return _doubt(best, score, "more than one fixture is like this one")
    if doubts:
        return max(doubts, key=lambda doubt: doubt.score)
    return _put_off(directory, claim, sides)


def _compare(sport: str, sides: tuple[Side, ...], candidate: KnownFixture) -> float | Doubt | None:
    """Score a candidate near in time: a float when it is the same fixture, a Doubt when it may be, else None."""
    if not (candidate.home_id and candidate.away_id):
        return None
    home, away = sides
    straight = (_alike(sport, home, candidate, "home"), _alike(sport, away, candidate, "away"))
    crossed = (_alike(sport, home, candidate, "away"), _alike(sport, away, candidate, "home"))
    low, high = sorted(straight)
    if low >= SURE or (high == 1.0 and low >= POSSIBLE):
        return low
    if min(crossed) >= SURE:
        return _doubt(candidate, min(crossed), "home and away are swapped")
    if low >= POSSIBLE:
        return _doubt(candidate, low, "the names are alike, but not enough")
    if high == 1.0 or max(crossed) == 1.0:
        return _doubt(candidate, max(low, min(crossed)), "one team in two fixtures at once")
    return None


def _alike(sport: str, side: Side, candidate: KnownFixture, which: str) -> float:
    other_id, other = (candidate.home_id, candidate.home) if which == "home" else (candidate.away_id, candidate.away)
    if side.id == other_id:
        return 1.0
    ours, theirs = normalise(sport, side.name), normalise(sport, other or "")
    score = similarity(ours, theirs)
    if side.called:
        score = max(score, similarity(normalise(sport, side.called), theirs))
    return min(score, 0.99)


def _put_off(directory: FixtureDirectory, claim: FixtureClaim, sides: tuple[Side, ...]) -> Doubt | None:
    """Doubt a fixture whose pair also meets some hours away."""
    home, away = sides
    near = NEAR_IN_SERIES_US if claim.sport in SERIES_SPORTS else NEAR_US
    for pair in ((home.id, away.id), (away.id, home.id)):
        for candidate in directory.of_pair(*pair):
            apart = abs(candidate.kick_off_at - claim.kick_off_at)
            if apart <= near and directory.called(candidate.fixture_id, claim.provider) is None:
                return _doubt(candidate, 1 - apart / near, "the kick-offs are hours apart")
    return None


def _doubt(candidate: KnownFixture, score: float, reason: str) -> Doubt:
    return Doubt(candidate_id=candidate.fixture_id, candidate_name=candidate.name, score=round(score, 4), reason=reason)


def _fixture(catalogue: Catalogue, claim: FixtureClaim, sides: tuple[Side, ...], fixture: str) -> KnownFixture:
    competition = catalogue.competition(claim.sport, claim.competition) if claim.competition else None
    home, away = sides if len(sides) == 2 else (None, None)
    name = (
        f"{home.name} v {away.name}" if home and away else claim.name or f"{claim.provider} {claim.provider_fixture_id}"
    )
    return KnownFixture(
        fixture_id=fixture,
        sport=claim.sport,
        kick_off_at=claim.kick_off_at,
        name=name,
        competition_id=competition.id if competition else competition_id(claim.sport, ""),
        competition=competition.name if competition else "",
        home_id=home.id if home else None,
        away_id=away.id if away else None,
        home=home.name if home else None,
        away=away.name if away else None,
    )


def _restated(catalogue: Catalogue, claim: FixtureClaim, sides: tuple[Side, ...], known: KnownFixture) -> KnownFixture:
    """Take a new kick-off, and names or a competition where there were none; the id and the names it has stay."""
    told = _fixture(catalogue, claim, sides, known.fixture_id)
    return completed(msgspec.structs.replace(known, kick_off_at=claim.kick_off_at), told)
