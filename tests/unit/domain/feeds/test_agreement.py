"""What providers say of one fixture, held against each other."""

from typing import Any

from domain.events.canonical import Incident, IncidentKind, Statistic
from domain.events.feeds import ProviderFigure
from domain.feeds.agreement import (
    AGREED,
    TOLERANCES,
    Account,
    compare,
    compare_ended,
    hear_cards,
    hear_score,
    is_news,
)

HEAD: dict[str, Any] = {"event_id": "e", "occurred_at": 1, "received_at": 1, "provider": "uof", "fixture_id": "fx-1"}


def ended(home: int | None, away: int | None, **cards: int) -> Account:
    return Account(home, away, over=True, cards={f"{name}_cards_count": count for name, count in cards.items()})


def told(kind: IncidentKind, home: int | None = None, away: int | None = None, **changes: Any) -> Incident:
    return Incident(**HEAD, kind=kind, home_score=home, away_score=away, **changes)


def card(name: str, value: float) -> Statistic:
    return Statistic(**HEAD, name=name, value=value)


def test_scores_that_are_the_same_agree() -> None:
    found = compare_ended({"opta": ended(2, 1), "uof": ended(2, 1)})["SCORE"]
    assert (found.differs, found.apart) == (False, 0.0)


def test_a_goal_more_is_a_difference_with_what_each_says() -> None:
    found = compare_ended({"uof": ended(2, 1), "opta": ended(2, 2)})["SCORE"]
    assert (found.differs, found.apart) == (True, 1.0)
    assert found.figures == (
        ProviderFigure(provider="opta", name="away_score", value=2.0),
        ProviderFigure(provider="opta", name="home_score", value=2.0),
        ProviderFigure(provider="uof", name="away_score", value=1.0),
        ProviderFigure(provider="uof", name="home_score", value=2.0),
    )


def test_who_says_no_score_or_is_still_in_play_is_not_compared() -> None:
    accounts = {"betfair": ended(None, None), "theoddsapi": Account(1, 0), "uof": ended(2, 1)}
    assert compare_ended(accounts)["SCORE"] == AGREED


def test_cards_are_compared_by_side_and_colour() -> None:
    accounts = {
        "footballdata": ended(1, 0, home_yellow=2, away_yellow=1, away_red=1),
        "uof": ended(1, 0, home_yellow=1, away_yellow=2, away_red=1),
    }
    found = compare_ended(accounts)["CARDS"]
    assert found.differs
    by_name = {(each.provider, each.name): each.value for each in found.figures}
    assert by_name["footballdata", "home_yellow_cards_count"] == 2
    assert by_name["uof", "home_yellow_cards_count"] == 1
    assert by_name["uof", "home_red_cards_count"] == 0


def test_a_second_yellow_card_is_a_red_one() -> None:
    accounts = {"footballdata": ended(1, 0, away_red=2), "uof": ended(1, 0, away_red=1, away_yellow_red=1)}
    assert not compare_ended(accounts)["CARDS"].differs


def test_silence_about_cards_is_none_only_of_who_tells_every_event() -> None:
    shown = ended(1, 0, home_yellow=1)
    assert compare_ended({"footballdata": shown, "theoddsapi": ended(1, 0)})["CARDS"] == AGREED
    assert compare_ended({"footballdata": shown, "opta": ended(1, 0)})["CARDS"].differs


def test_chances_agree_within_the_tolerance_and_not_beyond() -> None:
    near = TOLERANCES["CLOSING_ODDS"] - 0.001
    assert not compare("CLOSING_ODDS", {"a": {"home": 0.5}, "b": {"home": 0.5 + near}}).differs
    assert compare("CLOSING_ODDS", {"a": {"home": 0.5}, "b": {"home": 0.5 + near + 0.002}}).differs


def test_the_farthest_two_count_and_what_one_alone_says_does_not() -> None:
    figures = {"a": {"home": 0.5, "draw": 0.9}, "b": {"home": 0.52}, "c": {"home": 0.48}}
    found = compare("CLOSING_ODDS", figures)
    assert round(found.apart, 6) == 0.04
    assert {each.name for each in found.figures} == {"home"}


def test_a_score_is_the_newest_that_was_told_and_corrections_count() -> None:
    account = Account()
    assert hear_score(account, told("GOAL", 1, 0, side="HOME"))
    assert hear_score(account, told("FULL_TIME", 1, 0))
    assert hear_score(account, told("GOAL_CANCELLED", 0, 0, side="HOME"))
    assert (account.home_score, account.away_score, account.over) == (0, 0, True)


def test_what_is_told_again_or_of_a_market_or_tells_no_score_is_no_news() -> None:
    account = Account()
    hear_score(account, told("FULL_TIME", 1, 0))
    assert not hear_score(account, told("FULL_TIME", 1, 0))
    assert not hear_score(account, told("FULL_TIME"))
    assert not hear_score(account, told("SCORE", 4, 4, market_id="fx-1/WIN"))
    assert not hear_score(account, told("YELLOW_CARD", 4, 4, side="HOME"))
    assert (account.home_score, account.away_score) == (1, 0)


def test_only_counts_of_cards_are_heard() -> None:
    account = Account()
    assert not hear_cards(account, card("home_corners_count", 3))
    assert not hear_cards(account, card("home_coach_cards_count", 3))
    assert hear_cards(account, card("home_red_cards_count", 1))
    assert not hear_cards(account, card("home_red_cards_count", 1))
    assert hear_cards(account, card("home_red_cards_count", 0))


def test_a_difference_is_news_once_and_its_end_is_news_once() -> None:
    one, two = (compare("SCORE", {"a": {"home_score": 0.0}, "b": {"home_score": far}}) for far in (1.0, 2.0))
    same = compare("SCORE", {"a": {"home_score": 1.0}, "b": {"home_score": 1.0}})
    assert [is_news(one, None), is_news(one, one), is_news(two, one)] == [True, False, True]
    assert [is_news(same, one), is_news(same, None), is_news(one, same)] == [True, False, True]
