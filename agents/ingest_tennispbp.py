"""Point-by-point tables in canonical events: a match played again, game by game on a clock of its points.

The tables tell a match's day and mostly its length: its points follow each other evenly from the beginning of the day.
Each game tells its score within the set and the points won so far, each set the sets.
"""

import itertools
from typing import Final

from agents.ingest_fixtures import Fixtures
from agents.ingest_results import count_left_out, count_unknown, link_of, say_figures
from agents.ingest_rules import check_time
from agents.ingest_turn import Turn
from connectors.tennispbp.messages import Row, parse_message
from connectors.tennispbp.slam import Match, Players
from domain.feeds.dedupe import repeats_last
from domain.feeds.markets import AWAY, HOME
from domain.feeds.tennispbp import NOMINAL_POINT_US, Game, sets_of, total
from domain.identity.claims import FixtureClaim

PROVIDER: Final = "tennispbp"
MINUTE_US: Final = 60_000_000
SIDES: Final = (HOME, AWAY)


class TennisPbp:
    """Normalises the tables' rows; `take` is one match."""

    def __init__(self, fixtures: Fixtures) -> None:
        self._fixtures = fixtures

    def gap(self, turn: Turn) -> None:
        """Go on: every row is a whole match, and what is missing is no part of another."""
        turn.say_status("UP", "connected", "each row is whole")

    def take(self, turn: Turn) -> None:
        """Say what a row tells; of a match that was told before, what is corrected.

        Raises:
            RejectedInput: for the row.
        """
        if repeats_last(turn.stream.recent, turn.raw.content_hash):
            return
        told = parse_message(turn.raw)
        if isinstance(told, Row):
            self._take_row(turn, told)
        elif isinstance(told, Players):
            self._take_players(turn, told)
        else:
            self._take_match(turn, told)

    def _take_row(self, turn: Turn, row: Row) -> None:
        check_time(row.day_at, "the day")
        home, away = row.players
        claim = FixtureClaim(
            provider=PROVIDER, provider_fixture_id=row.id, sport="tennis", kick_off_at=row.day_at, time_is="DAY",
            name=f"{home} v {away}", competition=row.tournament, home=home, away=away,
        )  # fmt: skip
        over_at = turn.speech.at
        key, _ = self._fixtures.link(turn.shard, turn.speech, claim)
        count_unknown(turn, row.unknown)
        if row.minutes is None:
            count_left_out(turn, "LENGTH_UNKNOWN")
        if link_of(turn, key).status != "FINISHED":
            turn.speech.at = row.day_at
            self._fixtures.advance(turn.shard, turn.speech, key, "IN_PLAY", witnessed=True)
            points = total(game.points for game in row.games)
            point_us = row.minutes * MINUTE_US // sum(points) if row.minutes else NOMINAL_POINT_US
            played = itertools.accumulate(sum(game.points) for game in row.games)
            self._play(turn, key, row.games, [row.day_at + count * point_us for count in played])
        turn.speech.at = over_at
        say_figures(turn, key, _figures(row.games, tells_aces=row.tells_aces, minutes=row.minutes))
        self._fixtures.score(turn.shard, turn.speech, key, *_sets(row.games))
        self._fixtures.advance(turn.shard, turn.speech, key, "FINISHED", witnessed=True)

    def _take_players(self, turn: Turn, told: Players) -> None:
        self._fixtures.link(turn.shard, turn.speech, _claim(told, told.players, told.tournament))

    def _take_match(self, turn: Turn, match: Match) -> None:
        """Tell a match of a major: its players are told by another table, and what was given up has no winner."""
        over_at = turn.speech.at
        key, _ = self._fixtures.link(turn.shard, turn.speech, _claim(match))
        if link_of(turn, key).status == "SCHEDULED":
            turn.speech.at = match.year_at
            self._fixtures.advance(turn.shard, turn.speech, key, "IN_PLAY", witnessed=True)
            self._play(turn, key, match.games, [match.year_at + end for end in match.ends_us])
        turn.speech.at = over_at
        say_figures(turn, key, _figures(match.games, tells_aces=True))
        self._fixtures.score(turn.shard, turn.speech, key, *_sets(match.games))
        if match.winner is None:
            count_left_out(turn, "WINNER_UNKNOWN")
            return
        self._fixtures.advance(turn.shard, turn.speech, key, "FINISHED", witnessed=True)

    def _play(self, turn: Turn, key: str, games: tuple[Game, ...], ends_at: list[int]) -> None:
        for number, (game, at) in enumerate(zip(games, ends_at, strict=True), 1):
            turn.speech.at = at
            so_far = games[:number]
            say_figures(turn, key, {**_games(so_far), **_pair("points_won", total(each.points for each in so_far))})
            if game.ends_set:
                self._fixtures.score(turn.shard, turn.speech, key, *_sets(so_far))


def _claim(
    told: Players | Match, players: tuple[str | None, str | None] = (None, None), where: str = ""
) -> FixtureClaim:
    check_time(told.year_at, "the year")
    home, away = players
    return FixtureClaim(
        provider=PROVIDER, provider_fixture_id=told.id, sport="tennis", kick_off_at=told.year_at, time_is="UNKNOWN",
        name=f"{home} v {away}" if home else "", competition=where, home=home, away=away,
    )  # fmt: skip


def _sets(games: tuple[Game, ...]) -> tuple[int, int]:
    """Count the sets that were won; one that goes on is not."""
    ended = max((game.set_number for game in games if game.ends_set), default=0)
    won = [first > second for first, second in sets_of(games)[:ended]]
    return won.count(True), won.count(False)


def _games(games: tuple[Game, ...]) -> dict[str, int]:
    """Return the games of the set that the last one is of."""
    number = games[-1].set_number
    return _pair(f"set_{number}_games", sets_of(games)[-1])


def _pair(name: str, values: tuple[int, int]) -> dict[str, int]:
    return {f"{side}_{name}_count": value for side, value in zip(SIDES, values, strict=True)}


def _figures(games: tuple[Game, ...], *, tells_aces: bool, minutes: int | None = None) -> dict[str, int]:
    """Return what a match comes to."""
    breaks = [game.winner for game in games if game.is_break]
    figures = {
        **_pair("points_won", total(game.points for game in games)),
        **_pair("breaks", (breaks.count(0), breaks.count(1))),
    }
    if tells_aces:
        figures |= _pair("aces", total(game.aces for game in games))
        figures |= _pair("double_faults", total(game.double_faults for game in games))
    for number, games_won in enumerate(sets_of(games), 1):
        figures |= _pair(f"set_{number}_games", games_won)
    if minutes is not None:
        figures["length_minutes"] = minutes
    return figures
