"""football-data.co.uk in canonical events: a match that is over, its opening and closing odds, result and statistics.

The site tells no more of time than the kick-off, or its day: closing odds are told at the kick-off, as far as anyone
knows it, opening ones when the site collects them, the result when the match is over.
"""

from typing import Final

from agents.ingest_fixtures import Fixtures, say_incident
from agents.ingest_results import MOST_FAULTS, Quoted, count_unknown, link_of, say_figures, say_quoted, starts_at
from agents.ingest_rules import check_time
from agents.ingest_turn import Turn
from connectors.footballdata.messages import Quote, Row, parse_message
from domain.errors import ContractViolation
from domain.feeds.dedupe import repeats_last
from domain.feeds.footballdata import DIVISIONS, collected_at
from domain.feeds.markets import AWAY, HOME
from domain.feeds.offers import Price
from domain.feeds.rows import day_of, row_id
from domain.identity.claims import FixtureClaim

PROVIDER: Final = "footballdata"
FIRST_HALF: Final = ("home_first_half_goals_count", "away_first_half_goals_count")


class FootballData:
    """Normalises the site's rows; `take` is one match."""

    def __init__(self, fixtures: Fixtures) -> None:
        self._fixtures = fixtures

    def gap(self, turn: Turn) -> None:
        """Go on: every row is a whole match, and what is missing is no part of another."""
        turn.say_status("UP", "connected", "each row is whole")

    def take(self, turn: Turn) -> None:
        """Say what a row tells.

        Raises:
            RejectedInput: for the row, or for cells of it, when the others were taken.
        """
        if repeats_last(turn.stream.recent, turn.raw.content_hash):
            return
        row = parse_message(turn.raw)
        claim = _claim(row)
        key, link = self._fixtures.link(turn.shard, turn.speech, claim)
        count_unknown(turn, row.unknown)
        closed_at = starts_at(turn, key, row.kick_off_at, exact=row.has_time)
        quoted = [_quoted(row, each, closed_at) for each in row.quotes]
        say_quoted(turn, claim.provider_fixture_id, link.fixture.fixture_id, quoted)
        say_figures(turn, key, row.counts)
        self._take_result(turn, key, row)
        if row.faults:
            raise ContractViolation("; ".join(row.faults[:MOST_FAULTS]))

    def _take_result(self, turn: Turn, key: str, row: Row) -> None:
        if row.half_time is not None:
            home, away = row.half_time
            if say_figures(turn, key, {FIRST_HALF[0]: home, FIRST_HALF[1]: away}):
                say_incident(turn.speech, link_of(turn, key).fixture, "HALF_TIME", home, away)
        if row.full_time is not None:
            self._fixtures.score(turn.shard, turn.speech, key, *row.full_time)
            self._fixtures.advance(turn.shard, turn.speech, key, "FINISHED", witnessed=True)


def _claim(row: Row) -> FixtureClaim:
    check_time(row.kick_off_at, "the kick-off")
    return FixtureClaim(
        provider=PROVIDER, provider_fixture_id=row_id(row.division, day_of(row.kick_off_at), row.home, row.away),
        sport="soccer", kick_off_at=row.kick_off_at, time_is="EXACT" if row.has_time else "DAY",
        name=f"{row.home} v {row.away}", competition=DIVISIONS.get(row.division, row.division), home=row.home,
        away=row.away,
    )  # fmt: skip


def _quoted(row: Row, quote: Quote, closed_at: int) -> Quoted:
    """Place a price in time: closing odds are those at kick-off."""
    column = quote.column
    at = closed_at if column.moment == "CLOSING" else collected_at(row.kick_off_at)
    name = {HOME: row.home, AWAY: row.away}.get(column.selection, column.selection)
    price = Price(name=name, back_odds=quote.odds)
    return Quoted(column.bookmaker, at, column.kind, quote.line_milli, column.selection, price)
