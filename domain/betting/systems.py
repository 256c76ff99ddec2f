"""The lines of a bet: which selections stand or fall together, from a single to a Goliath and m of n with bankers."""

from functools import lru_cache
from itertools import combinations, pairwise
from math import comb
from typing import Final

import msgspec

from domain.betting.codes import Code

MOST_LINES: Final = 5_000
Line = tuple[int, ...]


class BetType(msgspec.Struct, frozen=True):
    """How many selections are multiplied with each other, and which are in every line.

    A line is all the bankers and as many others as one of the folds says. A Yankee is 4 selections in folds of 2, 3
    and 4; "3 of 5 with one banker" is 6 selections, banker 0, folds of 3.

    Attributes:
        selections: how many selections the slip has, bankers included.
        folds: the sizes of the combinations of the others, ascending.
        bankers: the indexes of the selections that every line has, ascending.
    """

    selections: int
    folds: tuple[int, ...]
    bankers: tuple[int, ...] = ()


class Named(msgspec.Struct, frozen=True):
    """A bet type that the field has a name for, and how many lines it says that it has."""

    bet_type: BetType
    lines: int


NAMED: Final = {
    "SINGLE": Named(BetType(1, (1,)), 1),
    "DOUBLE": Named(BetType(2, (2,)), 1),
    "TREBLE": Named(BetType(3, (3,)), 1),
    "TRIXIE": Named(BetType(3, (2, 3)), 4),
    "PATENT": Named(BetType(3, (1, 2, 3)), 7),
    "YANKEE": Named(BetType(4, (2, 3, 4)), 11),
    "LUCKY_15": Named(BetType(4, (1, 2, 3, 4)), 15),
    "CANADIAN": Named(BetType(5, (2, 3, 4, 5)), 26),
    "LUCKY_31": Named(BetType(5, (1, 2, 3, 4, 5)), 31),
    "HEINZ": Named(BetType(6, (2, 3, 4, 5, 6)), 57),
    "LUCKY_63": Named(BetType(6, (1, 2, 3, 4, 5, 6)), 63),
    "SUPER_HEINZ": Named(BetType(7, (2, 3, 4, 5, 6, 7)), 120),
    "GOLIATH": Named(BetType(8, (2, 3, 4, 5, 6, 7, 8)), 247),
}
"""The field's own names (REFERENCE-domain.md, full cover)."""

_NAMES: Final = {named.bet_type: name for name, named in NAMED.items()}


def accumulator(selections: int) -> BetType:
    """Return the bet of one line in which every selection must win; a single for one selection."""
    return BetType(selections, (selections,))


def system(chosen: int, of: int, bankers: tuple[int, ...] = ()) -> BetType:
    """Return every combination of `chosen` out of `of` selections, each with all the bankers, which are not of them."""
    return BetType(of + len(bankers), (chosen,), tuple(sorted(bankers)))


def asked(legs: int, folds: tuple[int, ...], bankers: tuple[int, ...]) -> BetType:
    """Return the bet type that a slip of so many legs asks for; with neither folds nor bankers it is an accumulator."""
    return BetType(legs, folds, bankers) if folds or bankers else accumulator(legs)


def name_of(bet_type: BetType) -> str:
    """Name a bet type: the field's name, else `<n>_FOLD` for an accumulator, else folds of selections and bankers."""
    if name := _NAMES.get(bet_type):
        return name
    if bet_type == accumulator(bet_type.selections):
        return f"{bet_type.selections}_FOLD"
    others = bet_type.selections - len(bet_type.bankers)
    folds = "+".join(str(fold) for fold in bet_type.folds)
    return f"{folds}/{others}" + (f"_{len(bet_type.bankers)}B" if bet_type.bankers else "")


def line_count(bet_type: BetType) -> int:
    """Return how many lines the bet has, without writing them out."""
    others = bet_type.selections - len(bet_type.bankers)
    return sum(comb(others, fold) for fold in bet_type.folds)


def lines(bet_type: BetType) -> tuple[Line, ...]:
    """Write out the lines as ascending indexes of selections: smallest fold first, then by the indexes of the others.

    This order is a contract: it says which lines are given the minor units of a stake that does not divide.
    """
    others = [index for index in range(bet_type.selections) if index not in bet_type.bankers]
    return tuple(
        tuple(sorted((*bet_type.bankers, *chosen))) for fold in bet_type.folds for chosen in combinations(others, fold)
    )


def refusal(bet_type: BetType, legs: int, *, most_lines: int = MOST_LINES) -> Code | None:
    """Say why a slip of so many legs cannot be this type of bet; None if it can."""
    others = bet_type.selections - len(bet_type.bankers)
    if legs <= 0:
        return Code.NO_LEGS
    if (
        bet_type.selections != legs
        or not bet_type.folds
        or not _ascending(bet_type.folds, 1, others)
        or not _ascending(bet_type.bankers, 0, legs - 1)
    ):
        return Code.BET_TYPE_INVALID
    return Code.TOO_MANY_LINES if line_count(bet_type) > most_lines else None


def _ascending(numbers: tuple[int, ...], least: int, most: int) -> bool:
    return all(least <= each <= most for each in numbers) and all(one < other for one, other in pairwise(numbers))


class LineTree(msgspec.Struct, frozen=True):
    """The lines as a tree of common beginnings: each product of a line's factors is its parent's times one leg's.

    Attributes:
        lines: how many lines there are.
        order: the indexes of the legs, bankers first; a step says a place in it.
        steps: node `i + 1` is node `steps[i][0]` with the leg at place `steps[i][1]`; node 0 is the empty line.
        folds: for each size of line, ascending, that size (bankers included) and the nodes that are its lines.
        masks: for each node, the places in `order` of its legs as bits.
    """

    lines: int
    order: tuple[int, ...]
    steps: tuple[tuple[int, int], ...]
    folds: tuple[tuple[int, tuple[int, ...]], ...]
    masks: tuple[int, ...]


@lru_cache(maxsize=128)
def line_tree(bet_type: BetType) -> LineTree:
    """Return the tree of a bet type's lines, kept for the types in use; the order of its lines is that of `lines`."""
    bankers = len(bet_type.bankers)
    others = [index for index in range(bet_type.selections) if index not in bet_type.bankers]
    order = (*bet_type.bankers, *others)
    nodes: dict[Line, int] = {(): 0}
    steps: list[tuple[int, int]] = []
    folds: list[tuple[int, tuple[int, ...]]] = []
    common = tuple(range(bankers))
    for fold in bet_type.folds:
        ends = []
        for chosen in combinations(range(bankers, len(order)), fold):
            line = common + chosen
            for length in range(1, len(line) + 1):
                if line[:length] not in nodes:
                    nodes[line[:length]] = len(nodes)
                    steps.append((nodes[line[: length - 1]], line[length - 1]))
            ends.append(nodes[line])
        folds.append((bankers + fold, tuple(ends)))
    masks = tuple(sum(1 << place for place in line) for line in nodes)
    return LineTree(line_count(bet_type), order, tuple(steps), tuple(folds), masks)
