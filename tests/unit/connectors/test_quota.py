"""Quota headers and what they allow."""

import pytest

from connectors.resilience.quota import Demand, Quota, stretch
from connectors.resilience.web import SECOND, retry_after_s
from connectors.theoddsapi.quota import next_reset, quota_of

NOW = 1_700_000_000 * SECOND  # 2023-11-14T22:13:20Z


@pytest.mark.parametrize(
    ("value", "count"), [("12", 12), ("12.0", 12), ("-3", 0), ("many", None), ("nan", None), ("inf", None)]
)
def test_a_header_s_count_is_read_as_written(value: str, count: int | None) -> None:
    assert quota_of({"x-requests-remaining": value}).remaining == count


def test_headers_that_are_absent_tell_nothing() -> None:
    assert quota_of({}) == Quota(None, None, None)


def test_what_remains_is_spread_over_the_time_left() -> None:
    demands = [Demand(every_s=10, cost=2), Demand(every_s=30, cost=1), Demand(every_s=1, cost=0)]

    longer = stretch(demands, remaining=100, seconds_left=3000)

    assert longer == pytest.approx((600 + 100) / 100)
    assert sum(each.cost * 3000 / (each.every_s * longer) for each in demands) == pytest.approx(100)


@pytest.mark.parametrize(("remaining", "longer"), [(None, 1.0), (10_000, 1.0), (0, float("inf"))])
def test_intervals_are_never_shorter_than_wanted(remaining: int | None, longer: float) -> None:
    assert stretch([Demand(every_s=10, cost=1)], remaining, 1000) == longer


def test_free_endpoints_need_no_quota() -> None:
    assert stretch([Demand(every_s=10, cost=0)], 0, 1000) == 1.0


@pytest.mark.parametrize(
    ("day", "reset"), [(1, 1_701_388_800), (15, 1_700_006_400), (14, 1_702_512_000), (28, 1_701_129_600)]
)
def test_the_reset_is_the_next_midnight_of_its_day(day: int, reset: int) -> None:
    assert next_reset(NOW, day) == reset * SECOND


def test_the_reset_after_december_is_in_the_next_year() -> None:
    assert next_reset(1_703_980_800 * SECOND, 1) == 1_704_067_200 * SECOND


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, 9.0),
        ("30", 30.0),
        ("soon", 9.0),
        ("Tue, 14 Nov 2023 22:14:20 GMT", 60.0),
        ("Tue, 14 Nov 2023 22:00:00 GMT", 0.0),
        ("999999999", 86_400.0),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str | None, seconds: float) -> None:
    assert retry_after_s(value, NOW, 9.0) == seconds
