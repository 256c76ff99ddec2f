"""Opta under the contract of connectors, and what its parser reads and refuses."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.contract import Connector, TruncatedFile, WrongFile
from connectors.opta.connector import Opta
from connectors.opta.messages import Games, uk_time
from connectors.opta.parser import parse, parse_message, unknown_fields
from connectors.opta.recorded import MOST_AROUND
from connectors.opta.results import SoccerFeed, name_of
from domain.errors import ContractViolation, RejectedInput
from domain.events.feeds import RawMessage
from tests.unit.connectors.contract_suite import count_read_ahead
from tests.unit.connectors.pitch_samples import OPTA_FOOT, OPTA_HEAD, opta_event, opta_game, opta_result
from tests.unit.connectors.recorded_suite import RecordedContract

KICK_OFF = int(datetime(2024, 3, 9, 15, tzinfo=UTC).timestamp()) * 1_000_000


class TestRecordedOpta(RecordedContract):
    """A match's events, cut out of their document."""

    provider = "opta"
    content_type = "application/xml"
    broken = opta_game(b'<Event id="x"/>')

    @property
    def payloads(self) -> list[bytes]:
        return [opta_game(opta_event(n, 1, 56)) for n in range(12)]

    def connector(self) -> Connector:
        return Opta()

    def written(self, payloads: Sequence[bytes]) -> bytes:
        cut = [each.removeprefix(OPTA_HEAD).removesuffix(OPTA_FOOT) for each in payloads]
        return opta_game(*cut)

    def many(self) -> list[bytes]:
        return [opta_game(opta_event(n, 1, 56)) for n in range(3_000)]

    def parse(self, message: RawMessage) -> object:
        return parse_message(message)

    async def read_ahead(self, tmp_path: Path) -> int:
        """Read a file of many documents: of a single one the end must be known before its first event is moved."""
        path = tmp_path / "long"
        path.write_bytes(b"\n".join(self.many()))
        return count_read_ahead(self.connector(), path) // 100


def recorded(path: Path, content: bytes) -> list[RawMessage]:
    path.write_bytes(content)
    return list(Opta().recorded(path))


def test_a_document_is_moved_event_by_event_each_within_its_head_and_foot(tmp_path: Path) -> None:
    events = [opta_event(1, 1, 5) + b"\n  <!-- > -->", opta_event(2, 4), b'<Event a=">"/>']
    content = b"\xef\xbb\xbf" + OPTA_HEAD + b"\n" + b"".join(events) + b"</Game ></Games>\n"
    messages = recorded(tmp_path / "f24.xml", content)
    assert [each.payload for each in messages] == [
        b"\xef\xbb\xbf" + OPTA_HEAD + b"\n" + event + b"</Game ></Games>\n" for event in events
    ]
    assert [each.occurred_at - KICK_OFF for each in messages[:2]] == [1_500_000, 2_500_000]


@pytest.mark.parametrize("content", [opta_game(), opta_result(), opta_game() + b"\n" + opta_result()])
def test_a_document_without_events_is_a_message(content: bytes, tmp_path: Path) -> None:
    messages = recorded(tmp_path / "x.xml", content)
    assert b"\n".join(each.payload for each in messages) == content


def test_times_are_by_the_clocks_of_the_uk_unless_they_state_their_zone() -> None:
    in_summer = int(datetime(2018, 8, 20, 20, tzinfo=UTC).timestamp()) * 1_000_000
    assert uk_time("2018-08-20T21:00:00.000") == in_summer
    assert uk_time("20180820T210000+0100") == in_summer
    assert uk_time("2024-03-09T15:00:00") == KICK_OFF
    with pytest.raises(ContractViolation):
        uk_time("0001-01-01T00:00:00+23:00x")


def test_a_result_names_its_players() -> None:
    found = parse(opta_result())
    assert isinstance(found, SoccerFeed)
    people = [person for team in found.document.teams for person in team.players]
    assert name_of(people[0]) == ("Paul Roversman", ("Paulo 11",))
    assert found.true_at == int(datetime(2024, 3, 9, 16, 50, tzinfo=UTC).timestamp()) * 1_000_000


@pytest.mark.parametrize(
    "event",
    [
        opta_event(1, 16, id="x"),
        opta_event(1, 16, min=-1),
        opta_event(1, 16, sec=60),
        opta_event(1, 16, timestamp=None),
        opta_event(1, 16, team_id=None),
        opta_event(1, 16, version=10**30),
        opta_event(1, 16, type_id="1e99"),
    ],
)
def test_an_event_that_breaks_the_contract_is_refused(event: bytes) -> None:
    with pytest.raises(ContractViolation):
        parse(opta_game(event))


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"x",
        b"<Games/>",
        b"<Games><Game/></Games>",
        b"<rss/>",
        opta_game(opta_event(1, 1))[:-9],
        b"<!DOCTYPE Games [<!ENTITY a 'b'>]><Games/>",
        b"<SoccerFeed TimeStamp='x'/>",
        opta_result(score=(2, 1000)),
        opta_result(player="110"),
    ],
)
def test_bytes_that_are_no_document_are_refused_with_a_typed_error(payload: bytes) -> None:
    with pytest.raises(RejectedInput):
        parse(payload)


def test_what_is_not_declared_is_counted() -> None:
    found = unknown_fields(opta_game(opta_event(1, 1)))
    assert found == {
        "timestamp": 1, "<Game>.home_score": 1, "<Game>.away_score": 1, "<Game>.<Event>.event_id": 1,
        "<Game>.<Event>.x": 1,
    }  # fmt: skip
    assert isinstance(parse(opta_game(opta_event(1, 1))), Games)


def test_a_file_that_is_cut_or_another_s_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(TruncatedFile):
        recorded(tmp_path / "cut.xml", opta_game(opta_event(1, 1))[:-9])
    for content in (b"<rss><channel/></rss>", b"{}", b"<Games><", OPTA_HEAD + b" " * MOST_AROUND + opta_event(1, 1)):
        whole = content + OPTA_FOOT if content.startswith(OPTA_HEAD) else content
        with pytest.raises((WrongFile, TruncatedFile)):
            recorded(tmp_path / "other.xml", whole)
