"""The book's checks: each passes, reduces or refuses for its own reason, with the figures it saw."""

from typing import Any

import pytest

from domain.trading import checks
from domain.trading.liability import Liability
from domain.trading.rules import MarketRules

RULES = MarketRules(
    max_stake_minor=10_000, in_play_max_stake_minor=4_000, max_payout_minor=50_000,
    market_cap_minor=20_000, selection_cap_minor=15_000, customer_cap_minor=9_000,
)  # fmt: skip


@pytest.fixture
def opened(world: Any) -> Any:
    world.tick(0)
    world.quote(0)
    return world


def available(world: Any, seconds: float = 1, *, late_quotes: bool = False, **changes: Any) -> Any:
    at = world.cause(seconds).at
    return checks.availability(world.fixture, world.market, world.leg(**changes), at, late_quotes=late_quotes)


def risk(world: Any, stake: int, taken: Liability | None = None, customer: Liability | None = None, **leg: Any) -> Any:
    return checks.risk(
        RULES,
        taken or Liability(),
        customer or Liability(),
        world.leg(**leg),
        index=0,
        odds_now=2000,
        stake_minor=stake,
    )


def test_an_open_market_takes_bets(opened: Any) -> None:
    verdict = available(opened)
    assert (verdict.outcome, verdict.code) == ("PASS", "")
    assert verdict.figures["quote_version"] == 1


def test_an_unknown_fixture_market_or_selection_is_refused_as_such(opened: Any) -> None:
    leg = opened.leg()
    assert checks.availability(None, None, leg, 0, late_quotes=False).code == "FIXTURE_UNKNOWN"
    assert checks.availability(opened.fixture, None, leg, 0, late_quotes=False).code == "MARKET_UNKNOWN"
    assert available(opened, fixture_id="fx-2").code == "MARKET_UNKNOWN"
    assert available(opened, selection_id="nobody").code == "SELECTION_UNKNOWN"


def test_a_market_that_was_never_quoted_is_suspended(world: Any) -> None:
    world.tick(0)
    assert available(world).code == "MARKET_SUSPENDED"


@pytest.mark.parametrize(
    ("shut", "code"),
    [
        (lambda world: world.incident(1), "MARKET_SUSPENDED"),
        (lambda world: world.tick(1, status="CLOSED"), "MARKET_CLOSED"),
        (lambda world: world.status(1, state="DOWN", reason="silent"), "FEED_DOWN"),
        (lambda world: setattr(world.market, "trader", True), "MARKET_SUSPENDED"),
    ],
    ids=["incident", "closed", "feed down", "trader"],
)
def test_a_market_that_is_shut_refuses_with_its_reason(opened: Any, shut: Any, code: str) -> None:
    shut(opened)
    opened.quote(1)
    assert available(opened, 1).code == code


def test_a_quote_that_has_lapsed_takes_no_bet(opened: Any) -> None:
    expires = 300
    assert available(opened, expires).outcome == "PASS"
    assert available(opened, expires + 1).code == "QUOTE_EXPIRED"


def test_a_selection_without_odds_takes_no_bet(opened: Any) -> None:
    opened.market.quote.odds[0] = None
    assert available(opened).code == "SELECTION_NOT_OFFERED"


def test_a_price_seen_before_a_suspension_takes_no_bet_after_it(opened: Any) -> None:
    opened.incident(1)
    opened.quote(1)
    opened.tick(20)
    opened.quote(20)
    assert available(opened, 20, quote_version=1).code == "QUOTE_STALE"
    assert available(opened, 20, quote_version=1, late_quotes=True).outcome == "PASS"
    assert available(opened, 20, quote_version=3).outcome == "PASS"


def test_a_price_seen_before_a_mere_change_is_still_judged(opened: Any) -> None:
    opened.tick(1, fair={"home": 0.6, "draw": 0.25, "away": 0.15})
    opened.quote(1)
    assert available(opened, 1, quote_version=1).outcome == "PASS"


