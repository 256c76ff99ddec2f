"""What happened between two scores, and between two counts of cards."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.feeds.scores import cards_between, changes_of, is_corrected

SCORE = st.integers(0, 12)


def test_what_is_taken_back_comes_before_what_is_scored() -> None:
    changes = [(each.kind, each.side, each.home, each.away) for each in changes_of(2, 0, 1, 1)]
    assert changes == [("GOAL_CANCELLED", "HOME", 1, 0), ("GOAL", "AWAY", 1, 1)]


@given(home=SCORE, away=SCORE, new_home=SCORE, new_away=SCORE)
def test_the_changes_lead_from_one_score_to_the_other(home: int, away: int, new_home: int, new_away: int) -> None:
    changes = changes_of(home, away, new_home, new_away)
    assert len(changes) == abs(new_home - home) + abs(new_away - away)
    assert not changes or (changes[-1].home, changes[-1].away) == (new_home, new_away)
    assert is_corrected(home, away, new_home, new_away) == any(each.kind == "GOAL_CANCELLED" for each in changes)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [(0, 2, ["RED_CARD", "RED_CARD"]), (1, 1, []), (2, 1, ["RED_CARD_CANCELLED"])],
)
def test_a_lower_count_withdraws_cards(before: int, after: int, told: list[str]) -> None:
    assert cards_between("RED_CARD", before, after) == told
