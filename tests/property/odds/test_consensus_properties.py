"""What holds of every consensus."""

from itertools import count
from math import isclose

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.odds.consensus import Consensus, ConsensusRules, SourceView, agree

RULES = ConsensusRules(half_life_ms=5_000, outlier_logit=1.0, mad_factor=4.0, quorum_sources=2, quorum_weight=0.0)


def normalised(masses: list[float]) -> tuple[float, ...]:
    return tuple(mass / sum(masses) for mass in masses)


def views_of(low: float, high: float, oldest_ms: int = 60_000) -> st.SearchStrategy[list[SourceView]]:
    def of(outcomes: int) -> st.SearchStrategy[list[SourceView]]:
        masses = st.lists(st.floats(low, high), min_size=outcomes, max_size=outcomes).map(normalised)
        one = st.builds(
            SourceView, st.just(""), masses, sharpness=st.floats(0.5, 1.0), age_ms=st.integers(0, oldest_ms)
        )
        return st.lists(one, min_size=3, max_size=8).map(named)

    return st.integers(2, 6).flatmap(of)


def named(views: list[SourceView]) -> list[SourceView]:
    return [replace(view, source=f"s{n}") for n, view in zip(count(), views)]


@given(views=views_of(0.05, 1.0), data=st.data())
def test_the_order_of_the_sources_does_not_matter(views: list[SourceView], data: st.DataObject) -> None:
    assert agree(data.draw(st.permutations(views)), RULES) == agree(views, RULES)


@given(views=views_of(0.05, 1.0), scale=st.sampled_from([0.125, 2.0, 1024.0]))
def test_the_scale_of_the_weights_does_not_matter(views: list[SourceView], scale: float) -> None:
    answer = agree(views, RULES)
    scaled = agree([replace(view, sharpness=view.sharpness * scale) for view in views], RULES)
    assert type(answer) is type(scaled)
    assert answer.rejected == scaled.rejected
    if isinstance(answer, Consensus) and isinstance(scaled, Consensus):
        assert all(
            isclose(a, b, rel_tol=1e-12) for a, b in zip(answer.probabilities, scaled.probabilities, strict=True)
        )


@given(views=views_of(0.05, 1.0))
def test_every_source_is_either_used_or_rejected_and_the_rest_sum_to_one(views: list[SourceView]) -> None:
    answer = agree(views, RULES)
    names = [name for name, _ in answer.used] + [name for name, _ in answer.rejected]
    assert sorted(names) == sorted(view.source for view in views)
    if isinstance(answer, Consensus):
        assert abs(sum(answer.probabilities) - 1.0) <= 1e-12


@given(views=views_of(0.99, 1.0, oldest_ms=0), wild=st.floats(20.0, 1e6), weight=st.floats(0.01, 1.0))
def test_an_outlier_does_not_move_what_the_others_agree_on(views: list[SourceView], wild: float, weight: float) -> None:
    outcomes = len(views[0].probabilities)
    outlier = SourceView("wild", normalised([wild] + [1.0] * (outcomes - 1)), weight, 0)
    with_it, without = agree([*views, outlier], RULES), agree(views, RULES)
    assert isinstance(with_it, Consensus)
    assert isinstance(without, Consensus)
    assert with_it.probabilities == without.probabilities
    assert with_it.rejected == (("wild", "TOO_FAR"),)
