"""A bounded register: of every name the latest that was said, however often and in whatever order it was heard.

It is the largest element by name of a total order, cut to the `most` latest names. Both are maxima, so hearing is
commutative, associative and idempotent, and registers merge. That something was cut is itself a fact about the set of
words heard: it happens in every order or in none.
"""

from collections.abc import Mapping
from typing import TypeVar

import msgspec


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """A word's place in the order of its source: its time, its sequence."""

    at: int
    sequence: int

    def stands_against(self, undone: "Mark | None") -> bool:
        """Tell whether this was said after an undoing, or with it: a source undoes first and then says anew."""
        return undone is None or (self.at, self.sequence) >= (undone.at, undone.sequence)


M = TypeVar("M", bound=Mark)


def _order(name: str, mark: Mark) -> tuple[int, int, bytes, str]:
    """Order marks by time and sequence; a source that says two things at once is read by their bytes."""
    return mark.at, mark.sequence, msgspec.msgpack.encode(mark), name


def heard(register: Mapping[str, M], name: str, mark: M, *, most: int) -> tuple[Mapping[str, M], bool]:
    """Return the register with a mark heard under a name, and whether a name had to be cut.

    The same object comes back if nothing changed. Names stay sorted: equal registers have equal bytes.
    """
    assert most > 0, most
    earlier = register.get(name)
    if earlier is not None and _order(name, mark) <= _order(name, earlier):
        return register, False
    names = {**register, name: mark}
    over = len(names) > most
    if over:
        del names[min(names, key=lambda each: _order(each, names[each]))]
        if name not in names:
            return register, True
    return dict(sorted(names.items())), over
