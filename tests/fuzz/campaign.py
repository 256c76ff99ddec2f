"""One provider's inputs in a process of their own: mutations, hostile documents, strategies, the handler, files.

`python -m tests.fuzz.campaign PROVIDER` with the counts of `Order` prints its figures as JSON; `run` starts it.
"""

import gc
import hashlib
import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import msgspec
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded

import connectors
from bookstream.delivery.app import GC_THRESHOLDS
from connectors.contract import WrongFile
from domain.errors import RejectedInput
from tests.fuzz import handler, hostile
from tests.fuzz.mutations import mutated, spots
from tests.fuzz.seeds import Seed, seeds
from tests.fuzz.strategies import documents
from tests.fuzz.targets import parsers
from tests.fuzz.watch import Overtime, TooMuch, Watch

MOST_SECONDS: Final = 1.0
"""That a message may take, of processor time."""
MOST_SECONDS_OF_A_FILE: Final = 10.0
"""A file is as long as its messages; one that unpacks to too much is refused after 64 MB."""
HANDLED_BY_ONE: Final = 3_000
"""Messages after which the handler begins anew: what it knows is then as large as a worker's after hours."""


class Order(msgspec.Struct, frozen=True):
    """How many inputs of each way a provider is given, and where failing ones are kept.

    `recordings` are spoilt, too, where there are any; `limited` is the memory of the whole process, and its collector
    is set as a worker's is.
    """

    provider: str
    folder: str
    seed: int = 1
    mutated: int = 1000
    strategies: int = 100
    handled: int = 200
    files: int = 50
    hostile: bool = True
    guided: int = 0
    recordings: bool = True
    limited: bool = True
    seconds: float = 1e9


class Figures(msgspec.Struct):
    """What became of a provider's inputs, by way and by outcome; times are processor seconds, memory bytes."""

    provider: str
    inputs: dict[str, int] = msgspec.field(default_factory=Counter)
    outcomes: dict[str, int] = msgspec.field(default_factory=Counter)
    slowest: float = 0.0
    slowest_bytes: int = 0
    peak: int = 0
    peak_bytes: int = 0
    failures: list[str] = msgspec.field(default_factory=list)


