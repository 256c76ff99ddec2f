"""The provider's statement against the ledger: every difference has its class, and the sums tie to zero."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.money.reconcile import WINDOW_US, Difference, Movement, PaymentLine, Settled, reconcile

NOW = 1_700_000_000_000_000
OLD = NOW - WINDOW_US
DAY = 86_400_000_000
LINE = PaymentLine(
    line_id="s1", key="ann/p1/capture", movement=Movement.CAPTURE, amount_minor=5_000, currency="GBP",
    status=Settled.SETTLED, at=OLD,
)  # fmt: skip


def like(**changes: Any) -> PaymentLine:
    return msgspec.structs.replace(LINE, **changes)


ENTRY = like(line_id="l1")
D = Difference


@pytest.mark.parametrize(
    ("lines", "entries", "found", "explained"),
    [
        ([LINE], [ENTRY], [], {}),
        ([LINE], [], [(D.MISSING_IN_LEDGER,)], {"GBP": 5_000}),
        ([], [ENTRY], [(D.MISSING_AT_PROVIDER,)], {"GBP": -5_000}),
        ([like(at=OLD + 1)], [], [(D.IN_FLIGHT,)], {"GBP": 5_000}),
        ([], [like(at=OLD + 1)], [(D.IN_FLIGHT,)], {"GBP": -5_000}),
        ([like(amount_minor=4_999)], [ENTRY], [(D.AMOUNT_DIFFERS,)], {"GBP": -1}),
        ([like(currency="EUR")], [ENTRY], [(D.CURRENCY_DIFFERS,)], {"EUR": 5_000, "GBP": -5_000}),
        ([like(status=Settled.FAILED)], [ENTRY], [(D.STATUS_DIFFERS,)], {"GBP": -5_000}),
        ([LINE], [like(status=Settled.PENDING)], [(D.STATUS_DIFFERS,)], {"GBP": 5_000}),
        ([like(at=NOW)], [like(status=Settled.PENDING)], [(D.IN_FLIGHT,)], {"GBP": 5_000}),
        ([like(at=NOW)], [like(status=Settled.FAILED)], [(D.STATUS_DIFFERS,)], {"GBP": 5_000}),
        ([LINE, like(line_id="s2")], [ENTRY], [(D.DUPLICATE_AT_PROVIDER,)], {"GBP": 5_000}),
        ([LINE, LINE], [ENTRY], [(D.DUPLICATE_AT_PROVIDER,)], {"GBP": 5_000}),
        ([LINE], [ENTRY, like(line_id="l2")], [(D.DUPLICATE_IN_LEDGER,)], {"GBP": -5_000}),
        ([like(line_id="s0", amount_minor=7), LINE], [ENTRY], [(D.DUPLICATE_AT_PROVIDER,)], {"GBP": 7}),
        ([like(amount_minor=7, currency="EUR")], [ENTRY], [(D.CURRENCY_DIFFERS, D.AMOUNT_DIFFERS)],
         {"EUR": 7, "GBP": -5_000}),
        ([like(status=Settled.FAILED)], [], [], {}),
        ([like(movement=Movement.PAYOUT)], [], [(D.MISSING_IN_LEDGER,)], {"GBP": -5_000}),
        ([like(movement=Movement.REFUND)], [], [(D.MISSING_IN_LEDGER,)], {"GBP": -5_000}),
        ([like(movement=Movement.RETURN)], [], [(D.MISSING_IN_LEDGER,)], {"GBP": 5_000}),
    ],
)  # fmt: skip
def test_a_difference_has_its_class(
    lines: list[PaymentLine], entries: list[PaymentLine], found: list[tuple[Difference, ...]], explained: dict[str, int]
) -> None:
    result = reconcile(lines, entries, at=NOW)

    assert [finding.differences for finding in result.findings] == found
    assert [finding.explains for finding in result.findings] == ([explained] if explained else [])
    assert not any(result.unexplained_minor.values())
    assert result.is_clean is (not found or found == [(D.IN_FLIGHT,)])


def test_a_payout_and_its_return_are_two_movements_of_one_key() -> None:
    both = [like(movement=Movement.PAYOUT), like(movement=Movement.RETURN)]

    result = reconcile(both, both, at=NOW)

    assert (result.matched, result.findings, result.provider_minor) == (2, (), {"GBP": 0})


def test_a_pair_belongs_to_the_day_of_the_statement() -> None:
    midnight = OLD - OLD % DAY
    line, entry = like(at=midnight - 1), like(at=midnight + 1)

    first = reconcile([line], [entry], at=NOW, since=midnight - DAY, until=midnight)
    second = reconcile([line], [entry], at=NOW, since=midnight, until=midnight + DAY)

    assert (first.matched, first.findings, first.ledger_minor) == (1, (), {"GBP": 5_000})
    assert (second.matched, second.findings, second.ledger_minor) == (0, (), {})


def test_a_duplicate_of_the_next_day_is_the_next_days() -> None:
    midnight = OLD - OLD % DAY
    lines = [like(at=midnight - 1), like(line_id="s2", at=midnight)]

    second = reconcile(lines, [ENTRY], at=NOW + DAY, since=midnight, until=midnight + DAY)

    assert [finding.differences for finding in second.findings] == [(D.DUPLICATE_AT_PROVIDER,)]
    assert second.unexplained_minor == {"GBP": 0}


payment_lines = st.builds(
    PaymentLine,
    line_id=st.sampled_from(["1", "2", "3"]),
    key=st.sampled_from(["a", "b"]),
    movement=st.sampled_from(Movement),
    amount_minor=st.integers(0, 5),
    currency=st.sampled_from(["GBP", "EUR"]),
    status=st.sampled_from(Settled),
    at=st.integers(NOW - 2 * WINDOW_US, NOW),
)


@given(st.lists(payment_lines, max_size=12), st.lists(payment_lines, max_size=12))
def test_whatever_differs_is_explained_to_zero(lines: list[PaymentLine], entries: list[PaymentLine]) -> None:
    result = reconcile(lines, entries, at=NOW)

    assert not any(result.unexplained_minor.values())
    by_hand = {
        currency: sum(each.money_minor for each in lines if each.currency == currency)
        - sum(each.money_minor for each in entries if each.currency == currency)
        for currency in ("GBP", "EUR")
    }
    explained = {
        currency: sum(finding.explains.get(currency, 0) for finding in result.findings) for currency in ("GBP", "EUR")
    }
    assert explained == by_hand


@given(st.lists(payment_lines, max_size=12, unique_by=lambda line: (line.key, line.movement)))
def test_a_statement_that_is_the_ledger_is_clean(lines: list[PaymentLine]) -> None:
    result = reconcile(lines, reversed(lines), at=NOW)

    assert (result.matched, result.is_clean) == (len(lines), True)
