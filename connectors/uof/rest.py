"""The REST answers: fixtures, schedules, summaries and timelines, market descriptions, producers, and code lists."""

from typing import Annotated

import msgspec
from msgspec import Meta

from connectors.uof.messages import MarketId, OutcomeId
from connectors.uof.status import Score, SportEventStatus, Text, Urn


class Named(msgspec.Struct):
    """Anything with an id and a name: a sport, a category, a venue."""

    id: Urn
    name: Text = ""
    country_code: str | None = None


class Season(Named):
    """A season of a tournament."""

    start_date: str | None = None
    end_date: str | None = None
    year: str | None = None
    tournament_id: str | None = None


class Tournament(Named):
    """A competition, with its sport and its category (a country or "International Clubs")."""

    sports: list[Named] = msgspec.field(default_factory=list, name="<sport>")
    categories: list[Named] = msgspec.field(default_factory=list, name="<category>")


class Reference(msgspec.Struct):
    """The id of the same thing in another of the provider's systems: betradar, BetradarCtrl."""

    name: Text
    value: Text = ""


class References(msgspec.Struct):
    """Ids elsewhere."""

    each: list[Reference] = msgspec.field(default_factory=list, name="<reference_id>")


class Competitor(Named):
    """One side: `qualifier` says home or away."""

    qualifier: str | None = None
    country: str | None = None
    abbreviation: str | None = None
    gender: str | None = None
    age_group: str | None = None
    virtual: bool | None = None
    references: list[References] = msgspec.field(default_factory=list, name="<reference_ids>")


class Competitors(msgspec.Struct):
    """The sides of an event."""

    each: list[Competitor] = msgspec.field(default_factory=list, name="<competitor>")


class SportEvent(msgspec.Struct):
    """A fixture as any answer describes it; times are ISO 8601."""

    id: Urn
    scheduled: str | None = None
    start_time: str | None = None
    start_time_tbd: bool | None = None
    start_time_confirmed: bool | None = None
    next_live_time: str | None = None
    replaced_by: str | None = None
    status: str | None = None
    liveodds: str | None = None
    name: Text = ""
    type: str | None = None
    seasons: list[Season] = msgspec.field(default_factory=list, name="<season>")
    tournaments: list[Tournament] = msgspec.field(default_factory=list, name="<tournament>")
    competitors: list[Competitors] = msgspec.field(default_factory=list, name="<competitors>")
    references: list[References] = msgspec.field(default_factory=list, name="<reference_ids>")

    @property
    def sides(self) -> list[Competitor]:
        """Return the competitors in the order of the answer."""
        return [competitor for group in self.competitors for competitor in group.each]

    @property
    def tournament(self) -> Tournament | None:
        """Return the competition."""
        return next(iter(self.tournaments), None)


class FixturesFixture(msgspec.Struct):
    """The answer about one fixture."""

    fixtures: Annotated[list[SportEvent], Meta(min_length=1, max_length=1)] = msgspec.field(name="<fixture>")
    generated_at: str | None = None


class Schedule(msgspec.Struct):
    """The events of a day, or those that are live."""

    events: list[SportEvent] = msgspec.field(default_factory=list, name="<sport_event>")
    generated_at: str | None = None


class Person(Named):
    """Who scored, assisted or was booked."""

    type: str | None = None


class TimelineEvent(msgspec.Struct):
    """Something that happened: score_change, yellow_card, red_card, match_started, period_start and many more."""

    id: Annotated[str, Meta(min_length=1, max_length=64)]
    type: Annotated[str, Meta(min_length=1, max_length=64)]
    time: str | None = None
    match_time: Annotated[int, Meta(ge=0, le=100_000)] | None = None
    match_clock: str | None = None
    stoppage_time: str | None = None
    team: str | None = None
    home_score: Score | None = None
    away_score: Score | None = None
    period: str | None = None
    period_name: str | None = None
    match_status_code: int | None = None
    scorers: list[Person] = msgspec.field(default_factory=list, name="<goal_scorer>")
    players: list[Person] = msgspec.field(default_factory=list, name="<player>")
    assists: list[Person] = msgspec.field(default_factory=list, name="<assist>")


