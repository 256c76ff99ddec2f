"""The least of a run that still goes wrong in the same way: delta debugging on what was planned."""

from collections.abc import Callable, Sequence
from typing import Final

from bookstream.simulation.plan import Action
from bookstream.simulation.world import Outcome, World

MOST_RUNS: Final = 400
"""A run that went wrong early takes milliseconds; what is not minimal after this many is small enough."""

Try = Callable[[Sequence[Action]], Outcome]


def shrink(actions: Sequence[Action], rule: str, attempt: Try = lambda actions: World().run(actions)) -> list[Action]:
    """Leave out what is not needed to break a rule: no single action can be left out of what is returned.

    Actions follow from their own numbers, so those that stay do what they did (Zeller and Hildebrandt, Simplifying and
    Isolating Failure-Inducing Input, 2002).
    """
    kept, parts, runs = list(actions), 2, 0
    while len(kept) > 1 and runs < MOST_RUNS:
        size = max(1, len(kept) // parts)
        for start in range(0, len(kept), size):
            fewer = kept[:start] + kept[start + size :]
            runs += 1
            if attempt(fewer).rule == rule:
                kept, parts = fewer, max(2, parts - 1)
                break
        else:
            if size == 1:
                break
            parts = min(len(kept), 2 * parts)
    return kept
