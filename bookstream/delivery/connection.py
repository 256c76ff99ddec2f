"""One hole of aiokafka's connections on uvloop, closed: a write after a reset.

A broker that is killed resets its connections. Until aiokafka's read task has run it takes such a connection for a
living one, and writes; asyncio ignores that, uvloop raises RuntimeError, and aiokafka (0.14.0, pinned) expects OSError.
Raised in the task that keeps the metadata, it ends that task in silence: every request of the client then waits for
metadata for ever, and only the watchdog ends the worker, a minute later. One broker kill in ten did so under load.
"""

from typing import Any

from aiokafka.conn import AIOKafkaConnection, CloseReason
from aiokafka.errors import KafkaConnectionError

_send = AIOKafkaConnection.send


def _send_or_break(self: Any, request: Any, expect_response: bool = True) -> Any:  # noqa: ANN401, FBT001, FBT002 - aiokafka's signature
    """Send as aiokafka does; a transport that is closed already is a broken connection, as it is after an OSError."""
    try:
        return _send(self, request, expect_response)
    except RuntimeError as error:
        self.close(reason=CloseReason.CONNECTION_BROKEN)
        raise KafkaConnectionError(f"Connection at {self.host}:{self.port} broken: {error}") from error


def survive_resets() -> None:
    """Let all of aiokafka's connections of this process take a closed transport for a broken connection."""
    AIOKafkaConnection.send = _send_or_break
