"""BetsAPI's answers, told apart by their shape, and the connector under the contract."""

import gzip
from collections.abc import Sequence
from typing import Any

import pytest

from connectors.betsapi.connector import BetsApi
from connectors.betsapi.messages import Events, Merges, OddsHistory, OddsSummary, Timelines, Trend
from connectors.betsapi.parser import parse, parse_message, unknown_fields
from connectors.betsapi.raws import Bet365, BookmakerEvents
from connectors.contract import Connector
from domain.errors import ContractViolation, RejectedInput, UndecodableInput
from domain.events.feeds import RawMessage
from domain.feeds.betsapi import score_of
from tests.unit.connectors import betsapi_samples as samples
from tests.unit.connectors.recorded_suite import RecordedContract


class TestRecordedBetsApi(RecordedContract):
    """Polls in a file, one a line, compressed."""

    provider = "betsapi"
    no_live = "set BOOKSTREAM_BETSAPI_TOKEN"
    wrong = b'{"op":"connection","connectionId":"002"}'

    @property
    def payloads(self) -> list[bytes]:
        return samples.inplay_answers()

    def connector(self) -> Connector:
        return BetsApi()

    def written(self, payloads: Sequence[bytes]) -> bytes:
        return gzip.compress(b"\n".join(payloads) + b"\n")

    def many(self) -> list[bytes]:
        return samples.inplay_answers(60) * 100

    def parse(self, message: RawMessage) -> object:
        return parse_message(message)


SUMMARY = {
    "Bet365": {"matching_dir": "1", "odds_update": {"1_1": 1}, "odds": {"start": {"1_1": samples.row(1)}, "end": {}}}
}
TREND = {"corners": {"home": [{"time_str": "3", "val": "1"}]}}
MERGE = {"from_id": "1", "to_id": "2", "created_at": str(samples.BEGAN)}
SBOBET = {
    "id": "9", "league": {"id": "1", "name": "L"}, "home": {"id": "1", "name": "A"}, "away": {"id": "2", "name": "B"},
    "time": str(samples.BEGAN), "updated_at": str(samples.BEGAN + 60),
    "markets": [{"id": 1, "market_id": 5, "display": "1X2", "handicap": 0, "odds": [2.63, 2.6, 2.81]}],
}  # fmt: skip


@pytest.mark.parametrize(
    ("payload", "kind", "said_at"),
    [
        (samples.answer([samples.event()]), Events, samples.BEGAN + 41 * 60),
        (samples.answer([samples.event(time_status="3")]), Events, samples.BEGAN + 7_200),
        (samples.answer([samples.event(time_status="0")]), Events, samples.BEGAN),
        (samples.answer({"h2h": [samples.event(time_status="3")], "home": []}), Events, samples.BEGAN + 7_200),
        (samples.odds(m1_1=[samples.row(1), samples.row(2)]), OddsHistory, samples.BEGAN + 120),
        (samples.answer(SUMMARY), OddsSummary, samples.BEGAN + 60),
        (samples.answer(TREND), Trend, None),
        (samples.answer([MERGE]), Merges, samples.BEGAN),
        (samples.answer([samples.timeline()]), Timelines, None),
        (samples.bet365(), Bet365, samples.BEGAN + 3_000),
        (samples.answer([SBOBET]), BookmakerEvents, samples.BEGAN + 60),
        (samples.answer([]), Events, None),
    ],
)  # fmt: skip
def test_an_answer_is_told_by_its_shape(payload: bytes, kind: type, said_at: int | None) -> None:
    answer = parse(payload)
    assert type(answer) is kind
    if said_at is not None:
        assert answer.said_at() == said_at * 1_000_000


def test_a_row_keeps_what_the_provider_left_out() -> None:
    history = parse(samples.odds(m1_1=[samples.row(1, ss=None, time_str=None), samples.row(2, home_od="-")]))
    assert isinstance(history, OddsHistory)
    second, first = history.markets["1_1"]
    assert (first.ss, first.is_in_play, second.home_od, second.is_in_play) == (None, False, "-", True)


@pytest.mark.parametrize(("text", "score"), [("2-3", (2, 3)), ("0:0", (0, 0)), (None, None), ("", None), ("-", None)])
def test_scores_are_read_however_they_are_written(text: str | None, score: tuple[int, int] | None) -> None:
    assert score_of(text) == score


@pytest.mark.parametrize("text", ["2-", "a-b", "1-2-3", "٢-٣x"])
def test_a_score_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ContractViolation):
        score_of(text)


@pytest.mark.parametrize(
    "results",
    [
        None, 3, "x", {"1_1": [{"id": "1"}]}, [{"id": "1"}], {"h2h": [3]}, {"what": {"ever": 1}}, [[3]],
        [{**MERGE, "created_at": "soon"}], {"corners": {"home": [{"time_str": "3", "val": "-1"}]}},
        [samples.event(id="a/b")], [samples.event(time="99999999999999")],
        [{**samples.timeline(), "eventId": 2**64}],
    ],
)  # fmt: skip
def test_what_is_no_answer_breaks_the_contract(results: Any) -> None:
    with pytest.raises(ContractViolation):
        parse(samples.answer(results))


def test_a_refusal_is_no_answer() -> None:
    with pytest.raises(ContractViolation, match="PERMISSION"):
        parse(b'{"success":0,"error":"PERMISSION_DENIED"}')


@pytest.mark.parametrize("payload", [b"", b"\xff", b'{"success":1,"results":[', b"[" * 100_000, b'{"success":1' * 9])
def test_bytes_that_are_no_json_are_refused_with_a_typed_error(payload: bytes) -> None:
    with pytest.raises(RejectedInput) as caught:
        parse(payload)
    assert isinstance(caught.value, UndecodableInput | ContractViolation)


def test_bytes_that_parsing_passes_over_are_refused_when_fields_are_counted() -> None:
    payload = b'{"\xaa":1,"success":1,"results":[]}'
    assert parse(payload) == Events(())
    with pytest.raises(UndecodableInput):
        unknown_fields(payload)


def test_new_fields_are_counted_by_their_path() -> None:
    unknown = unknown_fields(samples.answer([samples.event(xg={"home": 1.2})]))
    assert unknown == {"home.image_id": 1, "home.cc": 1, "away.image_id": 1, "away.cc": 1, "timer.md": 1, "xg": 1}
