"""What will happen, drawn from one seed: acts of everybody outside, and faults, each with its own random numbers."""

from random import Random
from typing import Final, NamedTuple

STEPS: Final = 60
"""Steps of a run, unless somebody says otherwise."""

FAULTS: Final = {"crash": 10, "ghost": 4, "rewind": 4, "slow": 3}
"""Kinds of faults, with how often each is drawn."""
ACTS: Final = {
    "bet": 28, "deposit": 3, "withdraw": 5, "repeat": 5, "reuse": 1, "nonsense": 3,
    "prices": 10, "order": 2, "tick": 9, "incident": 3, "call_off": 1,
}  # fmt: skip
LATER: Final = {"result": 22}
"""What only happens once there were bets."""
OPENING: Final = ("fund", "prices", "prices")
"""A run begins with money and prices."""
REST: Final = "rest"
"""It ends when everything has come to rest, and an auditor looks at it."""


class Action(NamedTuple):
    """One thing that happens; all that is random about it follows from `salt`."""

    number: int
    kind: str
    salt: int


def plan(seed: int, steps: int = STEPS) -> list[Action]:
    """Draw a run of so many steps. An action that is left out leaves the others as they are."""
    random = Random(seed)
    early, late = {**ACTS, **FAULTS}, {**ACTS, **FAULTS, **LATER}
    kinds = list(OPENING[:steps])
    while len(kinds) < steps:
        drawn = late if len(kinds) > steps // 4 else early
        kinds += random.choices(list(drawn), list(drawn.values()))
    kinds.append(REST)
    return [Action(number, kind, random.getrandbits(62)) for number, kind in enumerate(kinds)]
