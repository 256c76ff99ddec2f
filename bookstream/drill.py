"""The drill: a load of ticks and bets while every part is killed at random, and then the proof.

Matches are played by simulated exchanges through the whole system; ingest, book, accounts and settlement are killed
with SIGKILL, so are the broker and the history sink, at seeded random instants. Meanwhile exchanges close markets, some
with a wrong winner first, and a desk settles, cancels and takes back. Afterwards the canonical events are recomputed
from the raw topics in memory and compared one by one, `verify` recomputes all the rest, and the books must balance.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from random import Random

import msgspec

from bookstream import history
from bookstream.counting import TopicCounts
from bookstream.demo import exchange, match
from bookstream.demo.board import Board
from bookstream.demo.books import Books, read_books
from bookstream.demo.customers import Customers
from bookstream.demo.match import SECOND, Match
from bookstream.demo.run import prove, settle, wait_for_history
from bookstream.drill_desk import Desk
from bookstream.killing import Killer, p99
from bookstream.lag import wait_until_handled
from bookstream.local import LocalStack
from bookstream.outlet import Outlet
from bookstream.proof.canonical import audit_canonical
from bookstream.reading import events
from bookstream.replaying import Pace, merged, play, with_clock
from bookstream.settings import Settings
from bookstream.topics import BET_DECISIONS
from connectors import by_name
from domain.audit.difference import Findings
from domain.events.betting import BetDecision, bet_key
from domain.events.feeds import RawMessage
from sinks.clickhouse.client import Answer

TOWNS = (
    "Aldermoor", "Brackwater", "Cindersley", "Dunmarrow", "Eastvale", "Fennhollow", "Grimsworth", "Hazelcombe",
    "Ironbridge", "Jessamine", "Kettlewick", "Larkspurn", "Mossington", "Netherby", "Oakhampton", "Pinebrook",
    "Quarryford", "Ravenstoke", "Silverdale", "Thistledown", "Umberleigh", "Vinterfell", "Wolverine", "Yarrowmere",
)  # fmt: skip
MESSAGES_A_MATCH = 5_100
"""At least so many, whatever the seed."""

WORKERS = ("ingest", "book", "accounts", "settlement")
BETS_A_CUSTOMER = 20
HASTE = 1.25
"""How much faster the customers bet than the plan needs: while nothing is open they cannot."""

DESK_WORDS_PER_SECOND = 0.5

HISTORY_SECONDS = 180.0
SETTLE_SECONDS = 300.0
QUIET_SECONDS = 2.0
DECIDED_TWICE = frozenset({"decided once", "judged once", "every hold ended once"})


def rules_file() -> Path:
    """Return the rules that the drill plays by."""
    return Path(str(resources.files("bookstream").joinpath("drill.toml")))


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

    def matches(self) -> int:
        """Return how many matches have so many ticks."""
        return max(1, -(-self.ticks // MESSAGES_A_MATCH))


@dataclass(slots=True)
class Report:
    """What the drill found.

    `lost` counts bets without a decision and ticks without their canonical event; `doubled` counts bets and legs that
    were decided twice with different answers, and ticks that stand there with two contents; `repeated` counts ticks
    that were published again byte for byte after a crash, which consumers know by their ids. `desk` counts the desk's
    words; all of them were taken back, so in `books` every bet is settled by what the exchange said last.
    """

    kills: Counter[str] = field(default_factory=Counter)
    away_seconds: dict[str, list[float]] = field(default_factory=dict)
    messages: int = 0
    bets: int = 0
    decided: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    doubled: int = 0
    repeated: int = 0
    desk: int = 0
    books: Books = field(default_factory=Books)
    findings: Findings = field(default_factory=Findings)

    @property
    def recover_seconds_p99(self) -> float:
        """Return the time from a kill to the return that 99 of 100 stay at or below."""
        return p99([away for every in self.away_seconds.values() for away in every])


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

    def run(self, step: Callable[[str], None] = lambda _: None) -> Report:
        """Play, kill, settle down, prove, and return what was found.

        Raises:
            CrashLoop: a worker fails again and again.
            MustStop: a part did not come back after a kill.
        """
        step(f"recording {self._plan.matches()} matches")
        feeds = self._feeds()
        board = Board(self._stack.bootstrap)
        customers, desk = self._customers(board), self._desk(board)
        customers.credit(self._match.kick_off_at - 600 * SECOND)
        killer = Killer(
            self._stack, self._plan.victims(), self._plan.seconds, Random(f"instants {self._plan.seed}"), step
        )
        board.start()
        try:
            self._play(feeds, customers, desk, killer)
            self._report.kills, self._report.away_seconds = killer.kills, dict(killer.away_seconds)
            counts = self._settle(step)
            self._prove(counts, customers.asked, step)
            killer.check()
        finally:
            board.stop()
            killer.stop()
        return self._report

    def _play(self, feeds: list[Iterator[RawMessage]], customers: Customers, desk: Desk, killer: Killer) -> None:
        killer.start()
        customers.start()
        desk.start()
        try:
            items = with_clock(merged(feeds))
            outlet = Outlet(self._stack.bootstrap)
            self._report.messages = play(items, outlet, self._pace, on_item=killer.check)
        finally:
            customers.stop()
            desk.stop()
        self._report.desk = desk.words
        killer.finish()

    def _settle(self, step: Callable[[str], None]) -> TopicCounts:
        """Wait until all input is handled: a worker that hangs is ended by its watchdog first, after a minute."""
        step("settling down")
        began, bootstrap = time.monotonic(), self._stack.bootstrap
        wait_until_handled(bootstrap, timeout_seconds=SETTLE_SECONDS)
        counts = TopicCounts(bootstrap)
        settle(bootstrap, counts, self._pace.now, quiet_seconds=QUIET_SECONDS, timeout_seconds=SETTLE_SECONDS)
        behind = wait_until_handled(bootstrap, timeout_seconds=SETTLE_SECONDS)
        step(f"settled after {time.monotonic() - began:.0f} s, {sum(behind.values())} inputs not handled")
        return counts

    def _customers(self, board: Board) -> Customers:
        plan, stack = self._plan, self._stack
        return Customers(
            self._match, board, Outlet(stack.bootstrap), stack.signer(), count=max(100, plan.bets // BETS_A_CUSTOMER),
            per_second=plan.bets / plan.seconds * HASTE, now=lambda: self._pace.now, seed=plan.seed, limit=plan.bets,
        )  # fmt: skip

    def _desk(self, board: Board) -> Desk:
        outlet = Outlet(self._stack.bootstrap)
        return Desk(board, outlet, per_second=DESK_WORDS_PER_SECOND, now=lambda: self._pace.now, seed=self._plan.seed)

    def _feeds(self) -> list[Iterator[RawMessage]]:
        folder = self._settings.data_dir / "feeds"
        folder.mkdir(parents=True, exist_ok=True)
        return [by_name("betfair").recorded(self._record(number, folder)) for number in range(self._plan.matches())]

    def _record(self, number: int, folder: Path) -> Path:
        home, away = TOWNS[number % len(TOWNS)], TOWNS[(number + 7 + number // len(TOWNS)) % len(TOWNS)]
        game: Match = msgspec.structs.replace(self._match, home=f"{home} Town", away=f"{away} Rovers")
        path = folder / f"match-{number:02d}.jsonl"
        with path.open("wb") as file:
            file.writelines(line + b"\n" for _, line in exchange.messages(game, self._plan.seed + number, number))
        return path

    def _prove(self, counts: TopicCounts, asked: set[str], step: Callable[[str], None]) -> None:
        def ask(sql: str) -> Answer:
            return history.ask(self._settings, sql)

        report, bootstrap = self._report, self._stack.bootstrap
        began = time.monotonic()
        wait_for_history(ask, counts.now(), seconds=HISTORY_SECONDS)
        step(f"history was complete after {time.monotonic() - began:.0f} s; proving")
        report.findings = prove(self._settings, bootstrap, lambda topic: step(f"proving {topic}"))
        report.books = read_books(bootstrap)
        step("recomputing every tick")
        ticks = audit_canonical(bootstrap, report.findings)
        decided = {
            bet_key(decision.customer_id, decision.bet_id): decision.code or decision.outcome
            for _, decision in events(bootstrap, BET_DECISIONS.name, BetDecision)
        }
        report.bets = len(asked)
        report.decided = Counter(decided[name] for name in asked & decided.keys())
        report.lost = len(asked - decided.keys()) + len(ticks.lost)
        twice = {d.subject for d in report.findings.differences if d.rule in DECIDED_TWICE}
        report.doubled = len(twice) + len(ticks.doubled)
        report.repeated = ticks.repeated
