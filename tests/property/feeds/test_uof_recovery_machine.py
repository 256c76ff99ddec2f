"""The Unified Odds Feed's recovery against a model of the provider that cuts, falls silent, loses and refuses."""

from collections.abc import Iterator
from typing import Final

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from domain.feeds.uof_producers import SECOND_US, Standing, open_feed, standing_of
from domain.feeds.uof_quota import HOUR_US, MINUTE_US
from domain.feeds.uof_recovery import (
    Action,
    Ask,
    on_alive,
    on_connected,
    on_disconnected,
    on_refused,
    on_snapshot_complete,
    on_tick,
)

T0: Final = 1_700_000_000 * SECOND_US
WINDOWS: Final = {1: 600, 3: 4320}
HALF_HOUR, DAY = 30 * MINUTE_US, 24 * HOUR_US
QUOTAS: Final = (
    # how far back, at most so many, in how long: from the provider's table, not from the code
    (0, HALF_HOUR, 20, 10 * MINUTE_US),
    (0, HALF_HOUR, 60, HOUR_US),
    (HALF_HOUR, DAY, 4, 10 * MINUTE_US),
    (HALF_HOUR, DAY, 10, HOUR_US),
    (DAY, None, 2, 30 * MINUTE_US),
    (DAY, None, 4, 2 * HOUR_US),
)
PACE: Final = st.sampled_from([1, 5, 9, 10, 12, 25, 70, 700, 4000, 40_000])


