"""The lines of full covers, systems and bankers."""

import pytest

from domain.betting.codes import Code
from domain.betting.systems import (
    NAMED,
    BetType,
    accumulator,
    line_count,
    line_tree,
    lines,
    name_of,
    refusal,
    system,
)


@pytest.mark.parametrize("name", NAMED)
def test_a_named_bet_has_as_many_lines_as_the_field_says(name: str) -> None:
    bet_type = NAMED[name].bet_type
    written = lines(bet_type)
    assert len(written) == len(set(written)) == line_count(bet_type) == NAMED[name].lines
    assert refusal(bet_type, bet_type.selections) is None


def test_the_full_covers_count_what_the_reference_says() -> None:
    said = {
        "PATENT": 7, "TRIXIE": 4, "YANKEE": 11, "LUCKY_15": 15, "CANADIAN": 26, "LUCKY_31": 31, "HEINZ": 57,
        "LUCKY_63": 63, "SUPER_HEINZ": 120, "GOLIATH": 247,
    }  # fmt: skip
    assert {name: NAMED[name].lines for name in said} == said


def test_a_trixie_is_three_doubles_and_a_treble() -> None:
    assert lines(NAMED["TRIXIE"].bet_type) == ((0, 1), (0, 2), (1, 2), (0, 1, 2))


def test_a_banker_is_in_every_line_beside_the_combinations_of_the_others() -> None:
    bet_type = system(2, 3, bankers=(3, 1))
    assert bet_type.selections == 5
    assert lines(bet_type) == ((0, 1, 2, 3), (0, 1, 3, 4), (1, 2, 3, 4))


def test_an_accumulator_is_one_line_of_all() -> None:
    assert lines(accumulator(6)) == ((0, 1, 2, 3, 4, 5),)


@pytest.mark.parametrize(
    ("bet_type", "name"),
    [
        (accumulator(1), "SINGLE"),
        (accumulator(2), "DOUBLE"),
        (accumulator(7), "7_FOLD"),
        (system(2, 4), "2/4"),
        (system(2, 4, bankers=(0,)), "2/4_1B"),
        (BetType(5, (2, 3)), "2+3/5"),
        (NAMED["GOLIATH"].bet_type, "GOLIATH"),
    ],
)
def test_a_bet_type_has_a_name(bet_type: BetType, name: str) -> None:
    assert name_of(bet_type) == name


@pytest.mark.parametrize(
    ("bet_type", "legs", "code"),
    [
        (accumulator(2), 3, Code.BET_TYPE_INVALID),
        (accumulator(2), 0, Code.NO_LEGS),
        (BetType(3, ()), 3, Code.BET_TYPE_INVALID),
        (BetType(3, (0,)), 3, Code.BET_TYPE_INVALID),
        (BetType(3, (4,)), 3, Code.BET_TYPE_INVALID),
        (BetType(3, (2, 2)), 3, Code.BET_TYPE_INVALID),
        (BetType(3, (2,), (3,)), 3, Code.BET_TYPE_INVALID),
        (BetType(3, (2,), (-1,)), 3, Code.BET_TYPE_INVALID),
        (BetType(3, (1,), (1, 1)), 3, Code.BET_TYPE_INVALID),
        (BetType(3, (3,), (0,)), 3, Code.BET_TYPE_INVALID),
        (BetType(2, (1,), (0, 1)), 2, Code.BET_TYPE_INVALID),
        (system(10, 20), 20, Code.TOO_MANY_LINES),
        (system(2, 3, bankers=(0,)), 4, None),
    ],
)
def test_what_does_not_fit_the_slip_is_refused(bet_type: BetType, legs: int, code: Code | None) -> None:
    assert refusal(bet_type, legs) is code


@pytest.mark.parametrize("bet_type", [NAMED["HEINZ"].bet_type, system(2, 4, bankers=(1, 4)), BetType(6, (1, 5))])
def test_the_tree_ends_in_the_lines_in_their_order(bet_type: BetType) -> None:
    tree = line_tree(bet_type)
    paths: list[tuple[int, ...]] = [()]
    for parent, place in tree.steps:
        paths.append((*paths[parent], tree.order[place]))
    ends = tuple(tuple(sorted(paths[node])) for _, nodes in tree.folds for node in nodes)
    assert ends == lines(bet_type)
    assert [len(paths[node]) for size, nodes in tree.folds for node in nodes] == [
        size for size, nodes in tree.folds for _ in nodes
    ]
    assert len(paths) == len(set(paths))
    assert tree.masks == tuple(sum(1 << tree.order.index(index) for index in path) for path in paths)
