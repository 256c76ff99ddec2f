"""Producers of the Unified Odds Feed: when they are up, delayed or down, and what is asked for again."""

import msgspec
import pytest

from domain.feeds.uof_producers import SECOND_US, Feed, Standing, Timeouts, open_feed, standing_of
from domain.feeds.uof_quota import HOUR_US, MINUTE_US, allowed_at, reach_of, spend
from domain.feeds.uof_recovery import (
    Action,
    Ask,
    Say,
    on_alive,
    on_connected,
    on_disconnected,
    on_message,
    on_refused,
    on_snapshot_complete,
    on_tick,
)

LIVE, PREMATCH = 1, 3
WINDOWS = {LIVE: 600, PREMATCH: 4320}
T0 = 1_700_000_000 * SECOND_US
FIRST = Say(LIVE, "COMPLETED", "FirstRecoveryCompleted")
AGAIN = Say(LIVE, "COMPLETED", "ReturnedFromInactivity")
SILENT = Say(LIVE, "ERROR", "AliveIntervalViolation")


def s(seconds: float) -> int:
    """Return a time so many seconds after the start."""
    return T0 + int(seconds * SECOND_US)


def opened(*sessions: str, standing: Standing | None = None, windows: dict[int, int] | None = None) -> Feed:
    """Give a connected feed of the live producer."""
    feed = open_feed(windows or {LIVE: 600}, sessions or ("all",), T0, standing)
    on_connected(feed, T0)
    return feed


def pulse(
    feed: Feed, at: float, *, sent: float | None = None, session: str = "all", subscribed: bool = True
) -> list[Action]:
    """Let the live producer's pulse be heard."""
    return on_alive(feed, LIVE, session, s(at if sent is None else sent), s(at), subscribed=subscribed)


def complete(feed: Feed, at: float, session: str = "all") -> list[Action]:
    """Let the recovery that runs be complete."""
    recovery = feed.producers[LIVE].recovery
    assert recovery is not None
    return on_snapshot_complete(feed, LIVE, session, recovery.request_id, s(at))


def risen(at: float = 2) -> Feed:
    """Give a feed whose live producer is up: asked a second, complete after two."""
    feed = opened()
    pulse(feed, 1)
    assert complete(feed, at) == [FIRST]
    return feed


def asks(actions: list[Action]) -> list[int | None]:
    """Return after what was asked for."""
    return [each.after for each in actions if isinstance(each, Ask)]


def test_the_first_pulse_asks_for_all_and_the_answer_brings_the_producer_up() -> None:
    feed = opened()

    assert asks(pulse(feed, 1)) == [None]
    assert feed.producers[LIVE].status == "STARTED"
    assert complete(feed, 30 - 12) == [FIRST]
    assert feed.producers[LIVE].is_up
    assert feed.producers[LIVE].good_at == s(1)


def test_a_producer_without_a_pulse_is_asked_after_a_minute_once() -> None:
    feed = opened()

    assert on_tick(feed, s(59.9)) == []
    assert asks(on_tick(feed, s(60))) == [None]
    assert asks(on_tick(feed, s(300))) == []


def test_what_is_complete_without_a_pulse_is_not_up() -> None:
    feed = opened()
    on_tick(feed, s(60))

    assert complete(feed, 70) == []
    assert not feed.producers[LIVE].is_up


@pytest.mark.parametrize(("seconds", "actions"), [(20, []), (20.000001, [SILENT])])
def test_more_than_twenty_seconds_of_silence_bring_a_producer_down(seconds: float, actions: list[Action]) -> None:
    feed = risen()

    assert on_tick(feed, s(1 + seconds)) == actions


def test_a_pulse_after_silence_asks_from_the_last_one_before_it() -> None:
    feed = risen()
    pulse(feed, 11)
    on_tick(feed, s(40))

    assert asks(pulse(feed, 50)) == [s(11) - 10 * SECOND_US]
    assert complete(feed, 55) == [AGAIN]
    assert feed.producers[LIVE].good_at == s(50)


def test_silence_that_no_tick_saw_is_seen_by_the_next_pulse() -> None:
    feed = risen()

    actions = pulse(feed, 40)

    assert actions[0] == SILENT
    assert asks(actions) == [s(1) - 10 * SECOND_US]


