"""What came of one fault: whether a connector recovered, how fast, what was lost, and what it asked for meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A connector and a fault.

    Attributes:
        seconds: from the last of the fault until the feed was up and up to date.
        sent: the ticks that the provider said.
        lost: those of them that were never heard.
        avoidable: those of the lost that the provider would have said again, or was well enough to say.
        requests: how often the provider was asked, or connected to.
        used: the most of its quota that was used at any time, of `allowed`.
        quota: what the quota counts.
        trouble: why it did not recover, or what else it did wrong.
    """

    connector: str
    fault: str
    recovered: bool
    seconds: float
    sent: int
    lost: int
    avoidable: int
    requests: int
    used: int
    allowed: int
    quota: str
    trouble: str = ""

    @property
    def passed(self) -> bool:
        """Say whether all is as it must be."""
        return self.recovered and not self.avoidable and self.used <= self.allowed and not self.trouble

    def row(self) -> Sequence[Any]:
        """Return the cells of a table."""
        return (
            self.connector, self.fault, "yes" if self.recovered else "NO", f"{self.seconds:,.1f}", self.sent, self.lost,
            self.avoidable, self.requests, f"{self.used:,} of {self.allowed:,} {self.quota}", self.trouble,
        )  # fmt: skip


def seconds_between(well_at: int, at: int | None) -> float:
    """Return the seconds from the last of a fault until all was well, 0 if it never was; the times are µs."""
    return 0.0 if at is None else max(at - well_at, 0) / 1e6


COLUMNS = (
    "connector", "fault", "recovered", "seconds", "ticks sent", "lost", "avoidable", "requests", "quota used", "trouble"
)  # fmt: skip
