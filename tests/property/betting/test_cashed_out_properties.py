"""Cash-outs among results and corrections in any order: no money is lost, and the rest is settled as if alone."""

from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.betting.settling import SettlingBet, on_leg_result, pay_cash_out, settling_bet
from domain.betting.systems import line_count
from domain.events.betting import BetDecision, DecidedLeg, LedgerEntry
from domain.events.settlement import BetSettlement, LegSettlement
from domain.money.account import AccountState
from domain.money.cause import Cause
from domain.money.ledger import Ledger
from domain.settlement.bet import settle
from domain.settlement.result import LOSE, VOID, WIN
from domain.settlement.telling import selection_result

LEGS = 3
PAID_IN = 100_000
shapes = st.sampled_from([(), (1, 2, 3), (2, 3), (2,)])
steps = st.lists(
    st.one_of(
        st.tuples(st.just("leg"), st.integers(0, LEGS - 1), st.sampled_from([WIN, LOSE, VOID, None]), st.booleans()),
        st.tuples(st.just("cash"), st.integers(1, 5), st.integers(1, 30_000), st.booleans()),
    ),
    max_size=14,
)


def decided(stake_minor: int, folds: tuple[int, ...], odds: list[int]) -> BetDecision:
    legs = tuple(
        DecidedLeg(
            leg_id=f"ann/b/{n}", fixture_id=f"fx-{n}", market_id=f"fx-{n}/M/FT", selection_id="home", odds_asked=each,
            odds=each, quote_version=1, outcome="PASS", code="", liability_before_minor=0, liability_after_minor=0,
        )
        for n, each in enumerate(odds)
    )  # fmt: skip
    return BetDecision(
        event_id="ann/b.decision", occurred_at=1, received_at=1, provider="bookstream", bet_id="b", customer_id="ann",
        outcome="ACCEPTED", code="", currency="GBP", stake_asked_minor=stake_minor, stake_minor=stake_minor, odds=1,
        payout_minor=1, requested_at=1, legs=legs, checks=(), folds=folds,
    )  # fmt: skip


def told(index: int, version: int, result: object, *, sure: bool) -> LegSettlement:
    return LegSettlement(
        event_id="r", occurred_at=version, received_at=version, provider="bookstream", leg_id=f"ann/b/{index}",
        bet_id="b", customer_id="ann", fixture_id=f"fx-{index}", market_id=f"fx-{index}/M/FT", selection_id="home",
        version=version, status="OPEN" if result is None else "CONFIRMED" if sure else "PROVISIONAL", code="",
        result=selection_result("home", result),  # type: ignore[arg-type]  # drawn from results
    )  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(shapes, st.integers(20, 9_000), st.lists(st.integers(1001, 9_000), min_size=LEGS, max_size=LEGS), steps)
def test_whatever_is_cashed_out_the_account_is_what_was_paid_in_and_out(
    folds: tuple[int, ...], stake: int, odds: list[int], moves: list[tuple[str, int, object, bool]]
) -> None:
    settling = settling_bet(decided(stake, folds, odds))
    account = AccountState(
        customer_id="ann", currency="GBP", balance_minor=PAID_IN - stake, open_stakes_minor=stake, version=1
    )
    ledger, profit, numbers = Ledger(), 0, count(2)
    for kind, number, what, sure in moves:
        cause = Cause(next(numbers))
        if kind == "leg":
            step = on_leg_result(account, settling, told(number, cause.at, what, sure=sure), cause)
        else:
            part = settling.wager.stake_minor if sure else number * line_count(settling.wager.bet_type)
            gone = settling.closed or settling.bet.settlement.settled
            if gone or part > settling.wager.stake_minor or not isinstance(what, int):
                continue
            step = pay_cash_out(account, settling, part, what, cause)
        before, account, settling = settling, step.account or account, step.settling or settling
        for event in step.events:
            if isinstance(event, LedgerEntry):
                assert ledger.add(event)
        profit = ledger.balances.get("house:profit", 0)
        assert account.balance_minor - account.owed_minor + account.open_stakes_minor + profit == PAID_IN
        assert not before.closed or settling == before
        stands(account, settling, stake, profit, step.events)


def stands(account: AccountState, settling: SettlingBet, stake: int, profit: int, said: tuple[object, ...]) -> None:
    """Hold the account against the bet: what is left of it is settled as a bet of its own."""
    alone = settle(settling.bet.legs, settling.payout, free=False)
    left = 0 if settling.closed else settling.bet.stake_minor
    open_minor = 0 if settling.closed or alone.settled else left
    returned = settling.cash_paid_minor + (0 if settling.closed else alone.returned_minor)
    assert left + settling.cashed_out_minor == stake
    assert account.open_stakes_minor == open_minor
    assert account.balance_minor - account.owed_minor == PAID_IN - stake + returned
    assert profit == stake - open_minor - returned
    for event in said:
        if isinstance(event, BetSettlement):
            assert (event.stake_minor, event.cashed_out_minor) == (stake, settling.cashed_out_minor)
            assert event.returned_minor == returned