class Provider(RuleBasedStateMachine):
    """Every second each producer says something; what is not delivered must be recovered before it counts as up."""

    def __init__(self) -> None:
        super().__init__()
        self.now = T0
        self.asked: list[tuple[int, Ask]] = []
        self.has: dict[int, list[tuple[int, int]]] = {each: [] for each in WINDOWS}
        self.missing: dict[int, list[tuple[int, int]]] = {each: [] for each in WINDOWS}
        self.pending: dict[int, tuple[Ask, int]] = {}
        self.unsubscribed: set[int] = set()
        self.quiet: set[int] = set()

    @initialize()
    def open(self) -> None:
        """Connect for the first time."""
        self.feed = open_feed(WINDOWS, ("all",), self.now)
        for each in WINDOWS:
            self.missing[each].append((0, self.now))
        on_connected(self.feed, self.now)

    @rule(seconds=PACE)
    def pass_time(self, seconds: int) -> None:
        """Let time pass: what a producer that is heard says is delivered, of another it is lost."""
        before, self.now = self.now, self.now + seconds * SECOND_US
        for each in WINDOWS:
            if not self.feed.connected or each in self.quiet:
                self.lose(each, before, self.now)
        self.act(on_tick(self.feed, self.now))

    @rule(times=st.integers(1, 12))
    def beat(self, times: int) -> None:
        """Let pulses come every ten seconds."""
        for _ in range(times):
            self.pass_time(10)
            for each in WINDOWS:
                if self.feed.connected and each not in self.quiet:
                    subscribed = each not in self.unsubscribed
                    self.unsubscribed.discard(each)
                    self.act(on_alive(self.feed, each, "all", self.now, self.now, subscribed=subscribed))

    @rule(producer=st.sampled_from(sorted(WINDOWS)))
    def fall_quiet(self, producer: int) -> None:
        """Let nothing of a producer come through for more than the pulses allow."""
        self.quiet.add(producer)
        self.pass_time(21)
        self.quiet.discard(producer)

    @rule(producer=st.sampled_from(sorted(WINDOWS)), seconds=st.integers(1, 5))
    def lose_some(self, producer: int, seconds: int) -> None:
        """Let the provider lose messages: its next pulse says so."""
        self.quiet.add(producer)
        self.pass_time(seconds)
        self.quiet.discard(producer)
        self.unsubscribed.add(producer)

    @rule(seconds=st.sampled_from([1, 40, 2000, 90_000]))
    def cut(self, seconds: int) -> None:
        """Break the connection, and make it again later."""
        self.act(on_disconnected(self.feed))
        self.pending.clear()
        self.unsubscribed.clear()
        self.pass_time(seconds)
        self.act(on_connected(self.feed, self.now))

    @rule()
    def die(self) -> None:
        """Begin again in another process, with what was kept."""
        on_disconnected(self.feed)
        self.pending.clear()
        self.unsubscribed.clear()
        kept = msgspec.json.decode(msgspec.json.encode(standing_of(self.feed)), type=Standing)
        self.feed = open_feed(WINDOWS, ("all",), self.now, kept)
        on_connected(self.feed, self.now)

    @rule(producer=st.sampled_from(sorted(WINDOWS)))
    def answer(self, producer: int) -> None:
        """Complete a recovery: what was missing of its span when it was asked for has come."""
        if producer in self.pending and self.feed.connected and producer not in self.quiet:
            ask, asked_at = self.pending.pop(producer)
            self.missing[producer] = list(_without(self.missing[producer], ask.after or 0, asked_at))
            self.act(on_snapshot_complete(self.feed, producer, "all", ask.request_id, self.now))

    @rule(producer=st.sampled_from(sorted(WINDOWS)))
    def interrupt(self, producer: int) -> None:
        """Fall quiet in the middle of a recovery, and complete it all the same."""
        self.fall_quiet(producer)
        self.beat(1)
        self.answer(producer)

    @rule(producer=st.sampled_from(sorted(WINDOWS)), hold=st.sampled_from([0, 0, 45, 900]))
    def refuse(self, producer: int, hold: int) -> None:
        """Refuse a recovery."""
        if producer in self.pending:
            ask, _ = self.pending.pop(producer)
            self.act(on_refused(self.feed, producer, ask.request_id, self.now + hold * SECOND_US if hold else 0))

    @invariant()
    def up_is_whole(self) -> None:
        """A producer that is up misses nothing of before its last pulse, save what only its next pulse can tell of."""
        for each, producer in self.feed.producers.items() if hasattr(self, "feed") else ():
            if producer.is_up:
                assert [gap for gap in self.missing[each] if gap[0] < (producer.good_at or 0)] == []

    def lose(self, producer: int, since: int, until: int) -> None:
        """Note what was lost."""
        self.missing[producer].append((since, until))

    def act(self, actions: list[Action]) -> None:
        """Take requests, and hold them against the provider's quotas."""
        for each in actions:
            if isinstance(each, Ask):
                assert self.feed.connected
                last = [at for at, ask in self.asked if ask.producer == each.producer][-1:]
                assert all(self.now - at >= 30 * SECOND_US for at in last)
                assert each.request_id not in {ask.request_id for _, ask in self.asked}
                self.asked.append((self.now, each))
                self.pending[each.producer] = (each, self.now)
                _hold_to_quotas(self.asked)

    def teardown(self) -> None:
        """When the provider behaves again, every producer is up within the longest window of the quotas."""
        if not hasattr(self, "feed"):
            return
        self.quiet.clear()
        if not self.feed.connected:
            on_connected(self.feed, self.now)
        for _ in range(780):
            self.beat(1)
            for each in WINDOWS:
                self.answer(each)
        assert all(each.is_up for each in self.feed.producers.values())
        assert all(not gaps for gaps in self.missing.values())


def _hold_to_quotas(asked: list[tuple[int, Ask]]) -> None:
    at = asked[-1][0]
    for least, most, limit, window in QUOTAS:
        counted = [
            when
            for when, ask in asked
            if when > at - window
            and least <= (when - ask.after if ask.after is not None else DAY)
            and (most is None or (when - ask.after if ask.after is not None else DAY) < most)
        ]
        assert len(counted) <= limit


def _without(gaps: list[tuple[int, int]], since: int, until: int) -> Iterator[tuple[int, int]]:
    for start, end in gaps:
        if start < since:
            yield start, min(end, since)
        if end > until:
            yield max(start, until), end


TestProvider = Provider.TestCase
TestProvider.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
