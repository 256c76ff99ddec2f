"""settlement: a market with many open bets is settled and corrected; from its result to the last payout; memory.

In memory, by the processor's time: the agents of settlement and accounts over rows in dicts, beside a bare loop that
pays the same bets, and beside reading and writing the same records alone. On a broker, by the clock: both workers, from
the result's append to the last settlement's.
"""

import gc
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from bench.figures import Bound, Figure, compare, turns
from bench.harness import ROOT, Stage
from bench.inprocess import GC_THRESHOLDS
from bench.settlement_load import CONTEXTS, CUSTOMERS, ODDS, SELECTIONS, STAKE_MINOR, World, emptied, result, say
from bookstream.codecs import decode, encode
from bookstream.topics import (
    ACCOUNTS,
    BET_LEGS,
    BET_REQUESTS,
    BET_SETTLEMENTS,
    LEDGER,
    LEG_RESULTS,
    LEG_VERDICTS,
    PUBLIC,
    RESULTS,
    TRANSFERS,
)
from domain.errors import BookstreamError, Unavailable
from domain.events.betting import Account, LedgerEntry
from domain.events.head import Event
from domain.events.settlement import BetSettlement, LegSettlement
from ops.process import Process

STATES: Final = ("accounts-state-changelog", "settlement-state-changelog", "settlement.work")
GROUPS: Final = ("bookstream-accounts", "bookstream-settlement")
A_MINUTE_FOR: Final = 100_000
"""So many bets should be paid within a minute of their result."""
SAMPLE: Final = 10_000
BYTES: Final = 2_048
"""A million open bets should fit into two gigabytes."""
PATIENCE_SECONDS: Final = 600.0
WRITTEN: Final[tuple[tuple[str, type[Event]], ...]] = (
    (LEDGER.name, LedgerEntry), (ACCOUNTS.name, Account), (BET_SETTLEMENTS.name, BetSettlement)
)  # fmt: skip


class Measured(defaultdict[str, list[float]]):
    """What each candidate measured, round by round."""


def run(stage: Stage, *, rounds: int, bets: int = 10_000, market_bets: int = 100_000) -> list[Figure]:
    """Settle a market of `market_bets` in memory, and one of `bets` by workers, each so many times."""
    measured = in_memory(World(market_bets), rounds, stage.say)
    measured["workers"] = _by_workers(stage, World(bets), rounds)
    return _memory_figures(measured) + _worker_figures(measured, bets)


# -- in memory -----------------------------------------------------------------------------------------------------


def in_memory(world: World, rounds: int, tell: Callable[[str], None] = lambda _: None) -> Measured:
    """Settle, correct and open the market again in each round; the other candidates take their turns between.

    Raises:
        BookstreamError: the agents did not pay what the bare loop does.
    """
    tell(f"opening {world.bets:,} bets in memory")
    market, bare, measured = Market(world), BareLoop(world.bets), Measured(list)
    encoded, resident = market.bytes_per_bet()
    measured["encoded"], measured["resident"] = [encoded] * rounds, [resident] * rounds
    sample = market.sample()
    thresholds = gc.get_threshold()
    gc.set_threshold(*GC_THRESHOLDS)
    gc.freeze()
    try:
        for name in turns(("agents", "bare", "records"), rounds):
            if name == "agents":
                measured[name].append(world.bets / market.say("home", bare.returned("home")))
                measured["corrected"].append(world.bets / market.say("away", bare.returned("away")))
                market.say(None, 0)
            elif name == "bare":
                measured[name].append(world.bets / _seconds(lambda: bare.pay("home")))
            else:
                measured[name].append(len(sample.read) / _seconds(sample.read_and_write))
            tell(f"{name}: {measured[name][-1]:,.0f} bets/s")
    finally:
        gc.unfreeze()
        gc.set_threshold(*thresholds)
    return measured


class Market:
    """The agents with the open market, in memory."""

    def __init__(self, world: World) -> None:
        self._bets, self._contexts = world.bets, world.contexts
        self._log = world.opened()
        self._said = 0

    def say(self, winner: str | None, due_minor: int) -> float:
        """Say who won (None: nobody yet), check what is paid for it then, and return the seconds that it took."""
        log, self._said = self._log, self._said + 1
        took = _seconds(lambda: say(log, result(winner, self._said), self._said))
        said = [decode(BetSettlement, record.value or b"") for record in log.records(BET_SETTLEMENTS.name)]
        paid = sum([each.returned_minor for each in said])
        if paid != due_minor:
            raise BookstreamError(f"the agents paid {paid} for {winner}, the loop {due_minor}")
        self._log = emptied(log, self._contexts)
        return took

    def sample(self) -> "Records":
        """Return the records of some bets' settlement: what is read and what is written for them."""
        say(self._log, result("home", 0), 0)
        read = [record.value or b"" for record in self._log.records(LEG_RESULTS.name)[:SAMPLE]]
        written = [
            decode(kind, record.value or b"") for topic, kind in WRITTEN for record in self._log.records(topic)[:SAMPLE]
        ]
        self._log = emptied(self._log, self._contexts)
        self.say(None, 0)
        return Records(read, written)

    def bytes_per_bet(self) -> tuple[float, float]:
        """Return the bytes of an open bet's rows in both contexts: encoded, and resident in dicts."""
        stores = [shard.store.data for shard in self._log.shards.values()]
        encoded = sum([len(key) + len(value) for store in stores for key, value in store.items()])
        # In a process of its own: this one has room left of what it let go.
        done = subprocess.run(
            [sys.executable, "-m", "bench.resident"], input=msgspec.msgpack.encode(stores), capture_output=True,
            check=True, cwd=ROOT,
        )  # fmt: skip
        return encoded / self._bets, int(done.stdout.split()[0]) / self._bets