def test_a_pulse_of_an_unsubscribed_producer_asks_from_the_last_good_one() -> None:
    feed = risen()
    pulse(feed, 11)
    pulse(feed, 21)
    pulse(feed, 31)

    actions = pulse(feed, 41, subscribed=False)

    assert actions[0] == Say(LIVE, "ERROR", "Other")
    assert asks(actions) == [s(31) - 10 * SECOND_US]


def test_a_recovery_that_is_interrupted_is_followed_by_one_from_the_interruption() -> None:
    feed = opened()
    pulse(feed, 1)
    pulse(feed, 11)
    on_tick(feed, s(32))
    pulse(feed, 33)
    pulse(feed, 43)

    actions = complete(feed, 45)

    assert asks(actions) == [s(11) - 10 * SECOND_US]
    assert not feed.producers[LIVE].is_up
    assert complete(feed, 50) == [FIRST]


def test_of_two_interruptions_the_first_counts() -> None:
    feed = opened()
    for at in (1, 11, 33, 43, 65, 75):
        pulse(feed, at)

    assert asks(complete(feed, 76)) == [s(11) - 10 * SECOND_US]


def test_an_unsubscribed_pulse_interrupts_too() -> None:
    feed = opened()
    pulse(feed, 1)
    pulse(feed, 11)
    pulse(feed, 21, subscribed=False)
    pulse(feed, 31)

    assert asks(complete(feed, 32)) == [s(11) - 10 * SECOND_US]


def test_silence_when_the_snapshot_is_complete_interrupts_it() -> None:
    feed = opened()
    pulse(feed, 1)

    assert complete(feed, 40) == []
    assert asks(pulse(feed, 41)) == [s(1) - 10 * SECOND_US]


def test_a_snapshot_must_be_complete_on_every_session() -> None:
    feed = opened("live", "prematch")
    pulse(feed, 1, session="live")
    assert feed.producers[LIVE].recovery is None
    pulse(feed, 1, session="prematch")

    assert complete(feed, 5, "live") == []
    assert complete(feed, 6, "live") == []
    assert complete(feed, 7, "prematch") == [FIRST]


def test_one_silent_session_brings_the_producer_down() -> None:
    feed = opened("live", "prematch")
    for session in ("live", "prematch"):
        pulse(feed, 1, session=session)
    for session in ("live", "prematch"):
        complete(feed, 2, session)
    pulse(feed, 15, session="live")

    assert on_tick(feed, s(22)) == [SILENT]
    assert feed.producers[LIVE].good_at == s(1)


def test_a_snapshot_of_another_request_or_a_second_one_changes_nothing() -> None:
    feed = opened()
    pulse(feed, 1)
    recovery = feed.producers[LIVE].recovery
    assert recovery is not None

    assert on_snapshot_complete(feed, LIVE, "all", recovery.request_id + 1, s(2)) == []
    assert on_snapshot_complete(feed, PREMATCH, "all", recovery.request_id, s(2)) == []
    assert on_snapshot_complete(feed, LIVE, "all", recovery.request_id, s(2)) == [FIRST]
    assert on_snapshot_complete(feed, LIVE, "all", recovery.request_id, s(3)) == []


def test_messages_that_are_heard_late_delay_a_producer_until_they_no_longer_are() -> None:
    feed = risen()

    late = on_message(feed, LIVE, "all", s(2), s(22.1), request=None)
    assert late == [Say(LIVE, "DELAYED", "ProcessingQueueDelayViolation")]
    assert on_message(feed, LIVE, "all", s(2.2), s(22.3), request=None) == []
    assert not feed.producers[LIVE].is_up

    stable = on_message(feed, LIVE, "all", s(10), s(23), request=None)
    assert stable == [Say(LIVE, "COMPLETED", "ProcessingQueueDelayStabilized")]


def test_messages_of_a_recovery_are_old_and_delay_nothing() -> None:
    feed = risen()

    assert on_message(feed, LIVE, "all", s(-5000), s(3), request=99) == []


