"""How long a connector that is drilled waits: as in production, or shortly."""

from dataclasses import dataclass, field

from connectors.resilience.limits import Backoff, Timeouts


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """Timeouts, the wait between two tries of a connection or of a poll, and how often a heartbeat is asked for."""

    timeouts: Timeouts = field(default_factory=Timeouts)
    backoff: Backoff = field(default_factory=Backoff)
    heartbeat_ms: int = 5_000


SHORT = Waits(
    timeouts=Timeouts(connect_s=2.0, login_s=0.5, read_s=0.3, write_s=1.0),
    backoff=Backoff(initial_s=0.001, maximum_s=0.002, jitter_s=0.0),
    heartbeat_ms=200,
)
"""For days of silence, of which all but the circuit breaker's waits are slept, and for tests."""
