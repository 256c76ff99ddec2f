"""tennis-data.co.uk in canonical events: a match that is over, its closing odds, its sets and games.

The site tells the day alone: closing odds are told as of the start, where anyone knows it, or of the day's beginning,
the result at its end. A retirement ends a match with the sets as they stood; a walkover is no match.
"""

from collections.abc import Iterator
from typing import Final

from agents.ingest_fixtures import Fixtures
from agents.ingest_results import MOST_FAULTS, Quoted, count_unknown, say_figures, say_quoted, starts_at
from agents.ingest_rules import check_time
from agents.ingest_turn import Turn
from connectors.tennisdata.messages import Row, parse_message
from domain.errors import ContractViolation
from domain.feeds.dedupe import repeats_last
from domain.feeds.markets import AWAY, HOME
from domain.feeds.offers import Price
from domain.feeds.rows import day_of, row_id
from domain.feeds.tennisdata import MATCH_ODDS, sides
from domain.identity.claims import FixtureClaim

PROVIDER: Final = "tennisdata"


class TennisData:
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
        winner_is_home = claim.home == row.winner
        began_at = starts_at(turn, key, row.day_at, exact=False)
        quoted = _quoted(row, began_at, winner_is_home=winner_is_home)
        say_quoted(turn, claim.provider_fixture_id, link.fixture.fixture_id, quoted)
        say_figures(turn, key, dict(_figures(row, winner_is_home=winner_is_home)))
        self._take_result(turn, key, row, winner_is_home=winner_is_home)
        if row.faults:
            raise ContractViolation("; ".join(row.faults[:MOST_FAULTS]))

    def _take_result(self, turn: Turn, key: str, row: Row, *, winner_is_home: bool) -> None:
        if row.ending == "WALKOVER":
            self._fixtures.advance(turn.shard, turn.speech, key, "CANCELLED", witnessed=True)
            return
        if row.sets is not None:
            self._fixtures.score(turn.shard, turn.speech, key, *_turned(row.sets, winner_is_home=winner_is_home))
        if row.ending is not None:
            self._fixtures.advance(turn.shard, turn.speech, key, "FINISHED", witnessed=True)


def _claim(row: Row) -> FixtureClaim:
    check_time(row.day_at, "the day")
    home, away = sides(row.winner, row.loser)
    return FixtureClaim(
        provider=PROVIDER, provider_fixture_id=row_id(row.tournament, day_of(row.day_at), home, away), sport="tennis",
        kick_off_at=row.day_at, time_is="DAY", name=f"{home} v {away}", competition=row.tournament, home=home,
        away=away,
    )  # fmt: skip


def _quoted(row: Row, began_at: int, *, winner_is_home: bool) -> Iterator[Quoted]:
    for each in row.quotes:
        selection = HOME if each.of_winner == winner_is_home else AWAY
        price = Price(name=row.winner if each.of_winner else row.loser, back_odds=each.odds)
        yield Quoted(each.bookmaker, began_at, MATCH_ODDS, None, selection, price)


def _figures(row: Row, *, winner_is_home: bool) -> Iterator[tuple[str, int]]:
    winner, loser = (HOME, AWAY) if winner_is_home else (AWAY, HOME)
    for number, (won, lost) in row.games.items():
        yield f"{winner}_set_{number}_games_count", won
        yield f"{loser}_set_{number}_games_count", lost
    for side, figures in ((winner, row.winner_figures), (loser, row.loser_figures)):
        for name, value in figures.items():
            yield f"{side}_{name}", value
    if row.ending == "RETIRED":
        yield f"{loser}_retired_flag", 1


def _turned(sets: tuple[int, int], *, winner_is_home: bool) -> tuple[int, int]:
    won, lost = sets
    return (won, lost) if winner_is_home else (lost, won)
