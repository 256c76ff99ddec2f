"""Many seeds, one after another or on several processors, and what came of them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import islice
from multiprocessing import get_context
from typing import Final

import msgspec

from bookstream.simulation.plan import STEPS, plan
from bookstream.simulation.shrink import shrink
from bookstream.simulation.world import Outcome, World

AT_ONCE: Final = 50
"""Seeds that a process takes at a time."""


class Found(msgspec.Struct, frozen=True):
    """A seed that broke a rule."""

    seed: int
    steps: int
    outcome: Outcome

    @property
    def replay(self) -> str:
        """Return the command that shows it again."""
        return replay(self.seed, self.steps)


class Tally(msgspec.Struct):
    """What many runs came to."""

    seeds: int = 0
    events: int = 0
    units: int = 0
    faults: int = 0
    simulated_us: int = 0
    found: list[Found] = msgspec.field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Add what other runs came to."""
        self.seeds += other.seeds
        self.events += other.events
        self.units += other.units
        self.faults += other.faults
        self.simulated_us += other.simulated_us
        self.found += other.found


def replay(seed: int, steps: int, only: Sequence[int] = ()) -> str:
    """Return the command that runs a seed again, or some steps of it, and tells what happens."""
    some = f" --only {','.join(map(str, only))}" if only else ""
    return f"bookstream simulate --seed {seed} --steps {steps}{some} --trace"


def run_seed(
    seed: int, steps: int = STEPS, only: Sequence[int] = (), say: Callable[[str], None] | None = None
) -> Found:
    """Run a seed, or only some steps of it."""
    actions = [action for action in plan(seed, steps) if not only or action.number in only]
    return Found(seed, steps, (World(say) if say is not None else World()).run(actions))


def run_seeds(seeds: Iterable[int], steps: int = STEPS) -> Tally:
    """Run seeds one after another."""
    tally = Tally()
    for seed in seeds:
        found = run_seed(seed, steps)
        outcome = found.outcome
        tally.add(Tally(1, outcome.events, outcome.units, outcome.faults, outcome.simulated_us,
                        [found] if outcome.violated else []))  # fmt: skip
    return tally


def campaign(first: int, seeds: int, *, steps: int = STEPS, jobs: int = 1) -> Iterator[Tally]:
    """Run so many seeds from `first` on, on so many processors, and yield what each part of them came to."""
    numbers = iter(range(first, first + seeds))
    parts = list(iter(lambda: list(islice(numbers, AT_ONCE)), []))
    if jobs == 1:
        yield from map(partial(run_seeds, steps=steps), parts)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield from pool.map(partial(run_seeds, steps=steps), parts)


def shrunk(found: Found) -> tuple[Outcome, list[int]]:
    """Return the least of a failing run's steps that break the same rule, and how they end."""
    # What was planned after the violation cannot have caused it.
    planned = plan(found.seed, found.steps)[: found.outcome.step + 1]
    kept = shrink(planned, found.outcome.rule)
    return World().run(kept), [action.number for action in kept]
