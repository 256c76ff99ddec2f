"""The exchange's cricket scoreboard: who plays, when, the runs and wickets of each side."""

from typing import Final

from agents.ingest_fixtures import Fixtures
from agents.ingest_rules import check_time
from agents.ingest_turn import Turn
from bookstream import topics
from connectors.betfair.cricket import CricketChange, CricketMessage, MatchStats, Team
from domain.events.canonical import FixtureStatus, Statistic
from domain.identity.claims import FixtureClaim
from tables.ingest import LINKS, LinkState

PROVIDER: Final = "betfair"
STATUS: Final[dict[str, FixtureStatus]] = {
    "IN_RUNNING": "IN_PLAY", "FINISHED": "FINISHED", "CLOSED": "FINISHED", "ABANDONED": "CANCELLED",
}  # fmt: skip


def take_scoreboard(fixtures: Fixtures, turn: Turn, message: CricketMessage) -> None:
    """Say what a scoreboard message changes of its fixtures. Idempotent: each part it carries is whole."""
    turn.speech.sequence = message.clk or turn.speech.sequence
    for change in message.cc:
        key = _link(fixtures, turn, change)
        link = turn.shard.get(LINKS, key) if key else None
        if key is None or link is None:
            continue  # it does not say yet when the match is: there is no fixture to tell of
        info = change.fixture_info
        status = STATUS.get(info.fixture_status or "") if info else None
        if status:
            fixtures.advance(turn.shard, turn.speech, key, status, witnessed=True)
        if change.match_stats:
            _say_score(fixtures, turn, key, link, change.match_stats)


def _link(fixtures: Fixtures, turn: Turn, change: CricketChange) -> str | None:
    info, key = change.fixture_info, f"{PROVIDER}/{change.event_id}"
    known = turn.shard.get(LINKS, key)
    if info is None or info.expected_start_time is None:
        return key if known else None
    kick_off_at = check_time(info.expected_start_time * 1000, "the start of the match")
    home = info.home_team or (change.home_team.name if change.home_team else None)
    away = info.away_team or (change.away_team.name if change.away_team else None)
    claim = FixtureClaim(
        provider=PROVIDER, provider_fixture_id=change.event_id, sport="cricket", kick_off_at=kick_off_at,
        name=f"{home} v {away}" if home and away else "", home=home, away=away,
        home_reference=_reference(change.home_team), away_reference=_reference(change.away_team),
    )  # fmt: skip
    return fixtures.link(turn.shard, turn.speech, claim)[0]


def _reference(team: Team | None) -> str | None:
    return None if team is None or team.selection_id is None else str(team.selection_id)


def _say_score(fixtures: Fixtures, turn: Turn, key: str, link: LinkState, stats: MatchStats) -> None:
    runs, wickets = [0, 0], [0, 0]
    sides = (link.claim.home, link.claim.away)
    for innings in stats.innings_stats:
        if innings.batting_team in sides:
            side = sides.index(innings.batting_team)
            runs[side] += innings.innings_runs
            wickets[side] += innings.innings_wickets
    for name, count in zip(("home_wickets_count", "away_wickets_count"), wickets, strict=True):
        if count != link.figures.get(name, 0):
            link.figures[name] = count
            turn.shard.put(LINKS, key, link)
            statistic = Statistic(
                **turn.speech.head(), fixture_id=link.fixture.fixture_id, name=name, value=float(count),
                late=turn.speech.late,
            )  # fmt: skip
            turn.speech.say(topics.STATISTICS, statistic.fixture_id, statistic)
    if runs != [link.home_score or 0, link.away_score or 0]:
        fixtures.score(turn.shard, turn.speech, key, *runs)
