"""The Unified Odds Feed under the contract of connectors."""

import gzip
from collections.abc import Sequence
from pathlib import Path

from connectors import files
from connectors.contract import Position
from connectors.uof.connector import Uof
from connectors.uof.parser import parse_message
from domain.events.feeds import RawMessage
from tests.unit.connectors.contract_suite import ConnectorContract, count_read_ahead
from tests.unit.connectors.uof_samples import odds_changes


class TestRecordedUof(ConnectorContract):
    """Documents in a file, one a line, compressed."""

    provider = "uof"
    recorded = True
    content_type = "application/xml"
    most_ahead = files.CHUNK_BYTES // 100

    @property
    def payloads(self) -> list[bytes]:
        return odds_changes()

    def parse(self, message: RawMessage) -> object:
        return parse_message(message)

    async def play(
        self,
        tmp_path: Path,
        payloads: Sequence[bytes],
        *,
        position: Position | None = None,
        cut_after: int | None = None,
    ) -> list[RawMessage]:
        path = tmp_path / "feed.gz"
        path.write_bytes(gzip.compress(b"\n".join(payloads) + b"\n"))
        start = position.next_sequence if position else 0
        if cut_after is None:
            return list(Uof().recorded(path, start=start))
        reading = Uof().recorded(path, start=start)
        before = [next(reading) for _ in range(cut_after)]
        return [*before, *Uof().recorded(path, start=start + cut_after)]

    async def refused(self, tmp_path: Path) -> list[object]:
        path = tmp_path / "feed.xml"
        path.write_bytes(b"<rss><channel/></rss>")
        return list(Uof().recorded(path))

    async def read_ahead(self, tmp_path: Path) -> int:
        path = tmp_path / "feed"
        path.write_bytes(b"\n".join(odds_changes(60) * 100))
        return count_read_ahead(Uof(), path) // 100
