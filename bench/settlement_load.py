"""The load of settlement: one market, many open bets on it, and the words that settle it and take it back."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

from agents.accounts import context as accounts_context
from agents.settlement import context as settlement_context
from bench.load import SECOND, START, Value, fixture_ids, market_id
from bookstream.codecs import decode, encode
from bookstream.delivery.api import Batch, Context, Outbox, Shard
from bookstream.delivery.memory import MemoryLog, MemoryShard, MemoryStore
from bookstream.delivery.shard import RowShard
from bookstream.partitioner import partition_for
from bookstream.tokens import TokenSigner
from bookstream.topics import BET_LEGS, BET_REQUESTS, LEG_VERDICTS, PARTITIONS, RESULTS, TRANSFERS
from domain.events.betting import BetLeg, BetRequest, LegVerdict, SlipLeg, WalletTransfer
from domain.events.head import Event
from domain.events.settlement import MarketResult, ResultAction, SelectionResult

CUSTOMERS: Final = 1_000
STAKE_MINOR: Final = 1_00
FIXTURE: Final = fixture_ids(1)[0]
MARKET: Final = market_id(FIXTURE)
SELECTIONS: Final = ("home", "draw", "away")
ODDS: Final = (2000, 3400, 3750)
SETTLED_AT: Final = START + 3600 * SECOND

CONTEXTS: Final = ("accounts", "settlement")


class SortedStore(MemoryStore):
    """Rows in a dict whose keys can be scanned without looking at all of them, as RocksDB's can."""

    def __init__(self) -> None:
        super().__init__()
        self._keys: list[bytes] | None = None

    def scan(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Iterate over the keys that start with a prefix, in order."""
        if self._keys is None:
            self._keys = sorted(self.data)
        place = bisect_left(self._keys, prefix)
        while place < len(self._keys) and self._keys[place].startswith(prefix):
            yield self._keys[place], self.data[self._keys[place]]
            place += 1

    def apply(self, changes: Sequence[tuple[bytes, bytes | None]]) -> None:
        """Write the changes of a unit."""
        if any((value is None) == (key in self.data) for key, value in changes):
            self._keys = None
        super().apply(changes)


class SortedShard(MemoryShard):
    """A shard on such a store."""

    def __init__(self, partition: int) -> None:
        self.store = SortedStore()
        RowShard.__init__(self, partition, self.store)


class World:
    """Customers with money, and so many bets of theirs on the three outcomes of one market."""

    def __init__(self, bets: int) -> None:
        self.signer = TokenSigner.generate()
        self.transfers = [_value(each.customer_id, each) for each in _transfers()]
        requests = list(_requests(bets, self.signer))
        self.requests = [_value(each.customer_id, each) for each in requests]
        self.verdicts = [_value(each.customer_id, assent(leg_of(each))) for each in requests]
        self.bets = bets
        check = self.signer.verifier().check
        valid = cache(lambda token: check(token, START))
        self.contexts = (accounts_context(lambda token, _: valid(token)), settlement_context())

    def opened(self) -> MemoryLog:
        """Return a log on which every bet was accepted and is open, its topics empty."""
        log = emptied(MemoryLog(()), (*self.contexts, assenting()))
        for topic, load in ((TRANSFERS.name, self.transfers), (BET_REQUESTS.name, self.requests)):
            for each in load:
                log.send(topic, each.key, each.value, partition=each.partition)
            log.run()
        return emptied(log, self.contexts)


def emptied(log: MemoryLog, contexts: Sequence[Context]) -> MemoryLog:
    """Return a log of these contexts with the same rows and nothing on its topics."""
    fresh = MemoryLog(contexts)
    for name in CONTEXTS:
        for partition in range(PARTITIONS):
            fresh.shards[name, partition] = log.shards.get((name, partition)) or SortedShard(partition)
    return fresh


def result(winner: str | None, number: int) -> Value:
    """Return the word that one selection has won, or that nothing is known any more (None); the last number holds."""
    action: ResultAction = "SETTLE" if winner is not None else "ROLLBACK_SETTLEMENT"
    selections = [SelectionResult(selection_id=each, win=int(each == winner)) for each in SELECTIONS]
    at = SETTLED_AT + number * SECOND
    event = MarketResult(
        event_id=f"word-{number}", occurred_at=at, received_at=at, provider="bench", fixture_id=FIXTURE,
        market_id=MARKET, told_by="bench", told_number=number, action=action, confirmed=True,
        selections=tuple(selections) if winner is not None else (), selection_ids=(),
    )  # fmt: skip
    return _value(FIXTURE, event)


def say(log: MemoryLog, word: Value, number: int) -> None:
    """Let the agents do all that follows from a word."""
    at = (SETTLED_AT + number * SECOND) // 1000
    log.send(RESULTS.name, word.key, word.value, partition=word.partition, timestamp_ms=at)
    log.run()


def assenting() -> Context:
    """Compose what stands for the book: it takes every leg at once, whatever the liability."""

    def take(_: Shard, batch: Batch, out: Outbox) -> None:
        for record in batch.records:
            leg = decode(BetLeg, record.value or b"")
            if leg.action == "HOLD":
                out.send(LEG_VERDICTS.name, leg.customer_id.encode(), encode(assent(leg)))

    return Context(
        name="assent", partitions=PARTITIONS, handlers={BET_LEGS.name: take}, private_topic="assent-state", rows=()
    )


def assent(leg: BetLeg) -> LegVerdict:
    """Return the verdict that takes a leg as it is."""
    return LegVerdict(
        event_id=f"{leg.leg_id}.verdict", occurred_at=leg.occurred_at, received_at=leg.received_at, provider="bench",
        leg_id=leg.leg_id, bet_id=leg.bet_id, customer_id=leg.customer_id, fixture_id=leg.fixture_id,
        market_id=leg.market_id, selection_id=leg.selection_id, outcome="PASS", code="", odds=leg.odds,
        quote_version=leg.quote_version, stake_minor=leg.stake_minor, liability_before_minor=0,
        liability_after_minor=0, checks=(),
    )  # fmt: skip


def leg_of(request: BetRequest) -> BetLeg:
    """Return the leg that the accounts will ask the book for."""
    (leg,) = request.legs
    return BetLeg(
        event_id="", occurred_at=request.occurred_at, received_at=request.received_at, provider="bench",
        leg_id=f"{request.customer_id}/{request.bet_id}/0", bet_id=request.bet_id, customer_id=request.customer_id,
        action="HOLD", fixture_id=leg.fixture_id, market_id=leg.market_id, selection_id=leg.selection_id,
        odds=leg.odds, quote_version=leg.quote_version, price_policy=request.price_policy,
        currency=request.currency, stake_minor=request.stake_minor, other_odds=1000,
    )  # fmt: skip


def _transfers() -> Iterator[WalletTransfer]:
    for number in range(CUSTOMERS):
        name = _customer(number)
        yield WalletTransfer(
            event_id=f"deposit-{name}", occurred_at=START, received_at=START, provider="bench",
            transfer_id=f"deposit-{name}", customer_id=name, currency="GBP", amount_minor=10_000_00, reason="deposit",
        )  # fmt: skip


def _requests(count: int, signer: TokenSigner) -> Iterator[BetRequest]:
    until = START + 86_400 * SECOND
    tokens = [signer.mint(_customer(n), issued_at=START - SECOND, expires_at=until) for n in range(CUSTOMERS)]
    for number in range(count):
        name, at, bet_id = _customer(number % CUSTOMERS), START + number, f"bet-{number:06d}"
        leg = SlipLeg(
            fixture_id=FIXTURE, market_id=MARKET, selection_id=SELECTIONS[number % 3], odds=ODDS[number % 3],
            quote_version=1,
        )  # fmt: skip
        yield BetRequest(
            event_id=f"{name}/{bet_id}", occurred_at=at, received_at=at, provider="bench", bet_id=bet_id,
            customer_id=name, token=tokens[number % CUSTOMERS], currency="GBP", stake_minor=STAKE_MINOR,
            price_policy="exact", accept_partial=False, legs=(leg,),
        )  # fmt: skip


def _customer(number: int) -> str:
    return f"customer-{number:04d}"


def _value(key: str, event: Event) -> Value:
    return Value(key.encode(), encode(event), partition_for(key.encode(), PARTITIONS))
