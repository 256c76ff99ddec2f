"""The chart of accounts: names, classes and limits."""

import pytest

from domain.money import chart, ledger
from domain.money.chart import AccountClass, AccountName, Limits


@pytest.mark.parametrize(
    ("name", "account_class", "customer_id"),
    [
        ("customer:ann:cash", AccountClass.CASH, "ann"),
        ("customer:ann:bonus", AccountClass.BONUS, "ann"),
        ("customer:ann:owed", AccountClass.OWED, "ann"),
        ("customer:ann:reserved", AccountClass.HELD, "ann"),
        ("customer:a:b:cash", AccountClass.CASH, "a:b"),
        ("house:stakes:ann", AccountClass.OPEN_STAKES, "ann"),
        ("house:stakes-reserved:ann", AccountClass.HELD, "ann"),
        ("house:bank", AccountClass.CLEARING, ""),
        ("house:profit", AccountClass.PROFIT, ""),
        ("house:fees", AccountClass.FEES, ""),
        ("house:tax", AccountClass.TAX, ""),
        ("house:bank-reserved", AccountClass.HELD, ""),
    ],
)
def test_a_name_says_its_class_and_whose_it_is(name: str, account_class: AccountClass, customer_id: str) -> None:
    assert chart.parse(name) == AccountName(account_class, customer_id)


@pytest.mark.parametrize("name", ["", "customer::cash", "customer:ann", "customer:ann:gold", "house:", "house:stakes:"])
def test_a_name_outside_the_chart_is_none(name: str) -> None:
    assert chart.parse(name) is None


def test_todays_names_are_those_of_the_chart() -> None:
    assert chart.cash("ann") == ledger.cash("ann")
    assert chart.held(chart.cash("ann")) == ledger.reserved("ann")
    assert chart.open_stakes("ann") == ledger.open_stakes("ann")
    assert ledger.bank("ann") == chart.CLEARING


def test_each_account_has_one_holding_account_of_the_same_owner() -> None:
    names = [
        chart.cash("a"),
        chart.bonus("a"),
        chart.open_stakes("a"),
        chart.owed("a"),
        chart.PROFIT,
        chart.CLEARING,
        chart.FEES,
    ]
    holding = [chart.held(name) for name in names]
    assert len(set(holding)) == len(names)
    for name, held in zip(names, holding, strict=True):
        own, holding_one = chart.parse(name), chart.parse(held)
        assert own is not None
        assert holding_one == AccountName(AccountClass.HELD, own.customer_id)


def test_what_is_a_customers_is_never_below_zero_and_every_class_has_limits() -> None:
    assert set(chart.LIMITS) == set(AccountClass)
    theirs = {AccountClass.CASH, AccountClass.BONUS, AccountClass.HELD, AccountClass.OPEN_STAKES}
    assert {each for each, limits in chart.LIMITS.items() if limits.least_minor == 0} == theirs
    assert chart.LIMITS[AccountClass.OWED].most_minor == 0


def test_limits_may_be_tighter_and_not_looser() -> None:
    outer = Limits(0, 10)
    assert all(outer.hold(inner) for inner in (Limits(0, 10), Limits(0, 5), Limits(2, 9)))
    assert not any(outer.hold(inner) for inner in (Limits(-1, 5), Limits(0, 11), Limits(6, 5)))
