"""One run: the system's own contexts on a log in memory, what was planned for them, and whether all holds."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from random import Random

import msgspec

from agents.accounts import context as accounts_context
from agents.book import book_context
from agents.ingest import ingest_context
from agents.settlement import context as settlement_context
from bookstream.delivery.api import Context, Record
from bookstream.delivery.outbox import Place
from bookstream.proof.tables import INPUTS, audit_tables
from bookstream.proof.verify import TopicAudit
from bookstream.simulation.broker import Broker, ShardName
from bookstream.simulation.customers import Customers
from bookstream.simulation.plan import FAULTS, REST, Action
from bookstream.simulation.providers import Providers
from bookstream.simulation.scene import SECOND, SIGNER, START, Scene
from bookstream.simulation.violation import Violation, violated
from bookstream.simulation.watch import Watch
from bookstream.simulation.worker import Worker
from bookstream.topics import BY_NAME, PARTITIONS

Act = Callable[[Random], str]

TURNS = (0, 2, 8, 25, 70, 200)
GAPS = (0, 0, SECOND // 10, SECOND, 2 * SECOND, 7 * SECOND, 30 * SECOND)
FRAGILE = {"accounts": 4, "settlement": 5, "book": 3, "ingest": 1}
"""How often workers of a context die in the middle of what they do."""
LAST_TICKS = 3
RUNAWAY = 400_000
"""Awaits of a run; one that has more never ends."""


class Outcome(msgspec.Struct, frozen=True):
    """What a run came to: how much happened, and what did not hold at which step (-1: nothing)."""

    events: int
    faults: int
    simulated_us: int
    units: int
    step: int = -1
    rule: str = ""
    subject: str = ""
    found: str = ""

    @property
    def violated(self) -> bool:
        """Tell whether something did not hold."""
        return self.step >= 0


class World:
    """The system and everybody around it.

    Args:
        say: takes the trace, a line for each thing that happens.
    """

    def __init__(self, say: Callable[[str], None] = lambda _: None) -> None:
        self.watch = Watch()
        self.broker = Broker(self.watch, self._arrived)
        self.scene = Scene(self.broker)
        self.faults = 0
        self._say = say
        self._customers, self._providers = Customers(self.scene), Providers(self.scene)
        check = SIGNER.verifier().check
        self._make: dict[str, Callable[[], Context]] = {
            "ingest": ingest_context, "book": book_context, "accounts": lambda: accounts_context(check),
            "settlement": settlement_context,
        }  # fmt: skip
        self._contexts = {name: make() for name, make in self._make.items()}
        self._takers: dict[str, list[str]] = defaultdict(list)
        for name, context in self._contexts.items():
            for topic in context.handlers:
                self._takers[topic].append(name)
        self._workers: dict[ShardName, Worker] = {}
        self._awake: dict[ShardName, Worker] = {}
        self._slow: ShardName | None = None

    def run(self, actions: Sequence[Action]) -> Outcome:
        """Let all that is planned happen, one thing after another, and meanwhile the workers work."""
        number = -1
        try:
            for number, kind, salt in actions:
                random = Random(salt)
                if kind == REST:
                    self._say(f"{number:4} {(self.scene.now - START) / SECOND:7.1f}s rest")
                    self._rest(random)
                    self._audit()
                    continue
                self.scene.pass_time(random.choice(GAPS))
                self._say(f"{number:4} {(self.scene.now - START) / SECOND:7.1f}s {kind}: {self._act(kind)(random)}")
                self._turns(random, random.choice(TURNS))
        except Violation as found:
            return self._outcome(number, found)
        finally:
            for worker in self._workers.values():
                worker.close()
        return self._outcome(-1, None)

    def _act(self, kind: str) -> Act:
        if kind in FAULTS:
            self.faults += 1
            return {"crash": self._crash, "ghost": self._ghost, "rewind": self._rewind, "slow": self._slow_down}[kind]
        if kind == "tick":
            return self._tick
        found: Act = getattr(self._customers, kind, None) or getattr(self._providers, kind)
        return found

    def _tick(self, _: Random) -> str:
        self.scene.tick()
        return "the clock"

    def _crash(self, random: Random) -> str:
        return self._kill(random, ghost=False)

    def _ghost(self, random: Random) -> str:
        return self._kill(random, ghost=True)

    def _kill(self, random: Random, *, ghost: bool) -> str:
        """End a worker now, best in the middle of something, or some awaits of its work later."""
        workers = list(self._workers.values())
        if not workers:
            return "nobody is at work"
        if random.random() < 0.6:
            name = random.choices(list(FRAGILE), list(FRAGILE.values()))[0]
            workers = [each for each in workers if each.context.name == name] or workers
            chosen = workers[random.randrange(len(workers))]
            chosen.fuse = random.randrange(1, 13), ghost
            return f"{chosen.name[0]}/{chosen.name[1]} in {chosen.fuse[0]} awaits"
        workers = [each for each in workers if each.is_busy] or workers
        chosen = workers[random.randrange(len(workers))]
        self._end(chosen, random, ghost=ghost)
        return f"{chosen.name[0]}/{chosen.name[1]}"

    def _end(self, chosen: Worker, random: Random, *, ghost: bool) -> None:
        dying = [chosen]
        if chosen.context.name == "ingest":
            # Ingest knows its fixtures by process, whichever partitions they are of.
            dying = [each for each in self._workers.values() if each.context.name == "ingest"]
            context = self._contexts["ingest"] = self._make["ingest"]()
            for each in dying:
                each.context = context
        for each in dying:
            each.die(random, ghost=ghost)
            self._awake[each.name] = each

    def _rewind(self, random: Random) -> str:
        if not self._workers:
            return "nobody has read anything"
        worker = list(self._workers.values())[random.randrange(len(self._workers))]
        worker.rewind(random)
        self._awake[worker.name] = worker
        return f"{worker.name[0]}/{worker.name[1]}"

    def _slow_down(self, random: Random) -> str:
        if not self._workers:
            return "nobody is at work"
        self._slow = list(self._workers)[random.randrange(len(self._workers))]
        return f"{self._slow[0]}/{self._slow[1]}"

    def _arrived(self, place: Place) -> None:
        topic, partition = place
        if self._takers[topic] and not BY_NAME[topic].broadcast:
            self.scene.used.add(partition)
        for name in self._takers[topic]:
            shard = name, partition
            worker = self._workers.get(shard)
            if worker is None:
                worker = self._workers[shard] = Worker(self._contexts[name], partition, self.broker)
            worker.hear(topic)
            self._awake[shard] = worker

    def _turns(self, random: Random, most: int) -> int:
        turns = 0
        while self._awake and turns < most:
            names = list(self._awake)
            name = names[random.randrange(len(names))]
            if name == self._slow and random.random() < 0.95:
                turns += 1
                continue
            worker = self._awake[name]
            try:
                worker.advance(random)
            except Violation:
                raise
            except Exception as error:  # noqa: BLE001 - whatever it is, a worker must not end of it
                violated("a worker goes on", f"{name[0]}/{name[1]}", repr(error))
            if worker.fuse is not None and worker.fuse[0] <= 0:
                self._say(f"     {worker.name[0]}/{worker.name[1]} dies")
                self._end(worker, random, ghost=worker.fuse[1])
            elif worker.is_done:
                del self._awake[name]
            turns += 1
        return turns

    def _rest(self, random: Random) -> None:
        """Say what was not said yet, and let the clock tick until every bet is decided."""
        self._slow = None
        for worker in self._workers.values():
            worker.fuse = None
        self._customers.flush()
        self._providers.flush()
        for _ in range(LAST_TICKS):
            if self._turns(random, RUNAWAY) == RUNAWAY:
                violated("everything comes to rest", "all", f"{RUNAWAY} turns")
            self.scene.pass_time(20 * SECOND)
            self.scene.tick()
        self._turns(random, RUNAWAY)

    def _audit(self) -> None:
        self.watch.end()
        findings = TopicAudit(self._partition).run()
        topics = {topic.name for taken in INPUTS.values() for topic in taken}
        ends = {(name, n): (0, len(self.broker.topics[name][n])) for name in sorted(topics) for n in range(PARTITIONS)}
        audit_tables(self._reader, ends, findings)
        for each in findings.differences:
            violated(each.rule, each.subject, each.found)

    def _partition(self, topic: str, partition: int) -> Iterator[Record]:
        return iter(self.broker.topics[topic][partition])

    def _reader(self, topic: str, partition: int) -> Iterator[Record]:
        for name, context in self._contexts.items():
            if context.private_topic == topic:
                folded = self.broker.changelogs[name, partition].folded
                return iter([Record(topic, partition, n, 0, *each) for n, each in enumerate(folded.items())])
        return self._partition(topic, partition)

    def _outcome(self, step: int, found: Violation | None) -> Outcome:
        units = sum(each.units for each in self._workers.values())
        told = (found.rule, found.subject, found.found) if found is not None else ("", "", "")
        return Outcome(self.broker.events, self.faults, self.scene.now - START, units, step, *told)
