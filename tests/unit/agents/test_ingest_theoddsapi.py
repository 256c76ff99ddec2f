"""The aggregator's answers in, canonical events out."""

from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
import pytest

from agents.ingest import ingest_context
from bookstream import topics
from bookstream.codecs import decode, encode
from bookstream.delivery.memory import MemoryLog
from connectors.raw import RawStream
from domain.events.canonical import Fixture, IdentityReview, Incident, MarketOdds
from domain.events.feeds import FeedStatus
from domain.events.head import Event

SECOND = 1_000_000
KICK_OFF = 1_776_511_800 * SECOND
START = KICK_OFF - 3600 * SECOND

E = TypeVar("E", bound=Event)


def iso(at: int) -> str:
    return datetime.fromtimestamp(at / SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Trial:
    """One polled endpoint through the ingest context, in memory."""

    def __init__(self) -> None:
        self.log = MemoryLog([ingest_context()])
        self.stream = RawStream(provider="theoddsapi", endpoint="test", stream_id="odds", recorded=True)
        self.at = START

    def poll(self, answer: Any, *, after: int = 10 * SECOND, occurred_at: int | None = None) -> None:
        self.at += after
        payload = answer if isinstance(answer, bytes) else msgspec.json.encode(answer)
        message = self.stream.message(payload, received_at=self.at, occurred_at=occurred_at)
        self.log.send(topics.raw_topic("theoddsapi"), b"odds", encode(message))
        self.log.run()

    def said(self, topic: topics.Topic, kind: type[E]) -> list[E]:
        return [decode(kind, record.value or b"") for record in self.log.records(topic.name)]

    @property
    def odds(self) -> list[MarketOdds]:
        return self.said(topics.ODDS, MarketOdds)

    @property
    def reasons(self) -> list[str]:
        name = "__connect.errors.exception.message"
        return [dict(record.headers)[name].decode() for record in self.log.records(topics.DEAD_LETTERS.name)]


def event(*makers: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "id": "2c2061", "sport_key": "soccer_epl", "sport_title": "EPL", "commence_time": iso(KICK_OFF),
        "home_team": "Brighton and Hove Albion", "away_team": "Nottingham Forest", "bookmakers": list(makers),
    } | changes  # fmt: skip


def maker(key: str, *markets: dict[str, Any]) -> dict[str, Any]:
    return {"key": key, "title": key.title(), "markets": list(markets)}


def h2h(home: float, away: float, draw: float, *, at: int = START, key: str = "h2h") -> dict[str, Any]:
    prices = {"Brighton and Hove Albion": home, "Nottingham Forest": away, "Draw": draw}
    outcomes = [{"name": name, "price": price} for name, price in prices.items()]
    return {"key": key, "last_update": iso(at), "outcomes": outcomes}


def totals(*lines: tuple[float, float, float]) -> dict[str, Any]:
    outcomes = [
        {"name": name, "price": price, "point": line}
        for line, over, under in lines
        for name, price in (("Over", over), ("Under", under))
    ]
    return {"key": "totals", "last_update": iso(START), "outcomes": outcomes}


@pytest.fixture
def trial() -> Trial:
    return Trial()


def test_each_bookmaker_s_markets_are_priced_in_canonical_words(trial: Trial) -> None:
    trial.poll([event(maker("pinnacle", h2h(2.5, 2.9, 3.25), totals((2.5, 1.9, 1.95), (3.0, 2.4, 1.6))))])
    fixture = trial.said(topics.FIXTURES, Fixture)[0]
    assert (fixture.name, fixture.competition) == ("Brighton & Hove Albion v Nottingham Forest", "Premier League")
    found = {odds.market_id.removeprefix(fixture.fixture_id): odds for odds in trial.odds}
    assert found.keys() == {"/MATCH_ODDS/FT", "/TOTAL_GOALS/FT/2500", "/TOTAL_GOALS/FT/3000"}
    match = found["/MATCH_ODDS/FT"]
    assert [(each.selection_id, each.back_odds) for each in match.selections] == [
        ("home", 2500), ("draw", 3250), ("away", 2900),
    ]  # fmt: skip
    assert (match.bookmaker, match.status, match.occurred_at, match.in_play) == ("pinnacle", "OPEN", START, False)


def test_a_spread_s_line_is_the_home_side_s(trial: Trial) -> None:
    outcomes = [
        {"name": "Brighton and Hove Albion", "price": 1.9, "point": -0.25},
        {"name": "Nottingham Forest", "price": 2.0, "point": 0.25},
    ]
    trial.poll([event(maker("pinnacle", {"key": "spreads", "outcomes": outcomes}))])
    (odds,) = trial.odds
    assert (odds.market_type, odds.line_milli) == ("ASIAN_HANDICAP", -250)
    assert [each.selection_id for each in odds.selections] == ["home", "away"]


def test_the_lay_side_of_an_exchange_is_the_same_market(trial: Trial) -> None:
    trial.poll([event(maker("betfair_ex_eu", h2h(2.5, 2.9, 3.25), h2h(2.54, 2.96, 3.35, key="h2h_lay")))])
    (odds,) = trial.odds
    assert [(each.back_odds, each.lay_odds) for each in odds.selections] == [(2500, 2540), (3250, 3350), (2900, 2960)]


def test_only_changed_books_are_said(trial: Trial) -> None:
    trial.poll([event(maker("a", h2h(2.5, 2.9, 3.25)), maker("b", h2h(2.4, 3.0, 3.2)))])
    trial.poll([event(maker("b", h2h(2.4, 3.0, 3.2)), maker("a", h2h(2.5, 2.9, 3.25)))])
    assert len(trial.odds) == 2
    trial.poll([event(maker("a", h2h(2.6, 2.8, 3.25, at=START + 1)), maker("b", h2h(2.4, 3.0, 3.2)))])
    assert [odds.bookmaker for odds in trial.odds] == ["a", "b", "a"]


def test_an_unchanged_offer_is_confirmed_from_time_to_time(trial: Trial) -> None:
    for minutes in (0, 2, 6, 8):
        trial.poll([event(maker("a", h2h(2.5, 2.9, 3.25, at=START + minutes * 60 * SECOND)))])
    assert [odds.occurred_at - START for odds in trial.odds] == [0, 360 * SECOND]


def test_an_offer_that_is_gone_is_suspended_and_comes_back(trial: Trial) -> None:
    both = event(maker("a", h2h(2.5, 2.9, 3.25)), maker("b", h2h(2.4, 3.0, 3.2)))
    trial.poll([both])
    trial.poll([event(maker("b", h2h(2.4, 3.0, 3.2)))])
    trial.poll([both])
    assert [(odds.bookmaker, odds.status) for odds in trial.odds] == [
        ("a", "OPEN"), ("b", "OPEN"), ("a", "SUSPENDED"), ("a", "OPEN"),
    ]  # fmt: skip
    assert all(each.back_odds is None for each in trial.odds[2].selections)


def test_an_event_that_is_listed_no_more_is_offered_by_nobody(trial: Trial) -> None:
    trial.poll([event(maker("a", h2h(2.5, 2.9, 3.25)))])
    trial.poll([])
    assert [odds.status for odds in trial.odds] == ["OPEN", "SUSPENDED"]


def test_an_older_word_of_a_bookmaker_is_said_as_late_and_not_kept(trial: Trial) -> None:
    trial.poll([event(maker("a", h2h(2.5, 2.9, 3.25, at=START + 60 * SECOND)))])
    trial.poll([event(maker("a", h2h(2.2, 3.1, 3.3, at=START)))])
    trial.poll([event(maker("a", h2h(2.5, 2.9, 3.25, at=START + 61 * SECOND)))])
    assert [odds.late for odds in trial.odds] == [False, True]


def test_an_answer_older_than_the_watermark_is_late(trial: Trial) -> None:
    trial.poll([event(maker("a", h2h(2.5, 2.9, 3.25)))], after=600 * SECOND)
    trial.poll([event(maker("a", h2h(2.6, 2.9, 3.25)))], occurred_at=START)
    assert [odds.late for odds in trial.odds] == [False, True]


def test_scores_become_goals_and_goals_taken_back(trial: Trial) -> None:
    for home, away in (("0", "0"), ("1", "0"), ("0", "0"), ("0", "2")):
        names = ("Brighton and Hove Albion", "Nottingham Forest")
        scores = [{"name": name, "score": score} for name, score in zip(names, (home, away), strict=True)]
        trial.poll([event(bookmakers=None, completed=False, scores=scores)])
    trial.poll([event(bookmakers=None, completed=True, scores=scores)])
    incidents = trial.said(topics.INCIDENTS, Incident)
    assert [(each.kind, each.side, each.home_score, each.away_score) for each in incidents] == [
        ("SCORE", None, 0, 0), ("GOAL", "HOME", 1, 0), ("GOAL_CANCELLED", "HOME", 0, 0), ("GOAL", "AWAY", 0, 1),
        ("GOAL", "AWAY", 0, 2), ("FULL_TIME", None, 0, 2),
    ]  # fmt: skip
    assert [fixture.status for fixture in trial.said(topics.FIXTURES, Fixture)] == ["SCHEDULED", "IN_PLAY", "FINISHED"]


def test_points_taken_back_are_a_corrected_score(trial: Trial) -> None:
    for home in ("88", "90", "88"):
        scores = [{"name": "Brighton and Hove Albion", "score": home}, {"name": "Nottingham Forest", "score": "70"}]
        trial.poll([event(sport_key="basketball_nba", bookmakers=None, completed=False, scores=scores)])
    told = [(each.kind, each.home_score) for each in trial.said(topics.INCIDENTS, Incident)]
    assert told == [("SCORE", 88), ("SCORE", 90), ("SCORE_CORRECTED", 88)]


def test_what_is_wrong_in_an_answer_is_a_dead_letter_and_the_rest_is_taken(trial: Trial) -> None:
    wrong = [
        event(maker("a", h2h(1.0, 2.9, 3.25)), maker("b", h2h(2.4, 3.0, 3.2))),
        event(id="x", home_team="Chelsea", away_team="Chelsea"),
        event(id="y", home_team="Fulham", away_team="Arsenal", commence_time="soon"),
    ]
    trial.poll(wrong)
    assert [odds.bookmaker for odds in trial.odds] == ["b"]
    (reason,) = trial.reasons
    assert "outcomes.0.price" in reason
    assert "the same team" in reason
    assert "ISO 8601" in reason


def test_a_score_that_no_match_has_is_refused(trial: Trial) -> None:
    scores = [{"name": "Brighton and Hove Albion", "score": "999999"}, {"name": "Nottingham Forest", "score": "0"}]
    trial.poll([event(bookmakers=None, completed=False, scores=scores)])
    assert len(trial.reasons) == 1
    assert trial.said(topics.INCIDENTS, Incident) == []


def test_a_missed_poll_is_told_and_closed_by_the_next_answer(trial: Trial) -> None:
    trial.poll([event(maker("a", h2h(2.5, 2.9, 3.25)))])
    trial.stream.next_sequence += 2
    trial.poll([event(maker("a", h2h(2.6, 2.9, 3.25)))])
    heard = [decode(FeedStatus, record.value or b"") for record in trial.log.topics[topics.FEED_STATUS.name][0]]
    assert [(status.state, status.reason) for status in heard] == [
        ("UP", "connected"), ("DELAYED", "gap"), ("UP", "connected"),
    ]  # fmt: skip
    assert trial.odds[-1].selections[0].back_odds == 2600


def test_a_fixture_that_nobody_can_be_sure_of_goes_to_a_person(trial: Trial) -> None:
    trial.poll([
        event(maker("a", h2h(2.5, 2.9, 3.25))),
        event(id="z", home_team="Nottingham Forest", away_team="Brighton and Hove Albion"),
    ])  # fmt: skip
    (review,) = trial.said(topics.IDENTITY_REVIEWS, IdentityReview)
    assert (review.provider_fixture_id, review.reason) == ("z", "home and away are swapped")
    assert len({fixture.fixture_id for fixture in trial.said(topics.FIXTURES, Fixture)}) == 2


def test_a_market_without_a_canonical_word_keeps_its_own(trial: Trial) -> None:
    outcome = {"name": "Over", "description": "Kaoru Mitoma", "price": 2.1, "point": 1.5}
    trial.poll([event(maker("a", {"key": "player_shots", "outcomes": [outcome]}))])
    (odds,) = trial.odds
    assert odds.market_type == "THEODDSAPI_PLAYER_SHOTS"
    assert odds.selections[0].selection_id == "r-kaoru_mitoma_over_1_5"


def test_a_list_of_sports_says_nothing(trial: Trial) -> None:
    trial.poll([event(maker("a", h2h(2.5, 2.9, 3.25)))])
    trial.poll([{"key": "soccer_epl", "group": "Soccer", "title": "EPL", "active": True}])
    assert len(trial.odds) == 1
    assert trial.reasons == []
