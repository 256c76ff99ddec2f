"""Sources are weighed, the odd one out is thrown out, and too few are not believed."""

from math import sqrt

import pytest
from msgspec.structs import replace

from domain.errors import ContractViolation, Misconfigured
from domain.odds.consensus import Consensus, ConsensusRules, NoQuorum, SourceView, agree, weighted_median

RULES = ConsensusRules(half_life_ms=10_000, outlier_logit=0.5, mad_factor=5.0, quorum_sources=2, quorum_weight=0.5)


def view(source: str, *probabilities: float, sharpness: float = 1.0, age_ms: int = 0) -> SourceView:
    return SourceView(source, probabilities, sharpness, age_ms)


def agreed(views: list[SourceView], rules: ConsensusRules = RULES) -> Consensus:
    answer = agree(views, rules)
    assert isinstance(answer, Consensus)
    return answer


def refused(views: list[SourceView], rules: ConsensusRules = RULES) -> NoQuorum:
    answer = agree(views, rules)
    assert isinstance(answer, NoQuorum)
    return answer


def test_two_equal_sources_pool_to_the_geometric_mean() -> None:
    answer = agreed([view("a", 0.5, 0.5), view("b", 0.6, 0.4)])
    home, away = sqrt(0.5 * 0.6), sqrt(0.5 * 0.4)
    assert answer.probabilities == pytest.approx((home / (home + away), away / (home + away)), abs=1e-12)
    assert answer.used == (("a", 1.0), ("b", 1.0))
    assert answer.dispersion == pytest.approx(0.2027, abs=1e-4)


def test_a_source_loses_half_its_weight_with_each_half_life() -> None:
    answer = agreed([view("new", 0.5, 0.5), view("old", 0.5, 0.5, sharpness=4.0, age_ms=20_000)])
    assert answer.used == (("new", 1.0), ("old", 1.0))


def test_a_source_from_the_future_counts_as_fresh_only() -> None:
    answer = agreed([view("a", 0.5, 0.5), view("b", 0.5, 0.5, age_ms=-60_000)])
    assert dict(answer.used)["b"] == 1.0


def test_the_source_far_from_the_rest_is_thrown_out() -> None:
    near = [view("a", 0.5, 0.3, 0.2), view("b", 0.51, 0.29, 0.2), view("c", 0.49, 0.3, 0.21)]
    answer = agreed([*near, view("wrong", 0.2, 0.3, 0.5)])
    assert answer.rejected == (("wrong", "TOO_FAR"),)
    assert answer.probabilities == agreed(near).probabilities


def test_a_source_within_the_limit_but_unlike_a_tight_field_is_an_outlier() -> None:
    near = [view(name, 0.5, 0.5) for name in "abc"]
    assert agreed([*near, view("odd", 0.55, 0.45)]).rejected == (("odd", "OUTLIER"),)
    assert agreed([*near, view("close", 0.53, 0.47)]).rejected == ()


def test_how_far_is_noise_is_the_rules_to_say() -> None:
    views = [*(view(name, 0.5, 0.5) for name in "abc"), view("near", 0.53, 0.47)]
    assert agreed(views, replace(RULES, noise_logit=0.1)).rejected == (("near", "OUTLIER"),)
    assert agreed(views, replace(RULES, noise_logit=0.13)).rejected == ()


def test_of_two_sources_that_differ_a_little_neither_is_thrown_out() -> None:
    answer = agreed([view("sharp", 0.5, 0.5), view("dull", 0.57, 0.43, sharpness=0.5)])
    assert answer.rejected == ()
    assert 0.5 < answer.probabilities[0] < 0.535
    assert answer.dispersion > 0.1


def test_a_stale_source_is_named_but_counts_for_nothing() -> None:
    live = [view("a", 0.5, 0.5), view("b", 0.52, 0.48)]
    stale = replace(view("late", 0.51, 0.49), stale=True)
    answer = agreed([*live, stale])
    assert answer.rejected == (("late", "STALE"),)
    assert answer.probabilities == agreed(live).probabilities
    assert refused([live[0], stale]).reason == "NO_QUORUM"


