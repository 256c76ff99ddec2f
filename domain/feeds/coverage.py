"""How far a provider counts in one fixture, by how complete it was there lately: the objectives, acted upon.

Who is under an objective and lost something lately vouches for nothing unchanged (DEGRADED); who lost most of it does
not count (DOWN). What was lost an hour ago is held against nobody. To come back it must have been whole for a while: a
share that hovers about the objective does not flap. Of several streams that tell of a fixture the best one counts.
"""

from typing import Final, NamedTuple

import msgspec

from domain.events.feeds import FeedCompleteness, Measure
from domain.feeds import protection
from domain.feeds.completeness import OBJECTIVES, Count
from domain.feeds.protection import RANK, Guard, ProviderState, Verdict, decide

SECOND: Final = 1_000_000
MOST_STREAMS: Final = 16
"""Streams of one provider that tell of one fixture; of more the one that was heard last the longest ago is dropped."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """The thresholds of coverage: `lately_us` back counts; under `lost_share`, with `least_lost` missing, all is lost.

    Counts under an objective are told once a minute: both times, the second of which who gets better must stay so, are
    some minutes long.
    """

    lately_us: int = 300 * SECOND
    lost_share: float = 0.5
    least_lost: int = 2
    steady_us: int = 120 * SECOND


LIMITS: Final = Limits()
WHOLE: Final = Verdict("UP", "alive")


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """Counts of one stream as they were told at a time."""

    at: int
    expected: int
    received: int


class Track(msgspec.Struct, array_like=True):
    """The counts of one measure of one stream, the oldest first: those of lately, and the last before them."""

    measure: Measure
    since_at: int
    marks: list[Mark]


class Cover(msgspec.Struct, array_like=True):
    """A provider in one fixture: its tracks by measure and stream, and how far it counts."""

    tracks: dict[str, Track] = msgspec.field(default_factory=dict)
    guard: Guard = msgspec.field(default_factory=Guard)


class Finding(NamedTuple):
    """What is found of a provider: what follows from it, by which measure, and the counts of lately."""

    verdict: Verdict
    measure: Measure
    lately: Count


def hear(cover: Cover, said: FeedCompleteness, limits: Limits = LIMITS) -> bool:
    """Take counts in, and say whether they are new: those of before what is known are not. Idempotent."""
    name, mark = f"{said.measure}/{said.stream_id}", Mark(said.received_at, said.expected, said.received)
    track = cover.tracks.get(name)
    if track is None or track.since_at != said.since_at:
        if track is None and len(cover.tracks) >= MOST_STREAMS:
            del cover.tracks[min(cover.tracks, key=lambda each: cover.tracks[each].marks[-1].at)]
        track = cover.tracks[name] = Track(said.measure, said.since_at, [Mark(min(said.since_at, mark.at), 0, 0)])
    elif mark.at <= track.marks[-1].at:
        return False
    track.marks.append(mark)
    del track.marks[: _base(track, mark.at, limits)]
    return True


def judge_cover(cover: Cover, at: int, limits: Limits = LIMITS) -> Finding | None:
    """Return the worst that the measures show at a time, each by its best stream; None where nothing was told."""
    best: dict[Measure, Finding] = {}
    for _, track in sorted(cover.tracks.items()):
        found = _judge(track, cover.guard.state, at, limits)
        before = best.get(track.measure)
        if before is None or _badness(found) < _badness(before):
            best[track.measure] = found
    return max(best.values(), key=_badness, default=None)


def decide_cover(cover: Cover, at: int, limits: Limits = LIMITS) -> Finding | None:
    """Let time and counts change how far a provider counts; return what did, None where nothing changed."""
    found = judge_cover(cover, at, limits)
    before = cover.guard.state
    steady = protection.Limits(steady_us=limits.steady_us)
    if found is None or not decide(cover.guard, found.verdict, at, steady) or cover.guard.state == before:
        return None
    return found


def _judge(track: Track, state: ProviderState, at: int, limits: Limits) -> Finding:
    last, base = track.marks[-1], track.marks[_base(track, at, limits)]
    expected = max(0, last.expected - base.expected)
    lately = Count(expected, max(0, min(expected, last.received - base.received)))
    is_met = state == "UP" and Count(last.expected, last.received).meets(track.measure)
    verdict = WHOLE
    if not is_met and not lately.meets(track.measure):
        is_lost = lately.share < limits.lost_share and lately.expected - lately.received >= limits.least_lost
        verdict = Verdict("DOWN" if is_lost else "DEGRADED", "incomplete")
    return Finding(verdict, track.measure, lately)


def _base(track: Track, at: int, limits: Limits) -> int:
    """Return the place of the last mark that is not of lately, or of the first one."""
    return max((place for place, mark in enumerate(track.marks) if mark.at <= at - limits.lately_us), default=0)


def _badness(found: Finding) -> tuple[int, float]:
    return RANK[found.verdict.state], OBJECTIVES[found.measure] - found.lately.share
