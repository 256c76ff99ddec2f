"""The pulse of the Unified Odds Feed's producers: which of them is behind, and how the whole feed is by that.

A producer that lost messages is behind until its recovery is complete; prices of before are not to be trusted.
"""

from typing import Final

from agents.ingest_turn import Turn
from tables.uof import UOF_PULSES, UofPulse, UofPulses

INACTIVE_US: Final = 20_000_000
"""A live producer that has not been heard for so long is down: it has a pulse every ten seconds."""

LOST, SILENT = "lost messages", "was silent"
CONNECTION: Final = "amqps://"
"""So begin the endpoints of connections; a producer is whole on one when its recovery on it is complete."""


def alive(turn: Turn, producer: int, *, is_subscribed: bool) -> None:
    """Take a producer's pulse: it tells that it is there, and whether it has lost messages."""
    pulses = _pulses(turn)
    is_missed = turn.raw.endpoint.startswith(CONNECTION)
    pulse = pulses.producers.setdefault(producer, UofPulse(behind=LOST if is_missed else ""))
    if not turn.raw.recorded and pulse.alive_at and turn.raw.received_at - pulse.alive_at > INACTIVE_US:
        _lose(pulse, SILENT)
    pulse.alive_at = turn.raw.received_at
    if not is_subscribed:
        _lose(pulse, LOST)
    _say(turn, pulses)


def connected(turn: Turn) -> None:
    """Count every producer as behind on a new connection: what was said between two is lost until it is recovered."""
    pulses, endpoint = _pulses(turn), turn.raw.endpoint
    if endpoint.startswith(CONNECTION) and endpoint != pulses.connection:
        pulses.connection = endpoint
        turn.shard.put(UOF_PULSES, turn.stream_id, pulses)
        gap(turn)


def heard(turn: Turn, producer: int, request: int | None) -> None:
    """Look whether any other producer has fallen silent, when one is heard; `request` is of a recovery, or None."""
    pulses = turn.shard.get(UOF_PULSES, turn.stream_id)
    if pulses is None:
        return
    if request is not None and producer in pulses.producers:
        pulses.producers[producer].recovering = request
    _say(turn, pulses)


def recovered(turn: Turn, producer: int, request: int | None) -> None:
    """Take it that a recovery of a producer is complete: it is whole if that is the one that matters.

    The connector knows, which asks for recoveries. Where nobody kept account (a recorded file, a log of before it was
    told) any recovery will do but the one that was heard when messages were lost: it was asked for before.
    """
    pulses = _pulses(turn)
    pulse = pulses.producers.setdefault(producer, UofPulse())
    if pulse.recovering == request:
        pulse.recovering = None
    restores = turn.raw.restores
    if restores is None:
        restores = request is None or request != pulse.interrupted
    if restores:
        pulse.behind, pulse.interrupted = "", None
    _say(turn, pulses)


def gap(turn: Turn) -> None:
    """Count every producer as behind: nobody can say whose messages are missing."""
    pulses = _pulses(turn)
    for pulse in pulses.producers.values():
        _lose(pulse, LOST)
    _say(turn, pulses)


def _lose(pulse: UofPulse, why: str) -> None:
    """Count a producer as behind; the recovery that runs brings what was lost before, and not all that is lost now."""
    pulse.behind = pulse.behind or why
    pulse.interrupted = pulse.interrupted if pulse.recovering is None else pulse.recovering


def _pulses(turn: Turn) -> UofPulses:
    return turn.shard.get(UOF_PULSES, turn.stream_id) or UofPulses()


def _say(turn: Turn, pulses: UofPulses) -> None:
    """Say how the feed is, when that changes: down if a producer was silent, delayed if one lost messages."""
    silent = []
    for producer, pulse in sorted(pulses.producers.items()):
        if not turn.raw.recorded and pulse.alive_at and turn.raw.received_at - pulse.alive_at > INACTIVE_US:
            _lose(pulse, SILENT)
            silent.append(producer)
    turn.shard.put(UOF_PULSES, turn.stream_id, pulses)
    behind = [producer for producer, pulse in sorted(pulses.producers.items()) if pulse.behind]
    if silent and turn.stream.state != "DOWN":
        turn.say_status("DOWN", "silent", f"of producers {silent} nothing was heard")
    elif behind and not silent and (turn.stream.state != "DELAYED" or turn.stream.reason != "gap"):
        turn.say_status("DELAYED", "gap", f"producers {behind} are to be recovered")
    elif not behind and turn.stream.state != "UP":
        turn.say_status("UP", "connected", "every producer's messages are whole")
