"""Python source under construction: lines, the names that they use, and the function that comes of them."""

from collections.abc import Callable
from itertools import count
from typing import Any

Schema = Any
"""A parsed .avsc: JSON."""

UNKNOWN = "UNKNOWN"
"""First and default symbol of every enum: what an older reader sees in place of a symbol added later.

It makes a new symbol compatible in both directions. This system never writes it and refuses to act on it.
"""


class Source:
    """Lines of one function at their depth, and the objects that they name."""

    def __init__(self, names: dict[str, Any]) -> None:
        self._lines: list[str] = []
        self._names = dict(names)
        self._numbers = count()

    def add(self, depth: int, line: str) -> None:
        """Append a line."""
        self._lines.append("    " * depth + line)

    def fresh(self, prefix: str) -> str:
        """Name a local variable as no other."""
        return f"{prefix}{next(self._numbers)}"

    def constant(self, prefix: str, value: object) -> str:
        """Name an object for the lines to use."""
        name = self.fresh(prefix)
        self._names[name] = value
        return name

    def function(self, name: str) -> Callable[..., Any]:
        """Compile the lines and return the function of this name."""
        space = self._names
        exec("\n".join(self._lines), space)  # noqa: S102 - made here, from the repository's own schemas
        made: Callable[..., Any] = space[name]
        return made


def kind_of(schema: Schema) -> str:
    """Name the Avro type of a schema that is no union."""
    kind: str = schema["type"] if isinstance(schema, dict) else schema
    return kind
