"""StatsBomb under the contract of connectors, and what its parser reads and refuses."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import Connector, TruncatedFile, WrongFile
from connectors.statsbomb.connector import StatsBomb, match_day
from connectors.statsbomb.messages import Event, Lineup, parse, parse_message, unknown_fields
from domain.errors import ContractViolation, RejectedInput
from domain.events.feeds import RawMessage
from tests.unit.connectors.pitch_samples import FILE, array, shot, statsbomb_event, statsbomb_lineup, statsbomb_start
from tests.unit.connectors.recorded_suite import RecordedContract

DAY = 1_709_942_400_000_000
"""2024-03-09, midnight UTC."""
HOUR = 3_600_000_000


class TestRecordedStatsBomb(RecordedContract):
    """A match's events in an array."""

    provider = "statsbomb"
    broken = b'{"id": 12, "index": "x"}'

    @property
    def payloads(self) -> list[bytes]:
        return [*statsbomb_start(), *(statsbomb_event(n, "Carry") for n in range(5, 15))]

    def connector(self) -> Connector:
        return StatsBomb()

    def written(self, payloads: Sequence[bytes]) -> bytes:
        return array(list(payloads))

    def many(self) -> list[bytes]:
        return [statsbomb_event(n, "Carry") for n in range(1, 3_000)]

    def parse(self, message: RawMessage) -> object:
        return parse_message(message)


def recorded(tmp_path: Path, name: str, received_at: int | None = None) -> list[RawMessage]:
    path = tmp_path / name
    late = statsbomb_event(9, "Shot", period=2, timestamp="00:10:30.500", minute=55, second=30, shot=shot(97))
    path.write_bytes(array([*statsbomb_start(), late]))
    return list(StatsBomb().recorded(path, received_at=received_at))


@pytest.mark.parametrize(
    ("name", "received_at", "kick_off_at"),
    [
        (FILE, None, DAY),
        (FILE, DAY + 20 * HOUR, DAY + 20 * HOUR),
        (FILE, DAY - 10 * HOUR, DAY - 10 * HOUR),
        (FILE, DAY + 400 * HOUR, DAY),
        ("events.json", DAY + 5, DAY + 5),
    ],
)
def test_events_occur_by_the_match_clock(tmp_path: Path, name: str, received_at: int | None, kick_off_at: int) -> None:
    messages = recorded(tmp_path, name, received_at)
    assert [each.occurred_at - kick_off_at for each in messages] == [0, 0, 0, 0, HOUR + 630_500_000]


def test_the_day_of_a_match_is_in_the_name_of_its_file() -> None:
    assert match_day(f"file:{FILE}") == DAY
    assert match_day("4711_2024-13-09_events.json") is None
    assert match_day("15946_lineups.json") is None


def test_a_line_up_is_told_from_an_event() -> None:
    assert isinstance(parse(statsbomb_lineup()), Lineup)
    assert isinstance(parse(statsbomb_start()[0]), Event)


@pytest.mark.parametrize(
    "change",
    [
        {"id": "f942c5b5-df4b-4ee4-9e90-ed5f5"},
        {"id": "00000000-0000-4000-8000-00000000000a\n"},
        {"index": 0},
        {"index": 10**30},
        {"period": 6},
        {"timestamp": "00:61"},
        {"timestamp": ""},
        {"minute": -1},
        {"type": None},
        {"team": {"name": "Rovers"}},
        {"shot": {"outcome": {"id": 97}, "statsbomb_xg": 1.5}},
    ],
)
def test_an_event_that_breaks_the_contract_is_refused(change: dict[str, Any]) -> None:
    told = json.loads(statsbomb_event(9, "Shot", shot=shot(97)))
    with pytest.raises(ContractViolation):
        parse(json.dumps(told | change).encode())


@pytest.mark.parametrize(
    "payload", [b"", b"[", b"null", b"[]", b"{}", b"\xff", b'{"team_id":1}', b'{"type":' + b"[" * 100_000, b'"\\ud800"']
)
def test_bytes_that_are_no_message_are_refused_with_a_typed_error(payload: bytes) -> None:
    with pytest.raises(RejectedInput):
        parse(payload)


def test_what_is_not_declared_is_counted() -> None:
    assert unknown_fields(statsbomb_event(9, "Shot", shot=shot(97))) == {"duration": 1, "shot.freeze_frame": 1}


def test_a_file_that_is_cut_gives_what_is_whole(tmp_path: Path) -> None:
    path = tmp_path / FILE
    path.write_bytes(array(statsbomb_start())[:-40])
    seen: list[RawMessage] = []
    with pytest.raises(TruncatedFile):
        seen.extend(StatsBomb().recorded(path))
    assert len(seen) == 3


@pytest.mark.parametrize("content", [b"[1, 2]", b"[]", b'[{"events": []}]', b"{}", b"x"])
def test_a_file_of_another_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / FILE
    path.write_bytes(content)
    with pytest.raises(WrongFile):
        list(StatsBomb().recorded(path))
