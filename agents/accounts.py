"""The account agent: one writer for a customer's money and bets.

Input: `bets.requests`, `bets.leg-verdicts`, `bets.leg-results`, `bets.cash-outs`, `wallet.transfers`,
`payments.requests`, `payments.answers` (all keyed by customer_id) and `clock.ticks`. Output: `bets.decisions`,
`bets.settlements`, `bets.cash-out-answers`, `accounts`, `ledger.entries`, `ledger.checkpoints`, `bets.legs`, and what
payments say (agents/payments.py). Commands are idempotent by their customer's bet_id, request_id, transfer_id and
payment_id, results by the version of what they follow from.
"""

from collections.abc import Callable
from typing import TypeVar

from agents.accounts_ledger import send_checkpoint, send_entry
from agents.cash_outs import CashOutDesk
from agents.dead_letters import dead_letter
from agents.intake import decoded, each, home_of, source_of
from agents.payments import PaymentDesk, send_payment
from bookstream import topics
from bookstream.codecs import encode
from bookstream.delivery.api import Batch, Context, Outbox, Record, Shard
from domain.betting.cash_out_journal import request_of
from domain.betting.journal import BetIdReused, Step
from domain.betting.rules import AccountRules
from domain.betting.saga import Authenticate, on_clock, on_request, on_verdict
from domain.betting.settling import on_leg_result
from domain.errors import ContractViolation, RejectedInput, UnknownReference
from domain.events.betting import (
    Account,
    BetDecision,
    BetLeg,
    BetRequest,
    LedgerEntry,
    LegVerdict,
    WalletTransfer,
    bet_key,
)
from domain.events.cash_out import CashOutAnswer, CashOutRequest
from domain.events.feeds import ClockTick
from domain.events.head import Event
from domain.events.payments import Payment, PaymentAnswer, PaymentAsk, PaymentRefusal, PaymentRequest
from domain.events.settlement import BetSettlement, LegSettlement
from domain.events.trace import followed, trace_of
from domain.money.cause import Cause
from domain.money.checkpoint import Sign
from domain.money.payment_rules import PaymentRules
from domain.money.transfers import on_transfer
from ops.metrics import DECISIONS
from tables.accounts import (
    ACCOUNTS,
    BETS,
    ROWS,
    SETTLING,
    TRANSFERS,
    WAITING,
    BetName,
    forget_decided,
    forget_settled,
    log_time,
    put_bet,
    put_log_time,
    put_settling,
)
from tables.payments import ROWS as PAYMENT_ROWS

STAGE = "accounts"

UNIT_RECORDS = 256
"""A bet of many legs changes and says tens of kilobytes; a unit must fit into one record batch."""

E = TypeVar("E", bound=Event)
Command = TypeVar("Command", BetRequest, LegVerdict, LegSettlement, WalletTransfer, PaymentRequest, PaymentAnswer,
                  CashOutRequest)  # fmt: skip


def context(
    authenticate: Authenticate,
    rules: AccountRules | None = None,
    sign: Sign | None = None,
    *,
    payments: PaymentRules | None = None,
) -> Context:
    """Compose the accounts' context.

    Args:
        authenticate: a `TokenVerifier.check`.
        rules: what the house allows; None for the defaults.
        sign: a `CheckpointSigner.sign`; None leaves the ledger chained and unsigned.
        payments: what the house allows in payments; None lets nobody begin one.
    """
    agent = AccountAgent(authenticate, rules or AccountRules(), sign, payments or PaymentRules())
    return Context(
        name=STAGE,
        partitions=topics.PARTITIONS,
        handlers={
            topics.BET_REQUESTS.name: agent.requests,
            topics.LEG_VERDICTS.name: agent.verdicts,
            topics.LEG_RESULTS.name: agent.results,
            topics.TRANSFERS.name: agent.transfers,
            topics.CASH_OUTS.name: agent.cash_outs,
            topics.PAYMENT_REQUESTS.name: agent.payments,
            topics.PAYMENT_ANSWERS.name: agent.answers,
            topics.CLOCK.name: agent.ticks,
        },
        private_topic=topics.ACCOUNTS_STATE.name,
        rows=(*ROWS, *PAYMENT_ROWS),
        unit_records=UNIT_RECORDS,
    )