class BareLoop:
    """The same bets in dicts: who placed each, on what, at which odds, for how much."""

    def __init__(self, bets: int) -> None:
        self._bets = {f"bet-{n:06d}": (n % CUSTOMERS, SELECTIONS[n % 3], ODDS[n % 3], STAKE_MINOR) for n in range(bets)}

    def pay(self, winner: str) -> dict[str, int]:
        """Pay the winners; return what each bet returned, in minor units."""
        balances, returned = dict.fromkeys(range(CUSTOMERS), 0), {}
        for bet_id, (customer, selection, odds, stake_minor) in self._bets.items():
            minor = stake_minor * odds // 1000 if selection == winner else 0
            balances[customer] += minor
            returned[bet_id] = minor
        return returned

    def returned(self, winner: str) -> int:
        """Return what all bets return, in minor units."""
        return sum(self.pay(winner).values())


class Records(msgspec.Struct, frozen=True):
    """What is read and what is written for some bets: one leg's result, one entry, one account, one settlement each."""

    read: list[bytes]
    written: list[Event]

    def read_and_write(self) -> None:
        """Decode the one and encode the other, and nothing else."""
        for value in self.read:
            decode(LegSettlement, value)
        for event in self.written:
            encode(event)


def _seconds(work: Callable[[], object]) -> float:
    """Return the processor's time that work takes: a turn lasts long, and others' programs would be in it."""
    began = time.process_time()
    work()
    return time.process_time() - began


def _memory_figures(measured: Measured) -> list[Figure]:
    rates, encoded, label = measured["agents"], measured["encoded"], "bets settled, both agents in memory"
    limit, most = [BYTES] * len(encoded), Bound(target=1.0, direction="at most")
    return [
        compare(label, rates, "bare loop over dicts", measured["bare"], "bets/s"),
        compare("same", rates, "reading and writing their records alone", measured["records"], "bets/s"),
        compare("same, a correction of them all", measured["corrected"], "the first time", rates, "bets/s"),
        compare("rows of an open bet", encoded, f"{BYTES:,} bytes", limit, "bytes", bound=most),
        compare("same, resident in dicts", measured["resident"], "encoded", encoded, "bytes"),
    ]


# -- by workers ----------------------------------------------------------------------------------------------------


def _by_workers(stage: Stage, world: World, rounds: int) -> list[float]:
    """Return the seconds from each result's append to the last settlement's."""
    stage.say(f"opening {world.bets:,} bets by workers")
    stage.renew([topic.name for topic in PUBLIC] + list(STATES), GROUPS)
    for context in CONTEXTS:
        stage.forget(context)
    stage.keys(world.signer)
    accounts, settlement = workers = tuple(stage.worker(context) for context in CONTEXTS)
    for topic, load in ((TRANSFERS, world.transfers), (BET_REQUESTS, world.requests), (LEG_VERDICTS, world.verdicts)):
        stage.fill(topic.name, load)
        stage.wait_committed(GROUPS[0], topic.name, len(load), accounts)
    # Each leg is held first, and then confirmed.
    stage.wait_committed(GROUPS[1], BET_LEGS.name, 2 * world.bets, settlement)
    took: list[float] = []
    for number in range(2 * rounds):
        stage.fill(RESULTS.name, [result(None if number % 2 else "home", number)])
        _wait_settled(stage, world.bets * (number + 1), workers)
        if number % 2 == 0:
            took.append(stage.appended(BET_SETTLEMENTS.name)[2] - stage.appended(RESULTS.name)[2])
            stage.say(f"the last of {world.bets:,} bets was settled {took[-1]:.2f} s after the result")
    for process in workers:
        process.terminate()
    for process in workers:
        process.stop()
    return took


def _wait_settled(stage: Stage, count: int, workers: Sequence[Process]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (settled := stage.count(BET_SETTLEMENTS.name)) < count:
        for process in workers:
            if process.exit_code is not None:
                raise process.death()
        if time.monotonic() > deadline:
            raise Unavailable(f"{settled} of {count} settlements were said")
        time.sleep(0.1)


def _worker_figures(measured: Measured, bets: int) -> list[Figure]:
    took, most = measured["workers"], Bound(target=1.0, direction="at most")
    limit = [60.0 * bets / A_MINUTE_FOR] * len(took)
    label = f"from a result to the last of {bets:,} payouts"
    in_memory_took = [bets / rate for rate in measured["agents"]]
    return [
        compare(label, took, f"a minute for {A_MINUTE_FOR:,}", limit, "s", bound=most),
        compare("same", took, "the agents in memory, of the processor", in_memory_took, "s"),
    ]
