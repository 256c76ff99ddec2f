"""The little language that market rules are written in: whole numbers, comparisons, and/or/not, sums and products.

It is a part of Python's own expressions, read once into functions; what is not listed here is refused when it is read.
"""

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Final

import msgspec

HOME: Final = 1
AWAY: Final = 2
NOBODY: Final = 0
LINE: Final = "line"


class World(msgspec.Struct, frozen=True):
    """One way that a match may end: its counts by name, and the sides of its goals in their order."""

    numbers: Mapping[str, int]
    order: tuple[int, ...] = ()


Formula = Callable[[World], int]


class Expression(msgspec.Struct, frozen=True):
    """A formula, the names that it reads of a world, and the numbers that it holds, but for the line in thousandths."""

    formula: Formula
    names: frozenset[str]
    constants: frozenset[int]


_COMPARED: Final[dict[type[ast.cmpop], Callable[[int, int], bool]]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}  # fmt: skip
_COUNTED: Final[dict[type[ast.operator], Callable[[int, int], int]]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Mod: operator.mod,
}  # fmt: skip
_SIDES: Final = {"HOME": HOME, "AWAY": AWAY, "NOBODY": NOBODY}


def read(text: str, bound: Mapping[str, int] | None = None) -> Expression:
    """Read an expression; the names in `bound` are numbers in it, all others are asked of the world.

    Raises:
        ValueError: it is no expression of this language.
    """
    reader = _Reader(_SIDES | dict(bound or {}))
    try:
        formula = reader.formula(ast.parse(text, mode="eval").body)
    except SyntaxError as error:
        raise ValueError(f"{text!r} is no expression") from error
    return Expression(formula, frozenset(reader.names), frozenset(reader.constants))


def nth(world: World, number: int) -> int:
    """Return the side of the nth goal, or nobody."""
    return world.order[number - 1] if 0 < number <= len(world.order) else NOBODY


def reached(world: World, home: int, away: int) -> int:
    """Say whether a score stood at any time, from the first goal on."""
    ahead = home + away
    return int(0 < ahead <= len(world.order) and world.order[:ahead].count(HOME) == home)


_CALLED: Final[dict[str, tuple[int, Callable[..., int]]]] = {"nth": (1, nth), "reached": (2, reached)}


class _Reader:
    def __init__(self, bound: Mapping[str, int]) -> None:
        self._bound = bound
        self.names: set[str] = set()
        self.constants: set[int] = set()

    def formula(self, node: ast.expr) -> Formula:  # noqa: PLR0911  # one return for each part of the language
        match node:
            case ast.Constant(value=int(value)):
                self.constants.add(int(value))
                return lambda _: value
            case ast.Name(id=name) if name in self._bound:
                return self._number(name)
            case ast.Name(id=name):
                self.names.add(name)
                return lambda world: world.numbers[name]
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                inner = self.formula(operand)
                return lambda world: not inner(world)
            case ast.BoolOp(op=joint, values=values):
                return _joined([self.formula(each) for each in values], every=isinstance(joint, ast.And))
            case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _COUNTED:
                return _applied(_COUNTED[type(sign)], self.formula(left), self.formula(right))
            case ast.Compare(left=left, ops=[sign], comparators=[right]) if type(sign) in _COMPARED:
                return _applied(_COMPARED[type(sign)], self.formula(left), self.formula(right))
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if _CALLED.get(name, (-1,))[0] == len(args):
                self.names.add(name)
                function, inputs = _CALLED[name][1], [self.formula(each) for each in args]
                return lambda world: function(world, *(each(world) for each in inputs))
            case _:
                raise ValueError(f"{ast.unparse(node)!r} is not part of the language of rules")

    def _number(self, name: str) -> Formula:
        value = self._bound[name]
        if name != LINE:
            self.constants.add(value)
        return lambda _: value


def _applied(function: Callable[[int, int], int], left: Formula, right: Formula) -> Formula:
    return lambda world: function(left(world), right(world))


def _joined(parts: list[Formula], *, every: bool) -> Formula:
    if every:
        return lambda world: all(part(world) for part in parts)
    return lambda world: any(part(world) for part in parts)
