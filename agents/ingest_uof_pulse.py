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
        pulse.behind = pulse.behind or SILENT
    pulse.alive_at = turn.raw.received_at
    if not is_subscribed:
        pulse.behind = LOST
    _say(turn, pulses)


def connected(turn: Turn) -> None:
    """Count every producer as behind on a new connection: what was said between two is lost until it is recovered."""
    pulses, endpoint = _pulses(turn), turn.raw.endpoint
    if endpoint.startswith(CONNECTION) and endpoint != pulses.connection:
        pulses.connection = endpoint
        turn.shard.put(UOF_PULSES, turn.stream_id, pulses)
        gap(turn)


def heard(turn: Turn, producer: int) -> None:
    """Look whether any other producer has fallen silent, when one is heard."""
    pulses = turn.shard.get(UOF_PULSES, turn.stream_id)
    if pulses is not None and producer:
        _say(turn, pulses)


def whole_again(turn: Turn, producer: int) -> None:
    """Take it that a producer's recovery is complete."""
    pulses = _pulses(turn)
    pulses.producers.setdefault(producer, UofPulse()).behind = ""
    _say(turn, pulses)


def gap(turn: Turn) -> None:
    """Count every producer as behind: nobody can say whose messages are missing."""
    pulses = _pulses(turn)
    for pulse in pulses.producers.values():
        pulse.behind = pulse.behind or LOST
    _say(turn, pulses)


def _pulses(turn: Turn) -> UofPulses:
    return turn.shard.get(UOF_PULSES, turn.stream_id) or UofPulses()


def _say(turn: Turn, pulses: UofPulses) -> None:
    """Say how the feed is, when that changes: down if a producer was silent, delayed if one lost messages."""
    silent = []
    for producer, pulse in sorted(pulses.producers.items()):
        if not turn.raw.recorded and pulse.alive_at and turn.raw.received_at - pulse.alive_at > INACTIVE_US:
            pulse.behind = SILENT
            silent.append(producer)
    turn.shard.put(UOF_PULSES, turn.stream_id, pulses)
    behind = [producer for producer, pulse in sorted(pulses.producers.items()) if pulse.behind]
    if silent and turn.stream.state != "DOWN":
        turn.say_status("DOWN", "silent", f"of producers {silent} nothing was heard")
    elif behind and not silent and (turn.stream.state != "DELAYED" or turn.stream.reason != "gap"):
        turn.say_status("DELAYED", "gap", f"producers {behind} are to be recovered")
    elif not behind and turn.stream.state != "UP":
        turn.say_status("UP", "connected", "every producer's messages are whole")