def test_a_version_that_was_never_shown_takes_no_bet(opened: Any) -> None:
    assert available(opened, quote_version=99).code == "QUOTE_STALE"


@pytest.mark.parametrize(
    ("policy", "now", "code"),
    [
        ("exact", 1900, ""), ("exact", 1910, "ODDS_CHANGED"), ("exact", 1890, "ODDS_CHANGED"),
        ("better", 1900, ""), ("better", 1910, ""), ("better", 1890, "ODDS_SHORTENED"),
        ("any", 1010, ""), ("any", 9000, ""),
    ],
)  # fmt: skip
def test_the_price_policy_is_the_customers(world: Any, policy: Any, now: int, code: str) -> None:
    verdict = checks.odds(world.leg(odds=1900, price_policy=policy), now)
    assert verdict.code == code
    assert verdict.figures == {"odds_asked": 1900, "odds_now": now}


@pytest.mark.parametrize(
    ("stake", "odds", "in_play", "outcome", "code", "allowed"),
    [
        (10_000, 2000, False, "PASS", "", None),
        (10_001, 2000, False, "REDUCE", "STAKE_ABOVE_LIMIT", 10_000),
        (4_001, 2000, True, "REDUCE", "STAKE_ABOVE_LIMIT", 4_000),
        (9_000, 10_000, False, "REDUCE", "PAYOUT_ABOVE_LIMIT", 5_000),
        (1, 60_000_000, False, "REFUSE", "PAYOUT_ABOVE_LIMIT", None),
        (0, 2000, False, "REFUSE", "STAKE_NOT_POSITIVE", None),
        (-5, 2000, False, "REFUSE", "STAKE_NOT_POSITIVE", None),
    ],
)
def test_limits_reduce_to_what_one_bet_may_be(
    world: Any, stake: int, odds: int, *, in_play: bool, outcome: str, code: str, allowed: int | None
) -> None:
    verdict = checks.limits(RULES, world.leg(stake_minor=stake), odds, "GBP", in_play=in_play)
    assert (verdict.outcome, verdict.code, verdict.figures.get("allowed_minor")) == (outcome, code, allowed)


def test_the_other_legs_of_an_accumulator_count_towards_the_payout(world: Any) -> None:
    verdict = checks.limits(RULES, world.leg(stake_minor=9_000, other_odds=5000), 2000, "GBP", in_play=False)
    assert verdict.figures["allowed_minor"] == 5_000


def test_a_leg_in_another_currency_is_refused(world: Any) -> None:
    assert checks.limits(RULES, world.leg(currency="EUR"), 2000, "GBP", in_play=False).code == "CURRENCY_MISMATCH"


def test_risk_reduces_to_the_tightest_cap(world: Any) -> None:
    assert risk(world, 9_000).outcome == "PASS"
    reduced = risk(world, 9_001)
    assert (reduced.outcome, reduced.code) == ("REDUCE", "CUSTOMER_LIABILITY")
    assert reduced.figures["allowed_minor"] == 9_000
    assert risk(world, 9_000, Liability([12_000], held_minor=[0])).code == "SELECTION_LIABILITY"


def test_the_market_cap_counts_every_selection_that_may_win_too(world: Any) -> None:
    rules = MarketRules(winners=0, market_cap_minor=20_000, selection_cap_minor=15_000)
    verdict = checks.risk(
        rules,
        Liability([0, 15_000], held_minor=[0, 0]),
        Liability(),
        world.leg(),
        index=0,
        odds_now=2000,
        stake_minor=6_000,
    )
    assert (verdict.code, verdict.figures["allowed_minor"]) == ("MARKET_LIABILITY", 5_000)


def test_without_room_a_leg_is_refused(world: Any) -> None:
    verdict = risk(world, 1, customer=Liability([9_001], held_minor=[0]))
    assert (verdict.outcome, verdict.code) == ("REFUSE", "CUSTOMER_LIABILITY")


def test_bets_on_the_other_side_make_room(world: Any) -> None:
    assert risk(world, 12_000, customer=Liability([0, 0], 3_000, 1, [0, 0])).outcome == "PASS"
