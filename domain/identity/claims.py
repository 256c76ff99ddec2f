"""What a provider claims about a fixture, and what it was found to be."""

from typing import Literal

import msgspec

from domain.events.canonical import ParticipantKind

Verdict = Literal["KNOWN", "MATCHED", "NEW", "UNNAMED", "UNSURE", "APART"]
Listing = Literal["MATCH", "PART", "OUTRIGHT"]
"""A whole match or race; a part or a count of one (corners, a special, a team's season); who wins a competition."""
TimeIs = Literal["EXACT", "DAY", "UNKNOWN"]
"""What a stated kick-off is good for: its minute, its day only, or nothing."""


class FixtureClaim(msgspec.Struct, frozen=True, kw_only=True):
    """A fixture in a provider's own words; `home` and `away` are None where it has no two sides, or does not name them.

    `home_reference` and `away_reference` are the provider's ids of the two sides, where it has them. `kick_off_at` is
    in microseconds; `time_is` says what it is good for: where a provider tells only the day, or hides the time, it
    gives midnight, or the time of the message. What is not a MATCH is never taken for one. `betradar_id` is what
    Betradar calls the match, where the provider says so.
    """

    provider: str
    provider_fixture_id: str
    sport: str
    kick_off_at: int
    time_is: TimeIs = "EXACT"
    listing: Listing = "MATCH"
    name: str = ""
    competition: str = ""
    home: str | None = None
    away: str | None = None
    home_reference: str | None = None
    away_reference: str | None = None
    betradar_id: str | None = None


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One participant as resolved: its canonical id and name, and what the provider called it."""

    id: str
    name: str
    kind: ParticipantKind
    called: str
    aliases: tuple[str, ...] = ()
    reference: str | None = None


class KnownFixture(msgspec.Struct, frozen=True, kw_only=True):
    """A canonical fixture as the directory knows it; what is no match as such has no sides."""

    fixture_id: str
    sport: str
    kick_off_at: int
    name: str
    competition_id: str
    competition: str
    home_id: str | None = None
    away_id: str | None = None
    home: str | None = None
    away: str | None = None
    time_is: TimeIs = "EXACT"


def completed(fixture: KnownFixture, by: KnownFixture) -> KnownFixture:
    """Fill in what a fixture lacks, names, competition or time, from what else is known of it; what it has stays."""
    if fixture.home_id is None and by.home_id is not None:
        fixture = msgspec.structs.replace(
            fixture, name=by.name, home_id=by.home_id, away_id=by.away_id, home=by.home, away=by.away
        )
    if not fixture.competition and by.competition:
        fixture = msgspec.structs.replace(fixture, competition_id=by.competition_id, competition=by.competition)
    if fixture.time_is != "EXACT" and by.time_is == "EXACT":
        fixture = msgspec.structs.replace(fixture, kick_off_at=by.kick_off_at, time_is=by.time_is)
    return fixture


class Doubt(msgspec.Struct, frozen=True, kw_only=True):
    """Why a claim was not matched although something is like it; for a person to decide."""

    candidate_id: str
    candidate_name: str
    score: float
    reason: str


class Resolution(msgspec.Struct, frozen=True, kw_only=True):
    """The canonical fixture of a claim.

    KNOWN: this provider's id was resolved before. MATCHED: another provider's fixture. NEW: the first to tell of it.
    UNNAMED: only its provider's id tells it. UNSURE: kept apart under its provider's id, with the doubt. APART: no
    match as such. `swapped`: the provider's home side is the fixture's away side.
    """

    verdict: Verdict
    fixture: KnownFixture
    confidence: float
    sides: tuple[Side, ...] = ()
    doubt: Doubt | None = None
    swapped: bool = False
