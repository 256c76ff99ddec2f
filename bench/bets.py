"""bets: how many bets a second the accounts and the book decide together, and how soon an outsider sees a decision."""

import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import islice
from typing import Final

from agents.accounts import context as accounts_context
from agents.book import book_context
from bench.drain import FIXTURE_COUNT
from bench.figures import Bound, Figure, compare
from bench.harness import Stage
from bench.latency import probe, write_load
from bench.load import SECOND, START, Value, fixture_ids, fixtures, market_id, ticks, values
from bench.probe import Seen, Shot
from bookstream.codecs import encode
from bookstream.delivery.memory import MemoryLog
from bookstream.partitioner import partition_for
from bookstream.reading import events
from bookstream.tokens import TokenSigner
from bookstream.topics import BET_DECISIONS, BET_REQUESTS, FIXTURES, ODDS, PARTITIONS, PUBLIC, TRANSFERS
from domain.errors import BookstreamError, Unavailable
from domain.events.betting import BetDecision, BetRequest, SlipLeg, WalletTransfer, bet_key

BACKLOG: Final = 20_000
RATE: Final = 200
SECONDS: Final = 12.0
CUSTOMERS: Final = 300
TICKS: Final = FIXTURE_COUNT * 12
DECIDED_SECONDS: Final = 300.0
BETS_AT: Final = START + 10 * SECOND
STATES: Final = ("book-state-changelog", "accounts-state-changelog")
GROUPS: Final = ("bookstream-book", "bookstream-accounts")
DECIDED_TARGET: Final = 5_000.0
SHARE_TAKEN: Final = 0.95
P50_MS, P99_MS = 6.0, 20.0


def run(stage: Stage, *, rounds: int, backlog: int = BACKLOG, seconds: float = SECONDS) -> list[Figure]:
    """Decide a backlog and a steady load once a round, beside the rules alone and the broker's hop."""
    world = World(backlog, int(RATE * seconds) + 100)
    measured: dict[str, list[float]] = defaultdict(list)
    seen: dict[str, list[Seen]] = defaultdict(list)
    for _ in range(rounds):
        stage.renew([topic.name for topic in PUBLIC] + list(STATES), GROUPS)
        for context in ("accounts", "book"):
            stage.forget(context)
        stage.keys(world.signer)
        measured["rules"].append(world.decided_in_memory())
        stage.say(f"rules alone in one process: {measured['rules'][-1]:,.0f} bets/s")
        measured["workers"].append(_decide(stage, world, seen, seconds))
        write_load(stage, world.steady)
        stage.renew([BET_REQUESTS.name])
        seen["hop"] += probe(stage, BET_REQUESTS.name, BET_REQUESTS.name, (RATE,), seconds)
    return _figures(measured, seen)


def _decide(stage: Stage, world: "World", seen: dict[str, list[Seen]], seconds: float) -> float:
    book, accounts = stage.worker("book"), stage.worker("accounts")
    # One after another: a fixture that came after its ticks would have its market quoted at the fixture's time, seconds
    # before the bets, and topics have no order among them.
    stage.fill(FIXTURES.name, world.before[FIXTURES.name])
    stage.wait_committed(GROUPS[0], FIXTURES.name, FIXTURE_COUNT, book)
    stage.fill(ODDS.name, world.before[ODDS.name])
    stage.wait_committed(GROUPS[0], ODDS.name, TICKS, book)
    stage.fill(TRANSFERS.name, world.before[TRANSFERS.name])
    stage.wait_committed(GROUPS[1], TRANSFERS.name, CUSTOMERS, accounts)
    began = time.time()
    stage.fill(BET_REQUESTS.name, world.backlog)
    deadline = time.monotonic() + DECIDED_SECONDS
    while (decided := stage.count(BET_DECISIONS.name)) < len(world.backlog):
        for process in (book, accounts):
            if process.exit_code is not None:
                raise process.death()
        if time.monotonic() > deadline:
            raise Unavailable(f"{decided} of {len(world.backlog)} bets were decided")
        time.sleep(0.2)
    rate = len(world.backlog) / (stage.appended(BET_DECISIONS.name)[2] - began)
    outcomes = Counter(
        f"{decision.outcome} {decision.code}".rstrip()
        for _, decision in events(stage.bootstrap, BET_DECISIONS.name, BetDecision)
    )
    stage.say(f"workers: {rate:,.0f} bets/s, {dict(outcomes)}")
    if outcomes["ACCEPTED"] < SHARE_TAKEN * len(world.backlog):
        raise BookstreamError(f"the bench measures taken bets, and these came out as {dict(outcomes)}")
    write_load(stage, world.steady)
    found = probe(stage, BET_REQUESTS.name, BET_DECISIONS.name, (RATE,), seconds)
    stage.say(f"request to decision: p50 {found[0].p50:.2f} ms, p99 {found[0].p99:.1f} ms of {found[0].answered:,}")
    seen["workers"] += found
    for process in (book, accounts):
        process.terminate()
    for process in (book, accounts):
        process.stop()
    return rate


