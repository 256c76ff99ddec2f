"""What state a provider is in: a pure state machine with its thresholds as data.

Four kinds of evidence. Liveness: how many of its streams are down. Staleness: its ticks against its own cadence, while
others tick. Disagreement: its prices against those of the others, over many markets. Quorum: nobody is judged by too
few, neither a provider by one other nor a feed by one market.
"""

from collections.abc import Mapping, Sequence
from math import log
from statistics import median
from typing import Final, Literal

import msgspec

SECOND: Final = 1_000_000
CERTAIN: Final = 1e-6
"""Probabilities are held this far from 0 and 1: farther out all distances are nought."""

ProviderState = Literal["UP", "DEGRADED", "DOWN"]
Why = Literal["alive", "silent", "stale", "contrary", "incomplete"]
RANK: Final[Mapping[ProviderState, int]] = {"UP": 0, "DEGRADED": 1, "DOWN": 2}


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """The thresholds of protection; times in microseconds, distances in log-odds.

    A provider's cadence is known after `least_gaps`; it is stale after gap + `deviations`·deviation, which is held
    between `stale_least_us` and `stale_most_us`, and lost after `lost_factor` times that. One price is contrary when
    it is farther than `apart_logit` from what `judges` other providers, who agree within as much, say. Of at least
    `markets` judged ones a share of `doubtful_share` or `wrong_share` counts. A verdict of contrary must hold for
    `contrary_us`, one that is better than the state for `steady_us`. A report counts for `report_lives_us`.
    """

    silent_share: float = 0.5
    least_gaps: int = 8
    deviations: int = 4
    stale_least_us: int = 20 * SECOND
    stale_most_us: int = 600 * SECOND
    lost_factor: int = 3
    judges: int = 2
    markets: int = 5
    apart_logit: float = 0.4
    doubtful_share: float = 0.25
    wrong_share: float = 0.5
    contrary_us: int = 15 * SECOND
    steady_us: int = 30 * SECOND
    report_lives_us: int = 60 * SECOND


LIMITS: Final = Limits()


class Cadence(msgspec.Struct):
    """How often a provider ticks: a running mean of the gaps and of their deviation, as RFC 6298 keeps round trips."""

    last_at: int = 0
    gap_us: int = 0
    deviation_us: int = 0
    gaps: int = 0

    def beat(self, at: int) -> None:
        """Take a tick in; one that is not after the last says nothing."""
        if at <= self.last_at:
            return
        if self.last_at:
            gap = at - self.last_at
            if self.gaps:
                self.deviation_us += (abs(gap - self.gap_us) - self.deviation_us) // 4
                self.gap_us += (gap - self.gap_us) // 8
            else:
                self.gap_us, self.deviation_us = gap, gap // 2
            self.gaps += 1
        self.last_at = at

    def stale_after_us(self, limits: Limits = LIMITS) -> int:
        """Return after how long without a tick the provider is stale; 0 while its cadence is not known."""
        if self.gaps < limits.least_gaps:
            return 0
        longest = self.gap_us + limits.deviations * self.deviation_us
        return min(max(longest, limits.stale_least_us), limits.stale_most_us)


class Report(msgspec.Struct, frozen=True):
    """What one partition of the book saw of a provider.

    `open` of its sampled markets were open; `judged` of them had a quorum of others, to which `contrary` were contrary.
    """

    at: int
    newest_at: int
    stale_after_us: int
    open: int
    judged: int
    contrary: int


class Evidence(msgspec.Struct, frozen=True):
    """What is known of a provider, all partitions together.

    `quiet_us` is how long it has not ticked, beside `stale_after_us`, both 0 where it is not expected to.
    """

    streams: int = 0
    down: int = 0
    quiet_us: int = 0
    stale_after_us: int = 0
    judged: int = 0
    contrary: int = 0

    @property
    def ticks(self) -> bool:
        """Tell whether it is expected to tick, and does."""
        return 0 < self.stale_after_us >= self.quiet_us


class Verdict(msgspec.Struct, frozen=True):
    """A state with what it comes of."""

    state: ProviderState
    reason: Why


class Guard(msgspec.Struct):
    """A provider's state as it was decided, since when; `pending` is a verdict that must hold until it counts."""

    state: ProviderState = "UP"
    reason: Why = "alive"
    since_at: int = 0
    pending: Verdict | None = None
    pending_at: int = 0


