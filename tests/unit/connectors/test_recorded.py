"""Recordings: their times, their places, and what is no recording."""

import gzip
import json
import os
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import connectors
from connectors.contract import Connector, TruncatedFile, WrongFile
from connectors.theoddsapi import flat
from connectors.theoddsapi.parser import parse_message
from domain.errors import Misconfigured
from domain.events.feeds import RawMessage
from tests.unit.connectors.samples import PT, answer, event, exchange_payloads, line

BETFAIR = connectors.by_name("betfair")
THE_ODDS_API = connectors.by_name("theoddsapi")
WRITTEN_AT = 1_600_000_000_000_000


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    os.utime(path, ns=(WRITTEN_AT * 1000, WRITTEN_AT * 1000))
    return path


def rows(event_id: str, snapshot: str, prices: dict[str, float]) -> list[bytes]:
    return [
        f"{event_id},soccer_epl,EPL,2026-04-18T11:30:00Z,Home,Away,{snapshot},main,book,Book,"
        f"2026-04-16T19:00:14Z,h2h,{name},{price},,0.5\n".encode()
        for name, price in prices.items()
    ]


def read_until_cut(messages: Iterator[RawMessage]) -> list[RawMessage]:
    seen: list[RawMessage] = []
    with pytest.raises(TruncatedFile, match=r"ends in the middle|is cut"):
        seen.extend(messages)
    return seen


def test_the_known_providers_are_named_when_one_is_not() -> None:
    with pytest.raises(Misconfigured, match="unknown provider 'nobody': known are betfair, "):
        connectors.by_name("nobody")
    assert [connectors.by_name(name).provider for name in connectors.PROVIDERS] == list(connectors.PROVIDERS)


def test_a_message_is_received_at_its_publish_time(tmp_path: Path) -> None:
    messages = list(BETFAIR.recorded(write(tmp_path / "x", b"\n".join(exchange_payloads(3)))))

    assert [m.received_at for m in messages] == [m.occurred_at for m in messages]
    assert [m.occurred_at for m in messages] == [(PT + n * 100) * 1000 for n in range(3)]
    assert [m.provider_sequence for m in messages] == ["C0", "C1", "C2"]


def test_messages_before_the_first_time_wait_for_it(tmp_path: Path) -> None:
    lines = [b'{"op":"connection","connectionId":"1"}', b'{"op":"status","id":1,"statusCode":"SUCCESS"}', line(0)]

    messages = list(BETFAIR.recorded(write(tmp_path / "x", b"\n".join(lines))))

    assert [m.payload for m in messages] == lines
    assert {m.received_at for m in messages} == {PT * 1000}


def test_a_file_without_any_time_was_received_when_it_was_written_or_as_told(tmp_path: Path) -> None:
    path = write(tmp_path / "x", b'{"op":"connection","connectionId":"1"}\n')

    assert [m.received_at for m in BETFAIR.recorded(path)] == [WRITTEN_AT]
    assert [m.received_at for m in BETFAIR.recorded(path, received_at=5)] == [5]