def test_a_late_pulse_delays_and_a_delayed_producer_can_fall_silent() -> None:
    feed = risen()

    assert pulse(feed, 12, sent=-10) == [Say(LIVE, "DELAYED", "ProcessingQueueDelayViolation")]
    assert on_tick(feed, s(33)) == [SILENT]


def test_a_cut_connection_brings_down_and_the_next_goes_on_from_what_was_whole() -> None:
    feed = risen()
    pulse(feed, 11)

    assert on_disconnected(feed) == [Say(LIVE, "ERROR", "ConnectionDown")]
    assert on_tick(feed, s(500)) == []
    assert pulse(feed, 500) == []
    on_connected(feed, s(501))
    assert asks(pulse(feed, 505)) == [s(11) - 10 * SECOND_US]


def test_a_recovery_that_was_cut_is_asked_for_again() -> None:
    feed = opened()
    pulse(feed, 1)
    on_disconnected(feed)
    on_connected(feed, s(5))

    assert asks(pulse(feed, 6)) == []
    assert asks(pulse(feed, 16)) == []
    assert asks(on_tick(feed, s(31))) == [None]


def test_between_two_recoveries_of_a_producer_there_are_thirty_seconds() -> None:
    feed = risen()
    assert asks(pulse(feed, 3, subscribed=False)) == []
    pulse(feed, 13)
    pulse(feed, 23)

    assert asks(on_tick(feed, s(30.9))) == []
    assert asks(on_tick(feed, s(31))) == [s(1) - 10 * SECOND_US]


def test_a_recovery_that_brings_nothing_is_asked_for_again_after_five_minutes() -> None:
    feed = opened()
    pulse(feed, 1)
    for at in range(11, 302, 10):
        assert asks(pulse(feed, at)) == []

    assert asks(on_tick(feed, s(301))) == []
    assert asks(on_tick(feed, s(301.1))) == [None]


def test_a_recovery_that_brings_something_may_take_twenty_minutes() -> None:
    feed = opened()
    pulse(feed, 1)
    recovery = feed.producers[LIVE].recovery
    assert recovery is not None
    for at in range(11, 1202, 10):
        pulse(feed, at)
        on_message(feed, LIVE, "all", s(0), s(at), request=recovery.request_id)
        assert asks(on_tick(feed, s(at))) == []

    assert asks(on_tick(feed, s(1201.1))) == [None]


def test_a_refused_request_is_made_again_later_and_not_before_the_provider_said() -> None:
    feed = opened()
    pulse(feed, 1)
    recovery = feed.producers[LIVE].recovery
    assert recovery is not None

    assert on_refused(feed, LIVE, recovery.request_id, s(100)) == []
    assert on_refused(feed, LIVE, recovery.request_id, 0) == []
    for at in range(11, 100, 10):
        assert asks(pulse(feed, at)) == []
    assert asks(on_tick(feed, s(99.9))) == []
    assert asks(on_tick(feed, s(100))) == [None]


@pytest.mark.parametrize("minutes", [599, 600.5])
def test_what_is_older_than_the_window_is_asked_for_whole(minutes: float) -> None:
    feed = opened(standing=Standing(good_at={LIVE: s(1 - minutes * 60 + 80)}))

    (after,) = asks(pulse(feed, 1))

    assert (after is None) == (minutes > 600)


def test_the_quotas_are_shared_by_the_producers() -> None:
    feed = opened(windows={1: 600, 3: 4320, 5: 4320})
    asked = [asks(on_alive(feed, each, "all", s(1), s(1), subscribed=True)) for each in (1, 3, 5)]

    assert asked == [[None], [None], []]  # of requests for all there are two in half an hour
    for at in range(11, 1861, 10):
        assert asks(on_alive(feed, 5, "all", s(at), s(at), subscribed=True)) == []
    assert asks(on_alive(feed, 5, "all", s(1861), s(1861), subscribed=True)) == [None]


def test_who_was_asked_longest_ago_is_asked_first() -> None:
    feed = opened(windows={1: 600, 3: 4320}, standing=Standing(asked_at={1: s(-1250), 3: s(-1290)}))
    spend(feed.quota, "LONG", s(-60))

    asked = [each.producer for each in on_tick(feed, s(60)) if isinstance(each, Ask)]

    assert asked == [3]  # one of the two in half an hour is left


