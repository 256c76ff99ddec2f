"""The contract of connectors for one that only replays: what a subclass gives is its file format."""

from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path

import pytest

from connectors import files
from connectors.contract import Connector, Position
from domain.errors import Misconfigured
from domain.events.feeds import RawMessage
from tests.unit.connectors.contract_suite import ConnectorContract, count_read_ahead


class RecordedContract(ConnectorContract):
    """A connector made without options, which only replays."""

    recorded = True
    most_ahead = files.CHUNK_BYTES // 100
    wrong = b"neither,this\nnor,that\n"
    """A file of something else."""
    no_live = "replay"
    """What a connector without options says when it is asked to connect."""

    @abstractmethod
    def connector(self) -> Connector:
        """Make the connector, without options."""

    @abstractmethod
    def written(self, payloads: Sequence[bytes]) -> bytes:
        """Write a file that holds these payloads, as its collector would."""

    @abstractmethod
    def many(self) -> list[bytes]:
        """Give payloads of more than a hundred bytes each, thousands of them."""

    async def play(
        self,
        tmp_path: Path,
        payloads: Sequence[bytes],
        *,
        position: Position | None = None,
        cut_after: int | None = None,
    ) -> list[RawMessage]:
        path = tmp_path / "recorded"
        path.write_bytes(self.written(payloads))
        start = position.next_sequence if position else 0
        if cut_after is None:
            return list(self.connector().recorded(path, start=start))
        reading = self.connector().recorded(path, start=start)
        before = [next(reading) for _ in range(cut_after)]
        return [*before, *self.connector().recorded(path, start=start + cut_after)]

    async def refused(self, tmp_path: Path) -> list[object]:
        path = tmp_path / "other.csv"
        path.write_bytes(self.wrong)
        return list(self.connector().recorded(path))

    async def read_ahead(self, tmp_path: Path) -> int:
        path = tmp_path / "long"
        path.write_bytes(self.written(self.many()))
        return count_read_ahead(self.connector(), path) // 100

    async def test_without_options_there_is_no_live_mode(self) -> None:
        with pytest.raises(Misconfigured, match=self.no_live):
            await anext(self.connector().live())
