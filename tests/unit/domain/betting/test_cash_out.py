"""Cash-out: quotes, their checks when taken, and what stays of a bet after a part."""

import msgspec
import pytest

from domain.betting.cash_out import CashedOut, CashOutQuote, CashOutRules, LegPrice, OpenBet, quote, take, worth
from domain.betting.codes import Code
from domain.betting.each_way import PlaceTerms
from domain.betting.returns import LegState, Wager, returns
from domain.betting.systems import NAMED, accumulator
from domain.errors import Misconfigured
from domain.settlement.result import HALF_WIN, LOSE, WIN, LegResult

FAIR = CashOutRules(margin_bps=0, life_us=10_000_000, tolerance_bps=100)
NOW = 1_700_000_000_000_000


def bet_of(wager: Wager, *legs: LegState, version: int = 3) -> OpenBet:
    return OpenBet(bet="ann/b-1", version=version, wager=wager, legs=legs)


DOUBLE = bet_of(
    Wager(bet_type=accumulator(2), stake_minor=1000, max_payout_minor=5000),
    LegState(odds=2000, result=WIN),
    LegState(odds=3000),
)
PRICES = (None, LegPrice(odds=2000))


def offered(part_minor: int = 1000, rules: CashOutRules = FAIR) -> CashOutQuote:
    offer = quote(DOUBLE, part_minor, PRICES, rules, quote_id="q-1", now=NOW)
    assert isinstance(offer, CashOutQuote)
    return offer


def test_a_quote_is_what_the_settled_legs_made_times_the_odds_taken_over_those_now() -> None:
    """Ten pounds on a winner at 2 stand at 20, on a leg taken at 3 that is now at 2: 20 × 3 / 2."""
    assert offered() == CashOutQuote(
        quote_id="q-1", bet="ann/b-1", bet_version=3, part_minor=1000, amount_minor=3000, expires_at=NOW + 10_000_000
    )


def test_the_margin_is_taken_from_the_open_lines_alone() -> None:
    bet = bet_of(
        Wager(bet_type=NAMED["PATENT"].bet_type, stake_minor=700),
        LegState(odds=2000, result=WIN), LegState(odds=3000), LegState(odds=3000, result=LOSE),
    )  # fmt: skip
    prices = (None, LegPrice(odds=4000), None)
    assert worth(bet, 700, prices, FAIR) == 200 + 75 + 150
    assert worth(bet, 700, prices, CashOutRules(margin_bps=1000)) == 200 + 202
    assert worth(bet, 700, prices, CashOutRules(margin_bps=10_000)) == 200


def test_a_taken_quote_pays_what_it_said_and_leaves_nothing() -> None:
    assert take(offered(), DOUBLE, PRICES, FAIR, now=NOW + 9_999_999) == CashedOut(amount_minor=3000, rest=None)


def test_a_part_leaves_the_rest_of_the_stake_and_of_the_maximum_payout() -> None:
    taken = take(offered(400), DOUBLE, PRICES, FAIR, now=NOW)
    rest = Wager(bet_type=accumulator(2), stake_minor=600, max_payout_minor=3000)
    assert taken == CashedOut(amount_minor=1200, rest=rest)
    assert returns(rest, [LegState(odds=2000, result=WIN), LegState(odds=3000, result=WIN)]).returned_minor == 3000


def test_an_uncapped_bet_stays_uncapped_after_a_part() -> None:
    bet = bet_of(Wager(bet_type=accumulator(1), stake_minor=1000), LegState(odds=3000))
    offer = quote(bet, 1, PRICES[1:], FAIR, quote_id="q-2", now=NOW)
    assert isinstance(offer, CashOutQuote)
    taken = take(offer, bet, PRICES[1:], FAIR, now=NOW)
    assert taken == CashedOut(amount_minor=1, rest=Wager(bet_type=accumulator(1), stake_minor=999))


def test_the_maximum_payout_caps_a_quote() -> None:
    wager = msgspec.structs.replace(DOUBLE.wager, max_payout_minor=2500)
    assert worth(msgspec.structs.replace(DOUBLE, wager=wager), 1000, PRICES, FAIR) == 2500
    assert worth(msgspec.structs.replace(DOUBLE, wager=wager), 500, PRICES, FAIR) == 1250


def test_a_free_bet_is_worth_its_winnings_alone() -> None:
    bet = bet_of(Wager(bet_type=accumulator(1), stake_minor=1000, free=True), LegState(odds=3000))
    assert worth(bet, 1000, [LegPrice(odds=2000)], FAIR) == 1000


