"""Cash-outs in the accounts' context: requests, the prices of their legs, and the clock; the bet's rows move with them.

Only the account agent calls this: it is the one writer of a customer's partition.
"""

from collections.abc import Callable

from bookstream.delivery.api import Outbox, Shard
from domain.betting.cash_out_journal import CashOutState, request_of
from domain.betting.cashing import CashOutStep, on_cash_out, on_cash_out_clock, on_price
from domain.betting.rules import AccountRules
from domain.betting.saga import Authenticate
from domain.events.betting import LegVerdict
from domain.events.cash_out import CashOutAnswer, CashOutRequest
from domain.events.head import Event, Source
from domain.money.cause import Cause
from tables.accounts import (
    ACCOUNTS,
    CASH_OUTS,
    CASHING,
    SETTLING,
    BetName,
    CashOutName,
    forget_cash_out,
    put_cash_out,
    put_settling,
)

Send = Callable[[Shard, Outbox, Event, Cause], None]


class CashOutDesk:
    """Takes what concerns cash-outs.

    Args:
        authenticate: a `TokenVerifier.check`.
        rules: what the house allows.
        send: sends an event of the accounts' to its topic.
    """

    def __init__(self, authenticate: Authenticate, rules: AccountRules, send: Send) -> None:
        self._authenticate = authenticate
        self._rules = rules
        self._send = send

    def request(self, shard: Shard, out: Outbox, request: CashOutRequest, cause: Cause) -> None:
        """Ask the book for prices, or refuse. Idempotent by request_id."""
        name = CashOutName(request.customer_id, request.request_id, cause.trace)
        settling = shard.get(SETTLING, BetName(request.customer_id, request.bet_id).key)
        offer = _offer(shard, request.customer_id, request.quote_id)
        step = on_cash_out(
            settling, shard.get(CASH_OUTS, name.key), offer, request,
            authenticate=self._authenticate, rules=self._rules, cause=cause,
        )  # fmt: skip
        self._apply(shard, out, name, step, bet=BetName(request.customer_id, request.bet_id, cause.trace), cause=cause)

    def price(self, shard: Shard, out: Outbox, verdict: LegVerdict, cause: Cause) -> None:
        """Take the book's price of a leg. Idempotent by leg_id."""
        name = CashOutName(verdict.customer_id, request_of(verdict.leg_id) or "", cause.trace)
        bet, state = BetName(verdict.customer_id, verdict.bet_id, cause.trace), shard.get(CASH_OUTS, name.key)
        quote_id = state.asking.quote_id if state is not None and state.asking is not None else ""
        step = on_price(
            shard.get(ACCOUNTS, verdict.customer_id), shard.get(SETTLING, bet.key), state,
            _offer(shard, verdict.customer_id, quote_id), verdict, rules=self._rules, cause=cause,
        )  # fmt: skip
        self._apply(shard, out, name, step, bet=bet, cause=cause)

    def tick(self, shard: Shard, out: Outbox, now: int, source: Source) -> None:
        """Refuse what the book did not answer in time, and forget what was answered long ago."""
        for name in CASHING.until(shard, now, self._rules.bets_per_tick):
            state = shard.get(CASH_OUTS, name.key)
            assert state is not None, f"the index of cash-outs names {name.key}, which is not there"
            if state.asking is None:
                forget_cash_out(shard, name, state)
                continue
            # The tick only ends the wait: what is said belongs to the request.
            cause = Cause(now, source, name.trace)
            bet = BetName(name.customer_id, state.asking.bet_id, name.trace)
            step = on_cash_out_clock(state, rules=self._rules, cause=cause)
            self._apply(shard, out, name, step, bet=bet, cause=cause)

    def _apply(
        self, shard: Shard, out: Outbox, name: CashOutName, step: CashOutStep, *, bet: BetName, cause: Cause
    ) -> None:
        if step.account is not None:
            shard.put(ACCOUNTS, name.customer_id, step.account)
        before = shard.get(SETTLING, bet.key)
        if step.settling is not None and before is not None:
            put_settling(shard, bet, before, step.settling)
        if step.state is not None:
            put_cash_out(shard, name, shard.get(CASH_OUTS, name.key), step.state)
        for event in step.events:
            self._send(shard, out, event, cause)


def _offer(shard: Shard, customer_id: str, quote_id: str) -> CashOutAnswer | None:
    state: CashOutState | None = shard.get(CASH_OUTS, CashOutName(customer_id, quote_id).key) if quote_id else None
    return state.answer if state is not None else None
