"""A provider's state by its liveness, its cadence, what others say, and who may judge."""

import pytest

from domain.feeds.protection import (
    LIMITS,
    SECOND,
    Cadence,
    Evidence,
    Guard,
    Report,
    Verdict,
    decide,
    is_contrary,
    judge,
    sum_up,
)

FAIR = (0.5, 0.3, 0.2)
WRONG = (0.2, 0.3, 0.5)
CLOSE = (0.51, 0.29, 0.2)
ALIVE = Verdict("UP", "alive")
AT = 1_700_000_000 * SECOND


def ticking(gap: int, times: int = 20) -> Cadence:
    cadence = Cadence()
    for number in range(times):
        cadence.beat(AT + number * gap)
    return cadence


def test_a_cadence_is_not_known_before_enough_gaps() -> None:
    assert ticking(SECOND, LIMITS.least_gaps).stale_after_us() == 0
    assert ticking(SECOND, LIMITS.least_gaps + 1).stale_after_us() > 0


def test_staleness_goes_by_the_providers_own_cadence() -> None:
    assert ticking(SECOND // 10).stale_after_us() == LIMITS.stale_least_us
    slow = ticking(60 * SECOND).stale_after_us()
    assert 60 * SECOND < slow < 120 * SECOND
    assert ticking(3600 * SECOND).stale_after_us() == LIMITS.stale_most_us


def test_a_tick_of_the_past_or_of_the_same_time_is_no_gap() -> None:
    cadence = ticking(SECOND)
    gaps = cadence.gaps
    cadence.beat(cadence.last_at)
    cadence.beat(cadence.last_at - SECOND)
    assert cadence.gaps == gaps


def test_two_who_agree_convict_the_third_and_he_does_not_convict_them() -> None:
    assert is_contrary([WRONG], [[FAIR], [CLOSE]]) is True
    assert is_contrary([FAIR], [[CLOSE], [FAIR]]) is False
    assert is_contrary([FAIR], [[CLOSE], [WRONG]]) is None, "judges that contradict each other judge nobody"


def test_one_other_provider_judges_nobody_however_many_bookmakers_it_tells_of() -> None:
    assert is_contrary([WRONG], [[FAIR, CLOSE, FAIR]]) is None
    assert is_contrary([], [[FAIR], [CLOSE]]) is None


def test_a_provider_is_the_median_of_its_bookmakers() -> None:
    assert is_contrary([FAIR, CLOSE, WRONG], [[FAIR], [CLOSE]]) is False


def test_prices_of_other_outcomes_are_not_compared() -> None:
    assert is_contrary([(0.6, 0.4)], [[FAIR], [CLOSE]]) is None
    assert is_contrary([FAIR], [[FAIR, (0.6, 0.4)], [CLOSE]]) is None


def test_certain_prices_are_compared_as_others_are() -> None:
    assert is_contrary([(1.0, 0.0, 0.0)], [[FAIR], [CLOSE]]) is True


def report(at: int = AT, **changes: int) -> Report:
    given = {"newest_at": AT, "stale_after_us": 20 * SECOND, "open": 3, "judged": 4, "contrary": 1, **changes}
    return Report(at, **given)


def test_partitions_are_summed_up_and_the_busiest_tells_the_cadence() -> None:
    reports = [report(stale_after_us=90 * SECOND, newest_at=AT + SECOND), report(), report(open=0, stale_after_us=1)]
    summed = sum_up(reports, AT + 11 * SECOND, streams=2, down=1)
    assert summed == Evidence(2, 1, 10 * SECOND, 20 * SECOND, 12, 3)


def test_what_a_partition_said_long_ago_counts_no_more() -> None:
    summed = sum_up([report()], AT + LIMITS.report_lives_us + 1, streams=1, down=0)
    assert summed == Evidence(streams=1)


def test_no_tick_is_expected_where_no_market_is_open() -> None:
    summed = sum_up([report(open=0)], AT + 50 * SECOND, streams=1, down=0)
    assert (summed.quiet_us, summed.stale_after_us, summed.ticks) == (0, 0, False)


@pytest.mark.parametrize(
    ("streams", "down", "state"), [(2, 0, "UP"), (2, 1, "DEGRADED"), (3, 2, "DOWN"), (1, 1, "DOWN")]
)
def test_a_provider_is_down_when_most_of_its_streams_are(streams: int, down: int, state: str) -> None:
    assert judge(Evidence(streams, down), 0).state == state


@pytest.mark.parametrize(
    ("quiet", "others", "state"),
    [(20, 5, "UP"), (21, 5, "DEGRADED"), (61, 1, "DEGRADED"), (61, 2, "DOWN"), (61, 0, "UP")],
)
def test_a_quiet_provider_is_stale_only_while_others_tick(quiet: int, others: int, state: str) -> None:
    evidence = Evidence(1, 0, quiet * SECOND, 20 * SECOND)
    assert judge(evidence, others).state == state


@pytest.mark.parametrize(
    ("judged", "contrary", "state"), [(4, 4, "UP"), (8, 1, "UP"), (8, 2, "DEGRADED"), (8, 4, "DOWN")]
)
def test_disagreement_counts_over_enough_markets(judged: int, contrary: int, state: str) -> None:
    assert judge(Evidence(1, judged=judged, contrary=contrary), 0).state == state


def test_the_worst_evidence_decides() -> None:
    evidence = Evidence(2, 1, judged=10, contrary=9)
    assert judge(evidence, 0) == Verdict("DOWN", "contrary")


def test_silence_counts_at_once_and_its_end_too() -> None:
    guard = Guard()
    assert decide(guard, Verdict("DOWN", "silent"), AT)
    assert (guard.state, guard.since_at) == ("DOWN", AT)
    assert decide(guard, ALIVE, AT + SECOND)
    assert (guard.state, guard.reason, guard.since_at) == ("UP", "alive", AT + SECOND)


def test_disagreement_must_last_and_so_must_its_end() -> None:
    guard, wrong = Guard(), Verdict("DOWN", "contrary")
    assert not decide(guard, wrong, AT)
    assert not decide(guard, ALIVE, AT + 10 * SECOND), "a goal that one heard first"
    assert not decide(guard, wrong, AT + 11 * SECOND)
    assert not decide(guard, wrong, AT + 11 * SECOND + LIMITS.contrary_us - 1)
    assert decide(guard, wrong, AT + 11 * SECOND + LIMITS.contrary_us)
    better = AT + 60 * SECOND
    assert not decide(guard, ALIVE, better)
    assert not decide(guard, ALIVE, better + LIMITS.steady_us - 1)
    assert decide(guard, ALIVE, better + LIMITS.steady_us)


def test_the_same_verdict_again_changes_nothing() -> None:
    guard = Guard()
    decide(guard, Verdict("DEGRADED", "stale"), AT)
    assert not decide(guard, Verdict("DEGRADED", "stale"), AT + SECOND)
    assert guard.since_at == AT
