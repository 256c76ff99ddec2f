"""What one source says: taken once, in order, its margin removed."""

from typing import Any

import msgspec
import pytest

from domain.events.canonical import SelectionOdds
from domain.feeds import footballdata, tennisdata
from domain.trading.rules import BookRules
from domain.trading.state import MarketState, View
from domain.trading.views import work_out


def back(name: str, odds: int | None, **more: Any) -> SelectionOdds:
    return SelectionOdds(selection_id=name, name=name, back_odds=odds, **more)


def traded(name: str, odds: int | None) -> SelectionOdds:
    return SelectionOdds(selection_id=name, name=name, last_traded_odds=odds)


def worked_out(world: Any) -> View:
    """Return the market's first view as pricing sees it."""
    view: View = world.market.views[0]
    work_out(view, world.playbook)
    return view


def test_a_tight_ladder_gives_the_probabilities_between_its_sides(world: Any) -> None:
    assert world.tick()
    view = worked_out(world)
    assert view.form == "LADDER"
    assert view.probabilities == pytest.approx((0.5, 0.3, 0.2), abs=0.005)
    assert world.market.selections == ["home", "draw", "away"]
    assert world.market.names == ["Home", "Draw", "Away"]


def test_a_wide_ladder_is_told_from_a_tight_one(world: Any) -> None:
    world.tick(spread=0.1)
    assert worked_out(world).form == "WIDE"


def test_a_bookmakers_odds_give_probabilities_without_his_margin(world: Any) -> None:
    world.tick(bookmaker="unibet")
    view = worked_out(world)
    assert view.form == "ODDS"
    assert sum(view.probabilities) == pytest.approx(1)
    assert view.probabilities == pytest.approx((0.5, 0.3, 0.2), abs=0.01)


def test_the_same_odds_are_not_worked_out_again(world: Any) -> None:
    world.tick(0, "unibet")
    before = worked_out(world).probabilities
    world.tick(1, "unibet")
    assert world.market.views[0].probabilities is before


def test_what_is_never_priced_is_never_worked_out(world: Any) -> None:
    """Under a backlog many ticks are taken in for each time that a market is priced."""
    world.tick(0)
    world.tick(1)
    view = world.market.views[0]
    assert (view.form, view.probabilities, len(view.offers)) == ("RAW", (), 3)
    worked_out(world)
    assert (view.form, view.offers) == ("LADDER", ())


def test_a_view_that_waits_to_be_worked_out_survives_a_restart(world: Any) -> None:
    world.tick()
    stored = msgspec.msgpack.encode(world.market)
    again = msgspec.msgpack.decode(stored, type=MarketState).views[0]
    work_out(again, world.playbook)
    assert again == worked_out(world)


def test_trades_of_one_moment_give_probabilities_of_a_weaker_kind(world: Any) -> None:
    world.tick(selections=(traded("home", 2000), traded("draw", 3400), traded("away", 5000)))
    assert worked_out(world).form == "TRADED"


@pytest.mark.parametrize(
    "selections",
    [
        (back("home", 2000), back("draw", None), back("away", 4500)),
        (back("home", 3000), back("draw", 4000), back("away", 6000)),
        (back("home", 1000), back("draw", 3000), back("away", 4500)),
        (traded("home", 2000), traded("draw", 2000), traded("away", 2000)),
        (traded("home", 2000), traded("draw", None), traded("away", 5000)),
        (back("home", 1500),),
        (),
    ],
    ids=["a gap", "below 100 %", "odds of 1", "trades of different moments", "untraded", "one runner", "empty"],
)
def test_what_is_not_a_whole_book_gives_no_price(world: Any, selections: tuple[SelectionOdds, ...]) -> None:
    assert world.tick(selections=selections)
    assert worked_out(world).form == "NONE"
    assert world.market.views[0].probabilities == ()


def test_a_late_tick_does_nothing(world: Any) -> None:
    assert not world.tick(late=True)
    assert world.market.views == []


def test_an_older_tick_never_replaces_a_newer_one_of_its_source(world: Any) -> None:
    world.tick(10)
    newest = world.market.views[0]
    assert not world.tick(5)
    assert world.market.views == [newest]


def test_each_source_keeps_its_own_word(world: Any) -> None:
    for bookmaker in ("betfair", "unibet", "pinnacle"):
        world.tick(1, bookmaker)
    world.tick(2, "unibet")
    assert [view.bookmaker for view in world.market.views] == ["betfair", "unibet", "pinnacle"]


def test_selections_are_placed_where_they_were_first_heard(world: Any) -> None:
    world.tick(0)
    world.tick(1, "unibet", {"away": 0.2, "home": 0.5, "draw": 0.3})
    view = world.market.views[1]
    work_out(view, world.playbook)
    assert view.outcomes == (0, 1, 2)
    assert view.probabilities == pytest.approx((0.5, 0.3, 0.2), abs=0.01)


def test_a_removed_runner_is_not_priced_and_keeps_its_place(world: Any) -> None:
    world.tick(0)
    world.tick(1, selections=(
        back("home", 1700), back("draw", None, status="REMOVED"), back("away", 2300),
    ))  # fmt: skip
    assert world.market.views[0].outcomes == (0, 2)
    assert world.market.selections == ["home", "draw", "away"]


def test_a_source_that_leads_bars_the_market_when_it_suspends_it(world: Any) -> None:
    world.tick(0)
    world.tick(1, status="SUSPENDED")
    assert world.market.bar.reason == "PROVIDER_SUSPENDED"


def test_a_bookmaker_that_suspends_only_takes_his_own_word_back(world: Any) -> None:
    world.tick(0, "unibet")
    world.tick(1, "unibet", status="SUSPENDED")
    assert world.market.bar is None
    assert worked_out(world).form == "NONE"


def test_a_source_that_leads_closes_the_market_for_good(world: Any) -> None:
    world.tick(0, status="CLOSED")
    assert world.market.closed
    assert not world.tick(1)


def test_play_that_begins_without_a_suspension_bars_what_the_others_said_before(world: Any) -> None:
    world.tick(0)
    world.tick(0, "unibet")
    world.tick(10, in_play=True)
    assert world.market.bar.reason == "KICK_OFF"
    assert [used.view.bookmaker for used in world.look(10).used] == ["betfair"]


def test_a_market_with_several_winners_is_not_priced(make_world: Any) -> None:
    world = make_world(market_type="DOUBLE_CHANCE")
    world.tick()
    assert world.look().reason == "NO_PRICE"


STATISTICS = ["market_max", "market_average", "betbrain_max", "betbrain_average"]


@pytest.mark.parametrize("name", STATISTICS)
def test_a_statistic_of_bookmakers_is_no_source(world: Any, name: str) -> None:
    assert world.tick(0, "unibet")
    assert not world.tick(1, name)
    assert [view.bookmaker for view in world.market.views] == ["unibet"]


def test_every_statistic_that_a_provider_tells_is_known_as_one() -> None:
    names = {*footballdata.BOOKMAKERS.values(), *tennisdata.BOOKMAKERS.values()}
    told = {name for name in names if name.endswith(("_max", "_average"))}
    assert told == set(STATISTICS)
    assert {name for name in names if BookRules().source(name).is_statistic} == told
