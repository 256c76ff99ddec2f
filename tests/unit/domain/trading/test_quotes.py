"""Quotes: a version for each change, none without one; prices with a margin, stakes with room."""

from typing import Any

import pytest

from domain.trading.rules import BookRules, MarketRules


def test_an_open_quote_says_what_it_was_made_of(world: Any) -> None:
    world.tick(0)
    world.tick(0, "unibet")
    quote = world.quote(1)
    assert (quote.version, quote.status, quote.reason) == (1, "OPEN", "")
    assert [given.bookmaker for given in quote.inputs] == ["betfair", "unibet"]
    assert [given.event_id for given in quote.inputs] == [view.event_id for view in world.market.views]
    assert quote.inputs[0].age_ms == 1000
    assert quote.expires_at == quote.occurred_at + 300_000_000


def test_a_quote_has_a_margin_and_lies_on_the_ladder(world: Any) -> None:
    world.tick(0)
    quote = world.quote()
    odds = [selection.odds for selection in quote.selections]
    assert all(each in world.playbook.ladder for each in odds)
    assert quote.overround == pytest.approx(sum(1000 / each for each in odds))
    assert 1.05 < quote.overround < 1.10
    assert sum(selection.fair_probability for selection in quote.selections) == pytest.approx(1)


def test_in_play_the_margin_is_larger(world: Any) -> None:
    world.tick(0)
    before = world.quote().overround
    world.tick(1, in_play=True)
    assert world.quote(1).overround > before


def test_the_same_state_makes_no_new_quote(world: Any) -> None:
    world.tick(0)
    assert world.quote(0) is not None
    assert world.quote(0) is None
    assert world.quote(5) is None


def test_a_tick_that_moves_no_price_makes_no_new_quote(world: Any) -> None:
    world.tick(0)
    world.quote(0)
    world.tick(1, fair={"home": 0.50001, "draw": 0.3, "away": 0.19999})
    assert world.quote(1) is None


def test_a_price_that_moves_makes_the_next_version(world: Any) -> None:
    world.tick(0)
    first = world.quote(0)
    world.tick(1, fair={"home": 0.6, "draw": 0.25, "away": 0.15})
    second = world.quote(1)
    assert second.version == first.version + 1
    assert second.selections[0].odds < first.selections[0].odds


def test_a_quote_is_made_anew_before_it_lapses(world: Any) -> None:
    world.status(0, reason="connected")
    world.tick(0)
    first = world.quote(0)
    world.status(195)
    assert world.quote(199) is None
    second = world.quote(200)
    assert second.version == first.version + 1
    assert second.selections == first.selections
    assert second.expires_at > first.expires_at


def test_a_market_that_shuts_shows_no_odds_and_says_why(world: Any) -> None:
    world.tick(0)
    world.quote(0)
    world.incident(1)
    quote = world.quote(1)
    assert (quote.version, quote.status, quote.reason) == (2, "SUSPENDED", "INCIDENT")
    assert all(selection.odds is None and selection.max_stake_minor == 0 for selection in quote.selections)
    assert quote.overround == 0
    assert quote.expires_at == quote.occurred_at


def test_a_shut_market_is_not_quoted_again_while_nothing_changes(world: Any) -> None:
    world.tick(0, "unibet")
    assert world.quote(0).reason == "NO_QUORUM"
    assert world.quote(100) is None


def test_a_change_of_the_reason_alone_is_a_change(world: Any) -> None:
    world.tick(0, "unibet")
    world.quote(0)
    world.market.trader = True
    assert world.quote(1).reason == "TRADER"


def test_a_closed_market_is_quoted_closed(world: Any) -> None:
    world.tick(0)
    world.quote(0)
    world.tick(1, status="CLOSED")
    assert world.quote(1).status == "CLOSED"


def test_a_selection_beyond_the_longest_odds_is_not_offered(make_world: Any) -> None:
    world = make_world(BookRules(markets={"MATCH_ODDS": MarketRules(max_odds=4000)}))
    world.tick(0)
    quote = world.quote()
    assert [selection.odds is None for selection in quote.selections] == [False, False, True]
    assert quote.status == "OPEN"


def test_a_market_without_any_price_is_not_open(make_world: Any) -> None:
    world = make_world(BookRules(markets={"MATCH_ODDS": MarketRules(max_odds=1001)}))
    world.tick(0)
    assert world.quote().reason == "NO_PRICE"


def test_the_largest_stake_shrinks_as_liability_grows_and_moves_in_steps(make_world: Any) -> None:
    rules = BookRules(markets={"MATCH_ODDS": MarketRules(selection_cap_minor=100_000)})
    world = make_world(rules)
    world.tick(0)
    first = world.quote(0).selections[0]
    assert first.max_stake_minor * (first.odds - 1000) // 1000 <= 100_000
    world.market.taken.add(0, 10, first.odds, 1000)
    assert world.quote(0) is None
    world.market.taken.add(0, 50_000, first.odds, 1000)
    second = world.quote(0)
    assert 0 < second.selections[0].max_stake_minor < first.max_stake_minor
    assert second.selections[0].odds == first.odds


def test_the_largest_stake_is_lower_in_play_and_for_long_odds(make_world: Any) -> None:
    rules = BookRules(markets={"MATCH_ODDS": MarketRules(max_stake_minor=1000, in_play_max_stake_minor=400,
                                                         max_payout_minor=3000)})  # fmt: skip
    world = make_world(rules)
    world.tick(0)
    stakes = [selection.max_stake_minor for selection in world.quote().selections]
    assert stakes[0] == 1000
    assert stakes[2] < 1000
    world.tick(1, in_play=True)
    assert [selection.max_stake_minor for selection in world.quote(1).selections] == [400, 400, 400]