class AccountAgent:
    """The handlers of the accounts' context."""

    def __init__(
        self, authenticate: Authenticate, rules: AccountRules, sign: Sign | None, payments: PaymentRules
    ) -> None:
        self._authenticate = authenticate
        self._rules = rules
        self._sign = sign
        self._desk = PaymentDesk(authenticate, payments, send)
        self._cash_outs = CashOutDesk(authenticate, rules, send)

    def requests(self, shard: Shard, batch: Batch, out: Outbox) -> None:
        """Reserve or refuse; a bet sent again is answered again. Ordering key: customer_id."""

        def take(request: BetRequest, cause: Cause) -> None:
            name = BetName(request.customer_id, request.bet_id, cause.trace)
            account, bet = shard.get(ACCOUNTS, request.customer_id), shard.get(BETS, name.key)
            try:
                step = on_request(
                    account, bet, request, authenticate=self._authenticate, rules=self._rules, cause=cause
                )
            except BetIdReused as reused:
                if reused.answer is not None:
                    send(shard, out, reused.answer, cause)
                raise
            apply(shard, out, name, step, cause)

        _each(shard, batch, out, BetRequest, take)

    def verdicts(self, shard: Shard, batch: Batch, out: Outbox) -> None:
        """Gather the book's verdicts and decide. Ordering key: customer_id; idempotent by leg_id."""

        def take(verdict: LegVerdict, cause: Cause) -> None:
            if request_of(verdict.leg_id) is not None:
                self._cash_outs.price(shard, out, verdict, cause)
                return
            name = BetName(verdict.customer_id, verdict.bet_id, cause.trace)
            account, bet = shard.get(ACCOUNTS, verdict.customer_id), shard.get(BETS, name.key)
            apply(shard, out, name, on_verdict(account, bet, verdict, rules=self._rules, cause=cause), cause)

        _each(shard, batch, out, LegVerdict, take)

    def transfers(self, shard: Shard, batch: Batch, out: Outbox) -> None:
        """Credit and debit accounts. Ordering key: customer_id; idempotent by transfer_id."""

        def take(transfer: WalletTransfer, cause: Cause) -> None:
            key = f"{transfer.customer_id}/{transfer.transfer_id}"
            account, done = shard.get(ACCOUNTS, transfer.customer_id), shard.get(TRANSFERS, key)
            step = on_transfer(account, done, transfer, self._rules.currency, cause)
            if step.account is not None:
                shard.put(ACCOUNTS, transfer.customer_id, step.account)
            if step.transfer is not None:
                shard.put(TRANSFERS, key, step.transfer)
            for event in step.events:
                send(shard, out, event, cause)

        _each(shard, batch, out, WalletTransfer, take)

    def results(self, shard: Shard, batch: Batch, out: Outbox) -> None:
        """Settle bets by what became of their legs. Ordering key: customer_id; idempotent by the market's version."""

        def take(said: LegSettlement, cause: Cause) -> None:
            name = BetName(said.customer_id, said.bet_id, cause.trace)
            account, settling = shard.get(ACCOUNTS, said.customer_id), shard.get(SETTLING, name.key)
            if account is None or settling is None:
                raise UnknownReference(f"a result of leg {said.leg_id}: no such bet is open or can still be corrected")
            step = on_leg_result(account, settling, said, cause)
            if step.account is not None:
                shard.put(ACCOUNTS, said.customer_id, step.account)
            if step.settling is not None:
                put_settling(shard, name, settling, step.settling)
            for event in step.events:
                send(shard, out, event, cause)

        _each(shard, batch, out, LegSettlement, take)

    def cash_outs(self, shard: Shard, batch: Batch, out: Outbox) -> None:
        """Quote cash-outs and pay them. Ordering key: customer_id; idempotent by request_id."""
        _each(shard, batch, out, CashOutRequest, lambda asked, cause: self._cash_outs.request(shard, out, asked, cause))

    def payments(self, shard: Shard, batch: Batch, out: Outbox) -> None:
        """Begin payments. Ordering key: customer_id; idempotent by payment_id."""
        _each(shard, batch, out, PaymentRequest, lambda request, cause: self._desk.request(shard, out, request, cause))

    def answers(self, shard: Shard, batch: Batch, out: Outbox) -> None:
        """Take what the payment provider says. Ordering key: customer_id; idempotent by the request's key."""
        _each(shard, batch, out, PaymentAnswer, lambda answer, cause: self._desk.answer(shard, out, answer, cause))

    def ticks(self, shard: Shard, batch: Batch, out: Outbox) -> None:
        """End the bets whose time is up, forget those decided long ago, and sign the ledger."""
        rules = self._rules
        for record in batch.records:
            try:
                tick = decoded(ClockTick, record)
            except RejectedInput as error:
                dead_letter(out, record, error, STAGE)
                continue
            put_log_time(shard, tick.received_at)
            now = log_time(shard)
            for name in WAITING.until(shard, now, rules.bets_per_tick):
                # The tick only ends the wait: what is said belongs to the bet.
                cause = Cause(now, source_of(record), name.trace)
                account, bet = shard.get(ACCOUNTS, name.customer_id), shard.get(BETS, name.key)
                apply(shard, out, name, on_clock(account, bet, cause=cause), cause)
            self._cash_outs.tick(shard, out, now, source_of(record))
            self._desk.tick(shard, out, now, source_of(record))
            forget_decided(shard, now - rules.journal_keep_us, rules.bets_per_tick)
            forget_settled(shard, now - rules.corrections_us, rules.bets_per_tick)
            if self._sign is not None:
                send_checkpoint(shard, out, self._sign, now=now, every_us=rules.checkpoint_every_us)


