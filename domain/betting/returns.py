"""What a bet returns: the one payout function for singles, accumulators, systems, each-way and free bets.

The one rounding rule: a line's return is an exact rational product, rounded down once to the minor unit. The maximum
payout caps their sum.
"""

from collections.abc import Sequence
from math import lcm, prod

import msgspec

from domain.betting.codes import Code
from domain.betting.each_way import PlaceTerms
from domain.betting.factors import LOST, VOIDED, Factor, factor_of, won_factor
from domain.betting.payout import payout_minor
from domain.betting.systems import MOST_LINES, BetType, LineTree, line_count, line_tree
from domain.betting.systems import refusal as bet_type_refusal
from domain.settlement.result import WHOLE, LegResult


class LegState(msgspec.Struct, frozen=True, kw_only=True):
    """A leg at the odds taken, in thousandths, and what is known of it; None while it is open.

    `terms` and `placed` are of the place part of an each-way bet; a race `WIN_ONLY` has `placed` as `result`.
    """

    odds: int
    result: LegResult | None = None
    terms: PlaceTerms | None = None
    placed: LegResult | None = None


class Wager(msgspec.Struct, frozen=True, kw_only=True):
    """What was staked and how.

    Attributes:
        bet_type: which lines the legs make.
        stake_minor: all of it, for all lines; each-way, for both parts.
        each_way: whether every line is backed twice, to win and to be placed.
        free: whether the house gave the stake, which is then not returned.
        max_payout_minor: the most that the bet pays; None without a limit.
    """

    bet_type: BetType
    stake_minor: int
    each_way: bool = False
    free: bool = False
    max_payout_minor: int | None = None


class Returns(msgspec.Struct, frozen=True, kw_only=True):
    """What a bet returns, in minor units, the maximum payout applied.

    Attributes:
        returned_minor: by the lines that are decided: the payout, once none is open.
        most_minor: if every open leg wins.
        void_minor: the stake of the lines of which every leg is void; a free bet gives it back as a free bet.
        open_lines: how many lines can still return more than nothing.
    """

    returned_minor: int
    most_minor: int
    void_minor: int
    open_lines: int


def parts_of(wager: Wager) -> int:
    """Return how many stakes the whole stake is: the lines, each-way twice over."""
    return line_count(wager.bet_type) * (2 if wager.each_way else 1)


def unit_stakes(wager: Wager) -> tuple[int, int]:
    """Divide the stake: a minor-unit stake for each part, and how many of the first parts have one unit more.

    The parts are in the order of `systems.lines`, the win parts of all lines before the place parts.
    """
    return divmod(wager.stake_minor, parts_of(wager))


def refusal(wager: Wager, legs: Sequence[LegState], *, most_lines: int = MOST_LINES) -> Code | None:
    """Say why this cannot be bet: the type does not fit, a leg lacks place terms, or a part would have no stake."""
    if code := bet_type_refusal(wager.bet_type, len(legs), most_lines=most_lines):
        return code
    if any(wager.each_way != (leg.terms is not None) for leg in legs):
        return Code.BET_TYPE_INVALID
    if wager.stake_minor <= 0:
        return Code.STAKE_NOT_POSITIVE
    return Code.STAKE_BELOW_MINIMUM if wager.stake_minor < parts_of(wager) else None


def returns(wager: Wager, legs: Sequence[LegState]) -> Returns:
    """Return what a bet has returned and can still return, its legs settled or open.

    A line multiplies its stake by the factors of its legs (`LegResult.factor`): a losing leg decides it at once, a
    void leg counts as not there. A free bet's line pays what comes back less the stake in it, so a winner pays
    stake × (odds − 1), a void line nothing, a dead heat the winnings of the stake that won. Each line is rounded down
    once; then the maximum payout caps the sum.
    """
    tree = line_tree(wager.bet_type)
    if tree.lines == 1 and not wager.each_way and not wager.free and not any(leg.result for leg in legs):
        # What every decision asks for: one line, nothing known yet.
        most_minor = capped(wager, payout_minor(wager.stake_minor, [leg.odds for leg in legs]))
        return Returns(returned_minor=0, most_minor=most_minor, void_minor=0, open_lines=1)
    parts = (False, True) if wager.each_way else (False,)
    known = [part_factors(legs, place=place) for place in parts]
    returned = capped(wager, total_minor(wager, [[each or LOST for each in part] for part in known]))
    void = _void_minor(tree, wager, known)
    open_lines = sum([_open_lines(tree, part) for part in known])
    if not open_lines:
        return Returns(returned_minor=returned, most_minor=returned, void_minor=void, open_lines=0)
    most = [
        [each or won_factor(leg.odds, _fraction(leg, place=place)) for each, leg in zip(part, legs, strict=True)]
        for place, part in zip(parts, known, strict=True)
    ]
    most_minor = capped(wager, total_minor(wager, most))
    return Returns(returned_minor=returned, most_minor=most_minor, void_minor=void, open_lines=open_lines)