@pytest.mark.parametrize(("place_odds", "amount"), [(None, 1333 + 1200), (1600, 1333 + 1250)])
def test_an_each_way_bet_is_worth_its_win_part_and_its_place_part(place_odds: int | None, amount: int) -> None:
    """Taken at 4, now at 3; a third of 4's winnings makes 2, of 3's 1.667, unless the place itself is quoted."""
    wager = Wager(bet_type=accumulator(1), stake_minor=2000, each_way=True)
    bet = bet_of(wager, LegState(odds=4000, terms=PlaceTerms((1, 3), 3)))
    assert worth(bet, 2000, [LegPrice(odds=3000, place_odds=place_odds)], FAIR) == amount


@pytest.mark.parametrize("late", [0, 1])
def test_an_expired_quote_is_refused(late: int) -> None:
    offer = offered()
    assert take(offer, DOUBLE, PRICES, FAIR, now=offer.expires_at + late) is Code.CASH_OUT_EXPIRED


def test_a_quote_of_another_bet_is_refused() -> None:
    other = msgspec.structs.replace(DOUBLE, bet="bob/b-1")
    assert take(offered(), other, PRICES, FAIR, now=NOW) is Code.CASH_OUT_UNKNOWN


def test_a_quote_made_before_the_bet_changed_is_refused() -> None:
    changed = msgspec.structs.replace(DOUBLE, version=4)
    assert take(offered(), changed, PRICES, FAIR, now=NOW) is Code.CASH_OUT_BET_CHANGED


@pytest.mark.parametrize(
    ("odds", "moved"),
    [(2000, False), (2020, False), (2021, True), (3000, True), (1500, False)],
)
def test_a_quote_is_refused_once_the_bet_is_worth_less_by_more_than_the_tolerance(odds: int, *, moved: bool) -> None:
    """30.00 less one percent is 29.70: at 2.020 the bet is worth 29.70, at 2.021 it is worth 29.68."""
    taken = take(offered(), DOUBLE, (None, LegPrice(odds=odds)), FAIR, now=NOW)
    assert taken == (Code.CASH_OUT_MOVED if moved else CashedOut(amount_minor=3000, rest=None))


def test_an_open_leg_without_a_price_cannot_be_cashed_out() -> None:
    assert take(offered(), DOUBLE, (None, None), FAIR, now=NOW) is Code.CASH_OUT_UNAVAILABLE
    assert quote(DOUBLE, 1000, (None, None), FAIR, quote_id="q", now=NOW) is Code.CASH_OUT_UNAVAILABLE


@pytest.mark.parametrize("result", [WIN, LOSE, HALF_WIN])
def test_a_decided_bet_cannot_be_cashed_out(result: LegResult) -> None:
    bet = bet_of(Wager(bet_type=accumulator(1), stake_minor=1000), LegState(odds=2000, result=result))
    assert worth(bet, 1000, [LegPrice(odds=2000)], FAIR) is Code.CASH_OUT_UNAVAILABLE


def test_what_is_worth_less_than_a_minor_unit_cannot_be_cashed_out() -> None:
    bet = bet_of(Wager(bet_type=accumulator(1), stake_minor=10), LegState(odds=2000))
    assert worth(bet, 10, [LegPrice(odds=20_000)], FAIR) == 1
    assert worth(bet, 10, [LegPrice(odds=20_001)], FAIR) is Code.CASH_OUT_UNAVAILABLE


@pytest.mark.parametrize("part", [0, -1, 1001])
def test_a_part_must_be_of_the_stake(part: int) -> None:
    assert worth(DOUBLE, part, PRICES, FAIR) is Code.CASH_OUT_PART_INVALID


@pytest.mark.parametrize(("part", "good"), [(70, True), (69, False), (71, False), (7, True), (703, True), (1, False)])
def test_a_part_must_take_the_same_from_every_line(part: int, *, good: bool) -> None:
    bet = bet_of(Wager(bet_type=NAMED["PATENT"].bet_type, stake_minor=703), *[LegState(odds=2000)] * 3)
    assert (worth(bet, part, [LegPrice(odds=1500)] * 3, FAIR) is not Code.CASH_OUT_PART_INVALID) is good


@pytest.mark.parametrize("wrong", [{"margin_bps": -1}, {"margin_bps": 10_001}, {"tolerance_bps": -1}, {"life_us": 0}])
def test_rules_that_no_house_can_mean_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(Misconfigured):
        CashOutRules(**wrong)