class Timeline(msgspec.Struct):
    """What happened, in order."""

    events: list[TimelineEvent] = msgspec.field(default_factory=list, name="<event>")


class MatchSummary(msgspec.Struct):
    """A match as it stands."""

    events: Annotated[list[SportEvent], Meta(min_length=1, max_length=1)] = msgspec.field(name="<sport_event>")
    statuses: list[SportEventStatus] = msgspec.field(default_factory=list, name="<sport_event_status>")
    generated_at: str | None = None


class MatchTimeline(MatchSummary):
    """A match as it stands, and what happened in it."""

    timelines: list[Timeline] = msgspec.field(default_factory=list, name="<timeline>")


class OutcomeDescription(msgspec.Struct):
    """What an outcome is called; {…} is filled in from the specifiers."""

    id: OutcomeId
    name: Text = ""


class OutcomeDescriptions(msgspec.Struct):
    """The outcomes of a market."""

    each: list[OutcomeDescription] = msgspec.field(default_factory=list, name="<outcome>")


class SpecifierDescription(msgspec.Struct):
    """What a specifier holds: decimal, integer, string, variable_text."""

    name: Text
    type: str | None = None
    description: Text = ""


class SpecifierDescriptions(msgspec.Struct):
    """The specifiers of a market."""

    each: list[SpecifierDescription] = msgspec.field(default_factory=list, name="<specifier>")


class MarketDescription(msgspec.Struct):
    """What a market is called, to which groups it belongs, and what its outcomes are."""

    id: MarketId
    name: Text = ""
    groups: Text = ""
    variant: str | None = None
    includes_outcomes_of_type: str | None = None
    outcome_type: str | None = None
    outcomes: list[OutcomeDescriptions] = msgspec.field(default_factory=list, name="<outcomes>")
    specifiers: list[SpecifierDescriptions] = msgspec.field(default_factory=list, name="<specifiers>")


class MarketDescriptions(msgspec.Struct):
    """All markets, or the variants of one."""

    markets: list[MarketDescription] = msgspec.field(default_factory=list, name="<market>")
    response_code: str | None = None


class Producer(msgspec.Struct):
    """A source of odds: `scope` is live, prematch or virtual; how far back it can recover, in minutes."""

    id: Annotated[int, Meta(ge=1, le=1000)]
    name: Text
    description: Text = ""
    api_url: str | None = None
    active: bool = True
    scope: Text = ""
    stateful_recovery_window_in_minutes: Annotated[int, Meta(ge=1, le=100_000)] | None = None


class Producers(msgspec.Struct):
    """Every producer."""

    each: list[Producer] = msgspec.field(default_factory=list, name="<producer>")
    response_code: str | None = None
    location: str | None = None


class Code(msgspec.Struct):
    """One code and what it means."""

    id: int
    description: Text = ""
    period_number: int | None = None


class Codes(msgspec.Struct):
    """A list of codes: reasons of bet stops or voids, states of betting or of matches."""

    betstop_reasons: list[Code] = msgspec.field(default_factory=list, name="<betstop_reason>")
    betting_statuses: list[Code] = msgspec.field(default_factory=list, name="<betting_status>")
    void_reasons: list[Code] = msgspec.field(default_factory=list, name="<void_reason>")
    match_statuses: list[Code] = msgspec.field(default_factory=list, name="<match_status>")
    response_code: str | None = None
    location: str | None = None


class PlayerProfile(msgspec.Struct):
    """A player."""

    players: Annotated[list[Named], Meta(min_length=1, max_length=1)] = msgspec.field(name="<player>")
    generated_at: str | None = None


RestDocument = (
    FixturesFixture | Schedule | MatchSummary | MatchTimeline | MarketDescriptions | Producers | Codes | PlayerProfile
)

REST_KINDS: dict[str, type[msgspec.Struct]] = {
    "fixtures_fixture": FixturesFixture,
    "schedule": Schedule,
    "match_summary": MatchSummary,
    "match_timeline": MatchTimeline,
    "market_descriptions": MarketDescriptions,
    "producers": Producers,
    "betstop_reasons_descriptions": Codes,
    "betting_status_descriptions": Codes,
    "void_reasons_descriptions": Codes,
    "match_status_descriptions": Codes,
    "player_profile": PlayerProfile,
}
