"""What of one event is asked for again when a message about it cannot be read."""

import pytest

from domain.feeds.uof_events import AGAIN_US, AskEvent, on_unreadable
from domain.feeds.uof_producers import SECOND_US, Feed, Status, open_feed, standing_of
from domain.feeds.uof_quota import SKEW_US, WINDOWS

T0 = 1_700_000_000 * SECOND_US
LIVE = 1
URN = "sr:match:42"


def opened(status: Status = "COMPLETED") -> Feed:
    feed = open_feed({LIVE: 600}, ("all",), T0)
    feed.connected, feed.producers[LIVE].status = True, status
    return feed


def test_an_event_is_asked_for_with_a_number_of_its_own() -> None:
    feed = opened()
    number = feed.next_request
    assert on_unreadable(feed, LIVE, URN, "odds", T0) == [AskEvent(LIVE, number, URN, "odds")]
    assert on_unreadable(feed, LIVE, URN, "stateful_messages", T0)[0].request_id == number + 1
    assert on_unreadable(feed, LIVE, "sr:match:43", "odds", T0)[0].request_id == number + 2
    assert standing_of(feed).quota.asked_at == {"EVENT": [T0, T0, T0]}


def test_the_same_is_asked_for_once_in_its_time() -> None:
    feed = opened()
    assert on_unreadable(feed, LIVE, URN, "odds", T0)
    assert on_unreadable(feed, LIVE, URN, "odds", T0 + AGAIN_US - 1) == []
    assert on_unreadable(feed, LIVE, URN, "odds", T0 + AGAIN_US)
    assert len(feed.producers[LIVE].events_asked) == 1


def test_no_more_is_asked_for_than_the_quota_allows() -> None:
    feed = opened()
    (limit, window), _ = WINDOWS["EVENT"]
    asked = [on_unreadable(feed, LIVE, f"sr:match:{n}", "odds", T0) for n in range(limit + 1)]
    assert [len(each) for each in asked] == [1] * limit + [0]
    assert on_unreadable(feed, LIVE, "sr:match:900", "odds", T0 + window + SKEW_US - 1) == []
    assert on_unreadable(feed, LIVE, "sr:match:900", "odds", T0 + window + SKEW_US)


@pytest.mark.parametrize("status", ["NOT_STARTED", "ERROR"])
def test_nothing_is_asked_for_where_the_whole_producer_will_be(status: Status) -> None:
    assert on_unreadable(opened(status), LIVE, URN, "odds", T0) == []


def test_nothing_is_asked_of_a_stranger_or_without_a_connection() -> None:
    feed = opened()
    assert on_unreadable(feed, 99, URN, "odds", T0) == []
    feed.connected = False
    assert on_unreadable(feed, LIVE, URN, "odds", T0) == []
