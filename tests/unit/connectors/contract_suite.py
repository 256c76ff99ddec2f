"""The contract of connectors.contract as tests: each connector, recorded and live, is a subclass."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Generator, Sequence
from pathlib import Path

import pytest

from connectors import files
from connectors.contract import Connector, Position
from connectors.raw import raw_event_id
from domain.errors import Misconfigured, RejectedInput
from domain.events.feeds import FeedStatus, RawMessage

BROKEN = b'{"op":"mcm","clk":"AAA","pt":15'


class ConnectorContract(ABC):
    """What a subclass must show of its connector."""

    provider: str
    recorded: bool
    content_type = "application/json"
    broken = BROKEN
    """What no parser reads; a format that carries more in each message gives its own."""
    queue_size = 4
    most_ahead = queue_size + 1

    @property
    @abstractmethod
    def payloads(self) -> list[bytes]:
        """Give what the provider says, in order: ten messages or more, no two the same."""

    @abstractmethod
    async def play(
        self,
        tmp_path: Path,
        payloads: Sequence[bytes],
        *,
        position: Position | None = None,
        cut_after: int | None = None,
    ) -> list[RawMessage]:
        """Let the provider say these payloads, and return the messages.

        `position` is the place to go on from: a fresh connector, the provider says only what comes after it.
        `cut_after`: the stream breaks after so many messages, and the connector goes on with what follows.
        """

    @abstractmethod
    def parse(self, message: RawMessage) -> object:
        """Parse a message as ingest does."""

    @abstractmethod
    async def refused(self, tmp_path: Path) -> list[object]:
        """Let the provider refuse (a wrong file, a wrong key) and return what was yielded; the refusal is raised."""

    @abstractmethod
    async def read_ahead(self, tmp_path: Path) -> int:
        """Return how many messages were read ahead of a reader that stopped early, of very many."""

    async def test_bytes_are_untouched(self, tmp_path: Path) -> None:
        messages = await self.play(tmp_path, self.payloads)

        assert [message.payload for message in messages] == self.payloads
        assert [m.content_hash for m in messages] == [hashlib.sha256(each).hexdigest() for each in self.payloads]

    async def test_provenance_is_complete(self, tmp_path: Path) -> None:
        messages = await self.play(tmp_path, self.payloads)

        assert {message.provider for message in messages} == {self.provider}
        assert {message.recorded for message in messages} == {self.recorded}
        assert {message.content_type for message in messages} == {self.content_type}
        assert len({message.stream_id for message in messages}) == 1
        for message in messages:
            assert message.endpoint
            assert "secret" not in repr(message).lower()
            assert message.occurred_at > 0
            assert message.received_at >= message.occurred_at

    async def test_reception_never_goes_back(self, tmp_path: Path) -> None:
        received = [message.received_at for message in await self.play(tmp_path, self.payloads)]

        assert received == sorted(received)

    async def test_the_sequence_has_no_gaps(self, tmp_path: Path) -> None:
        messages = await self.play(tmp_path, self.payloads)

        assert [message.stream_sequence for message in messages] == list(range(len(self.payloads)))

    async def test_the_same_bytes_at_the_same_place_have_the_same_id(self, tmp_path: Path) -> None:
        messages = await self.play(tmp_path, self.payloads)

        assert len({message.event_id for message in messages}) == len(messages)
        for n, message in enumerate(messages):
            assert message.event_id == raw_event_id(
                self.provider, message.stream_id, n, hashlib.sha256(self.payloads[n]).hexdigest()
            )

    async def test_it_goes_on_from_a_place_with_the_same_ids(self, tmp_path: Path) -> None:
        whole = await self.play(tmp_path, self.payloads, position=Position(self.stream_id(tmp_path), 0))
        position = Position(whole[0].stream_id, 4, self.tokens_after(3))

        rest = await self.play(tmp_path, self.payloads, position=position)

        assert [m.event_id for m in rest] == [m.event_id for m in whole[4:]]

    async def test_nothing_is_lost_or_doubled_when_the_stream_breaks(self, tmp_path: Path) -> None:
        messages = await self.play(tmp_path, self.payloads, cut_after=3)

        assert [message.payload for message in messages] == self.payloads
        assert [message.stream_sequence for message in messages] == list(range(len(self.payloads)))

    async def test_what_the_parser_rejects_is_moved_all_the_same(self, tmp_path: Path) -> None:
        payloads = [*self.payloads[:5], self.broken, *self.payloads[5:]]

        messages = await self.play(tmp_path, payloads)

        assert [message.payload for message in messages] == payloads
        with pytest.raises(RejectedInput):
            self.parse(messages[5])

    async def test_every_message_parses(self, tmp_path: Path) -> None:
        for message in await self.play(tmp_path, self.payloads):
            assert self.parse(message)

    async def test_a_refusal_is_one_typed_error_and_yields_no_message(self, tmp_path: Path) -> None:
        yielded: list[object] = []

        with pytest.raises(Misconfigured, match=r"^[^\n]{20,200}$") as caught:
            yielded = await self.refused(tmp_path)

        assert not any(isinstance(each, RawMessage) for each in yielded)
        assert "secret" not in str(caught.value).lower()

    async def test_what_is_read_ahead_is_bounded(self, tmp_path: Path) -> None:
        assert await self.read_ahead(tmp_path) <= self.most_ahead

    def stream_id(self, tmp_path: Path) -> str:
        """Name the stream for a live connector that goes on; a recording has a name of its own."""
        return "the-stream"

    def tokens_after(self, n: int) -> tuple[str, ...]:
        """Give the provider's marks of the place after the n-th payload."""
        return ()


def messages_of(items: Sequence[object]) -> list[RawMessage]:
    """Return the provider's messages among items."""
    return [each for each in items if isinstance(each, RawMessage)]


def states_of(items: Sequence[object]) -> list[tuple[str, str]]:
    """Return the (state, reason) of the feed's states among items."""
    return [(each.state, each.reason) for each in items if isinstance(each, FeedStatus)]


def count_read_ahead(connector: Connector, path: Path) -> int:
    """Return how many bytes of a file a reader of one message makes its connector read, after it was told apart."""
    pulled = 0
    chunks = files.chunks

    def counted(path: Path) -> Generator[bytes]:
        nonlocal pulled
        pulled = 0
        for chunk in chunks(path):
            pulled += len(chunk)
            yield chunk

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "chunks", counted)
        next(connector.recorded(path))
        return pulled
