"""Legs: judged, held, delayed in play, confirmed or released; the same word again changes nothing."""

from typing import Any

import msgspec
import pytest

from domain.errors import ContractViolation, UnknownReference
from domain.events.betting import BetLeg
from domain.trading.legs import LegRows, on_confirm, on_due, on_hold, on_release
from domain.trading.rules import BookRules, MarketRules
from domain.trading.state import LegState


@pytest.fixture
def opened(make_world: Any) -> Any:
    rules = BookRules(markets={"MATCH_ODDS": MarketRules(
        max_stake_minor=10_000, market_cap_minor=20_000, selection_cap_minor=20_000, customer_cap_minor=5_000,
    )})  # fmt: skip
    world = make_world(rules)
    world.tick(0)
    world.quote(0)
    return world


def rows(world: Any) -> LegRows:
    return LegRows(world.fixture, world.market, world.customer)


def hold(world: Any, leg: BetLeg, known: LegState | None = None, seconds: float = 1) -> LegState:
    return on_hold(known, leg, rows(world), world.playbook, world.cause(seconds))


def said(leg: BetLeg, action: Any, **changes: Any) -> BetLeg:
    return msgspec.structs.replace(leg, action=action, event_id=f"{leg.leg_id}.{action.lower()}", **changes)


def figures(world: Any) -> tuple[int, int, int]:
    return world.market.taken.legs, world.market.taken.held_legs, world.customer.taken.held_legs


def test_a_leg_that_passes_is_held(opened: Any) -> None:
    leg = opened.leg()
    state = hold(opened, leg)
    verdict = state.verdict
    assert verdict is not None
    assert (state.status, verdict.outcome, verdict.code, verdict.stake_minor) == ("HELD", "PASS", "", 1000)
    assert verdict.odds == leg.odds
    assert verdict.quote_version == 1
    assert [check.check for check in verdict.checks] == ["availability", "odds", "limits", "risk"]
    assert (verdict.liability_before_minor, verdict.liability_after_minor) == (0, leg.odds - 1000)
    assert figures(opened) == (0, 1, 1)


def test_a_leg_too_large_is_held_at_the_largest_stake_that_fits(opened: Any) -> None:
    state = hold(opened, opened.leg(stake_minor=9_000))
    verdict = state.verdict
    assert verdict is not None
    assert (verdict.outcome, verdict.code) == ("REDUCE", "CUSTOMER_LIABILITY")
    assert 0 < verdict.stake_minor < 9_000
    assert verdict.liability_after_minor <= 5_000
    assert opened.customer.taken.held_minor[0] == verdict.liability_after_minor


def test_the_check_that_reduces_most_gives_the_reason(opened: Any) -> None:
    verdict = hold(opened, opened.leg(stake_minor=50_000)).verdict
    assert verdict is not None
    assert [check.code for check in verdict.checks] == ["", "", "STAKE_ABOVE_LIMIT", "CUSTOMER_LIABILITY"]
    assert verdict.code == "CUSTOMER_LIABILITY"


def test_a_refused_leg_holds_nothing_and_ends_at_its_first_refusal(opened: Any) -> None:
    state = hold(opened, opened.leg(odds=1500))
    verdict = state.verdict
    assert verdict is not None
    assert (state.status, verdict.outcome, verdict.code, verdict.stake_minor) == (
        "REFUSED",
        "REFUSE",
        "ODDS_CHANGED",
        0,
    )
    assert [check.check for check in verdict.checks] == ["availability", "odds"]
    assert figures(opened) == (0, 0, 0)


def test_a_leg_on_an_unknown_market_is_refused(opened: Any) -> None:
    state = on_hold(
        None, opened.leg(), LegRows(opened.fixture, None, opened.customer), opened.playbook, opened.cause(1)
    )
    assert state.verdict is not None
    assert state.verdict.code == "MARKET_UNKNOWN"


def test_a_hold_said_twice_gets_the_same_verdict_and_holds_once(opened: Any) -> None:
    leg = opened.leg()
    first = hold(opened, leg)
    opened.incident(2)
    opened.quote(2)
    assert hold(opened, leg, first, 3) is first
    assert figures(opened) == (0, 1, 1)


def test_a_leg_id_used_for_another_leg_is_an_anomaly(opened: Any) -> None:
    state = hold(opened, opened.leg())
    with pytest.raises(ContractViolation, match="other content"):
        hold(opened, opened.leg(stake_minor=999), state)


def test_other_odds_below_one_are_an_anomaly(opened: Any) -> None:
    with pytest.raises(ContractViolation, match="below 1"):
        hold(opened, opened.leg(other_odds=999))


def test_an_accumulator_leg_counts_the_odds_of_its_other_legs(opened: Any) -> None:
    leg = opened.leg(other_odds=3000)
    verdict = hold(opened, leg).verdict
    assert verdict is not None
    assert verdict.liability_after_minor == 1000 * leg.odds * 3000 // 1_000_000 - 1000


def test_confirmed_a_leg_counts_at_its_final_stake_and_odds(opened: Any) -> None:
    leg = opened.leg()
    state = hold(opened, leg)
    assert on_confirm(state, said(leg, "CONFIRM", stake_minor=400), rows(opened))
    assert state.status == "CONFIRMED"
    assert opened.market.taken.stakes_minor == opened.customer.taken.stakes_minor == 400
    assert opened.customer.taken.legs == 1
    assert figures(opened) == (1, 0, 0)


