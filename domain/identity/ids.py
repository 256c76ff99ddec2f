"""Canonical ids: functions of what they name, so that every worker gives the same name to the same thing."""

from hashlib import blake2b
from typing import Final

DAY_US: Final = 86_400_000_000
PARTICIPANT: Final = "pt-"
"""What the ids of teams, players and runners begin with."""
PLAYER_REFERENCE: Final = "player/"
"""What a provider's id of a team's player begins with where its fixtures' ids may stand: in reviews and decisions."""


def participant_id(sport: str, key: str) -> str:
    """Return the id of a team, player or runner; `key` is its normalised canonical name with its tags."""
    return PARTICIPANT + _digest(sport, key)


def player_id(sport: str, provider: str, reference: str) -> str:
    """Return the id that a provider's own id of a team's player gives him: events name players by it."""
    return participant_id(sport, f"{provider} player {reference}")


def kind_of(canonical: str) -> str:
    """Name what a canonical id is of, as persons decide on it: a player or a fixture."""
    return "player" if canonical.startswith(PARTICIPANT) else "fixture"


def competition_id(sport: str, key: str) -> str:
    """Return the id of a competition; `key` is its normalised canonical name."""
    return "cp-" + _digest(sport, key)


def fixture_id(sport: str, home_id: str, away_id: str, kick_off_at: int) -> str:
    """Return the id of a fixture by its participants and its day of kick-off (UTC)."""
    return "fx-" + _digest(sport, home_id, away_id, str(kick_off_at // DAY_US))


def betradar_id(provider_fixture: str) -> str | None:
    """Return Betradar's id of a match that its own feed tells under it; None for what is no such id."""
    found = provider_fixture.removeprefix("sr:match:")
    return found if found != provider_fixture and found.isdecimal() else None


def provider_fixture_id(sport: str, provider: str, fixture: str) -> str:
    """Return the id of a fixture that only its provider's id tells: it cannot meet another provider's."""
    return "fx-" + _digest("provider", sport, provider, fixture)


def split_id(sport: str, provider: str, fixture: str, decision: str) -> str:
    """Return the id of a fixture that a decision split off: each decision's is new, since no id is used again."""
    return "fx-" + _digest("split", sport, provider, fixture, decision)


def market_id(fixture: str, market_type: str, period: str, line_milli: int | None = None) -> str:
    """Return the id of a market: the fixture's, the type, the period and, where it has one, the line."""
    base = f"{fixture}/{market_type}/{period}"
    return base if line_milli is None else f"{base}/{line_milli}"


def _digest(*parts: str) -> str:
    return blake2b("\x1f".join(parts).encode(), digest_size=8).hexdigest()
