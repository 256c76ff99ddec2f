"""What everybody outside shares: the time, the log to speak to, and what can be seen on it."""

from random import Random
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bookstream.codecs import decode, encode
from bookstream.simulation.broker import Broker
from bookstream.tokens import TokenSigner
from bookstream.topics import CLOCK, PARTITIONS, QUOTES, Topic
from domain.events.feeds import ClockTick
from domain.events.head import Event
from domain.events.trading import Quote

SECOND = 1_000_000
START = 1_790_000_000 * SECOND
KICK_OFF = START + 24 * 3600 * SECOND
CUSTOMERS = ("ann", "ben", "dan")
"""Two of them live in one partition."""
TEAMS = (("Brighton and Hove Albion", "Nottingham Forest"), ("Getafe", "Malaga"), ("Torino", "Udinese"))

SIGNER = TokenSigner(Ed25519PrivateKey.from_private_bytes(b"a key that is for simulations.32"))
TOKENS = {each: SIGNER.mint(each, issued_at=START, expires_at=KICK_OFF) for each in CUSTOMERS}

E = TypeVar("E", bound=Event)


class Scene:
    """The stage: who acts says it here.

    Args:
        broker: the log.
    """

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        self.now = START
        self.count = 0
        self.used: set[int] = set()
        self.bet_on: list[str] = []
        self._quotes: dict[bytes, bytes] = {}
        self._read: dict[tuple[str, int], int] = {}

    def number(self) -> int:
        """Return a number that was never given before."""
        self.count += 1
        return self.count

    def skewed(self, random: Random) -> int:
        """Return what somebody's clock shows."""
        off = random.choice((0, 0, 0, 0, -1, 1, -3, 3, -40, 20))
        return max(START, self.now + off * SECOND)

    def pass_time(self, micros: int) -> None:
        """Let time go by."""
        self.now += micros
        self.broker.now_ms = self.now // 1000

    def send(self, topic: Topic, event: Event, *, key: str = "") -> None:
        """Say something as its topic declares; what goes to every partition goes to those that are in use."""
        name, value = (key or str(getattr(event, topic.key))).encode(), encode(event)
        if topic.broadcast:
            for partition in sorted(self.used):
                self.broker.send(topic.name, name, value, partition=partition)
            return
        self.broker.send(topic.name, name, value)

    def tick(self) -> None:
        """Let the clock tick."""
        at = self.now
        self.send(CLOCK, ClockTick(event_id=f"clock{self.number()}", occurred_at=at, received_at=at, provider="clock"))

    def quotes(self) -> list[Quote]:
        """Return what the house shows now, in the order of the markets."""
        for partition in range(PARTITIONS):
            place = QUOTES.name, partition
            records = self.broker.topics[QUOTES.name][partition]
            for record in records[self._read.get(place, 0) :]:
                self._quotes[record.key or b""] = record.value or b""
            self._read[place] = len(records)
        return [decode(Quote, self._quotes[key]) for key in sorted(self._quotes)]

    def latest(self, topic: Topic, kind: type[E]) -> list[E]:
        """Return the newest event of each key of a topic, in the order of the keys."""
        newest = {record.key or b"": record.value or b"" for log in self.broker.topics[topic.name] for record in log}
        return [decode(kind, newest[key]) for key in sorted(newest)]