def test_another_process_goes_on_with_what_was_whole_and_what_was_spent() -> None:
    before = risen()
    pulse(before, 11)
    kept = msgspec.json.decode(msgspec.json.encode(standing_of(before)), type=Standing)

    after = open_feed({LIVE: 600}, ("all",), s(20), kept)
    on_connected(after, s(20))

    assert after.next_request > before.next_request
    assert after.quota.asked_at == {"LONG": [s(1)]}
    assert asks(pulse(after, 30)) == []  # not thirty seconds after the last
    assert asks(on_tick(after, s(31))) == [s(11) - 10 * SECOND_US]


def test_requests_of_a_new_process_have_other_numbers() -> None:
    assert open_feed({LIVE: 600}, ("all",), T0).next_request == T0 // SECOND_US


def test_a_process_that_was_killed_before_it_kept_its_place_has_no_number_given_twice() -> None:
    kept = standing_of(opened())
    killed = opened(standing=kept)
    (ask,) = pulse(killed, 1)
    assert isinstance(ask, Ask)

    assert open_feed({LIVE: 600}, ("all",), s(3), kept).next_request > ask.request_id


def test_numbers_do_not_fall_when_the_clock_does() -> None:
    assert open_feed({LIVE: 600}, ("all",), s(-60), Standing(next_request=T0 // SECOND_US)).next_request == (
        T0 // SECOND_US
    )


def test_a_clock_that_is_put_back_does_not_hold_recoveries_for_ever() -> None:
    feed = risen()
    pulse(feed, 11)
    on_refused(feed, LIVE, 0, s(5 * 3600))
    on_disconnected(feed)
    on_connected(feed, s(-86_400))

    assert allowed_at(feed.quota, "RECENT", s(-86_400)) == s(-86_400 + 3600)
    assert allowed_at(feed.quota, "LONG", s(-86_400)) == s(-86_400 + 3600)
    assert feed.producers[LIVE].asked_at == s(-86_400)


def test_how_far_back_is_judged_by_the_producer_s_clock_too() -> None:
    feed = opened(standing=Standing(good_at={LIVE: s(0)}))

    assert asks(pulse(feed, 1, sent=1 + 28 * 60 + 50)) == [s(-10)]
    assert list(feed.quota.asked_at) == ["DAY"]


def test_an_unknown_producer_and_what_comes_unconnected_are_left_alone() -> None:
    feed = risen()

    assert on_alive(feed, 99, "all", s(3), s(3), subscribed=False) == []
    assert on_message(feed, 99, "all", s(3), s(300), request=None) == []
    assert on_refused(feed, 99, 1) == []
    on_disconnected(feed)
    assert on_message(feed, LIVE, "all", s(3), s(300), request=None) == []


@pytest.mark.parametrize(
    ("name", "value"), [("inactivity_us", 9), ("inactivity_us", 181), ("longest_us", 599), ("between_us", 19)]
)
def test_timeouts_are_within_their_bounds(name: str, value: int) -> None:
    with pytest.raises(ValueError, match=name):
        Timeouts(**{name: value * SECOND_US})


@pytest.mark.parametrize(
    ("minutes", "reach"), [(28, "RECENT"), (29, "DAY"), (1438, "DAY"), (1439, "LONG"), (None, "LONG")]
)
def test_the_reach_of_a_recovery_is_the_stricter_near_a_bound(minutes: int | None, reach: str) -> None:
    assert reach_of(None if minutes is None else T0 - minutes * MINUTE_US, T0) == reach


def test_a_window_s_last_request_is_free_again_when_the_first_has_left_it() -> None:
    feed = opened()
    for n in range(20):
        spend(feed.quota, "RECENT", s(n))

    assert allowed_at(feed.quota, "RECENT", s(30)) == s(0) + 11 * MINUTE_US
    for n in range(40):
        spend(feed.quota, "RECENT", s(700 + n * 40))
    assert allowed_at(feed.quota, "RECENT", s(2900)) == s(0) + HOUR_US + MINUTE_US
