"""What a person may decide on which fixtures are one, and what the fixtures are called afterwards."""

import msgspec

from domain.errors import ContractViolation
from domain.events.canonical import IdentityDecision
from domain.identity.catalogue import Catalogue
from domain.identity.claims import FixtureClaim, KnownFixture
from domain.identity.ids import participant_id
from domain.identity.names import normalise


def check_decision(decision: IdentityDecision) -> None:
    """Refuse what cannot be done.

    Raises:
        ContractViolation: it lacks what its action needs, or names one fixture twice.
    """
    needs_two, needs_subject = decision.action != "REJECT", decision.action != "MERGE"
    if not decision.actor or not decision.reason:
        raise ContractViolation("a decision without who decided it, or why")
    if needs_two and not decision.retired_id:
        raise ContractViolation(f"a {decision.action} of {decision.fixture_id} that names no other fixture")
    if decision.retired_id == decision.fixture_id:
        raise ContractViolation(f"{decision.fixture_id} is one fixture with itself")
    if needs_subject and not (decision.subject_provider and decision.subject_fixture_id):
        raise ContractViolation(f"a {decision.action} that names no provider's fixture")


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