def _figures(measured: dict[str, list[float]], seen: dict[str, list[Seen]]) -> list[Figure]:
    rates = measured["workers"]
    found = [
        compare("bets decided", rates, "5,000/s", [DECIDED_TARGET] * len(rates), "bets/s", bound=Bound(target=1.0)),
        compare("bets decided", rates, "the rules alone in one process", measured["rules"], "bets/s"),
    ]
    for what, limit in (("p50", P50_MS), ("p99", P99_MS)):
        own = [getattr(each, what) for each in seen["workers"]]
        hop = [getattr(each, what) for each in seen["hop"]]
        label = f"request to decision at {RATE}/s, {what}"
        bound = Bound(target=1.0, direction="at most")
        found.append(compare(label, own, f"{limit:.0f} ms", [limit] * len(own), "ms", bound=bound))
        found.append(compare(label, own, "broker's hop", hop, "ms"))
    return found


class World:
    """Fixtures with open markets, customers with money, and bets at the odds of the moment."""

    def __init__(self, backlog: int, steady: int) -> None:
        self.signer = TokenSigner.generate()
        ids = fixture_ids(FIXTURE_COUNT)
        self.before: dict[str, list[Value]] = {
            FIXTURES.name: list(values(fixtures(ids), len(ids))),
            ODDS.name: list(values(ticks(ids), TICKS)),
            TRANSFERS.name: list(_transfers()),
        }
        bets = _bets(ids, self.signer)
        self.backlog = [shot.value for shot in islice(bets, backlog)]
        self.steady = list(islice(bets, steady))

    def decided_in_memory(self) -> float:
        """Decide the backlog by both contexts in one process, on topics in memory; return the bets a second."""
        log = MemoryLog([accounts_context(self.signer.verifier().check), book_context()])
        for topic, load in self.before.items():
            _append(log, topic, load)
            log.run()
        _append(log, BET_REQUESTS.name, self.backlog)
        began = time.perf_counter()
        log.run()
        took = time.perf_counter() - began
        decided = len(log.records(BET_DECISIONS.name))
        if decided < len(self.backlog):
            raise BookstreamError(f"the rules decided {decided} of {len(self.backlog)} bets")
        return len(self.backlog) / took


def _append(log: MemoryLog, topic: str, load: list[Value]) -> None:
    for value in load:
        log.send(topic, value.key, value.value, partition=value.partition)


def _transfers() -> Iterator[Value]:
    for number in range(CUSTOMERS):
        name = _customer(number)
        event = WalletTransfer(
            event_id=f"deposit-{name}", occurred_at=START, received_at=START, provider="bench",
            transfer_id=f"deposit-{name}", customer_id=name, currency="GBP", amount_minor=1_000_00, reason="deposit",
        )  # fmt: skip
        yield _value(name, encode(event))


def _bets(ids: list[str], signer: TokenSigner) -> Iterator[Shot]:
    tokens = [
        signer.mint(_customer(number), issued_at=START - SECOND, expires_at=START + 86_400 * SECOND)
        for number in range(CUSTOMERS)
    ]
    number = 0
    while True:
        name, fixture_id = _customer(number % CUSTOMERS), ids[number % len(ids)]
        at, bet_id = BETS_AT + number * 100, f"bet-{number:06d}"
        key = bet_key(name, bet_id)
        leg = SlipLeg(
            fixture_id=fixture_id, market_id=market_id(fixture_id), selection_id=("home", "draw", "away")[number % 3],
            odds=2000, quote_version=1,
        )  # fmt: skip
        event = BetRequest(
            event_id=key, occurred_at=at, received_at=at, provider="bench", bet_id=bet_id, customer_id=name,
            token=tokens[number % CUSTOMERS], currency="GBP", stake_minor=1_00, price_policy="any",
            accept_partial=True, legs=(leg,),
        )  # fmt: skip
        yield Shot(key, _value(name, encode(event)))
        number += 1


def _value(key: str, value: bytes) -> Value:
    return Value(key.encode(), value, partition_for(key.encode(), PARTITIONS))


def _customer(number: int) -> str:
    return f"customer-{number:03d}"