def test_a_time_that_goes_back_is_kept_but_reception_does_not(tmp_path: Path) -> None:
    lines = [line(0), line(1, pt=PT - 60_000), b"garbage", line(2)]

    messages = list(BETFAIR.recorded(write(tmp_path / "x", b"\n".join(lines) + b"\n")))

    assert [m.occurred_at // 1000 - PT for m in messages] == [0, -60_000, 0, 200]
    assert [m.received_at // 1000 - PT for m in messages] == [0, 0, 0, 200]


def test_messages_waiting_for_a_time_are_not_lost_when_the_file_is_cut(tmp_path: Path) -> None:
    status = b'{"op":"status","id":1,"statusCode":"SUCCESS"}'
    path = write(tmp_path / "x", status + b"\n" + line(0)[:30])

    assert [m.payload for m in read_until_cut(BETFAIR.recorded(path))] == [status]


def test_a_stream_is_named_by_what_it_is_not_by_where_it_lies(tmp_path: Path) -> None:
    text = b"\n".join(exchange_payloads(3))
    (tmp_path / "elsewhere").mkdir()
    plain = list(BETFAIR.recorded(write(tmp_path / "match", text)))
    packed = list(BETFAIR.recorded(write(tmp_path / "elsewhere" / "match.gz", gzip.compress(text))))
    other = list(BETFAIR.recorded(write(tmp_path / "elsewhere" / "match", b"\n".join(exchange_payloads(4)[1:]))))

    assert [m.event_id for m in plain] == [m.event_id for m in packed]
    assert plain[0].stream_id != other[0].stream_id
    assert str(tmp_path) not in repr(plain)


@pytest.mark.parametrize("connector", [BETFAIR, THE_ODDS_API])
@pytest.mark.parametrize(
    "content", [b"\0\1\2\3", b"hello\nworld\n", b'{"hello":"world"}\n', b"[1,2,3]", b'"text"', b"{}", b"a,b,c\n1,2,3\n"]
)
def test_what_is_no_recording_is_refused_before_anything_is_yielded(
    connector: Connector, content: bytes, tmp_path: Path
) -> None:
    with pytest.raises(WrongFile, match=r"is no answer of The Odds API|is not a recording of the Exchange Stream"):
        next(connector.recorded(write(tmp_path / "x", content)))


def test_an_indented_answer_is_one_message(tmp_path: Path) -> None:
    document = json.dumps([event(1, {"Home": 2.0}, updated="2023-11-14T22:00:05Z")], indent=1).encode()

    (message,) = THE_ODDS_API.recorded(write(tmp_path / "x.json", document))

    assert message.payload == document
    assert message.occurred_at == 1_699_999_205_000_000


def test_one_long_line_is_one_message(tmp_path: Path) -> None:
    document = json.dumps([event(n, {"Home": 2.0 + n}) for n in range(2000)]).encode()
    assert len(document) > 500_000

    (message,) = THE_ODDS_API.recorded(write(tmp_path / "x.json.gz", gzip.compress(document)))

    assert message.payload == document


@pytest.mark.parametrize("indent", [None, 2])
def test_a_cut_answer_is_told_as_such(indent: int | None, tmp_path: Path) -> None:
    document = json.dumps([event(1, {"Home": 2.0})], indent=indent).encode()

    assert read_until_cut(THE_ODDS_API.recorded(write(tmp_path / "x.json", document[:-5]))) == []


def test_of_cut_answers_the_whole_ones_are_read(tmp_path: Path) -> None:
    path = write(tmp_path / "x", answer(1) + b"\n" + answer(2) + b"\n" + answer(3)[:50])

    assert [m.payload for m in read_until_cut(THE_ODDS_API.recorded(path))] == [answer(1), answer(2)]


def test_fixtures_were_known_at_the_latest_at_their_kick_off(tmp_path: Path) -> None:
    fixture = {"id": "1", "sport_key": "x", "commence_time": "2023-11-15T20:00:00Z", "home_team": "A", "away_team": "B"}

    (message,) = THE_ODDS_API.recorded(write(tmp_path / "x", json.dumps([fixture]).encode()))

    assert message.received_at == 1_700_078_400_000_000


def test_sports_say_no_time(tmp_path: Path) -> None:
    path = write(tmp_path / "x", b'[{"key":"a","group":"b","title":"c","active":true}]')

    assert [m.received_at for m in THE_ODDS_API.recorded(path)] == [WRITTEN_AT]


def test_flat_rows_are_a_message_for_each_event_without_the_header(tmp_path: Path) -> None:
    first = rows("e1", "2026-04-16T19:00:22.965965+00:00", {"Home": 2.1, "Away": 3.3})
    second = rows("e2", "2026-04-16T19:00:23+00:00", {"Home": 1.5})
    path = write(tmp_path / "flat.csv", b"".join([flat.HEADER, b"\n", *first, *second]))

    messages = list(THE_ODDS_API.recorded(path))

    assert [m.payload for m in messages] == [b"".join(first), b"".join(second)]
    assert {m.content_type for m in messages} == {flat.CONTENT_TYPE}
    assert messages[0].occurred_at == 1_776_366_022_965_965
    (parsed,) = parse_message(messages[0]).events
    assert parsed.bookmakers is not None
    assert [(o.name, o.odds, o.line_milli) for o in parsed.bookmakers[0].markets[0].outcomes] == [
        ("Home", 2100, None),
        ("Away", 3300, None),
    ]


def test_of_cut_flat_rows_the_whole_rows_are_read(tmp_path: Path) -> None:
    all_rows = rows("e1", "2026-04-16T19:00:22Z", {"Home": 2.1, "Away": 3.3})
    path = write(tmp_path / "flat.csv", b"".join([flat.HEADER, b"\n", *all_rows])[:-60])

    assert [m.payload for m in read_until_cut(THE_ODDS_API.recorded(path))] == [all_rows[0]]


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_long_recording_is_read_in_constant_memory(pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    deltas = [line(n, {"rc": [{"id": 1, "atb": [[2, n + 1]]}]}) for n in range(40_000)]
    path = write(tmp_path / "long", pack(b"\n".join(deltas)))
    size = sum(map(len, deltas))
    del deltas

    tracemalloc.start()
    count = sum(1 for _ in BETFAIR.recorded(path))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert count == 40_000
    assert size > 4_000_000
    assert peak < 1_000_000
