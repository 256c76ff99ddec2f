"""The drill: a load of ticks and bets while every part is killed at random, and then the proof.

Matches are played by simulated exchanges through the whole system; ingest, book and accounts are killed with SIGKILL,
so are the broker and the history sink, at seeded random instants. Afterwards the canonical events are recomputed from
the raw topics in memory and compared one by one, and `verify` recomputes all the rest.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import msgspec

from agents.ingest import ingest_context
from bookstream import history
from bookstream.counting import TopicCounts
from bookstream.delivery.memory import MemoryLog
from bookstream.delivery.runtime import READY
from bookstream.demo import exchange, match
from bookstream.demo.board import Board
from bookstream.demo.customers import Customers
from bookstream.demo.match import SECOND, Match
from bookstream.demo.run import settle, wait_for_history
from bookstream.local import LocalStack
from bookstream.outlet import Outlet
from bookstream.proof.verify import Verifier
from bookstream.reading import read
from bookstream.replaying import Pace, merged, play, with_clock
from bookstream.settings import Settings
from bookstream.topics import ODDS, RAW
from connectors import by_name
from domain.audit.difference import Findings
from domain.errors import Unavailable
from domain.events.feeds import RawMessage
from sinks.clickhouse.client import Answer

TOWNS = (
    "Aldermoor", "Brackwater", "Cindersley", "Dunmarrow", "Eastvale", "Fennhollow", "Grimsworth", "Hazelcombe",
    "Ironbridge", "Jessamine", "Kettlewick", "Larkspurn", "Mossington", "Netherby", "Oakhampton", "Pinebrook",
    "Quarryford", "Ravenstoke", "Silverdale", "Thistledown", "Umberleigh", "Vinterfell", "Wolverine", "Yarrowmere",
)  # fmt: skip
MESSAGES_A_MATCH = 4_500
WORKERS = ("ingest", "book", "accounts")


@dataclass(frozen=True, slots=True)
class Plan:
    """What the drill does: the load, the kills, and how long it takes."""

    ticks: int = 100_000
    bets: int = 20_000
    worker_kills: int = 30
    broker_kills: int = 5
    sink_kills: int = 5
    seconds: float = 240.0
    seed: int = 1

    def victims(self) -> list[str]:
        """Return whom to kill, in order."""
        random = Random(f"drill {self.seed}")
        victims = [random.choice(WORKERS) for _ in range(self.worker_kills)]
        victims += ["broker"] * self.broker_kills + ["history"] * self.sink_kills
        random.shuffle(victims)
        return victims


@dataclass(slots=True)
class Report:
    """What the drill found."""

    kills: Counter[str] = field(default_factory=Counter)
    recover_seconds: list[float] = field(default_factory=list)
    messages: int = 0
    bets: int = 0
    lost: int = 0
    doubled: int = 0
    findings: Findings = field(default_factory=Findings)

    @property
    def recover_seconds_p99(self) -> float:
        """Return the time from a kill to readiness that 99 of 100 stay below."""
        ordered = sorted(self.recover_seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))] if ordered else 0.0


class Drill:
    """One drill on a running stack."""

    def __init__(self, settings: Settings, stack: LocalStack, plan: Plan) -> None:
        self._settings = settings
        self._stack = stack
        self._plan = plan
        self._match = match.load()
        played = (self._match.full_time_at - self._match.kick_off_at) / SECOND + exchange.PRE_MATCH_SECONDS
        self._pace = Pace(played / plan.seconds)
        self._report = Report()
        self._ended = threading.Event()

    def run(self, step: Callable[[str], None] = lambda _: None) -> Report:
        """Play, kill, settle down, prove, and return what was found."""
        board = Board(self._stack.bootstrap)
        customers = self._customers(board)
        customers.credit(self._match.kick_off_at - 600 * SECOND)
        board.start()
        killer = threading.Thread(target=self._kill, args=(step,), name="killer")
        watcher = threading.Thread(target=self._watch, name="watcher", daemon=True)
        watcher.start()
        killer.start()
        customers.start()
        try:
            items = with_clock(merged(self._feeds()))
            self._report.messages = play(items, Outlet(self._stack.bootstrap), self._pace)
        finally:
            customers.stop()
            killer.join()
        step("settling down")
        counts = TopicCounts(self._stack.bootstrap)
        settle(self._stack.bootstrap, counts, self._pace.now, quiet_seconds=5.0, timeout_seconds=180)
        step("proving")
        self._prove(counts, board, customers)
        board.stop()
        self._ended.set()
        watcher.join()
        return self._report

    def _customers(self, board: Board) -> Customers:
        plan, stack = self._plan, self._stack
        return Customers(
            self._match, board, Outlet(stack.bootstrap), stack.signer(), count=300,
            per_second=plan.bets / plan.seconds * 1.15, now=lambda: self._pace.now, seed=plan.seed, limit=plan.bets,
        )  # fmt: skip

    def _feeds(self) -> list[Iterator[RawMessage]]:
        folder = self._settings.data_dir / "feeds"
        folder.mkdir(parents=True, exist_ok=True)
        matches = max(1, round(self._plan.ticks / MESSAGES_A_MATCH))
        return [by_name("betfair").recorded(self._record(number, folder)) for number in range(matches)]

    def _record(self, number: int, folder: Path) -> Path:
        home, away = TOWNS[number % len(TOWNS)], TOWNS[(number + 7) % len(TOWNS)]
        game: Match = msgspec.structs.replace(self._match, home=f"{home} Town", away=f"{away} Rovers")
        path = folder / f"match-{number:02d}.jsonl"
        with path.open("wb") as file:
            file.writelines(line + b"\n" for _, line in exchange.messages(game, self._plan.seed + number, number))
        return path

    # -- killing -------------------------------------------------------------------------------------------------

    def _kill(self, step: Callable[[str], None]) -> None:
        random = Random(f"instants {self._plan.seed}")
        victims = self._plan.victims()
        pause = self._plan.seconds * 0.9 / max(1, len(victims))
        for number, victim in enumerate(victims, 1):
            time.sleep(pause * random.uniform(0.3, 1.7))
            step(f"kill {number} of {len(victims)}: {victim}")
            began = time.monotonic()
            self._kill_broker() if victim == "broker" else self._kill_worker(victim)
            self._report.kills[victim] += 1
            self._report.recover_seconds.append(time.monotonic() - began)

    def _kill_broker(self) -> None:
        assert self._stack.broker is not None
        self._stack.broker.kill()
        self._stack.broker.start()

    def _kill_worker(self, name: str) -> None:
        ready = self._stack.data_dir / "workers" / f"{name}-{self._settings.worker}" / READY
        ready.unlink(missing_ok=True)
        self._stack.supervisor.kill(name)
        deadline = time.monotonic() + 90
        while not ready.exists() and time.monotonic() < deadline:
            time.sleep(0.02)

    def _watch(self) -> None:
        """Start again what was killed, as the supervisor of `bookstream up` does."""
        while not self._ended.wait(0.05):
            self._stack.supervisor.tick()

    # -- proving -------------------------------------------------------------------------------------------------

    def _prove(self, counts: TopicCounts, board: Board, customers: Customers) -> None:
        report = self._report

        def ask(sql: str) -> Answer:
            return history.ask(self._settings, sql)

        wait_for_history(ask, counts.now(), seconds=120)
        report.findings = Verifier(self._stack.bootstrap, ask).run()
        report.bets = len(customers.bet_ids)
        unanswered = customers.bet_ids - board.answered
        expected, found = self._recomputed(), self._published()
        report.lost = len(unanswered) + len(expected - found)
        report.findings.equal("canonical events as recomputed", ODDS.name, expected=len(expected), found=len(found))
        report.doubled = sum(d.rule in {"decided once", "judged once"} for d in report.findings.differences)

    def _recomputed(self) -> set[str]:
        """Run the raw topics through ingest's rules in memory and return the ids of the ticks that must be there."""
        log = MemoryLog([ingest_context()], batch_records=1024)
        for record in read(self._stack.bootstrap, [topic.name for topic in RAW]):
            log.send(
                record.topic, record.key, record.value, partition=record.partition, timestamp_ms=record.timestamp_ms
            )
        log.run()
        return {_event_id(record.value) for record in log.records(ODDS.name)}

    def _published(self) -> set[str]:
        return {_event_id(record.value) for record in read(self._stack.bootstrap, [ODDS.name])}


def _event_id(value: bytes | None) -> str:
    """Read the first field of an event without decoding the rest: its id, shorter than 64 bytes."""
    if value is None or value[5] & 1:
        raise Unavailable("a tick without an id")
    return value[6 : 6 + (value[5] >> 1)].decode()
