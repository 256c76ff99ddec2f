"""Canonical facts about fixtures, whatever provider told them. Keyed by fixture_id, except participants."""

from typing import Literal

import msgspec

from domain.events.head import Event

FixtureStatus = Literal["SCHEDULED", "IN_PLAY", "FINISHED", "CANCELLED"]
MarketStatus = Literal["OPEN", "SUSPENDED", "CLOSED"]
RunnerStatus = Literal["ACTIVE", "REMOVED", "WINNER", "LOSER", "PLACED"]
ParticipantKind = Literal["TEAM", "PLAYER", "RUNNER"]
IncidentKind = Literal[
    "KICK_OFF", "GOAL", "GOAL_CANCELLED", "YELLOW_CARD", "RED_CARD", "PENALTY", "HALF_TIME", "SECOND_HALF", "FULL_TIME",
    "SUSPENSION", "RESUMPTION", "RUNNER_REMOVED", "SCORE", "SCORE_CORRECTED", "YELLOW_CARD_CANCELLED",
    "RED_CARD_CANCELLED", "VAR_REVIEW",
]  # fmt: skip
Side = Literal["HOME", "AWAY"]
IdentityAction = Literal["MERGE", "SPLIT", "REJECT"]


class Fixture(Event, frozen=True, kw_only=True):
    """One match or race as now known (`fixtures`, compacted); one with a successor was merged into it, for good."""

    fixture_id: str
    sport: str
    competition_id: str
    competition: str
    name: str
    home_id: str | None
    away_id: str | None
    home: str | None
    away: str | None
    kick_off_at: int
    status: FixtureStatus
    provider_fixture_id: str
    confidence: float
    successor_id: str | None = None
    betradar_id: str | None = None


class Participant(Event, frozen=True, kw_only=True):
    """A team, player or runner as now known (`participants`, compacted); one with a successor was found to be it."""

    participant_id: str
    kind: ParticipantKind
    sport: str
    name: str
    aliases: tuple[str, ...]
    provider_participant_id: str
    team_id: str | None = None
    successor_id: str | None = None


class SelectionOdds(msgspec.Struct, frozen=True, kw_only=True):
    """One selection of a market as one source prices it now; odds in thousandths, sizes in minor units.

    A bookmaker fills only `back_odds`; an exchange fills both sides of the top of its ladder.
    """

    selection_id: str
    name: str
    status: RunnerStatus = "ACTIVE"
    back_odds: int | None = None
    back_size_minor: int | None = None
    lay_odds: int | None = None
    lay_size_minor: int | None = None
    last_traded_odds: int | None = None
    traded_minor: int | None = None


class MarketOdds(Event, frozen=True, kw_only=True):
    """A whole market as one source prices it now: the canonical tick (`odds`).

    `bookmaker` is the source within the provider (an aggregator carries many; an exchange is its own).
    `late` marks an event older than the watermark by more than the allowed lateness: kept, not acted upon.
    """

    fixture_id: str
    market_id: str
    market_type: str
    period: str
    line_milli: int | None
    bookmaker: str
    status: MarketStatus
    in_play: bool
    bet_delay_s: int
    late: bool
    selections: tuple[SelectionOdds, ...]


class Incident(Event, frozen=True, kw_only=True):
    """Something that happened on the pitch or to the market of it (`incidents`)."""

    fixture_id: str
    kind: IncidentKind
    minute: int | None = None
    side: Side | None = None
    market_id: str | None = None
    selection_id: str | None = None
    participant_id: str | None = None
    home_score: int | None = None
    away_score: int | None = None
    late: bool = False


class Statistic(Event, frozen=True, kw_only=True):
    """A measured number about a fixture (`statistics`): name is snake_case with its unit at the end."""

    fixture_id: str
    name: str
    value: float
    market_id: str | None = None
    late: bool = False


class IdentityReview(Event, frozen=True, kw_only=True):
    """A match of names that was not sure enough (`identity.reviews`); a person decides.

    Of a team's player `provider_fixture_id` is "player/" and his provider's id of him, `candidate_id` another player.
    """

    sport: str
    provider_fixture_id: str
    provider_name: str
    kick_off_at: int
    candidate_id: str | None
    candidate_name: str | None
    score: float
    reason: str


class IdentityDecision(Event, frozen=True, kw_only=True):
    """A person's word on which fixtures, or players, are one (`identity.decisions`); a record for every partition.

    MERGE: `retired_id` is `fixture_id`, as described here; `turned` where it lists the two sides the other way round.
    SPLIT: what `subject_provider` calls `subject_fixture_id` is not `retired_id`, but a new fixture, `fixture_id`.
    REJECT: it is not `fixture_id`, as a review asked, and nothing changes. A merge that accepts a review names its
    subject, too.

    Of a team's player the ids are those of players, and `subject_fixture_id` is as in a review. `team_id` is his
    team's; `names` are those that go with the retired one, or with the one who is split off. There is no kick-off.
    """

    action: IdentityAction
    fixture_id: str
    retired_id: str | None
    subject_provider: str | None
    subject_fixture_id: str | None
    turned: bool
    sport: str
    competition_id: str
    competition: str
    name: str
    home_id: str | None
    away_id: str | None
    home: str | None
    away: str | None
    kick_off_at: int
    actor: str
    reason: str
    team_id: str | None = None
    names: tuple[str, ...] = ()