def part_factors(legs: Sequence[LegState], *, place: bool) -> list[Factor | None]:
    """Return the legs' factors in the win or the place part of a bet; None for an open leg."""
    factors: list[Factor | None] = []
    for leg in legs:
        result = leg.placed if place else leg.result
        factors.append(None if result is None else factor_of(result, leg.odds, _fraction(leg, place=place)))
    return factors


def capped(wager: Wager, amount: int) -> int:
    """Apply the maximum payout."""
    return amount if wager.max_payout_minor is None else min(amount, wager.max_payout_minor)


def total_minor(wager: Wager, parts: Sequence[Sequence[Factor]]) -> int:
    """Sum the lines of one or two parts, in minor units, each line rounded down once; not yet capped."""
    tree = line_tree(wager.bet_type)
    unit, more = divmod(wager.stake_minor, tree.lines * len(parts))
    total = 0
    for factors in parts:
        richer = min(tree.lines, more)
        total += _part_minor(tree, factors, unit, richer, free=wager.free)
        more -= richer
    return total


def _fraction(leg: LegState, *, place: bool) -> tuple[int, int]:
    if not place:
        return WHOLE
    assert leg.terms is not None, leg
    return leg.terms.fraction


def _part_minor(tree: LineTree, factors: Sequence[Factor], unit: int, more: int, *, free: bool) -> int:
    """Sum the lines: numerators multiply over one scale, which is a power of the legs' common scale for each fold."""
    if tree.lines == 1:
        one = prod([leg.total for leg in factors]) - (prod([leg.stake for leg in factors]) if free else 0)
        return (unit + more) * one // prod([leg.scale for leg in factors])
    legs = [factors[index] for index in tree.order]
    scale = lcm(*[leg.scale for leg in legs])
    paid = _line_products(tree, legs, scale, unit, free=free)
    richer = _line_products(tree, legs, scale, unit + 1, free=free) if more else paid
    total = 0
    for size, nodes in tree.folds:
        divisor, first = scale**size, min(more, len(nodes))
        more -= first
        total += sum([richer[node] // divisor for node in nodes[:first]])
        total += sum([paid[node] // divisor for node in nodes[first:]])
    return total


def _line_products(tree: LineTree, legs: Sequence[Factor], scale: int, stake: int, *, free: bool) -> list[int]:
    """Multiply a stake through the tree: for each node what it pays, over the scale to the power of its size."""
    products = _products(tree, [leg.total * (scale // leg.scale) for leg in legs], stake)
    if not free:
        return products
    stakes = _products(tree, [leg.stake * (scale // leg.scale) for leg in legs], stake)
    return [both - back for both, back in zip(products, stakes, strict=True)]


def _products(tree: LineTree, numerators: list[int], stake: int) -> list[int]:
    products = [stake]
    add = products.append
    for parent, place in tree.steps:
        add(products[parent] * numerators[place])
    return products


def _open_lines(tree: LineTree, part: Sequence[Factor | None]) -> int:
    if None not in part:
        return 0
    legs = [part[index] for index in tree.order]
    undecided = _bits([leg is None for leg in legs])
    lost = _bits([leg is not None and leg.total == 0 for leg in legs])
    masks = [tree.masks[node] for _, nodes in tree.folds for node in nodes]
    return sum([bool(mask & undecided and not mask & lost) for mask in masks])


def _void_minor(tree: LineTree, wager: Wager, parts: Sequence[Sequence[Factor | None]]) -> int:
    unit, more = divmod(wager.stake_minor, tree.lines * len(parts))
    void = 0
    for part in parts:
        if VOIDED in part:
            live = _bits([part[index] != VOIDED for index in tree.order])
            masks = [tree.masks[node] for _, nodes in tree.folds for node in nodes]
            void += sum([unit + (at < more) for at, mask in enumerate(masks) if not mask & live])
        more -= tree.lines
    return void


def _bits(places: Sequence[bool]) -> int:
    return sum(1 << place for place, there in enumerate(places) if there)
