"""Rows of protection: how each provider ticks here, how it stands, and, at the judge, what all partitions saw."""

import msgspec

from bookstream.delivery.api import Rows
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


PULSES = Rows("pulse", PulseState)
GUARDS = Rows("guard", GuardState)
PROVIDERS = Rows("provider", ProviderHealth)

PROTECTION_ROWS = (PULSES, GUARDS, PROVIDERS)
