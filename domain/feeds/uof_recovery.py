"""The producers of the Unified Odds Feed: up, delayed or down, and what must be recovered, as a pure state machine.

Times are microseconds UTC: `at` is this side's clock, a producer's own timestamps are its clock, kept apart. A producer
is up only if everything since its first message was received or recovered: what is missing from `good_at` on is asked
for again until a recovery of it is complete on every session, and was not itself interrupted.
"""

import msgspec

from domain.feeds.uof_producers import Feed, Producer, Reason, Recovery, Session, Status, settle_clock
from domain.feeds.uof_quota import SKEW_US, allowed_at, hold, reach_of, spend


class Ask(msgspec.Struct, frozen=True):
    """To do: ask the producer for everything after a time of its clock, or for all it has."""

    producer: int
    request_id: int
    after: int | None


class Say(msgspec.Struct, frozen=True):
    """To tell: how a producer is from now on."""

    producer: int
    status: Status
    reason: Reason


Action = Ask | Say


def on_connected(feed: Feed, at: int) -> list[Action]:
    """Take it that the connection is made: from now on nothing is missed but what the pulses tell of."""
    feed.connected = True
    settle_clock(feed, at)
    for producer in feed.producers.values():
        producer.started_at = at
        producer.sessions = {}
    return []


def on_disconnected(feed: Feed) -> list[Action]:
    """Take it that the queues are gone with what they held: every producer is down, every recovery is lost."""
    feed.connected = False
    return [action for producer in feed.producers.values() for action in _lose(producer, "ConnectionDown")]


def on_alive(feed: Feed, producer_id: int, session: str, sent_at: int, at: int, *, subscribed: bool) -> list[Action]:
    """Take a pulse. One that says that messages were lost opens a hole from the last that was good."""
    producer = feed.producers.get(producer_id)
    if producer is None or not feed.connected:
        return []
    heard = producer.sessions.setdefault(session, Session())
    actions: list[Action] = []
    if not subscribed:
        actions = _hole(feed, producer, "Other")
    elif at - (heard.heard_at or producer.started_at) > feed.timeouts.inactivity_us:
        actions = _hole(feed, producer, "AliveIntervalViolation")
    heard.heard_at = at
    heard.alive_at = max(heard.alive_at, sent_at)
    heard.behind_us = max(0, at - sent_at)
    if producer.recovery is None and producer.status in {"COMPLETED", "DELAYED"}:
        _advance(feed, producer)
        actions += _judge_delay(feed, producer)
    return actions + _ask_if_needed(feed, producer, at)


def on_message(
    feed: Feed, producer_id: int, session: str, sent_at: int, at: int, *, request: int | None
) -> list[Action]:
    """Take any other message: it shows how late the session hears, and that a recovery goes on."""
    producer = feed.producers.get(producer_id)
    if producer is None or not feed.connected:
        return []
    recovery = producer.recovery
    if request is not None:
        if recovery is not None and recovery.request_id == request:
            recovery.heard_at = at
        return []
    producer.sessions.setdefault(session, Session()).behind_us = max(0, at - sent_at)
    return _judge_delay(feed, producer)


def on_snapshot_complete(feed: Feed, producer_id: int, session: str, request: int, at: int) -> list[Action]:
    """Take it that a recovery is complete on a session. On all of them, the producer is whole: if nothing broke it."""
    producer = feed.producers.get(producer_id)
    recovery = producer.recovery if producer is not None else None
    if producer is None or recovery is None or recovery.request_id != request:
        return []
    recovery.heard_at = at
    if _is_silent(feed, producer, at):
        _hole(feed, producer, "AliveIntervalViolation")
    if session not in recovery.complete:
        recovery.complete.append(session)
    if not set(feed.sessions) <= set(recovery.complete):
        return []
    producer.recovery = None
    if recovery.interrupted:
        producer.good_at, producer.status = recovery.broken_from, "ERROR"
        return _ask_if_needed(feed, producer, at)
    first, producer.was_up = not producer.was_up, True
    _advance(feed, producer)
    told = _say(producer, "COMPLETED", "FirstRecoveryCompleted" if first else "ReturnedFromInactivity")
    return told + _judge_delay(feed, producer)


def on_refused(feed: Feed, producer_id: int, request: int, until: int = 0) -> list[Action]:
    """Take it that a request was refused or got no answer; it counts against the quota all the same.

    `until` is when the provider said that it may be asked again.
    """
    hold(feed.quota, until)
    producer = feed.producers.get(producer_id)
    if producer is None or producer.recovery is None or producer.recovery.request_id != request:
        return []
    return _give_up(producer)


