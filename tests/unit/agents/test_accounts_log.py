"""The account agent on all partitions of a log in memory, with a book that is told what to say."""

from collections import Counter

import pytest

from agents.accounts import context
from bookstream import topics
from bookstream.codecs import decode, encode
from bookstream.delivery.api import Batch, Context, Outbox, Shard
from bookstream.delivery.memory import MemoryLog
from bookstream.tokens import TokenSigner
from domain.events.betting import (
    Account,
    BetDecision,
    BetLeg,
    BetRequest,
    LedgerEntry,
    LegVerdict,
    SlipLeg,
    WalletTransfer,
)
from domain.money.ledger import Ledger

HOUR = 3600 * 1_000_000
NOW = 1_700_000_000 * 1_000_000
CUSTOMERS = [f"customer-{n}" for n in range(12)]
SIGNER = TokenSigner.generate()
TOKENS = {name: SIGNER.mint(name, issued_at=NOW, expires_at=NOW + HOUR) for name in CUSTOMERS}


def book_that_refuses(refused: str) -> Context:
    """Pass every leg, except those on one fixture; `refused` is its id."""

    def answer(shard: Shard, batch: Batch, out: Outbox) -> None:
        for record in batch.records:
            leg = decode(BetLeg, record.value or b"")
            if leg.action != "HOLD":
                continue
            good = leg.fixture_id != refused
            verdict = LegVerdict(
                event_id=f"{leg.leg_id}.verdict",
                occurred_at=leg.occurred_at,
                received_at=leg.received_at,
                provider="bookstream",
                leg_id=leg.leg_id,
                bet_id=leg.bet_id,
                customer_id=leg.customer_id,
                fixture_id=leg.fixture_id,
                market_id=leg.market_id,
                selection_id=leg.selection_id,
                outcome="PASS" if good else "REFUSE",
                code="" if good else "MARKET_CLOSED",
                odds=leg.odds,
                quote_version=1,
                stake_minor=leg.stake_minor if good else 0,
                liability_before_minor=0,
                liability_after_minor=0,
                checks=(),
            )
            out.send(topics.LEG_VERDICTS.name, leg.customer_id.encode(), encode(verdict))

    return Context(
        name="book",
        partitions=topics.PARTITIONS,
        handlers={topics.BET_LEGS.name: answer},
        private_topic=topics.BOOK_STATE.name,
        rows=(),
    )


def bet(customer: str, number: int) -> BetRequest:
    fixtures = [f"fx-{(number + each) % 10}" for each in range(1 + number % 3)]
    return BetRequest(
        event_id=f"{customer}-{number}",
        occurred_at=NOW + number,
        received_at=NOW + number,
        provider="gateway",
        bet_id=f"bet-{number}",
        customer_id=customer,
        token=TOKENS[customer],
        currency="GBP",
        stake_minor=100,
        price_policy="exact",
        accept_partial=False,
        legs=tuple(
            SlipLeg(fixture_id=name, market_id=f"{name}/MATCH_ODDS/FT", selection_id="home", odds=1500, quote_version=1)
            for name in fixtures
        ),
    )


def run(batch_records: int) -> MemoryLog:
    log = MemoryLog([context(SIGNER.verifier().check), book_that_refuses("fx-3")], batch_records=batch_records)
    for customer in CUSTOMERS:
        deposit = WalletTransfer(
            event_id=f"w-{customer}",
            occurred_at=NOW,
            received_at=NOW,
            provider="cashier",
            transfer_id="t1",
            customer_id=customer,
            currency="GBP",
            amount_minor=2_000,
            reason="deposit",
        )
        log.send(topics.TRANSFERS.name, customer.encode(), encode(deposit))
    log.run()
    for number in range(10):
        for customer in CUSTOMERS:
            for _ in range(1 + (number == 5)):
                log.send(topics.BET_REQUESTS.name, customer.encode(), encode(bet(customer, number)))
    log.run()
    return log


@pytest.mark.parametrize("batch_records", [1, 7, 1024])
def test_every_bet_of_every_customer_is_decided_and_every_account_adds_up(batch_records: int) -> None:
    log = run(batch_records)
    assert log.records(topics.DEAD_LETTERS.name) == []
    decisions: dict[tuple[str, str], BetDecision] = {}
    for record in log.records(topics.BET_DECISIONS.name):
        decision = decode(BetDecision, record.value or b"")
        assert decisions.setdefault((decision.customer_id, decision.bet_id), decision) == decision
    assert len(decisions) == 10 * len(CUSTOMERS)
    refused = {n for n in range(10) if any(leg.fixture_id == "fx-3" for leg in bet(CUSTOMERS[0], n).legs)}
    rejected = {name for name, decision in decisions.items() if decision.outcome == "REJECTED"}
    assert rejected == {(customer, f"bet-{n}") for customer in CUSTOMERS for n in refused}
    ledger = Ledger()
    for record in log.records(topics.LEDGER.name):
        ledger.add(decode(LedgerEntry, record.value or b""))
    assert sum(ledger.balances.values()) == 0
    standing = {}
    for record in log.records(topics.ACCOUNTS.name):
        account = decode(Account, record.value or b"")
        standing[account.customer_id] = account
    assert set(standing) == set(CUSTOMERS)
    for customer, account in standing.items():
        figures = ledger.figures(customer)
        assert (account.balance_minor, account.reserved_minor) == (figures.balance_minor, 0)
        assert account.open_stakes_minor == figures.open_stakes_minor == 100 * (10 - len(refused))


def test_compaction_keeps_every_customers_decision_under_a_shared_bet_id() -> None:
    log = run(7)
    kept = {(record.partition, record.key): record.value for record in log.records(topics.BET_DECISIONS.name)}
    decisions = [decode(BetDecision, value or b"") for value in kept.values()]
    names = {(decision.customer_id, decision.bet_id) for decision in decisions}
    assert names == {(customer, f"bet-{number}") for customer in CUSTOMERS for number in range(10)}
    assert {key for _, key in kept} == {f"{customer}/{bet_id}".encode() for customer, bet_id in names}


def test_every_hold_is_ended_in_its_fixtures_partition() -> None:
    log = run(7)
    for partition in log.topics[topics.BET_LEGS.name]:
        legs = [decode(BetLeg, record.value or b"") for record in partition]
        actions = Counter(leg.leg_id for leg in legs)
        assert set(actions.values()) <= {2}
        for leg_id in actions:
            first, second = (leg.action for leg in legs if leg.leg_id == leg_id)
            assert first == "HOLD"
            assert second in {"CONFIRM", "RELEASE"}
