"""Say which canonical fixture a provider means, and make it known. In doubt a claim stays apart, under its own id."""

import msgspec

from domain.events.canonical import ParticipantKind
from domain.identity.catalogue import Catalogue, Known
from domain.identity.claims import Doubt, FixtureClaim, KnownFixture, Resolution, Side, Verdict, completed
from domain.identity.directory import DOUBTED, FixtureDirectory
from domain.identity.ids import competition_id, fixture_id, participant_id, provider_fixture_id
from domain.identity.listings import is_named, listing_of
from domain.identity.matching import Match, is_turned, match
from domain.identity.names import PLAYERS_SPORTS, normalise


def resolve(directory: FixtureDirectory, catalogue: Catalogue, claim: FixtureClaim) -> Resolution:
    """Resolve a claim against what is known, and make it known.

    Idempotent: the same provider's id keeps its fixture, whatever the claim says later (kick-offs move, names are
    shortened).
    """
    is_match = listing_of(claim) == "MATCH"
    sides = _sides(directory, catalogue, claim) if is_match else ()
    resolution = _resolve(directory, catalogue, claim, sides, is_match=is_match)
    directory.add(resolution.fixture, claim.provider, claim.provider_fixture_id)
    if claim.betradar_id and is_match:
        directory.number(resolution.fixture.fixture_id, claim.betradar_id)
    if len(sides) == 2:
        directory.turn(claim.provider, resolution.fixture.fixture_id, is_turned=resolution.swapped)
    if resolution.doubt is not None:
        directory.doubt(resolution.fixture.fixture_id)
    for side in resolution.sides:
        directory.name(side.id, side.name, side.called, *side.aliases)
        if side.reference:
            directory.refer((claim.provider, side.reference), side.id, side.name)
    return resolution


def _resolve(
    directory: FixtureDirectory, catalogue: Catalogue, claim: FixtureClaim, sides: tuple[Side, ...], *, is_match: bool
) -> Resolution:
    known = directory.linked(claim.provider, claim.provider_fixture_id)
    if known is not None:
        restated = _restated(catalogue, claim, sides, known)
        turned = len(sides) == 2 and is_turned(directory, catalogue, claim, (sides[0], sides[1]), restated)
        return Resolution(verdict="KNOWN", fixture=restated, confidence=1.0, sides=sides, swapped=turned)
    own_id = provider_fixture_id(claim.sport, claim.provider, claim.provider_fixture_id)
    apart = _fixture(catalogue, claim, sides, own_id)
    if len(sides) != 2:
        verdict: Verdict = "UNNAMED" if is_match else "APART"
        return Resolution(verdict=verdict, fixture=apart, confidence=1.0, sides=sides)
    home, away = sides
    best = match(directory, catalogue, claim, (home, away))
    if isinstance(best, Doubt):
        return Resolution(verdict="UNSURE", fixture=apart, confidence=DOUBTED, sides=sides, doubt=best)
    if best is not None:
        return _matched(catalogue, claim, (home, away), best)
    new = fixture_id(claim.sport, home.id, away.id, claim.kick_off_at)
    # The second match of one pair on one day stays under its provider's id.
    fixture = _fixture(catalogue, claim, sides, new) if directory.get(new) is None else apart
    return Resolution(verdict="NEW", fixture=fixture, confidence=1.0, sides=sides)


def _matched(catalogue: Catalogue, claim: FixtureClaim, sides: tuple[Side, Side], best: Match) -> Resolution:
    """Take the fixture's word for who plays: a provider's other name of a side is one more alias."""
    home, away = reversed(sides) if best.swapped else sides
    fixture = completed(best.fixture, _fixture(catalogue, claim, (home, away), best.fixture.fixture_id))
    taken = (_taken(home, fixture.home_id, fixture.home), _taken(away, fixture.away_id, fixture.away))
    return Resolution(verdict="MATCHED", fixture=fixture, confidence=best.score, sides=taken, swapped=best.swapped)


def _taken(side: Side, participant: str | None, name: str | None) -> Side:
    assert participant, "a fixture without sides is matched by nothing"
    also = () if side.name == name else (side.name,)
    return msgspec.structs.replace(side, id=participant, name=name or side.name, aliases=(*side.aliases, *also))


def _sides(directory: FixtureDirectory, catalogue: Catalogue, claim: FixtureClaim) -> tuple[Side, ...]:
    pairs = ((claim.home, claim.home_reference), (claim.away, claim.away_reference))
    found = [_side(directory, catalogue, claim, text, reference) for text, reference in pairs]
    return tuple(side for side in found if side is not None)


def _side(
    directory: FixtureDirectory, catalogue: Catalogue, claim: FixtureClaim, text: str | None, reference: str | None
) -> Side | None:
    kind: ParticipantKind = "PLAYER" if claim.sport in PLAYERS_SPORTS else "TEAM"
    if text and not is_named(text):
        return None
    if not text:
        told = directory.participant(claim.provider, reference)
        return Side(id=told[0], name=told[1], kind=kind, called="", reference=reference) if told else None
    name = normalise(claim.sport, text, claim.competition)
    known = catalogue.team(claim.sport, name) or Known(participant_id(claim.sport, name.key), text.strip(), ())
    return Side(id=known.id, name=known.name, kind=kind, called=text, aliases=known.aliases, reference=reference)


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
        time_is=claim.time_is,
    )


def _restated(catalogue: Catalogue, claim: FixtureClaim, sides: tuple[Side, ...], known: KnownFixture) -> KnownFixture:
    """Take a new kick-off, and names or a competition where there were none; the id and the names it has stay."""
    told = _fixture(catalogue, claim, sides, known.fixture_id)
    if claim.time_is in {"EXACT", known.time_is}:
        known = msgspec.structs.replace(known, kick_off_at=claim.kick_off_at, time_is=claim.time_is)
    return completed(known, told)