def test_sources_that_all_but_know_the_winner_agree() -> None:
    answer = agreed([view("a", 0.9999999999999999, 1e-300), view("b", 1 - 1e-9, 1e-9)])
    assert answer.probabilities == pytest.approx((1.0, 0.0), abs=1e-12)
    assert answer.dispersion == 0.0
    assert answer.rejected == ()


def test_two_sources_that_contradict_each_other_are_a_disagreement() -> None:
    answer = refused([view("a", 0.2, 0.8), view("b", 0.8, 0.2)])
    assert answer.reason == "DISAGREEMENT"
    assert answer.rejected == (("a", "TOO_FAR"), ("b", "TOO_FAR"))


def test_too_few_sources_are_no_quorum() -> None:
    assert refused([]).reason == "NO_QUORUM"
    assert refused([view("a", 0.5, 0.5)]).reason == "NO_QUORUM"


def test_sources_too_old_to_weigh_enough_are_no_quorum() -> None:
    answer = refused([view("a", 0.5, 0.5, age_ms=30_000), view("b", 0.5, 0.5, age_ms=30_000)])
    assert answer.reason == "NO_QUORUM"
    assert answer.used == (("a", 0.125), ("b", 0.125))


@pytest.mark.parametrize("probabilities", [(0.5, 0.6), (1.0, 0.0), (float("nan"), 0.5), (-0.1, 1.1)])
def test_what_is_no_distribution_is_set_aside_and_named(probabilities: tuple[float, float]) -> None:
    answer = agreed([view("a", 0.5, 0.5), view("b", 0.5, 0.5), view("bad", *probabilities)])
    assert answer.rejected == (("bad", "NOT_A_DISTRIBUTION"),)


@pytest.mark.parametrize("sharpness", [0.0, -1.0, float("nan"), float("inf")])
def test_a_source_without_a_usable_weight_is_set_aside_and_named(sharpness: float) -> None:
    answer = agreed([view("a", 0.5, 0.5), view("b", 0.5, 0.5), view("bad", 0.5, 0.5, sharpness=sharpness)])
    assert answer.rejected == (("bad", "NO_WEIGHT"),)


def test_views_that_are_not_of_one_market_are_refused() -> None:
    with pytest.raises(ContractViolation, match="outcomes"):
        agree([view("a", 0.5, 0.5), view("b", 0.5, 0.3, 0.2)], RULES)
    with pytest.raises(ContractViolation, match="twice"):
        agree([view("a", 0.5, 0.5), view("a", 0.5, 0.5)], RULES)


def test_the_weighted_median_lies_midway_when_the_weight_is_shared() -> None:
    assert weighted_median([3.0, 1.0, 2.0], [1.0, 1.0, 1.0]) == 2.0
    assert weighted_median([1.0, 2.0], [1.0, 1.0]) == 1.5
    assert weighted_median([1.0, 2.0], [1.0, 1.1]) == 2.0
    assert weighted_median([1.0, 2.0, 3.0], [0.1, 0.2, 0.3]) == 2.5


@pytest.mark.parametrize(
    "changed",
    [
        {"half_life_ms": 0},
        {"outlier_logit": 0.0},
        {"mad_factor": -1.0},
        {"quorum_sources": 0},
        {"quorum_weight": -0.1},
        {"noise_logit": -0.1},
    ],
)
def test_rules_that_could_never_hold_are_refused(changed: dict[str, float]) -> None:
    rules = {"half_life_ms": 1, "outlier_logit": 1.0, "mad_factor": 1.0, "quorum_sources": 1, "quorum_weight": 0.0}
    with pytest.raises(Misconfigured):
        ConsensusRules(**{**rules, **changed})  # type: ignore[arg-type]  # a table of faults