def test_a_released_leg_leaves_nothing(opened: Any) -> None:
    leg = opened.leg()
    state = hold(opened, leg)
    assert on_release(state, said(leg, "RELEASE"), rows(opened))
    assert figures(opened) == (0, 0, 0)
    assert opened.market.taken.worst_case(1) == 0


@pytest.mark.parametrize("action", ["CONFIRM", "RELEASE"])
def test_an_end_said_twice_changes_nothing(opened: Any, action: str) -> None:
    leg = opened.leg()
    state = hold(opened, leg)
    end = on_confirm if action == "CONFIRM" else on_release
    assert end(state, said(leg, action), rows(opened))
    before = msgspec.msgpack.encode(opened.market)
    assert not end(state, said(leg, action), rows(opened))
    assert msgspec.msgpack.encode(opened.market) == before


@pytest.mark.parametrize("action", ["CONFIRM", "RELEASE"])
def test_an_end_of_an_unknown_leg_is_an_anomaly(opened: Any, action: str) -> None:
    end = on_confirm if action == "CONFIRM" else on_release
    with pytest.raises(UnknownReference, match="does not know"):
        end(None, said(opened.leg(), action), rows(opened))


def test_a_confirmed_leg_cannot_be_released_nor_a_released_one_confirmed(opened: Any) -> None:
    leg = opened.leg()
    state = hold(opened, leg)
    on_confirm(state, said(leg, "CONFIRM"), rows(opened))
    with pytest.raises(ContractViolation, match="is confirmed"):
        on_release(state, said(leg, "RELEASE"), rows(opened))
    state = hold(opened, opened.leg(leg_id="x"))
    on_release(state, said(opened.leg(leg_id="x"), "RELEASE"), rows(opened))
    with pytest.raises(ContractViolation, match="RELEASED"):
        on_confirm(state, said(opened.leg(leg_id="x"), "CONFIRM"), rows(opened))


@pytest.mark.parametrize(
    "changes",
    [
        {"stake_minor": 1001},
        {"stake_minor": 0},
        {"odds": 1000},
        {"other_odds": 0},
        {"odds": 9000},
        {"other_odds": 1001},
    ],
)
def test_more_than_was_allowed_cannot_be_confirmed(opened: Any, changes: dict[str, int]) -> None:
    leg = opened.leg()
    state = hold(opened, leg)
    with pytest.raises(ContractViolation):
        on_confirm(state, said(leg, "CONFIRM", **changes), rows(opened))
    assert state.status == "HELD"
    assert figures(opened) == (0, 1, 1)


def test_an_end_that_names_another_selection_is_an_anomaly(opened: Any) -> None:
    leg = opened.leg()
    state = hold(opened, leg)
    with pytest.raises(ContractViolation, match="another selection"):
        on_release(state, said(leg, "RELEASE", selection_id="away"), rows(opened))


def test_a_refused_leg_may_be_released_with_the_rest_of_its_bet(opened: Any) -> None:
    leg = opened.leg(odds=1500)
    state = hold(opened, leg)
    assert not on_release(state, said(leg, "RELEASE"), rows(opened))


def in_play(world: Any) -> BetLeg:
    world.tick(10, in_play=True)
    world.quote(10)
    leg: BetLeg = world.leg()
    return leg


def test_in_play_a_leg_waits_without_a_verdict_and_holds_nothing(opened: Any) -> None:
    state = hold(opened, in_play(opened), seconds=11)
    assert (state.status, state.verdict) == ("WAITING", None)
    assert state.due_at == opened.cause(16).at
    assert figures(opened) == (0, 0, 0)


def test_in_play_a_leg_that_cannot_pass_is_refused_at_once(opened: Any) -> None:
    leg = in_play(opened)
    assert hold(opened, msgspec.structs.replace(leg, odds=1100), seconds=11).status == "REFUSED"


def test_after_the_delay_a_leg_is_judged_anew(opened: Any) -> None:
    state = hold(opened, in_play(opened), seconds=11)
    judged = on_due(state, rows(opened), opened.playbook, opened.cause(16))
    assert judged.status == "HELD"
    assert judged.verdict is not None
    assert judged.verdict.occurred_at == opened.cause(16).at


def test_a_market_that_shut_during_the_delay_refuses_the_leg(opened: Any) -> None:
    state = hold(opened, in_play(opened), seconds=11)
    opened.incident(12)
    opened.quote(12)
    judged = on_due(state, rows(opened), opened.playbook, opened.cause(16))
    assert judged.verdict is not None
    assert (judged.status, judged.verdict.code) == ("REFUSED", "MARKET_SUSPENDED")


def test_a_price_that_moved_during_the_delay_goes_by_the_policy(opened: Any) -> None:
    state = hold(opened, in_play(opened), seconds=11)
    opened.tick(12, fair={"home": 0.6, "draw": 0.25, "away": 0.15}, in_play=True)
    opened.quote(12)
    judged = on_due(state, rows(opened), opened.playbook, opened.cause(16))
    assert judged.verdict is not None
    assert judged.verdict.code == "ODDS_CHANGED"


def test_a_leg_released_while_it_waits_is_stopped(opened: Any) -> None:
    leg = in_play(opened)
    state = hold(opened, leg, seconds=11)
    assert on_release(state, said(leg, "RELEASE"), rows(opened))
    assert state.status == "RELEASED"
    assert figures(opened) == (0, 0, 0)


def test_a_waiting_leg_cannot_be_confirmed(opened: Any) -> None:
    leg = in_play(opened)
    state = hold(opened, leg, seconds=11)
    with pytest.raises(ContractViolation, match="WAITING"):
        on_confirm(state, said(leg, "CONFIRM"), rows(opened))
