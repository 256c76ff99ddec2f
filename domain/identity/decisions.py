"""What a person may decide on which fixtures or players are one, and what the fixtures are called afterwards."""

import msgspec

from domain.errors import ContractViolation
from domain.events.canonical import IdentityDecision
from domain.identity.catalogue import Catalogue
from domain.identity.claims import FixtureClaim, KnownFixture
from domain.identity.directory import TEAM_SPORT
from domain.identity.ids import PLAYER_REFERENCE, kind_of, participant_id, player_id
from domain.identity.names import normalise

Link = tuple[str, str]
"""A provider, and what it calls a fixture or a player."""


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """Who decides, why, when, and under which id."""

    event_id: str
    at: int
    actor: str
    reason: str


def check_decision(decision: IdentityDecision) -> None:
    """Refuse what cannot be done.

    Raises:
        ContractViolation: it lacks what its action needs, or names one fixture twice, or a fixture and a player.
    """
    kind = kind_of(decision.fixture_id)
    needs_two, needs_subject = decision.action != "REJECT", decision.action != "MERGE"
    if not decision.actor or not decision.reason:
        raise ContractViolation("a decision without who decided it, or why")
    if needs_two and not decision.retired_id:
        raise ContractViolation(f"a {decision.action} of {decision.fixture_id} that names no other {kind}")
    if decision.retired_id and kind_of(decision.retired_id) != kind:
        raise ContractViolation(f"{decision.fixture_id} is a {kind}, {decision.retired_id} is none")
    if decision.retired_id == decision.fixture_id:
        raise ContractViolation(f"{decision.fixture_id} is one {kind} with itself")
    if needs_subject and not (decision.subject_provider and decision.subject_fixture_id):
        raise ContractViolation(f"a {decision.action} that names no provider's {kind}")
    if needs_subject and kind == "player":
        _check_player(decision)


def player_link(decision: IdentityDecision) -> tuple[str, str]:
    """Return (provider, its id) of the player that is decided on."""
    return decision.subject_provider or "", (decision.subject_fixture_id or "").removeprefix(PLAYER_REFERENCE)


def subject_key(decision: IdentityDecision) -> str:
    """Return the key of the link that is decided on."""
    return f"{decision.subject_provider}/{decision.subject_fixture_id}"


def described(decision: IdentityDecision) -> KnownFixture:
    """Return the fixture that a decision is for, as it describes it."""
    return KnownFixture(
        fixture_id=decision.fixture_id,
        sport=decision.sport,
        kick_off_at=decision.kick_off_at,
        name=decision.name,
        competition_id=decision.competition_id,
        competition=decision.competition,
        home_id=decision.home_id,
        away_id=decision.away_id,
        home=decision.home,
        away=decision.away,
    )


def split_off(catalogue: Catalogue, claim: FixtureClaim, fixture: KnownFixture) -> KnownFixture:
    """Return a new fixture in the words of the one provider that tells of it, where it has any."""
    fixture = msgspec.structs.replace(fixture, kick_off_at=claim.kick_off_at, time_is=claim.time_is)
    if claim.competition:
        competition = catalogue.competition(claim.sport, claim.competition)
        fixture = msgspec.structs.replace(fixture, competition_id=competition.id, competition=competition.name)
    if not claim.home or not claim.away:
        return fixture
    home, away = (_side(catalogue, claim, text) for text in (claim.home, claim.away))
    return msgspec.structs.replace(
        fixture, name=f"{home[1]} v {away[1]}", home_id=home[0], away_id=away[0], home=home[1], away=away[1]
    )


def _side(catalogue: Catalogue, claim: FixtureClaim, text: str) -> tuple[str, str]:
    """Return the id and the name of a side."""
    name = normalise(claim.sport, text, claim.competition)
    known = catalogue.team(claim.sport, name)
    return (known.id, known.name) if known else (participant_id(claim.sport, name.key), text.strip())


def _check_player(decision: IdentityDecision) -> None:
    if not (decision.subject_fixture_id or "").startswith(PLAYER_REFERENCE):
        raise ContractViolation(f"{decision.subject_fixture_id!r} is no player: they begin with {PLAYER_REFERENCE!r}")
    if decision.action != "SPLIT":
        return
    if decision.fixture_id != player_id(TEAM_SPORT, *player_link(decision)):
        raise ContractViolation(f"{decision.fixture_id} is not the player of {decision.subject_fixture_id!r} alone")
    if not decision.names:
        raise ContractViolation(f"a SPLIT that names {decision.fixture_id} nothing")
