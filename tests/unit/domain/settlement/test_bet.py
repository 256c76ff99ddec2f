"""How one bet is settled by what became of its legs, and what each change moves."""

from itertools import permutations

import pytest

from domain.betting.returns import LegState, Returns, Wager, returns
from domain.betting.systems import BetType
from domain.errors import ContractViolation
from domain.settlement.bet import Move, Payout, SettledBet, Settlement, accepted, take
from domain.settlement.result import HALF_WIN, LOSE, VOID, WIN, LegResult
from domain.settlement.truth import LegOutcome, Status

STAKE = 1_000
NOTHING = Move(stakes_minor=0, cash_minor=0, bonus_minor=0, profit_minor=0)


def said(version: int, result: LegResult | None, status: Status = "CONFIRMED") -> LegOutcome:
    return LegOutcome(version=version, status="OPEN" if result is None else status, result=result)


def payout_of(*odds: int, folds: tuple[int, ...] = (), free: bool = False, most: int | None = None) -> Payout:
    wager = Wager(
        bet_type=BetType(len(odds), folds or (len(odds),)), stake_minor=STAKE, free=free, max_payout_minor=most
    )

    def payout(results: object) -> Returns:
        assert isinstance(results, list)
        legs = [LegState(odds=each, result=result) for each, result in zip(odds, results, strict=True)]
        return returns(wager, legs)

    return payout


def bet_of(legs: int, *, free: bool = False) -> SettledBet:
    return accepted("b-1", "ada", stake_minor=STAKE, free=free, legs=legs)


SINGLE, DOUBLE = payout_of(2_500), payout_of(2_000, 3_000)


def test_a_winner_is_paid_from_its_stake_and_the_houses_profit() -> None:
    bet, move = take(bet_of(1), 0, said(1, WIN), SINGLE)
    assert bet.settlement == Settlement(status="CONFIRMED", returned_minor=2_500)
    assert move == Move(stakes_minor=-1_000, cash_minor=2_500, bonus_minor=0, profit_minor=-1_500)


def test_a_losers_stake_is_profit() -> None:
    bet, move = take(bet_of(1), 0, said(1, LOSE), SINGLE)
    assert bet.settlement == Settlement(status="CONFIRMED")
    assert move == Move(stakes_minor=-1_000, cash_minor=0, bonus_minor=0, profit_minor=1_000)


def test_a_provisional_result_is_paid_and_its_confirmation_moves_nothing() -> None:
    bet, move = take(bet_of(1), 0, said(1, WIN, "PROVISIONAL"), SINGLE)
    assert (bet.settlement.status, move.cash_minor) == ("PROVISIONAL", 2_500)
    bet, move = take(bet, 0, said(2, WIN), SINGLE)
    assert (bet.settlement.status, move, bool(move), bet.version) == ("CONFIRMED", NOTHING, False, 2)


def test_a_correction_moves_the_difference() -> None:
    bet, _ = take(bet_of(1), 0, said(1, WIN), SINGLE)
    bet, move = take(bet, 0, said(2, HALF_WIN), SINGLE)
    assert move == Move(stakes_minor=0, cash_minor=-750, bonus_minor=0, profit_minor=750)


def test_a_result_taken_back_opens_the_stake_again() -> None:
    bet, paid = take(bet_of(1), 0, said(1, WIN), SINGLE)
    bet, move = take(bet, 0, said(2, None), SINGLE)
    assert bet.settlement == Settlement()
    assert move == Move(stakes_minor=1_000, cash_minor=-2_500, bonus_minor=0, profit_minor=1_500)
    assert take(bet, 0, said(3, WIN), SINGLE)[1] == paid


def test_a_held_leg_is_an_open_one() -> None:
    bet, _ = take(bet_of(1), 0, said(1, WIN), SINGLE)
    bet, move = take(bet, 0, LegOutcome(version=2, status="HELD", reason="PROVIDERS_DISAGREE"), SINGLE)
    assert (bet.settlement.status, move.cash_minor) == ("OPEN", -2_500)


def test_old_and_repeated_outcomes_are_ignored() -> None:
    bet, _ = take(bet_of(1), 0, said(5, WIN), SINGLE)
    for version, result in ((5, WIN), (4, LOSE)):
        assert take(bet, 0, said(version, result), SINGLE) == (bet, NOTHING)


def test_one_version_with_two_outcomes_is_refused() -> None:
    bet, _ = take(bet_of(1), 0, said(5, WIN), SINGLE)
    with pytest.raises(ContractViolation, match="two outcomes of leg 0"):
        take(bet, 0, said(5, LOSE), SINGLE)


