"""Whether a market may be open: every reason for which it is not, and what opens it again."""

from typing import Any

import msgspec
import pytest

from domain.events.canonical import SelectionOdds
from domain.trading.rules import BookRules, SourceRules

KICK_OFF = 3600


def live(world: Any) -> None:
    """Turn the fixture in play, its kick-off long ago."""
    world.fixture.status = "IN_PLAY"


def test_a_tight_exchange_opens_a_market_alone(world: Any) -> None:
    world.tick()
    assert world.look().reason == ""
    assert world.look().probabilities == pytest.approx((0.5, 0.3, 0.2), abs=0.005)


def test_one_soft_bookmaker_is_no_quorum_two_are(world: Any) -> None:
    world.tick(0, "unibet")
    assert world.look().reason == "NO_QUORUM"
    world.tick(0, "bwin")
    assert world.look().reason == ""


def test_a_wide_exchange_is_not_enough_alone(world: Any) -> None:
    world.tick(spread=0.1)
    assert world.look().reason == "NO_QUORUM"
    world.tick(0, "unibet")
    assert world.look().reason == ""


def test_trades_alone_open_no_market_however_many_exchanges_tell_them(world: Any) -> None:
    traded = tuple(
        SelectionOdds(selection_id=name, name=name, last_traded_odds=odds)
        for name, odds in {"home": 2000, "draw": 3350, "away": 5000}.items()
    )
    world.tick(0, selections=traded)
    world.tick(0, "betfair_es", selections=traded)
    assert world.look().reason == "NO_QUORUM"
    world.tick(0, "unibet")
    assert world.look().reason == ""


def test_a_market_without_any_tick_has_no_quorum(world: Any) -> None:
    assert world.look().reason == "NO_QUORUM"


def test_sharper_and_fresher_sources_weigh_more(world: Any) -> None:
    world.tick(0, "unibet")
    world.tick(60, "bwin")
    world.tick(60, "pinnacle")
    look = world.look(60)
    weights = {used.view.bookmaker: weight for used, weight in zip(look.used, look.weights, strict=True)}
    assert weights["unibet"] < weights["bwin"] < weights["pinnacle"]


def test_sources_that_contradict_each_other_shut_the_market(world: Any) -> None:
    world.tick(0, "unibet")
    world.tick(0, "bwin", {"home": 0.2, "draw": 0.3, "away": 0.5})
    assert world.look().reason == "DISAGREEMENT"


def test_one_that_contradicts_many_is_left_out(world: Any) -> None:
    for bookmaker in ("betfair", "unibet", "pinnacle"):
        world.tick(0, bookmaker)
    world.tick(0, "bwin", {"home": 0.2, "draw": 0.3, "away": 0.5})
    look = world.look()
    assert look.reason == ""
    assert {used.view.bookmaker for used in look.used} == {"betfair", "unibet", "pinnacle"}


def test_prices_too_old_are_stale(world: Any) -> None:
    world.tick(0)
    assert world.look(600).reason == ""
    assert world.look(601).reason == "STALE"


def test_in_play_prices_are_stale_sooner(world: Any) -> None:
    live(world)
    world.tick(0)
    assert world.look(20).reason == ""
    assert world.look(21).reason == "STALE"


def test_how_old_a_source_may_be_is_its_own_setting(make_world: Any) -> None:
    minute = SourceRules(sharpness=1.0, leads=True, in_play_stale_us=90_000_000)
    rules = BookRules(sources={"betfair": minute}, quorum_weight=0.1)
    world = make_world(rules)
    live(world)
    world.tick(0)
    assert world.look(80).reason == ""


def test_the_look_says_when_time_alone_may_change_it(world: Any) -> None:
    world.tick(0)
    before, after = world.look(0), world.look(0).next_at
    assert before.reason == ""
    assert world.look((after - world.cause(0).at) / 1_000_000).reason != ""


