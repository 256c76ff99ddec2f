"""The configuration of what the house allows."""

import pytest

from domain.betting.rules import AccountRules, Limits, rules_from
from domain.errors import Misconfigured


@pytest.mark.parametrize(
    "values",
    [
        {"min_stake_minor": 0},
        {"min_stake_minor": 100, "max_stake_minor": 99},
        {"max_payout_minor": 100},
        {"max_payout_minor": 10**15 + 1},
        {"max_legs": 0},
        {"max_legs": 31},
    ],
)
def test_limits_that_contradict_each_other_are_refused(values: dict[str, int]) -> None:
    with pytest.raises(Misconfigured):
        Limits(**values)


@pytest.mark.parametrize(
    "values",
    [{"answer_within_us": 0}, {"request_max_age_us": 10}, {"journal_keep_us": 1}, {"bets_per_tick": 0}],
)
def test_times_that_contradict_each_other_are_refused(values: dict[str, int]) -> None:
    with pytest.raises(Misconfigured):
        AccountRules(**values)  # type: ignore[arg-type]  # the values are ints


def test_rules_read_from_plain_values_know_each_customer() -> None:
    rules = rules_from({"limits": {"max_stake_minor": 700}, "customers": {"ann": {"max_stake_minor": 50}}})
    assert rules.limits_of("ann").max_stake_minor == 50
    assert rules.limits_of("bob").max_stake_minor == 700


@pytest.mark.parametrize("values", [{"stakes": 1}, {"limits": {"max_steak_minor": 1}}, {"limits": {"max_legs": "x"}}])
def test_an_unknown_or_misspelt_rule_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(Misconfigured):
        rules_from(values)


def test_rules_that_contradict_each_other_are_refused_when_read() -> None:
    with pytest.raises(Misconfigured):
        rules_from({"limits": {"max_legs": 0}})
