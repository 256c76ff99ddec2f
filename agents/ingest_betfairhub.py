"""Betfair's season tables in canonical events: each market before the match, at half-time, and as it was settled.

The tables tell a match's day and, some of them, its half-time. So what was so many minutes before kick-off is told
that long before the day, the kick-off's prices at its beginning, and who won when the match was over at the latest.
"""

from collections.abc import Iterator
from typing import Final

from agents.ingest_fixtures import Fixtures
from agents.ingest_results import MOST_FAULTS, Moment, count_unknown, say_figures, say_moments
from agents.ingest_rules import check_time
from agents.ingest_turn import Turn
from connectors.betfairhub.messages import Match, Prices, Runner, parse_message
from domain.errors import ContractViolation
from domain.events.canonical import SelectionOdds
from domain.feeds.betfairhub import HALF_TIME, market_of, selection_of
from domain.feeds.dedupe import repeats_last
from domain.feeds.markets import AWAY, MarketKind
from domain.feeds.offers import ORDER
from domain.identity.claims import FixtureClaim

PROVIDER: Final = "betfairhub"
BOOKMAKER: Final = "betfair"
MINUTE_US: Final = 60_000_000
Lines = dict[tuple[MarketKind, int | None], dict[str, Runner]]


class BetfairHub:
    """Normalises the tables; `take` is all markets of one match."""

    def __init__(self, fixtures: Fixtures) -> None:
        self._fixtures = fixtures

    def gap(self, turn: Turn) -> None:
        """Go on: every message is a whole match, and what is missing is no part of another."""
        turn.say_status("UP", "connected", "each match is whole")

    def take(self, turn: Turn) -> None:
        """Say what a match's rows tell.

        Raises:
            RejectedInput: for the rows, or for cells of them, when the others were taken.
        """
        if repeats_last(turn.stream.recent, turn.raw.content_hash):
            return
        match = parse_message(turn.raw)
        check_time(match.day_at, "the day")
        claim = FixtureClaim(
            provider=PROVIDER, provider_fixture_id=match.id, sport="soccer", kick_off_at=match.day_at, time_is="DAY",
            name=f"{match.home} v {match.away}", competition=match.competition, home=match.home, away=match.away,
        )  # fmt: skip
        key, link = self._fixtures.link(turn.shard, turn.speech, claim)
        count_unknown(turn, match.unknown)
        faults = list(match.faults)
        moments = list(_moments(match, _lines(match, faults)))
        say_moments(turn, match.id, link.fixture.fixture_id, moments)
        if match.total_goals is not None:
            say_figures(turn, key, {"total_goals_count": match.total_goals})
        if match.score is not None:
            self._fixtures.score(turn.shard, turn.speech, key, *match.score)
        if any(moment.status == "CLOSED" for moment in moments):
            self._fixtures.advance(turn.shard, turn.speech, key, "FINISHED", witnessed=True)
        if faults:
            raise ContractViolation("; ".join(faults[:MOST_FAULTS]))


def _lines(match: Match, faults: list[str]) -> Lines:
    """Sort runners into canonical markets, one for each line; a handicap's line is the home side's."""
    lines: Lines = {}
    for runner in match.runners:
        kind, line = market_of(runner.market_name, match.home, match.away)
        selection = selection_of(kind, runner.id, runner.name, match.home, match.away)
        if kind.by_line and line is None:
            if runner.handicap_milli is None:
                faults.append(f"market {runner.market_name[:60]!r} has no line")
                continue
            is_turned = kind.shape == "SIDES" and selection == AWAY
            line = -runner.handicap_milli if is_turned else runner.handicap_milli
        placed = lines.setdefault((kind, line), {})
        if selection in placed:
            faults.append(f"market {runner.market_name[:60]!r} has {selection!r} twice")
        else:
            placed[selection] = runner
    return lines


def _moments(match: Match, lines: Lines) -> Iterator[Moment]:
    """Yield each market as it was at each moment that has a price of it, and as it was settled.

    A handicap market defines dozens of lines; one that nobody ever priced is not told of. The last price before the
    match belongs to the last of the moments before it.
    """
    for (kind, line), runners in lines.items():
        ordered = sorted(runners.items(), key=lambda item: (ORDER.get(item[0], len(ORDER)), item[0]))
        named = {each for runner in runners.values() for each, prices in runner.prices.items() if prices.is_offered}
        moments = sorted(named, key=lambda each: (each[0] == HALF_TIME, -each[1], each[0]))
        last = next((each for each in reversed(moments) if each[0] != HALF_TIME), None)
        for moment in moments:
            selections = tuple(_priced(*each, moment, last=moment == last) for each in ordered)
            in_play = moment[0] == HALF_TIME
            yield Moment(BOOKMAKER, _at(match, moment), kind, line, selections, in_play=in_play)
        if (moments or not kind.by_line) and all(runner.status for runner in runners.values()):
            settled = tuple(_settled(*each) for each in ordered)
            yield Moment(BOOKMAKER, match.over_at, kind, line, settled, status="CLOSED", in_play=True)


def _at(match: Match, moment: tuple[str, int]) -> int:
    name, minutes_before = moment
    if name == HALF_TIME:
        return match.over_at - 1 if match.half_time_at is None else match.half_time_at
    return match.day_at - minutes_before * MINUTE_US


def _priced(selection: str, runner: Runner, moment: tuple[str, int], *, last: bool) -> SelectionOdds:
    prices = runner.prices.get(moment, Prices())
    return SelectionOdds(
        selection_id=selection, name=runner.name, back_odds=prices.back, lay_odds=prices.lay,
        last_traded_odds=runner.last_traded if last else None, traded_minor=prices.volume,
    )  # fmt: skip


def _settled(selection: str, runner: Runner) -> SelectionOdds:
    return SelectionOdds(
        selection_id=selection, name=runner.name, status=runner.status or "ACTIVE", traded_minor=runner.matched
    )
