"""Messages of an event that cannot be read: which event that is, and who can say it again."""

import re
from typing import Final

import msgspec

from connectors.uof.live_head import Head
from domain.feeds.uof_events import What

SAYS: Final[dict[str, What]] = {
    "odds_change": "odds",
    "bet_stop": "odds",
    "bet_settlement": "stateful_messages",
    "bet_cancel": "stateful_messages",
    "rollback_bet_settlement": "stateful_messages",
    "rollback_bet_cancel": "stateful_messages",
}
"""By the kind of a message, what a producer is asked for to have it again; of others nothing is recovered."""

_KEY: Final = re.compile(r"[^.]+\.(pre|-)\.(live|-)\.([a-z_]+)\.[^.]+\.([a-z]+:[a-z_]+)\.(\d{1,18})(?:\.|$)")
"""A routing key: priority, prematch, live, the message's kind, sport, the event's kind and number, node."""


class Broken(msgspec.Struct, frozen=True):
    """What a message is about. `producer` is None where only its `scopes` are known."""

    kind: str
    event: str
    scopes: frozenset[str]
    producer: int | None

    def may_be_of(self, producer: int, scope: str) -> bool:
        """Say whether it may be a producer's; one whose scope is not told may say anything."""
        if self.producer is not None:
            return producer == self.producer
        return not scope or bool(self.scopes.intersection(scope.split("|")))


def broken_of(routing_key: str, head: Head | None) -> Broken | None:
    """Return what a message that cannot be read is about; None of one that can be, or of no event."""
    if head is not None and not head.cut:
        return None
    key = _KEY.match(routing_key)
    if key is None:
        return None
    prematch, live, kind, urn, number = key.groups()
    scopes = frozenset(({"prematch"} if prematch == "pre" else set()) | ({"live"} if live == "live" else set()))
    return Broken(kind, f"{urn}:{number}", scopes, head.product if head is not None else None)
