"""The match clock, possession, and what follows from an event that is told again."""

import pytest

from domain.errors import ContractViolation
from domain.events.canonical import IncidentKind, Side
from domain.feeds.matchclock import elapsed_us, since_kick_off_us, stated_minute
from domain.feeds.pitch import Facts, change_between, figure_name
from domain.feeds.possession import possession_percent

MINUTE = 60_000_000


@pytest.mark.parametrize(
    ("text", "wanted"), [("00:00:00.000", 0), ("00:46:42.770", 2_802_770_000), ("01:00:00", 60 * MINUTE)]
)
def test_the_time_within_a_period_is_read_exactly(text: str, wanted: int) -> None:
    assert elapsed_us(text) == wanted


@pytest.mark.parametrize("text", ["", "46:42", "00:46:42.", "-0:46:42", "00:46:42.1234567", "00:46:42x"])
def test_what_is_no_time_within_a_period_is_refused(text: str) -> None:
    with pytest.raises(ContractViolation):
        elapsed_us(text)


def test_periods_begin_one_after_the_other() -> None:
    starts = [since_kick_off_us(period, 0) for period in range(1, 6)]
    assert starts == [each * MINUTE for each in (0, 60, 115, 135, 155)]
    with pytest.raises(ContractViolation):
        since_kick_off_us(6, 0)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1", (1, 0, 0)),
        ("45+3", (1, 47, 47)),
        ("46", (2, 45, 0)),
        ("90+7", (2, 96, 51)),
        ("105", (3, 104, 14)),
        ("106", (4, 105, 0)),
    ],
)
def test_a_stated_minute_is_one_more_than_the_clock_shows(text: str, wanted: tuple[int, int, int]) -> None:
    period, minute, within_us = stated_minute(text)
    assert (period, minute, within_us // MINUTE) == wanted


@pytest.mark.parametrize("text", ["", "0", "121", "+3", "45+", "4 5", "1e1"])
def test_no_other_minute_is_read(text: str) -> None:
    with pytest.raises(ContractViolation):
        stated_minute(text)


def facts(version: int, incident: IncidentKind | None, side: Side = "HOME", **figures: int) -> Facts:
    return Facts(version, side, 30, incident, None, figures)


def test_a_new_event_says_all_that_it_means() -> None:
    change = change_between(None, facts(1, "GOAL", shots_count=1))
    assert ([kind for kind, _ in change.incidents], change.figures) == (["GOAL"], {"home_shots_count": 1})


@pytest.mark.parametrize(
    ("now", "kinds", "figures"),
    [
        (facts(2, "GOAL", shots_count=1), [], {}),
        (facts(2, None), ["GOAL_CANCELLED"], {"home_shots_count": -1}),
        (facts(2, None, shots_count=1), ["GOAL_CANCELLED"], {}),
        (facts(2, "GOAL", "AWAY"), ["GOAL_CANCELLED", "GOAL"], {"home_shots_count": -1}),
        (facts(2, "RED_CARD", red_cards_count=1), ["GOAL_CANCELLED", "RED_CARD"],
         {"home_shots_count": -1, "home_red_cards_count": 1}),
    ],
)  # fmt: skip
def test_an_event_told_again_says_what_has_changed(now: Facts, kinds: list[str], figures: dict[str, int]) -> None:
    change = change_between(facts(1, "GOAL", shots_count=1), now)
    assert [kind for kind, _ in change.incidents] == kinds
    assert change.figures == figures


def test_what_is_withdrawn_takes_itself_back() -> None:
    change = change_between(facts(1, "YELLOW_CARD"), Facts(2, "HOME", 30, withdrawn=True))
    assert [(kind, each.side, each.minute) for kind, each in change.incidents] == [
        ("YELLOW_CARD_CANCELLED", "HOME", 30)
    ]


def test_possession_is_the_share_of_the_passes() -> None:
    assert possession_percent(2, 1) == 66.7
    assert possession_percent(0, 0) is None
    assert figure_name("AWAY", "corners_count") == "away_corners_count"
