"""How far a provider counts in a fixture: what acts, what lets go, and what does not flap."""

from itertools import pairwise

from domain.events.feeds import FeedCompleteness, Measure, Standing
from domain.feeds.completeness import OBJECTIVES, Count
from domain.feeds.coverage import LIMITS, MOST_STREAMS, Cover, decide_cover, hear, judge_cover

SECOND = 1_000_000
MINUTE = 60 * SECOND
START = 1_700_000_000 * SECOND


def told(
    minute: float, expected: int, received: int, measure: Measure = "TICKS", stream: str = "s"
) -> FeedCompleteness:
    at, count = START + int(minute * MINUTE), Count(expected, received)
    return FeedCompleteness(
        event_id="e", occurred_at=at, received_at=at, provider="uof", fixture_id="fx-1", measure=measure,
        stream_id=stream, since_at=START, expected=expected, received=received, share=count.share,
        objective=OBJECTIVES[measure], met=count.meets(measure),
    )  # fmt: skip


class Case:
    """A provider in a fixture, with the states that were decided."""

    def __init__(self) -> None:
        self.cover = Cover()
        self.states: list[Standing] = []

    def tell(self, minute: float, expected: int, received: int, measure: Measure = "TICKS", stream: str = "s") -> None:
        hear(self.cover, told(minute, expected, received, measure, stream))
        self.pass_until(minute)

    def pass_until(self, minute: float) -> None:
        if decide_cover(self.cover, START + int(minute * MINUTE)) is not None:
            self.states.append(self.cover.guard.state)


def test_who_is_complete_is_up_and_nothing_is_said() -> None:
    case = Case()
    for minute in range(1, 90):
        case.tell(minute, minute * 10, minute * 10)
    assert case.states == []


def test_who_falls_under_the_objective_is_degraded_at_once() -> None:
    case = Case()
    case.tell(1, 20, 20)
    case.tell(2, 40, 36)
    assert case.states == ["DEGRADED"]
    finding = judge_cover(case.cover, START + 2 * MINUTE)
    assert finding is not None
    assert (finding.measure, finding.lately) == ("TICKS", Count(40, 36))


def test_who_lost_most_of_lately_is_down_however_good_it_was_before() -> None:
    case = Case()
    for minute in range(1, 31):
        case.tell(minute, minute, minute)
    for minute in range(31, 37):
        case.tell(minute, minute, 30)
    assert case.states == ["DEGRADED", "DOWN"]


def test_one_thing_that_is_missing_makes_nobody_down() -> None:
    case = Case()
    case.tell(4, 1, 0, "INCIDENTS", "")
    assert case.states == ["DEGRADED"]
    case.tell(8, 2, 0, "INCIDENTS", "")
    assert case.states == ["DEGRADED", "DOWN"]


def test_a_loss_that_a_long_match_makes_up_for_does_not_act() -> None:
    case = Case()
    case.tell(1, 100, 100)
    case.tell(12, 110, 108)
    assert judge_cover(case.cover, START + 12 * MINUTE) is not None
    assert case.states == []


def test_what_comes_late_lets_go_after_it_was_whole_for_a_while() -> None:
    case = Case()
    case.tell(1, 10, 4, "MESSAGES")
    case.tell(2, 12, 12, "MESSAGES")
    assert case.states == ["DOWN"]
    case.pass_until(2 + LIMITS.steady_us / MINUTE - 0.1)
    assert case.states == ["DOWN"]
    case.pass_until(2 + LIMITS.steady_us / MINUTE)
    assert case.states == ["DOWN", "UP"]


def test_what_was_lost_is_not_held_against_anyone_for_ever() -> None:
    case = Case()
    case.tell(1, 10, 4)
    forgiven = 1 + LIMITS.lately_us / MINUTE
    case.pass_until(forgiven - 0.1)
    case.pass_until(forgiven)
    assert case.states == ["DOWN"]
    case.pass_until(forgiven + LIMITS.steady_us / MINUTE)
    assert case.states == ["DOWN", "UP"]


def test_a_share_that_hovers_about_the_objective_acts_once_and_lets_go_once() -> None:
    case, expected, missing, shares = Case(), 0, 0, []
    for minute in range(1, 41):
        expected += 10
        # Now over it, now under it.
        missing = int(expected * 0.05) + minute % 2
        count = Count(expected, expected - missing)
        shares.append(count.meets("TICKS"))
        case.tell(minute, expected, expected - missing)
        for part in (0.25, 0.5, 0.75):
            case.pass_until(minute + part)
    changes = sum(one != other for one, other in pairwise(shares))
    assert changes > 10
    assert case.states in (["DEGRADED"], ["DEGRADED", "UP"])
    for minute in range(41, 60):
        expected += 10
        case.tell(minute, expected, expected - missing)
    case.pass_until(61)
    assert case.states == ["DEGRADED", "UP"]


def test_the_best_of_several_streams_counts_and_the_worst_measure() -> None:
    case = Case()
    case.tell(1, 10, 10, stream="new")
    case.tell(1, 10, 0, stream="old")
    assert case.states == []
    case.tell(1, 10, 4, "MESSAGES", "new")
    assert case.states == ["DOWN"]


def test_counts_that_are_known_or_older_change_nothing() -> None:
    cover = Cover()
    assert hear(cover, told(2, 10, 10))
    assert not hear(cover, told(2, 10, 5))
    assert not hear(cover, told(1, 10, 5))
    assert judge_cover(Cover(), START) is None


def test_what_is_kept_is_bounded() -> None:
    cover = Cover()
    for minute in range(1, 500):
        hear(cover, told(minute, minute, minute))
    assert max(len(each.marks) for each in cover.tracks.values()) <= 1 + LIMITS.lately_us // MINUTE
    for number in range(100):
        hear(cover, told(500 + number, 1, 1, stream=str(number)))
    assert len(cover.tracks) == MOST_STREAMS
    assert "TICKS/99" in cover.tracks