def on_tick(feed: Feed, at: int) -> list[Action]:
    """Look what time alone has done: silence, recoveries that take too long, requests that may be made now."""
    actions: list[Action] = []
    for producer in sorted(feed.producers.values(), key=lambda each: (each.asked_at or 0, each.id)):
        if not feed.connected:
            break
        if _is_silent(feed, producer, at):
            actions += _hole(feed, producer, "AliveIntervalViolation")
        recovery = producer.recovery
        if recovery is not None and (
            at - recovery.asked_at > feed.timeouts.longest_us or at - recovery.heard_at > feed.timeouts.idle_us
        ):
            actions += _give_up(producer)
        actions += _ask_if_needed(feed, producer, at)
    return actions


def _is_silent(feed: Feed, producer: Producer, at: int) -> bool:
    """Say whether any session has not heard the producer's pulse for too long."""
    return at - min(_heard_at(feed, producer)) > feed.timeouts.inactivity_us


def _heard_at(feed: Feed, producer: Producer) -> list[int]:
    known = (producer.sessions.get(name) for name in feed.sessions)
    return [each.heard_at if each is not None and each.heard_at else producer.started_at for each in known]


def _hole(feed: Feed, producer: Producer, reason: Reason) -> list[Action]:
    """Open a hole: a recovery that runs is interrupted where messages were last whole, else the producer is down."""
    recovery = producer.recovery
    if recovery is None:
        return _say(producer, "ERROR", reason) if producer.status in {"COMPLETED", "DELAYED"} else []
    if not recovery.interrupted:
        recovery.interrupted = True
        # Without a pulse on every session, nothing is known to be whole but what came before it.
        whole = _whole_until(feed, producer)
        recovery.broken_from = recovery.after if whole is None else whole
    return []


def _whole_until(feed: Feed, producer: Producer) -> int | None:
    """Return the oldest of the sessions' newest pulses by the producer's clock, if all have heard one."""
    pulses = [producer.sessions[name].alive_at for name in feed.sessions if name in producer.sessions]
    return min(pulses) if len(pulses) == len(feed.sessions) and all(pulses) else None


def _lose(producer: Producer, reason: Reason) -> list[Action]:
    was = producer.status
    producer.recovery, producer.sessions = None, {}
    if was == "STARTED":
        producer.status = "ERROR"
        return []
    return _say(producer, "ERROR", reason) if was in {"COMPLETED", "DELAYED"} else []


def _give_up(producer: Producer) -> list[Action]:
    """End a recovery that failed. `good_at` stands where it stood, so that the next one asks for the same, and more."""
    producer.recovery, producer.status = None, "ERROR"
    return []


def _advance(feed: Feed, producer: Producer) -> None:
    """Move on to where nothing is missing on any session: the oldest of their newest pulses."""
    whole = _whole_until(feed, producer)
    if whole is not None:
        producer.good_at = max(producer.good_at or 0, whole)


def _judge_delay(feed: Feed, producer: Producer) -> list[Action]:
    """Delay a producer whose messages are heard too late, on any session, and raise it when they no longer are."""
    late = any(each.behind_us > feed.timeouts.inactivity_us for each in producer.sessions.values())
    if late and producer.status == "COMPLETED":
        return _say(producer, "DELAYED", "ProcessingQueueDelayViolation")
    if not late and producer.status == "DELAYED":
        return _say(producer, "COMPLETED", "ProcessingQueueDelayStabilized")
    return []


def _ask_if_needed(feed: Feed, producer: Producer, at: int) -> list[Action]:
    """Ask for what is missing: one recovery at a time, not too soon after the last, and within the quotas."""
    if not feed.connected or producer.recovery is not None or producer.status in {"COMPLETED", "DELAYED"}:
        return []
    if not _may_answer(feed, producer, at):
        return []
    if producer.asked_at is not None and at - producer.asked_at < feed.timeouts.between_us:
        return []
    after = None if producer.good_at is None else producer.good_at - feed.timeouts.overlap_us
    # How far back that is the producer judges by its clock: the later of both is the stricter.
    now = max([at, *(each.alive_at for each in producer.sessions.values())])
    if after is not None and now - after + SKEW_US >= producer.window_us:
        after = None
    reach = reach_of(after, now)
    if allowed_at(feed.quota, reach, at) > at:
        return []
    spend(feed.quota, reach, at)
    request, feed.next_request = feed.next_request, feed.next_request + 1
    producer.recovery = Recovery(request, after, at, at)
    producer.status, producer.asked_at = "STARTED", at
    return [Ask(producer.id, request, after)]


def _may_answer(feed: Feed, producer: Producer, at: int) -> bool:
    """Say whether a producer is there to be asked: it has a pulse, or it never had one and was waited for."""
    if _whole_until(feed, producer) is not None and not _is_silent(feed, producer, at):
        return True
    waited = at - producer.started_at >= feed.timeouts.first_alive_us
    asked = producer.asked_at is not None and at - producer.asked_at < feed.timeouts.longest_us
    return waited and not producer.was_up and not asked


def _say(producer: Producer, status: Status, reason: Reason) -> list[Action]:
    producer.status, producer.reason = status, reason
    return [Say(producer.id, status, reason)]
