"""A match as a provider tells it: two goals of the home side around one of the away side."""

from domain.events.canonical import Incident, IncidentKind, Side, Statistic

MINUTE = 60_000_000


def told(kind: IncidentKind, at: int, score: tuple[int, int] | None = None, side: Side | None = None) -> Incident:
    """Make an incident of a minute on the match clock, fifteen more in the second half's time of day."""
    moment = at + 15 if at > 45 and kind != "HALF_TIME" else at
    home, away = score or (None, None)
    return Incident(
        event_id=f"{kind}-{at}-{side}-{score}", occurred_at=moment * MINUTE, received_at=moment * MINUTE,
        provider="uof", fixture_id="fx-1", kind=kind,
        minute=at if kind == "GOAL" else None, side=side, home_score=home, away_score=away,
    )  # fmt: skip


def figure(name: str, value: float, at: int = 90) -> Statistic:
    return Statistic(
        event_id=f"{name}-{at}-{value}", occurred_at=at * MINUTE, received_at=at * MINUTE, provider="uof",
        fixture_id="fx-1", name=name, value=value,
    )  # fmt: skip


MATCH = [
    told("KICK_OFF", 0),
    told("GOAL", 37, (1, 0), "HOME"),
    told("HALF_TIME", 47, (1, 0)),
    told("SECOND_HALF", 46),
    told("GOAL", 68, (1, 1), "AWAY"),
    told("GOAL", 76, (2, 1), "HOME"),
    told("FULL_TIME", 94, (2, 1)),
]