class Campaign:
    """Gives inputs to a provider's parsers and keeps the figures."""

    def __init__(self, order: Order) -> None:
        self._order, self._folder = order, Path(order.folder)
        self._parsers = parsers(order.provider)
        self._rng = random.Random(f"{order.provider}{order.seed}")
        self._until = time.monotonic() + order.seconds
        self._seen: set[str] = set()
        self.watch = Watch(self._folder / f"in-progress-{order.provider}", limited=order.limited)
        self.figures = Figures(order.provider)
        self.seeds = seeds(order.provider, recordings=order.recordings)
        self.good = [seed.payload for seed in self.seeds]
        if order.limited:
            gc.set_threshold(*GC_THRESHOLDS)
            gc.freeze()

    def run(self) -> Figures:
        """Give all that was ordered."""
        if self._order.hostile:
            self.give_hostile()
        for _ in self._times(self._order.mutated):
            self.parse("mutated", mutated(self._rng, self.good))
        self.give_strategies()
        self.give_handled()
        self.give_files()
        return self.figures

    def parse(self, way: str, payload: bytes, *, measured: bool = False) -> None:
        """Give a payload to each of the provider's parsers."""
        self._give(way, payload, lambda: self._parse(payload), measured=measured)

    def give_hostile(self) -> None:
        """Give what is made to exhaust, to the parsers and to the handler."""
        small = [good for good in self.good if len(good) < 100_000]
        some = self._rng.sample(small, min(4, len(small)))
        for payload in (*hostile.DOCUMENTS, *(each for good in some for each in hostile.inflated(good))):
            self.parse("hostile", payload, measured=True)
            self._handle_alone(self.seeds[0], payload)
        for bomb in hostile.bombs():
            self._file(bomb, "bomb", measured=True)

    def give_strategies(self) -> None:
        """Give what Hypothesis makes in the provider's words: documents of several of its kinds."""
        small = [good for good in self.good if len(good) < 20_000]
        kinds = self._rng.sample(small, min(8, len(small)))
        for number, good in enumerate(kinds):
            others = [each for each in small if spots(each).form == spots(good).form][:50]

            @seeded(self._order.seed + number)
            @settings(
                max_examples=max(1, self._order.strategies // len(kinds)), database=None, deadline=None,
                phases=[Phase.generate], suppress_health_check=list(HealthCheck),
            )  # fmt: skip
            @given(documents([good, *others]))
            def give(payload: bytes) -> None:
                if time.monotonic() < self._until:
                    self.parse("strategies", payload)

            give()

    def give_handled(self) -> None:
        """Give spoilt messages to the handler, good ones in between."""
        handles = handler.Handler(self._order.provider)
        for number in self._times(self._order.handled):
            if number % HANDLED_BY_ONE == HANDLED_BY_ONE - 1:
                handles = handler.Handler(self._order.provider)
            seed = self._rng.choice(self.seeds)
            payload = mutated(self._rng, (seed.payload, self._rng.choice(self.good)))
            if number % 5 == 0:
                self._handle(handles, seed, seed.payload, "handled good")
            self._handle(handles, seed, payload, "handled")

    def give_files(self) -> None:
        """Give damaged files to the reader of recordings."""
        for _ in self._times(self._order.files):
            some = self._rng.sample(self.good, min(len(self.good), self._rng.randrange(1, 5)))
            spoilt = [mutated(self._rng, some) if self._rng.random() < 0.3 else good for good in some]
            self._file(hostile.damaged_file(self._rng, spoilt), "file")

    def _times(self, count: int) -> Iterator[int]:
        for number in range(count):
            if time.monotonic() > self._until:
                return
            yield number

    def _parse(self, payload: bytes) -> None:
        refused: RejectedInput | None = None
        for parser in self._parsers:
            try:
                parser(payload)
            except RejectedInput as error:
                refused = refused or error
        if refused:
            raise refused

    def _handle(self, handles: handler.Handler, seed: Seed, payload: bytes, way: str) -> None:
        record = handles.record(self._rng, seed, payload)
        if way == "handled" and self._rng.random() < 0.03:
            record = handles.spoilt(record, mutated(self._rng, (record.value or b"",)))

        def work() -> None:
            code = handles.take(record)
            if code:
                raise RefusedByHandler(code)

        self._give(way, payload, work)

    def _handle_alone(self, seed: Seed, payload: bytes) -> None:
        """Give a payload to a handler that knows nothing; what no parser reads must be a dead letter."""

        def work() -> None:
            handles = handler.Handler(self._order.provider)
            code = handles.take(handles.record(self._rng, seed, payload, plain=True))
            if code:
                raise RefusedByHandler(code)
            if handles.must_refuse(payload, seed.content_type):
                raise handler.NotDeadLettered("what no parser reads is no dead letter")

        self._give("handled alone", payload, work, measured=True)

    def _file(self, content: bytes, way: str, *, measured: bool = False) -> None:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "recording"
            path.write_bytes(content)

            def work() -> None:
                for number, message in enumerate(connectors.by_name(self._order.provider).recorded(path)):
                    if message.stream_sequence != number:
                        raise AssertionError("messages are not numbered in their order")

            self._give(way, content, work, measured=measured, most=MOST_SECONDS_OF_A_FILE)

    def _give(
        self, way: str, payload: bytes, work: Callable[[], None], *, measured: bool = False, most: float = MOST_SECONDS
    ) -> None:
        figures, outcome = self.figures, "accepted"
        figures.inputs[way] += 1
        try:
            self.watch.run(payload, work, measured=measured, most=most)
        except RefusedByHandler as error:
            outcome = error.args[0]
        except (RejectedInput, WrongFile) as error:
            outcome = error.code
        except (Exception, Overtime) as error:  # noqa: BLE001 - to find what escapes is the purpose
            outcome = "FAILED"
            self._failed(way, error.payload if isinstance(error, TooMuch) else payload, error)
        figures.outcomes[outcome] += 1
        if self.watch.seconds > figures.slowest and most == MOST_SECONDS:
            figures.slowest, figures.slowest_bytes = self.watch.seconds, len(payload)
        if self.watch.peak > figures.peak:
            figures.peak, figures.peak_bytes = self.watch.peak, len(payload)

    def _failed(self, way: str, payload: bytes, error: BaseException) -> None:
        last = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{type(error).__name__} at {last.filename}:{last.lineno} ({last.name})"
        if place in self._seen:
            return
        self._seen.add(place)
        name = f"{self._order.provider}-{way.split(' ', maxsplit=1)[0]}-{hashlib.sha256(payload).hexdigest()[:12]}"
        (self._folder / name).write_bytes(payload)
        told = f"{place}: {str(error)[:200]}; again: python -m tests.fuzz.run --replay {self._folder / name}"
        print(told, "".join(traceback.format_tb(error.__traceback__)[-6:]), sep="\n", file=sys.stderr, flush=True)
        self.figures.failures.append(told)


class RefusedByHandler(Exception):
    """The handler dead-lettered a message, as it should."""


def replay(path: Path, provider: str, way: str) -> Figures:
    """Give one kept input again."""
    campaign = Campaign(Order(provider, str(path.parent)))
    payload = path.read_bytes()
    if way in {"file", "bomb"}:
        campaign._file(payload, way, measured=True)
    else:
        campaign.parse(way, payload, measured=True)
        campaign._handle_alone(campaign.seeds[0], payload)
    campaign.watch.close()
    return campaign.figures


@contextmanager
def begun(order: Order) -> Iterator[Campaign]:
    """Begin a campaign; its end is noted, so that a death in between shows."""
    campaign = Campaign(order)
    yield campaign
    campaign.watch.close()


def main() -> None:
    """Run one order, and print its figures."""
    with begun(msgspec.json.decode(sys.argv[1], type=Order)) as campaign:
        sys.stdout.buffer.write(msgspec.json.encode(campaign.run()) + b"\n")


if __name__ == "__main__":
    main()
