"""Any history of bets, verdicts, transfers and time: money is conserved, and each bet is decided once.

The machine drives the account agent itself, rows and bytes included. The book is played by the machine: it answers in
any order, twice, late or never. At the end the same log is run again, cut into other batches.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from agents.accounts import context
from bookstream import topics
from bookstream.codecs import decode, encode
from bookstream.delivery.api import Batch, Context, Record
from bookstream.delivery.memory import MemoryOutbox, MemoryShard
from bookstream.delivery.outbox import Sent
from bookstream.partitioner import partition_for
from bookstream.tokens import TokenSigner
from domain.betting.rules import AccountRules, Limits
from domain.betting.shares import leg_stakes
from domain.events.betting import (
    Account,
    BetDecision,
    BetLeg,
    BetRequest,
    LedgerEntry,
    LegVerdict,
    SlipLeg,
    WalletTransfer,
    bet_key,
)
from domain.events.feeds import ClockTick
from domain.events.head import Event
from domain.money.ledger import Ledger
from domain.settlement.result import WIN
from tables.accounts import ACCOUNTS, BETS, DECIDED, SETTLING, WAITING

SECOND = 1_000_000
HOUR = 3600 * SECOND
START = 1_700_000_000 * SECOND
PARTITION = 3
CUSTOMERS = [name for name in (f"c{n}" for n in range(100)) if partition_for(name.encode(), 8) == PARTITION][:3]
SIGNER = TokenSigner.generate()
TOKENS = {name: SIGNER.mint(name, issued_at=START, expires_at=START + 1000 * HOUR) for name in CUSTOMERS}
OLD_TOKEN = SIGNER.mint(CUSTOMERS[0], issued_at=START - HOUR, expires_at=START - 1)
RULES = AccountRules(
    limits=Limits(min_stake_minor=10, max_stake_minor=2_000, max_payout_minor=9_000, max_legs=3), bets_per_tick=2
)
ODDS = (1200, 2500, 3333)


class Run:
    """One owner of the partition, whose cache is lost after every unit."""

    def __init__(self) -> None:
        self.context: Context = context(SIGNER.verifier().check, RULES)
        self.shard = MemoryShard(PARTITION)
        self.sent: list[Sent] = []

    def unit(self, topic: str, records: list[Record]) -> None:
        outbox = MemoryOutbox(PARTITION, topics.PARTITIONS)
        self.context.handlers[topic](self.shard, Batch(topic, PARTITION, records), outbox)
        self.shard.settle()
        self.shard = self.shard.reopened()
        self.sent.extend(outbox.sent)

    def said(self, kind: type[Any], topic: topics.Topic) -> list[Any]:
        return [decode(kind, value) for name, _, _, value, _ in self.sent if name == topic.name and value is not None]


class Bets(RuleBasedStateMachine):
    """A few customers, few ids, so that repetitions and collisions happen."""

    def __init__(self) -> None:
        super().__init__()
        self.run = Run()
        self.now = START
        self.log: list[Record] = []
        self.requests: dict[tuple[str, str], BetRequest] = {}
        self.answered: set[str] = set()
        self.transfers = 0

    def write(self, topic: topics.Topic, key: str, event: Event) -> None:
        offset = sum(record.topic == topic.name for record in self.log)
        record = Record(topic.name, PARTITION, offset, event.received_at // 1000, key.encode(), encode(event))
        self.log.append(record)
        self.run.unit(topic.name, [record])

    def head(self, name: str) -> dict[str, Any]:
        return {"event_id": name, "occurred_at": self.now, "received_at": self.now, "provider": "test"}

    @initialize()
    def open_accounts(self) -> None:
        for customer in CUSTOMERS[:2]:
            self.transfer(customer, 20_000, "opening")

    @rule(
        customer=st.sampled_from(CUSTOMERS),
        amount=st.sampled_from([-6_000, -400, -1, 1, 250, 3_000]),
        name=st.sampled_from(["t1", "t2", "t3", "t4", "t5"]),
    )
    def transfer(self, customer: str, amount: int, name: str) -> None:
        self.transfers += 1
        command = WalletTransfer(
            **self.head(f"w{self.transfers}"),
            transfer_id=name,
            customer_id=customer,
            currency="GBP",
            amount_minor=amount,
            reason="test",
        )
        self.write(topics.TRANSFERS, customer, command)

    @rule(
        customer=st.sampled_from(CUSTOMERS[:2]),
        stake=st.sampled_from([10, 300, 700, 1_500]),
        odds=st.lists(st.sampled_from(ODDS), min_size=1, max_size=3),
        policy=st.sampled_from(["exact", "better", "any"]),
        partial=st.sampled_from([True, False]),
        every=st.sampled_from([None, 1, 2]),
        banker=st.booleans(),
    )
    def sound_bet(
        self, customer: str, stake: int, odds: list[int], policy: Any, every: int | None, *, partial: bool, banker: bool
    ) -> None:
        slip: dict[str, Any] = {"stake_minor": stake, "price_policy": policy, "accept_partial": partial}
        others = len(odds) - banker
        if every is not None and others >= every:
            slip |= {"folds": tuple(range(every, others + 1)), "bankers": (0,) if banker else ()}
        self.ask(customer, f"new-{len(self.log)}", TOKENS[customer], odds, slip)

    @rule(
        customer=st.sampled_from(CUSTOMERS),
        bet_id=st.sampled_from(["b0", "b1", "b2", "b3"]),
        odds=st.lists(st.sampled_from(ODDS), max_size=4),
        token=st.sampled_from([*TOKENS.values(), OLD_TOKEN, "rubbish", ""]),
        stake=st.sampled_from([0, 9, 300, 2_500, 40_000]),
        shape=st.sampled_from(
            [{}, {}, {"folds": (2, 3)}, {"folds": (0,)}, {"bankers": (1,)}, {"folds": (1,), "bankers": (-1,)},
             {"each_way": True}, {"free": True}]
        ),
    )  # fmt: skip
    def doubtful_bet(  # noqa: PLR0917 - what a slip may say
        self, customer: str, bet_id: str, odds: list[int], token: str, stake: int, shape: dict[str, Any]
    ) -> None:
        slip = {"stake_minor": stake, "price_policy": "any", "accept_partial": bool(odds), **shape}
        self.ask(customer, bet_id, token, odds, slip)

    def ask(self, customer: str, bet_id: str, token: str, odds: list[int], slip: dict[str, Any]) -> None:
        request = BetRequest(
            **self.head(f"{customer}/{bet_id}/{len(self.log)}"),
            bet_id=bet_id,
            customer_id=customer,
            token=token,
            currency="GBP",
            legs=tuple(
                SlipLeg(fixture_id=f"fx-{n}", market_id=f"fx-{n}/M/FT", selection_id="home", odds=each, quote_version=1)
                for n, each in enumerate(odds)
            ),
            **slip,
        )
        # A client that uses a bet_id again does not pretend that it is a new day's bet.
        earlier = self.requests.setdefault((customer, bet_id), request)
        self.write(topics.BET_REQUESTS, customer, msgspec.structs.replace(request, occurred_at=earlier.occurred_at))

    @precondition(lambda self: self.requests)
    @rule(data=st.data())
    def bet_again(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.requests)))
        self.write(topics.BET_REQUESTS, name[0], msgspec.structs.replace(self.requests[name], received_at=self.now))

    @precondition(lambda self: self.unanswered())
    @rule(
        data=st.data(),
        words=st.lists(st.sampled_from(["PASS", "PASS", "PASS", "REDUCE", "REFUSE"]), min_size=3, max_size=3),
        moved=st.sampled_from([0, 0, 50, 4_000]),
    )
    def book_answers_a_bet(self, data: st.DataObject, words: list[str], moved: int) -> None:
        bet = data.draw(st.sampled_from(sorted({leg.leg_id.rpartition("/")[0] for leg in self.unanswered()})))
        legs = [leg for leg in self.unanswered() if leg.leg_id.rpartition("/")[0] == bet]
        for leg, word in zip(data.draw(st.permutations(legs)), words, strict=False):
            self.answer(leg, word, 0 if leg.price_policy == "exact" else moved, 200)

    @precondition(lambda self: self.legs("HOLD"))
    @rule(
        data=st.data(),
        word=st.sampled_from(["PASS", "REDUCE", "REFUSE", "WRONG"]),
        moved=st.sampled_from([0, -50, 50]),
        allowed=st.sampled_from([1, 9, 10, 200]),
    )
    def book_says_anything(self, data: st.DataObject, word: str, moved: int, allowed: int) -> None:
        self.answer(data.draw(st.sampled_from(self.legs("HOLD"))), word, moved, allowed)

    def unanswered(self) -> list[BetLeg]:
        return [leg for leg in self.legs("HOLD") if leg.leg_id not in self.answered]

    def answer(self, held: BetLeg, word: str, moved: int, allowed: int) -> None:
        self.answered.add(held.leg_id)
        stakes = {"PASS": held.stake_minor, "REDUCE": allowed, "REFUSE": 0, "WRONG": held.stake_minor + 1}
        codes = {"REDUCE": "MARKET_LIABILITY", "REFUSE": "MARKET_SUSPENDED"}
        verdict = LegVerdict(
            **self.head(f"{held.leg_id}.verdict.{len(self.log)}"),
            leg_id=held.leg_id,
            bet_id=held.bet_id,
            customer_id=held.customer_id,
            fixture_id=held.fixture_id,
            market_id=held.market_id,
            selection_id=held.selection_id,
            outcome="PASS" if word == "WRONG" else word,  # type: ignore[arg-type]  # drawn from its values
            code=codes.get(word, ""),
            odds=held.odds + moved,
            quote_version=2,
            stake_minor=stakes[word],
            liability_before_minor=0,
            liability_after_minor=0,
            checks=(),
        )
        self.write(topics.LEG_VERDICTS, held.customer_id, verdict)

    @rule(seconds=st.sampled_from([0, 1, 1, 4, 16]))
    def tick(self, seconds: int) -> None:
        self.now += seconds * SECOND
        self.write(topics.CLOCK, "clock", ClockTick(**self.head(f"tick-{len(self.log)}")))

    @rule(hours=st.sampled_from([11, 25]))
    def night(self, hours: int) -> None:
        for _ in range(4):
            self.tick(hours * 900)

    def legs(self, action: str) -> list[BetLeg]:
        return [leg for leg in self.run.said(BetLeg, topics.BET_LEGS) if leg.action == action]

    def open_bets(self) -> set[str]:
        return {key for key, bet in self.run.shard.scan(BETS) if bet.open is not None}

    @invariant()
    def money_is_conserved_and_every_account_is_the_sum_of_its_entries(self) -> None:
        ledger = Ledger()
        for entry in self.run.said(LedgerEntry, topics.LEDGER):
            assert ledger.add(entry), f"{entry.entry_id} was written twice"
        assert sum(ledger.balances.values()) == 0
        assert all(balance >= 0 for name, balance in ledger.balances.items() if name != "house:bank")
        standing: dict[str, Account] = {}
        for account in self.run.said(Account, topics.ACCOUNTS):
            assert (
                account.version == (standing[account.customer_id].version if account.customer_id in standing else 0) + 1
            )
            standing[account.customer_id] = account
        for customer, account in standing.items():
            figures = ledger.figures(customer)
            state = self.run.shard.get(ACCOUNTS, customer)
            assert state is not None
            for seen in (account, state):
                assert seen.balance_minor == figures.balance_minor
                assert seen.reserved_minor == figures.reserved_minor
                assert seen.open_stakes_minor == figures.open_stakes_minor

    @invariant()
    def a_bet_has_one_decision_in_one_wording(self) -> None:
        wordings: dict[tuple[str, str], bytes] = {}
        for topic, partition, key, value, _ in self.run.sent:
            if topic == topics.BET_DECISIONS.name and value is not None:
                decision = decode(BetDecision, value)
                assert (key, partition) == (bet_key(decision.customer_id, decision.bet_id).encode(), PARTITION)
                assert wordings.setdefault((decision.customer_id, decision.bet_id), value) == value
                assert decision.payout_minor <= RULES.limits.max_payout_minor
                assert decision.stake_minor <= max(0, decision.stake_asked_minor)
                assert (decision.stake_minor > 0) == (decision.outcome != "REJECTED")
        assert not {f"{customer}/{bet_id}" for customer, bet_id in wordings} & self.open_bets()

    @invariant()
    def a_hold_ends_once_and_only_with_its_bet(self) -> None:
        held = [leg.leg_id for leg in self.legs("HOLD")]
        ended = [leg.leg_id for leg in self.legs("CONFIRM")] + [leg.leg_id for leg in self.legs("RELEASE")]
        assert len(held) == len(set(held))
        assert len(ended) == len(set(ended))
        still = {leg_id for leg_id in held if leg_id.rpartition("/")[0] in self.open_bets()}
        assert set(held) - set(ended) == still

    @invariant()
    def every_accepted_bet_pays_at_most_what_its_decision_says(self) -> None:
        for _, bet in self.run.shard.scan(SETTLING):
            every = bet.payout((WIN,) * len(bet.odds))
            decision = self.run.shard.get(BETS, bet_key(bet.bet.customer_id, bet.bet.bet_id))
            if decision is not None and decision.decision is not None:
                assert every.returned_minor == decision.decision.payout_minor
                confirmed = [leg for leg in self.legs("CONFIRM") if leg.bet_id == bet.bet.bet_id]
                mine = [leg.stake_minor for leg in confirmed if leg.customer_id == bet.bet.customer_id]
                assert mine == leg_stakes(bet.wager.bet_type, bet.bet.stake_minor)

    @invariant()
    def the_indexes_name_the_bets_that_they_index(self) -> None:
        decided = {key for key, bet in self.run.shard.scan(BETS) if bet.decision is not None}
        assert {name.key for _, name in self.run.shard.scan(WAITING.rows)} == self.open_bets()
        assert {name.key for _, name in self.run.shard.scan(DECIDED.rows)} == decided

    @invariant()
    def no_token_is_kept_or_said(self) -> None:
        kept = b"".join(self.run.shard.store.data.values()) + b"".join(
            value for topic, _, _, value, _ in self.run.sent if topic != topics.DEAD_LETTERS.name and value is not None
        )
        assert not any(token.encode() in kept for token in TOKENS.values())

    def teardown(self) -> None:
        for _ in range(40):
            self.tick(16)
        assert not self.open_bets()
        assert all(account.reserved_minor == 0 for _, account in self.run.shard.scan(ACCOUNTS))
        for most in (1, 3, 1000):
            again = Run()
            for records in chunks(self.log, most):
                again.unit(records[0].topic, records)
            assert again.sent == self.run.sent
            assert again.shard.store.data == self.run.shard.store.data


def chunks(log: list[Record], most: int) -> Iterator[list[Record]]:
    """Cut a log into batches of one topic and at most so many records."""
    batch: list[Record] = []
    for record in log:
        if batch and (batch[0].topic != record.topic or len(batch) == most):
            yield batch
            batch = []
        batch.append(record)
    if batch:
        yield batch


Bets.TestCase.settings = settings(max_examples=150, stateful_step_count=50, deadline=None)
TestBets = Bets.TestCase
