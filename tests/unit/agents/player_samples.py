"""Providers who tell of the same players, one worker that takes what they say, and a person's words on it."""

from typing import TypeVar

from agents.ingest import ingest_context
from bookstream import topics
from bookstream.codecs import decode, encode
from bookstream.delivery.memory import MemoryLog
from connectors.raw import RawStream
from domain.events.canonical import Fixture, IdentityDecision, IdentityReview, Incident, Participant
from domain.events.head import Event
from domain.identity.decisions import Word
from domain.identity.desk import Desk
from domain.identity.directory import FixtureDirectory
from domain.identity.ids import player_id
from tests.unit.connectors.pitch_samples import opta_event, opta_game, opta_result

DAY = 1_709_942_400_000_000
RESULT = opta_result().replace(b"Roversman", b"Rover")
GAME = opta_game(opta_event(0, 32), opta_event(60, 16))
STATSBOMB, OPTA = player_id("soccer", "statsbomb", "110"), player_id("soccer", "opta", "110")
E = TypeVar("E", bound=Event)


class Worker:
    """A worker that takes providers' files; what it publishes can be fed to another's directory."""

    def __init__(self) -> None:
        self.directory = FixtureDirectory()
        self.log = MemoryLog([ingest_context(self.directory)])
        self.decided = 0

    def take(self, provider: str, name: str, *payloads: bytes, kind: str | None = None) -> None:
        """Take the messages of a file."""
        kind = kind or ("application/xml" if provider == "opta" else "application/json")
        stream = RawStream(
            provider=provider, endpoint=f"file:{name}", stream_id=name, content_type=kind, recorded=True
        )  # fmt: skip
        for payload in payloads:
            message = stream.message(payload, received_at=DAY)
            self.log.send(topics.raw_topic(provider), name.encode(), encode(message))
        self.log.run()

    def said(self, topic: topics.Topic, kind: type[E]) -> list[E]:
        """Return what was said on a topic."""
        return [decode(kind, record.value or b"") for record in self.log.records(topic.name)]

    @property
    def players(self) -> list[Participant]:
        return [each for each in self.said(topics.PARTICIPANTS, Participant) if each.kind == "PLAYER"]

    def newest(self, player: str) -> Participant:
        """Return the newest word on a player."""
        return [each for each in self.players if each.participant_id == player][-1]

    @property
    def scorers(self) -> list[str | None]:
        said = self.said(topics.INCIDENTS, Incident)
        return [each.participant_id for each in said if each.kind == "GOAL"]

    @property
    def reviews(self) -> list[IdentityReview]:
        return self.said(topics.IDENTITY_REVIEWS, IdentityReview)

    @property
    def reasons(self) -> list[str]:
        """Return why records were refused."""
        name = "__connect.errors.exception.message"
        return [dict(record.headers)[name].decode() for record in self.log.records(topics.DEAD_LETTERS.name)]

    def desk(self) -> Desk:
        """Return what a person has before him."""
        desk = Desk()
        for fixture in self.said(topics.FIXTURES, Fixture):
            desk.feed(fixture)
        for participant in self.said(topics.PARTICIPANTS, Participant):
            desk.feed(participant)
        for review in self.reviews:
            desk.feed(review)
        for decision in self.said(topics.IDENTITY_DECISIONS, IdentityDecision):
            desk.feed(decision)
        return desk

    def word(self) -> Word:
        """Return the next word of a person."""
        self.decided += 1
        return Word(event_id=f"d{self.decided}", at=DAY + self.decided, actor="ann", reason="seen him")

    def hand_on(self, decision: IdentityDecision) -> None:
        """Send a decision to every partition."""
        for partition in range(topics.PARTITIONS):
            key = decision.fixture_id.encode()
            self.log.send(topics.IDENTITY_DECISIONS.name, key, encode(decision), partition=partition)
        self.log.run()
