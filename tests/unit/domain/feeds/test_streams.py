"""Sequence, event time and repeats of one stream."""

from domain.feeds.dedupe import REMEMBERED, RecentContent, is_repeat, repeats_last
from domain.feeds.sequence import HOLES_KEPT, Placed, StreamSequence, place, refuse
from domain.feeds.watermark import MOST_AHEAD_US, Watermark, observe

SECOND = 1_000_000


def placed(numbers: list[int]) -> list[Placed]:
    state = StreamSequence()
    return [place(state, number, 100) for number in numbers]


def test_messages_in_order_are_next() -> None:
    assert [p.place for p in placed([0, 1, 2])] == ["NEXT", "NEXT", "NEXT"]


def test_a_jump_is_a_gap_that_counts_what_is_missing() -> None:
    assert placed([0, 1, 5])[-1] == Placed("GAP", 3)


def test_a_stream_joined_in_its_middle_begins_with_a_gap() -> None:
    assert placed([7]) == [Placed("GAP", 7)]


def test_what_was_missing_and_comes_after_all_is_late_once() -> None:
    state = StreamSequence()
    places = [place(state, number, 100).place for number in (0, 4, 2, 2, 5, 1, 3)]
    assert places == ["NEXT", "GAP", "LATE", "DUPLICATE", "NEXT", "LATE", "LATE"]
    assert (state.lost, state.holes, state.expected) == (0, [], 6)


def test_a_message_sent_again_is_a_duplicate_and_changes_nothing() -> None:
    state = StreamSequence()
    for number in range(3):
        place(state, number, 100 + number)
    assert place(state, 0, 100).place == "DUPLICATE"
    assert place(state, 2, 102).place == "DUPLICATE"
    assert state.expected == 3


def test_what_was_refused_is_missing_and_sent_again_it_is_late_once() -> None:
    state = StreamSequence()
    for number in range(3):
        place(state, number, 100)
        if number:
            refuse(state, number)
    assert (state.holes, state.lost, state.received) == ([(1, 2)], 2, 1)
    assert [place(state, number, 100).place for number in (3, 1, 1, 2, 0)] == [
        "NEXT", "LATE", "DUPLICATE", "LATE", "DUPLICATE",
    ]  # fmt: skip
    assert (state.holes, state.lost, state.received) == ([], 0, 4)


def test_a_poller_that_starts_again_begins_anew() -> None:
    state = StreamSequence()
    for number in range(3):
        place(state, number, 100 + number)
    assert place(state, 0, 200).place == "RESTART"
    assert place(state, 1, 201).place == "NEXT"


def test_only_the_newest_holes_are_remembered() -> None:
    state = StreamSequence()
    for number in range(0, 4 * HOLES_KEPT, 2):
        place(state, number, 100)
    assert len(state.holes) == HOLES_KEPT
    assert place(state, 1, 100).place == "DUPLICATE"


def test_an_event_older_than_is_allowed_is_late() -> None:
    state = Watermark()
    assert not observe(state, 100 * SECOND, 100 * SECOND, 5 * SECOND)
    assert not observe(state, 95 * SECOND, 100 * SECOND, 5 * SECOND)
    assert observe(state, 95 * SECOND - 1, 100 * SECOND, 5 * SECOND)
    assert (state.at, state.late) == (100 * SECOND, 1)


def test_a_clock_that_is_wrong_by_an_hour_does_not_make_everything_late() -> None:
    state = Watermark()
    observe(state, 3700 * SECOND, 100 * SECOND, 5 * SECOND)
    assert state.at == 100 * SECOND + MOST_AHEAD_US
    assert not observe(state, 101 * SECOND, 101 * SECOND, 5 * SECOND)


def test_a_message_sent_again_is_a_repeat_also_after_others() -> None:
    memory = RecentContent()
    assert [is_repeat(memory, content) for content in ("a", "b", "a", "b", "c")] == [False, False, True, True, False]
    assert memory.repeats == 2


def test_the_memory_of_repeats_is_bounded() -> None:
    memory = RecentContent()
    for n in range(10 * REMEMBERED):
        assert not is_repeat(memory, str(n))
    assert len(memory.hashes) == REMEMBERED
    assert is_repeat(memory, str(10 * REMEMBERED - 1))
    assert not is_repeat(memory, "0")


def test_a_snapshot_repeats_only_the_one_before_it() -> None:
    memory = RecentContent()
    assert [repeats_last(memory, content) for content in ("a", "a", "b", "a")] == [False, True, False, False]
