"""Whether a provider still keeps its contract: what of its newest messages had to be refused, and its new fields.

One bad message is a dead letter and no more. Several among the newest are a provider that renamed or retyped what we
read: its feed cannot be trusted alone until the messages are taken again. A field that nobody declared is no fault.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

NEWEST: Final = 32
"""So many messages are remembered, by whether they were refused;"""
BROKEN_AT: Final = 3
"""so many refused among them break the contract, and none left of them mends it."""

LOOKED_AT_FIRST: Final = 16
LOOKED_AT_EVERY: Final = 16
"""The fields of a stream's first messages are looked at, then those of each so many: it takes longer than to read."""
MOST_PATHS: Final = 256
LONGEST_PATH: Final = 120
OTHER: Final = "(others)"
"""Stands for the fields beyond `MOST_PATHS`: names made up without end fill no memory."""

_MASK: Final = (1 << NEWEST) - 1


class Contract(msgspec.Struct):
    """Which of a stream's newest messages were refused, the newest in the lowest bit, and whether that is too many."""

    refused: int = 0
    broken: bool = False


def take(contract: Contract, *, refused: bool) -> bool:
    """Note that a message was taken or refused, and say whether the contract was broken or mended by it."""
    contract.refused = (contract.refused << 1 | refused) & _MASK
    was_broken = contract.broken
    if refusals(contract) >= BROKEN_AT:
        contract.broken = True
    elif not contract.refused:
        contract.broken = False
    return contract.broken != was_broken


def refusals(contract: Contract) -> int:
    """Count the refused among the newest messages."""
    return contract.refused.bit_count()


class UndeclaredFields(msgspec.Struct):
    """How often each undeclared field of a stream was seen, by its path, and in how many looks."""

    looks: int = 0
    paths: dict[str, int] = msgspec.field(default_factory=dict)


def is_looked_at(number: int) -> bool:
    """Say whether the fields of a stream's message are looked at, by the message's number."""
    return number < LOOKED_AT_FIRST or number % LOOKED_AT_EVERY == 0


def note_fields(fields: UndeclaredFields, seen: Mapping[str, int]) -> list[str]:
    """Count what a look has seen, and return the paths that are new since the stream's first looks.

    What is undeclared from the beginning is left out on purpose; what appears later is the provider's doing.
    """
    fields.looks += 1
    new = []
    for path, count in seen.items():
        name = path[:LONGEST_PATH]
        if name not in fields.paths:
            name = name if len(fields.paths) < MOST_PATHS else OTHER
            if name not in fields.paths and fields.looks > LOOKED_AT_FIRST:
                new.append(name)
        fields.paths[name] = fields.paths.get(name, 0) + count
    return new