def test_a_feed_that_stays_up_stands_for_the_prices_it_does_not_change(world: Any) -> None:
    world.status(0, reason="connected")
    world.tick(0)
    for seconds in range(100, 1300, 100):
        world.status(seconds)
    assert world.look(1300).reason == ""
    assert world.look(1300).used[0].age_ms == 100_000


def test_a_feed_cannot_stand_for_prices_from_before_it_was_connected(world: Any) -> None:
    world.tick(0)
    world.status(100, reason="connected")
    world.status(600)
    assert world.look(650).reason == "STALE"


def test_a_feed_vouches_in_play_only_for_a_while(world: Any) -> None:
    live(world)
    world.status(0, reason="connected")
    world.tick(0)
    world.status(130)
    assert world.look(130).reason == ""
    world.status(141)
    assert world.look(141).reason == "STALE"


def test_a_delayed_feed_vouches_for_nothing(world: Any) -> None:
    world.status(0, reason="connected")
    world.tick(0)
    world.status(500, state="DELAYED", reason="gap")
    world.status(700, state="DELAYED", reason="gap")
    assert world.look(700).reason == "STALE"


def test_a_feed_that_is_down_takes_its_prices_with_it(world: Any) -> None:
    world.status(0, reason="connected")
    world.tick(0)
    assert world.status(10, state="DOWN", reason="silent")
    assert world.look(10).reason == "FEED_DOWN"


def test_prices_from_before_a_feed_was_lost_do_not_count_when_it_is_back(world: Any) -> None:
    world.status(0, reason="connected")
    world.tick(0)
    world.status(10, state="DOWN", reason="silent")
    world.status(12, reason="connected")
    assert world.look(12).reason == "FEED_DOWN"
    world.tick(13)
    assert world.look(13).reason == ""


def test_a_lost_feed_leaves_the_market_open_where_others_are_enough(world: Any) -> None:
    world.tick(0)
    world.tick(0, "unibet")
    world.status(0, reason="connected", provider="theoddsapi")
    world.status(10, state="DOWN", reason="silent", provider="theoddsapi")
    look = world.look(10)
    assert look.reason == ""
    assert [used.view.bookmaker for used in look.used] == ["betfair"]


def test_a_source_that_leads_shuts_the_market_while_it_is_suspended(world: Any) -> None:
    for bookmaker in ("unibet", "bwin", "pinnacle"):
        world.tick(0, bookmaker)
    world.tick(1, status="SUSPENDED")
    assert world.look(1).reason == "PROVIDER_SUSPENDED"


def test_after_a_suspension_only_prices_made_after_it_count(world: Any) -> None:
    for bookmaker in ("unibet", "bwin", "pinnacle"):
        world.tick(0, bookmaker)
    world.tick(1, status="SUSPENDED")
    world.tick(2)
    assert [used.view.bookmaker for used in world.look(2).used] == ["betfair"]
    world.tick(3, "unibet")
    assert len(world.look(3).used) == 2


def test_a_suspension_of_a_source_whose_feed_is_lost_does_not_hold_for_ever(world: Any) -> None:
    world.status(0, reason="connected")
    world.tick(0, status="SUSPENDED")
    world.status(10, state="DOWN", reason="silent")
    world.tick(11, "unibet")
    world.tick(12, "pinnacle")
    assert world.look(12).reason == ""


def test_an_incident_shuts_the_market_for_its_shortest_time_even_with_fresh_prices(world: Any) -> None:
    live(world)
    world.tick(0)
    world.incident(5, "GOAL", home_score=1, away_score=0)
    world.tick(6)
    assert world.look(6).reason == "INCIDENT"
    world.tick(14)
    assert world.look(14).reason == "INCIDENT"
    world.tick(15)
    assert world.look(15).reason == ""


def test_prices_of_before_an_incident_never_open_the_market_again(world: Any) -> None:
    live(world)
    world.tick(0)
    world.tick(0, "pinnacle")
    world.incident(5)
    assert world.look(16).reason == "INCIDENT"


