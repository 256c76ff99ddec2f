"""What a correction takes when it is no longer there, and how it is posted."""

import pytest

from domain.events.betting import Posting
from domain.settlement.bet import Move
from domain.settlement.debt import Purse
from domain.settlement.postings import postings, transfers

EMPTY = Purse(free_minor=0)
PAID = Move(stakes_minor=-1_000, cash_minor=2_500, bonus_minor=0, profit_minor=-1_500)
TAKEN_BACK = Move(stakes_minor=1_000, cash_minor=-2_500, bonus_minor=0, profit_minor=1_500)


def lines_of(lines: tuple[Posting, ...]) -> dict[str, int]:
    assert sum(line.amount_minor for line in lines) == 0
    assert all(line.amount_minor for line in lines)
    return {line.ledger_account: line.amount_minor for line in lines}


def test_a_correction_takes_what_is_there_and_the_rest_is_owed() -> None:
    after = Purse(free_minor=600).after(-1_000)
    assert (after.free_minor, after.owed_minor) == (0, 400)


def test_the_limit_of_the_purse_is_not_touched() -> None:
    after = Purse(free_minor=600, least_minor=500).after(-1_000)
    assert (after.free_minor, after.owed_minor) == (500, 900)


def test_credits_pay_the_debt_first() -> None:
    owing = EMPTY.after(-1_000)
    assert owing.after(300) == Purse(free_minor=0, owed_minor=700)
    assert owing.after(300).after(900) == Purse(free_minor=200)


def test_a_purse_that_holds_and_owes_pays_when_touched() -> None:
    assert Purse(free_minor=500, owed_minor=200).after(0) == Purse(free_minor=300)


def test_a_correction_corrected_again_leaves_no_trace() -> None:
    purse = Purse(free_minor=600)
    assert purse.after(-5_000).after(5_000) == purse


@pytest.mark.parametrize(("free", "owed", "least"), [(-1, 0, 0), (0, -1, 0), (4, 0, 5)])
def test_no_purse_is_below_its_limit_or_owed_by_the_house(free: int, owed: int, least: int) -> None:
    with pytest.raises(AssertionError):
        Purse(free_minor=free, owed_minor=owed, least_minor=least)


def test_a_payout_is_posted_to_cash_from_the_stake_and_profit() -> None:
    lines, cash, bonus = postings("ada", PAID, EMPTY, EMPTY)
    assert lines_of(lines) == {"house:stakes:ada": -1_000, "house:profit": -1_500, "customer:ada:cash": 2_500}
    assert (cash, bonus) == (Purse(free_minor=2_500), EMPTY)


def test_a_correction_that_finds_too_little_posts_the_shortfall_as_owed() -> None:
    lines, cash, _ = postings("ada", TAKEN_BACK, Purse(free_minor=400), EMPTY)
    assert lines_of(lines) == {
        "house:stakes:ada": 1_000,
        "house:profit": 1_500,
        "customer:ada:cash": -400,
        "customer:ada:owed": -2_100,
    }
    lines, cash, _ = postings("ada", PAID, cash, EMPTY)
    assert lines_of(lines)["customer:ada:owed"] == 2_100
    assert cash == Purse(free_minor=400)


def test_a_bonus_that_is_gone_is_owed_as_bonus() -> None:
    given = Move(stakes_minor=-1_000, cash_minor=0, bonus_minor=1_000, profit_minor=0)
    taken = Move(stakes_minor=1_000, cash_minor=0, bonus_minor=-1_000, profit_minor=0)
    _, _, bonus = postings("ada", given, EMPTY, EMPTY)
    spent = Purse(free_minor=bonus.free_minor - 700)
    lines, cash, _ = postings("ada", taken, Purse(free_minor=9_000), spent)
    assert lines_of(lines) == {"house:stakes:ada": 1_000, "customer:ada:bonus": -300, "customer:ada:bonus-owed": -700}
    assert cash == Purse(free_minor=9_000)


def test_a_move_that_moves_nothing_posts_nothing() -> None:
    nothing = Move(stakes_minor=0, cash_minor=0, bonus_minor=0, profit_minor=0)
    assert postings("ada", nothing, Purse(free_minor=5, owed_minor=2), EMPTY)[0] == ()
    assert transfers(()) == ()


def test_lines_are_as_many_transfers_as_it_takes() -> None:
    lines, _, _ = postings("ada", PAID, Purse(free_minor=0, owed_minor=1_200), EMPTY)
    assert transfers(lines) == (
        ("house:stakes:ada", "customer:ada:cash", 1_000),
        ("house:profit", "customer:ada:cash", 300),
        ("house:profit", "customer:ada:owed", 1_200),
    )


def test_a_move_that_does_not_sum_to_zero_is_none() -> None:
    with pytest.raises(AssertionError):
        Move(stakes_minor=1, cash_minor=0, bonus_minor=0, profit_minor=0)