def is_contrary(
    own: Sequence[tuple[float, ...]], others: Sequence[Sequence[tuple[float, ...]]], limits: Limits = LIMITS
) -> bool | None:
    """Tell whether a provider's prices of one market contradict the others'; None where there is no quorum to judge.

    Each provider is the median of its sources. Others that contradict each other judge nobody.
    """
    if not own or len(others) < limits.judges:
        return None
    mine = _middle(own)
    judges = [_middle(each) for each in others]
    if any(len(each) != len(mine) for each in judges):
        return None
    for place in zip(*judges, strict=True):
        if max(place) - min(place) > limits.apart_logit:
            return None
    return any(
        abs(each - median(place)) > limits.apart_logit
        for each, place in zip(mine, zip(*judges, strict=True), strict=True)
    )


def sum_up(reports: Sequence[Report], at: int, *, streams: int, down: int, limits: Limits = LIMITS) -> Evidence:
    """Put together what the partitions saw; the one where a provider ticks most often tells its cadence."""
    fresh = [each for each in reports if at - each.at <= limits.report_lives_us]
    expecting = [each.stale_after_us for each in fresh if each.open and each.stale_after_us]
    newest_at = max((each.newest_at for each in fresh), default=at)
    return Evidence(
        streams=streams,
        down=down,
        quiet_us=max(0, at - newest_at) if expecting else 0,
        stale_after_us=min(expecting, default=0),
        judged=sum(each.judged for each in fresh),
        contrary=sum(each.contrary for each in fresh),
    )


def judge(evidence: Evidence, ticking: int, limits: Limits = LIMITS) -> Verdict:
    """Return the worst that the evidence shows; `ticking` other providers are expected to tick and do.

    When all fall quiet together it is night, or a replay whose clock runs ahead, and nobody is stale.
    """
    found = [_liveness(evidence, limits), _staleness(evidence, ticking, limits), _agreement(evidence, limits)]
    return max(found, key=lambda each: RANK[each.state])


def decide(guard: Guard, verdict: Verdict, at: int, limits: Limits = LIMITS) -> bool:
    """Let a verdict change a provider's state, and say whether it did.

    What is worse counts at once, but for disagreement: after a goal the slower one is contrary for a moment. What is
    better must last, but for liveness: a stream that came back waits for fresh prices anyway.
    """
    if verdict == Verdict(guard.state, guard.reason):
        guard.pending = None
        return False
    wait_us = _wait_us(guard, verdict, limits)
    if guard.pending != verdict:
        guard.pending, guard.pending_at = verdict, at
    if at - guard.pending_at < wait_us:
        return False
    if verdict.state != guard.state or not guard.since_at:
        guard.since_at = at
    guard.state, guard.reason, guard.pending = verdict.state, verdict.reason, None
    return True


def _wait_us(guard: Guard, verdict: Verdict, limits: Limits) -> int:
    if RANK[verdict.state] >= RANK[guard.state]:
        return limits.contrary_us if verdict.reason == "contrary" else 0
    return 0 if guard.reason == "silent" else limits.steady_us


def _liveness(evidence: Evidence, limits: Limits) -> Verdict:
    if not evidence.down:
        return Verdict("UP", "alive")
    lost = evidence.down > limits.silent_share * evidence.streams
    return Verdict("DOWN" if lost else "DEGRADED", "silent")


def _staleness(evidence: Evidence, ticking: int, limits: Limits) -> Verdict:
    if not ticking or evidence.quiet_us <= evidence.stale_after_us:
        return Verdict("UP", "alive")
    lost = ticking >= limits.judges and evidence.quiet_us > limits.lost_factor * evidence.stale_after_us
    return Verdict("DOWN" if lost else "DEGRADED", "stale")


def _agreement(evidence: Evidence, limits: Limits) -> Verdict:
    if evidence.judged < limits.markets or evidence.contrary < limits.doubtful_share * evidence.judged:
        return Verdict("UP", "alive")
    wrong = evidence.contrary >= limits.wrong_share * evidence.judged
    return Verdict("DOWN" if wrong else "DEGRADED", "contrary")


def _middle(views: Sequence[tuple[float, ...]]) -> tuple[float, ...]:
    """Return the median log-odds of each outcome; nothing where the views are not of the same outcomes."""
    if any(len(view) != len(views[0]) for view in views):
        return ()
    return tuple(median([_logit(view[index]) for view in views]) for index in range(len(views[0])))


def _logit(probability: float) -> float:
    held = min(max(probability, CERTAIN), 1 - CERTAIN)
    return log(held / (1 - held))
