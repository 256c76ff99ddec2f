"""What the command line reads as a bet type, and what it refuses."""

import pytest

from bookstream.cli.bet_types import lines_asked
from domain.errors import Misconfigured


@pytest.mark.parametrize(
    ("text", "bankers", "legs", "read"),
    [
        (None, [], 3, ((), ())),
        ("LUCKY_15", [], 4, ((1, 2, 3, 4), ())),
        ("lucky-15", [], 4, ((1, 2, 3, 4), ())),
        ("trixie", [3], 4, ((2, 3), (3,))),
        ("3+2", [], 5, ((2, 3), ())),
        ("2", [4, 0], 5, ((2,), (0, 4))),
        (None, [1], 3, ((2,), (1,))),
    ],
)
def test_a_name_or_folds_say_which_lines(
    text: str | None, bankers: list[int], legs: int, read: tuple[tuple[int, ...], tuple[int, ...]]
) -> None:
    assert lines_asked(text, bankers, legs) == read


@pytest.mark.parametrize(
    ("text", "bankers", "legs"),
    [("YANKEE", [], 3), ("LUCKY", [], 4), ("2+", [], 4), ("5", [], 4), ("2+2", [], 4), ("1", [7], 4), ("1", [0, 0], 4),
     ("0", [], 2)],
)  # fmt: skip
def test_what_is_no_bet_of_these_legs_is_refused(text: str, bankers: list[int], legs: int) -> None:
    with pytest.raises(Misconfigured):
        lines_asked(text, bankers, legs)
