"""The answers of BetsAPI about its own events: lists, views, odds histories, statistics by minute, merged ids.

Source: the BetsAPI documentation. Ids, numbers and times (seconds UTC) are strings; what is not declared here is
tolerated, and counted by `parser.unknown_fields`.
"""

from collections.abc import Iterable
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from connectors.times import micros_of

Id = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[^\s/\x00]+$")]
Name = Annotated[str, Meta(max_length=256)]
Seconds = Annotated[int, Meta(ge=0, le=4_102_444_800)]
Whole = Annotated[int, Meta(ge=-(2**53), le=2**53)]
"""An id, code or count as a number; no row holds more than 64 bits."""
Minute = Annotated[int, Meta(ge=0, le=1_000)]
SECOND: Final = 1_000_000
LASTS_US: Final = 2 * 3_600 * SECOND
UPCOMING, IN_PLAY = 0, 1


class Side(msgspec.Struct, frozen=True):
    """A team or player."""

    name: Name
    id: Id | None = None


class League(msgspec.Struct, frozen=True):
    """A competition."""

    name: Name
    id: Id | None = None
    cc: str | None = None


class Timer(msgspec.Struct, frozen=True):
    """The match clock: minutes and seconds, whether it runs, minutes added."""

    tm: Minute = 0
    ts: Annotated[int, Meta(ge=0, le=60)] = 0
    tt: Whole | None = None
    ta: Minute | None = None


class Pair(msgspec.Struct, frozen=True):
    """A score of a part of the match: "1" the first half, "2" the match as it stands."""

    home: Annotated[int, Meta(ge=0, le=10_000)] | None = None
    away: Annotated[int, Meta(ge=0, le=10_000)] | None = None


class Happening(msgspec.Struct, frozen=True):
    """Something that happened, as a line of text: "41' - 1st Goal -   (Shimizu S-Pulse) -"."""

    id: Id
    text: Annotated[str, Meta(max_length=1_024)]


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One match. `stats` are (home, away) as text; `o_home` and `o_away` are the names that the sides had before."""

    id: Id
    time: Seconds
    time_status: Annotated[int, Meta(ge=0, le=999)]
    league: League
    home: Side
    away: Side
    sport_id: Whole = 1
    ss: str | None = None
    timer: Timer | None = None
    scores: dict[str, Pair] | None = None
    stats: dict[str, list[str]] | None = None
    events: list[Happening] | None = None
    o_home: Side | None = None
    o_away: Side | None = None
    bet365_id: Id | None = None

    @property
    def true_at(self) -> int:
        """Return when this was true: at the minute that is played, or when the match was over."""
        if self.time_status == IN_PLAY:
            return (self.time + (self.timer.tm * 60 if self.timer else 0)) * SECOND
        return self.time * SECOND + LASTS_US


class Events(msgspec.Struct, frozen=True):
    """An answer with matches: in play, upcoming, ended, one view or result, or what the sides played before."""

    events: tuple[Event, ...]

    def said_at(self) -> int | None:
        """Return when this was true; a list of matches to come was so at the first kick-off at the latest."""
        begun = [each.true_at for each in self.events if each.time_status != UPCOMING]
        return max(begun) if begun else min((each.time * SECOND for each in self.events), default=None)


class OddsRow(msgspec.Struct, frozen=True):
    """One state of one market. Prices are text: null, empty or "-" while it is suspended."""

    id: Id
    add_time: Seconds
    ss: str | None = None
    time_str: str | None = None
    home_od: str | None = None
    draw_od: str | None = None
    away_od: str | None = None
    over_od: str | None = None
    under_od: str | None = None
    handicap: str | None = None

    @property
    def is_in_play(self) -> bool:
        """Say whether the match clock ran."""
        return bool(self.time_str)


class OddsHistory(msgspec.Struct, frozen=True):
    """Every state of an event's markets at one bookmaker, by market, newest first; the event is not named."""

    markets: dict[str, tuple[OddsRow, ...]]

    def said_at(self) -> int | None:
        """Return the time of the newest state."""
        return newest(row.add_time for rows in self.markets.values() for row in rows)


class Span(msgspec.Struct, frozen=True):
    """A bookmaker's first and latest states by market."""

    start: dict[str, OddsRow | None] = {}
    end: dict[str, OddsRow | None] = {}


class BookmakerOdds(msgspec.Struct, frozen=True):
    """One bookmaker's odds of an event; `matching_dir` is -1 where it lists the sides the other way round."""

    odds: Span
    matching_dir: Whole = 1


class OddsSummary(msgspec.Struct, frozen=True):
    """Many bookmakers' first and latest odds of an event, which the answer does not name."""

    bookmakers: dict[str, BookmakerOdds]

    def said_at(self) -> int | None:
        """Return the time of the newest state."""
        spans = [span for maker in self.bookmakers.values() for span in (maker.odds.start, maker.odds.end)]
        return newest(row.add_time for span in spans for row in span.values() if row is not None)


class TrendPoint(msgspec.Struct, frozen=True):
    """A statistic of one side from one minute on."""

    time_str: Minute
    val: Annotated[int, Meta(ge=0, le=1_000_000)]


class Trend(msgspec.Struct, frozen=True):
    """Statistics of an event, which the answer does not name: name to side to its changes."""

    stats: dict[str, dict[str, tuple[TrendPoint, ...]]]

    def said_at(self) -> int | None:
        """Return nothing: it has minutes only."""
        return None


class Merge(msgspec.Struct, frozen=True):
    """An event's id that was merged into another's."""

    from_id: Id
    to_id: Id
    created_at: Seconds


class Merges(msgspec.Struct, frozen=True):
    """The newest merged ids."""

    merges: tuple[Merge, ...]

    def said_at(self) -> int | None:
        """Return the time of the newest merge."""
        return newest(merge.created_at for merge in self.merges)


class TimelineScore(msgspec.Struct, frozen=True, rename="camel"):
    """One side in Betfair's words; goals are text."""

    name: Name
    score: str = ""
    half_time_score: str = ""
    number_of_yellow_cards: Whole | None = None
    number_of_red_cards: Whole | None = None
    number_of_corners: Whole | None = None


class TimelineScores(msgspec.Struct, frozen=True):
    """Both sides."""

    home: TimelineScore
    away: TimelineScore


class TimelineUpdate(msgspec.Struct, frozen=True, rename="camel"):
    """A goal, card or period mark with its UTC time."""

    update_id: Whole
    update_type: str
    update_time: str
    team: str | None = None
    match_time: Minute | None = None


class Timeline(msgspec.Struct, frozen=True, rename="camel"):
    """One match as Betfair's own timeline tells it."""

    event_id: Whole
    event_type_id: Whole
    score: TimelineScores
    update_details: tuple[TimelineUpdate, ...]
    updated_at: Seconds | None = msgspec.field(name="timeline_updated_at", default=None)


class Timelines(msgspec.Struct, frozen=True):
    """An answer with timelines."""

    timelines: tuple[Timeline, ...]

    def said_at(self) -> int | None:
        """Return the time of the newest update.

        Raises:
            ContractViolation: a time is not ISO 8601.
        """
        times = [micros_of(update.update_time) for each in self.timelines for update in each.update_details]
        return max(times, default=None)


def newest(seconds: Iterable[int | None]) -> int | None:
    """Return the newest of times in seconds, in microseconds; None where there is none."""
    latest = max((each for each in seconds if each is not None), default=None)
    return None if latest is None else latest * SECOND
