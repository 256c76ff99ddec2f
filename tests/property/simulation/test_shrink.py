"""Delta debugging on any cause, and runs of any seed with any part of them left out."""

from collections.abc import Sequence

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookstream.simulation.plan import Action, plan
from bookstream.simulation.shrink import shrink
from bookstream.simulation.world import Outcome, World

ACTIONS = [Action(number, "bet", number) for number in range(48)]


@given(cause=st.sets(st.sampled_from(range(len(ACTIONS))), min_size=1, max_size=6))
def test_what_is_left_is_exactly_what_is_needed(cause: set[int]) -> None:
    def attempt(actions: Sequence[Action]) -> Outcome:
        fails = cause <= {action.number for action in actions}
        return Outcome(0, 0, 0, 0, 1, "a rule") if fails else Outcome(0, 0, 0, 0)

    assert {action.number for action in shrink(ACTIONS, "a rule", attempt)} == cause


@given(numbers=st.sets(st.sampled_from(range(len(ACTIONS))), min_size=3, max_size=30), least=st.integers(1, 3))
def test_where_any_few_of_many_break_a_rule_no_more_than_those_are_left(numbers: set[int], least: int) -> None:
    def attempt(actions: Sequence[Action]) -> Outcome:
        fails = len(numbers & {action.number for action in actions}) >= least
        return Outcome(0, 0, 0, 0, 1, "a rule") if fails else Outcome(0, 0, 0, 0)

    kept = {action.number for action in shrink(ACTIONS, "a rule", attempt)}
    assert len(kept) == least
    assert kept <= numbers


def test_another_rule_is_not_what_is_looked_for() -> None:
    def attempt(actions: Sequence[Action]) -> Outcome:
        return Outcome(0, 0, 0, 0, 1, "a rule" if len(actions) > 40 else "another")

    assert len(shrink(ACTIONS, "a rule", attempt)) == 41


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**63), left_out=st.sets(st.integers(0, 29)))
def test_a_run_with_any_part_left_out_breaks_no_rule_and_is_the_same_again(seed: int, left_out: set[int]) -> None:
    actions = [action for action in plan(seed, 30) if action.number not in left_out]
    first, again = World().run(actions), World().run(actions)
    assert not first.violated, first
    assert first == again
