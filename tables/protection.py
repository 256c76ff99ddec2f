"""Rows of protection: how each provider ticks here, how it stands, and, at the judge, what all partitions saw.

And of each fixture: how complete providers were lately, and their closing prices.
"""

import msgspec

from bookstream.delivery.api import Rows, Shard
from domain.feeds.agreement import Comparison
from domain.feeds.closing import Closing
from domain.feeds.coverage import Cover
from domain.feeds.protection import Cadence, Guard, Report
from domain.trading.state import ProviderHealth


class PulseState(msgspec.Struct, array_like=True):
    """How a provider ticks in this partition; `markets` is a sample of those that tick, by when each was taken into it.

    `told` says whether the last report had anything in it that counts.
    """

    cadence: Cadence = msgspec.field(default_factory=Cadence)
    markets: dict[str, int] = msgspec.field(default_factory=dict)
    told: bool = False


class GuardState(msgspec.Struct, array_like=True):
    """A provider as it is judged: its state, the newest report of each partition, and whether its state was said."""

    guard: Guard = msgspec.field(default_factory=Guard)
    reports: dict[int, Report] = msgspec.field(default_factory=dict)
    said: bool = False


class ClosingState(msgspec.Struct, array_like=True):
    """A fixture's closing prices by source, and what was said of them last, None where they agree."""

    prices: dict[str, Closing] = msgspec.field(default_factory=dict)
    differing: Comparison | None = None


class CoverName(msgspec.Struct, frozen=True, array_like=True):
    """Which provider does not count in full in which fixture."""

    fixture_id: str
    provider: str


PULSES = Rows("pulse", PulseState)
GUARDS = Rows("guard", GuardState)
PROVIDERS = Rows("provider", ProviderHealth)
CLOSINGS = Rows("closing", ClosingState)
COVERS = Rows("cover", Cover)
SHORT = Rows("short", CoverName)
"""The covers that the clock must look at: of providers that are not whole."""

PROTECTION_ROWS = (PULSES, GUARDS, PROVIDERS, CLOSINGS, COVERS, SHORT)


def cover_key(fixture_id: str, provider: str) -> str:
    """Name how a provider covers a fixture."""
    return f"{fixture_id}/{provider}"


def forget_quality(shard: Shard, fixture_id: str) -> None:
    """Delete what was kept of a past fixture's providers: a row for each, and its closing prices."""
    if shard.get(CLOSINGS, fixture_id) is not None:
        shard.delete(CLOSINGS, fixture_id)
    prefix = cover_key(fixture_id, "")
    for key in [key for key, _ in shard.scan(COVERS, prefix)]:
        shard.delete(COVERS, key)
    for key in [key for key, _ in shard.scan(SHORT, prefix)]:
        shard.delete(SHORT, key)