@pytest.mark.parametrize("leg", [-1, 1])
def test_a_leg_that_the_bet_does_not_have_is_refused(leg: int) -> None:
    with pytest.raises(ContractViolation, match="has no leg"):
        take(bet_of(1), leg, said(1, WIN), SINGLE)


def test_a_newer_version_that_says_the_same_is_no_change_of_the_bet() -> None:
    bet, _ = take(bet_of(1), 0, said(1, WIN), SINGLE)
    again, move = take(bet, 0, said(9, WIN), SINGLE)
    assert (again.version, again.legs[0].version, move) == (bet.version, 9, NOTHING)


def test_a_double_with_one_winner_is_partly_settled_and_its_stake_open() -> None:
    bet, move = take(bet_of(2), 1, said(1, WIN), DOUBLE)
    assert (bet.settlement, move) == (Settlement(status="PARTLY"), NOTHING)
    bet, move = take(bet, 0, said(1, VOID), DOUBLE)
    assert (bet.settlement, move.cash_minor) == (Settlement(status="CONFIRMED", returned_minor=3_000), 3_000)


def test_a_lost_leg_settles_an_accumulator_at_once() -> None:
    bet, move = take(bet_of(2), 0, said(1, LOSE), DOUBLE)
    assert (bet.settlement.status, move.profit_minor) == ("CONFIRMED", STAKE)
    bet, move = take(bet, 1, said(1, WIN, "PROVISIONAL"), DOUBLE)
    assert (bet.settlement.status, move) == ("CONFIRMED", NOTHING)


def test_a_bet_is_as_sure_as_the_legs_that_settle_it() -> None:
    bet, _ = take(bet_of(2), 0, said(1, LOSE, "PROVISIONAL"), DOUBLE)
    assert bet.settlement.status == "PROVISIONAL"
    bet, _ = take(bet, 1, said(1, WIN), DOUBLE)
    assert bet.settlement.status == "PROVISIONAL"
    bet, _ = take(bet, 0, said(2, LOSE), DOUBLE)
    assert bet.settlement.status == "CONFIRMED"


def test_a_system_stays_open_while_a_line_can_still_return() -> None:
    patent = payout_of(2_000, 2_000, 2_000, folds=(1, 2, 3))
    bet, move = take(bet_of(3), 0, said(1, LOSE), patent)
    assert (bet.settlement.status, move) == ("PARTLY", NOTHING)


def test_the_maximum_payout_settles_a_system_that_has_reached_it() -> None:
    patent = payout_of(9_000, 9_000, 2_000, folds=(1, 2, 3), most=5_000)
    bet, _ = take(bet_of(3), 0, said(1, WIN), patent)
    bet, _ = take(bet, 1, said(1, WIN), patent)
    assert bet.settlement == Settlement(status="CONFIRMED", returned_minor=5_000)


def test_a_free_bet_pays_winnings_as_cash_and_gives_a_void_stake_back_as_bonus() -> None:
    payout = payout_of(2_500, free=True)
    _, won = take(bet_of(1, free=True), 0, said(1, WIN), payout)
    assert won == Move(stakes_minor=-1_000, cash_minor=1_500, bonus_minor=0, profit_minor=-500)
    _, void = take(bet_of(1, free=True), 0, said(1, VOID), payout)
    assert void == Move(stakes_minor=-1_000, cash_minor=0, bonus_minor=1_000, profit_minor=0)


def test_a_free_bet_at_its_maximum_waits_for_what_may_still_be_void() -> None:
    payout = payout_of(9_000, 2_000, folds=(1,), free=True, most=1_000)
    bet, _ = take(bet_of(2, free=True), 0, said(1, WIN), payout)
    assert bet.settlement.status == "PARTLY"
    bet, _ = take(bet, 1, said(1, VOID), payout)
    assert bet.settlement == Settlement(status="CONFIRMED", returned_minor=1_000, void_minor=500)


def test_every_order_of_outcomes_ends_in_the_last_truth() -> None:
    told = [(0, said(1, WIN)), (0, said(2, None)), (1, said(1, LOSE)), (1, said(3, WIN)), (0, said(4, WIN))]
    for order in permutations(told):
        bet, cash, stakes = bet_of(2), 0, STAKE
        for leg, outcome in (*order, order[0]):
            bet, move = take(bet, leg, outcome, DOUBLE)
            cash, stakes = cash + move.cash_minor, stakes + move.stakes_minor
        assert (bet.settlement, cash, stakes) == (Settlement(status="CONFIRMED", returned_minor=6_000), 6_000, 0)