def test_prices_heard_after_an_incident_but_made_before_it_do_not_count(world: Any) -> None:
    live(world)
    world.incident(5)
    slow = world.odds(16)
    world.tick(16, occurred_at=slow.occurred_at - 12_000_000)
    assert world.look(16).reason == "INCIDENT"


def test_after_an_incident_bookmakers_reopen_only_together(world: Any) -> None:
    live(world)
    world.incident(5)
    world.tick(16, "pinnacle")
    assert world.look(16).reason == "INCIDENT"
    world.tick(17, "unibet")
    assert world.look(17).reason == ""


def test_long_after_an_incident_the_usual_quorum_is_enough(world: Any) -> None:
    live(world)
    world.incident(5)
    world.tick(66, "pinnacle")
    assert world.look(66).reason == ""


def test_an_incident_of_one_market_leaves_the_others_alone(world: Any) -> None:
    other = msgspec.structs.replace(world.market, market_id="fx-1/TOTAL_GOALS/FT/2500", views=[])
    world.tick(0)
    other.views.extend(world.market.views)
    world.incident(1, "RUNNER_REMOVED", market_id=world.market.market_id)
    assert world.look(1).reason == "INCIDENT"
    world.market = other
    assert world.look(1).reason == ""


def test_a_trader_shuts_everything_a_fixture_or_a_market(world: Any) -> None:
    world.tick(0)
    for scope in (world.partition, world.fixture, world.market):
        scope.trader = True
        assert world.look().reason == "TRADER"
        scope.trader = False
    assert world.look().reason == ""


def test_a_market_waits_until_its_fixture_is_known(world: Any) -> None:
    world.tick(0)
    world.fixture.known = False
    assert world.look().reason == "NOT_OPEN_YET"


def test_a_market_opens_only_so_long_before_its_kick_off(make_world: Any) -> None:
    world = make_world(BookRules(opens_before_us=600_000_000))
    world.tick(2990)
    assert world.look(2999).reason == "NOT_OPEN_YET"
    assert world.look(3000).reason == ""


@pytest.mark.parametrize("status", ["FINISHED", "CANCELLED"])
def test_a_market_of_a_fixture_that_is_over_is_closed(world: Any, status: Any) -> None:
    world.tick(0)
    world.fixture.status = status
    assert world.look().reason == "CLOSED"


def test_past_the_start_only_a_source_that_leads_may_say_that_play_has_not_begun(world: Any) -> None:
    world.tick(KICK_OFF - 1, "pinnacle")
    world.tick(KICK_OFF - 1, "unibet")
    assert world.look(KICK_OFF - 1).reason == ""
    assert world.look(KICK_OFF).reason == "KICK_OFF"
    world.tick(KICK_OFF + 1)
    look = world.look(KICK_OFF + 1)
    assert look.reason == ""
    assert [used.view.bookmaker for used in look.used] == ["betfair"]


def test_before_the_start_the_look_is_due_again_at_the_start(world: Any) -> None:
    world.tick(KICK_OFF - 1)
    assert world.look(KICK_OFF - 1).next_at == world.fixture.kick_off_at


def test_in_play_bets_are_delayed_by_the_longer_of_the_rule_and_the_source(world: Any) -> None:
    live(world)
    world.tick(0, bet_delay_s=3)
    assert world.look().bet_delay_s == 5
    world.tick(1, bet_delay_s=8)
    assert world.look(1).bet_delay_s == 8


def test_before_play_no_bet_is_delayed(world: Any) -> None:
    world.tick(0, bet_delay_s=5)
    assert world.look().bet_delay_s == 0


def test_a_source_that_prices_other_selections_than_the_sharpest_is_left_out(world: Any) -> None:
    world.tick(0)
    world.tick(0, "unibet", {"home": 0.6, "away": 0.4})
    assert [used.view.bookmaker for used in world.look().used] == ["betfair"]


def test_the_same_state_at_the_same_time_gives_the_same_answer(world: Any) -> None:
    world.tick(0)
    world.tick(0, "unibet")
    assert world.look(3) == world.look(3)