def apply(shard: Shard, out: Outbox, name: BetName, step: Step, cause: Cause) -> None:
    """Put what a step changed and send what it says."""
    if step.account is not None:
        shard.put(ACCOUNTS, name.customer_id, step.account)
    if step.bet is not None:
        put_bet(shard, name, shard.get(BETS, name.key), step.bet)
        if step.bet.decision is not None:
            DECISIONS.labels(step.bet.decision.outcome, step.bet.decision.code).inc()
    for event in step.events:
        send(shard, out, event, cause)


def send(shard: Shard, out: Outbox, event: Event, cause: Cause) -> None:
    """Send an event to its topic under its key; a decision stays in its customer's partition."""
    headers = followed(cause.trace, cause.source)
    match event:
        case BetDecision():
            key = bet_key(event.customer_id, event.bet_id).encode()
            out.send(topics.BET_DECISIONS.name, key, encode(event), partition=shard.partition, headers=headers)
        case BetSettlement():
            key = bet_key(event.customer_id, event.bet_id).encode()
            out.send(topics.BET_SETTLEMENTS.name, key, encode(event), partition=shard.partition, headers=headers)
        case Account():
            out.send(topics.ACCOUNTS.name, event.customer_id.encode(), encode(event), headers=headers)
        case LedgerEntry():
            send_entry(shard, out, event, headers)
        case BetLeg():
            out.send(topics.BET_LEGS.name, event.fixture_id.encode(), encode(event), headers=headers)
        case CashOutAnswer():
            out.send(topics.CASH_OUT_ANSWERS.name, event.customer_id.encode(), encode(event), headers=headers)
        case Payment() | PaymentAsk() | PaymentRefusal():
            send_payment(shard, out, event, headers)
        case _:
            raise AssertionError(f"accounts do not speak of {type(event).__name__}")


def _each(shard: Shard, batch: Batch, out: Outbox, cls: type[Command], take: Callable[[Command, Cause], None]) -> None:
    """Hand each event to `take` with its cause; what is rejected becomes a dead letter."""
    now = log_time(shard)

    def owned(record: Record, event: Command) -> None:
        _require_owner(shard, record, event.customer_id)
        trace = trace_of(record.headers) if record.headers else b""
        take(event, Cause(max(event.received_at, now), source_of(record), trace))

    each(batch, out, cls, owned, stage=STAGE)


def _require_owner(shard: Shard, record: Record, customer_id: str) -> None:
    """Refuse a record in another customer's place: two partitions must never write one account."""
    if record.key != customer_id.encode():
        raise ContractViolation(f"the record's key is not its customer_id {customer_id[:64]!r}")
    if home_of(customer_id) != shard.partition:
        raise ContractViolation(
            f"the records of customer {customer_id[:64]!r} belong in partition {home_of(customer_id)}"
        )
