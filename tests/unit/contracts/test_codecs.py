"""A value is byte 0, an id and an Avro body; what does not fit is refused on either side with a typed error."""

import copy
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import msgspec
import pytest
from fastavro import parse_schema, schemaless_writer

import schemas
from bookstream import codecs
from bookstream.codecs import check, decode, encode, use_ids, writer_schema
from bookstream.contracts.ids import Ids, Release, plain, reader_of
from domain.errors import ContractViolation, Misconfigured, Unavailable, UndecodableInput
from domain.events.betting import CheckVerdict, LegVerdict
from domain.events.canonical import Incident, MarketOdds, Participant, SelectionOdds, Statistic
from domain.events.feeds import ClockTick, RawMessage
from domain.events.head import Event, Source

HEAD: dict[str, Any] = {"event_id": "e-1", "occurred_at": 1_700_000_000_000_000, "received_at": 1_700_000_000_000_001}


def tick(**change: Any) -> MarketOdds:
    fields: dict[str, Any] = {
        **HEAD,
        "provider": "betfair",
        "source": Source("feeds.betfair.raw", 3, 12_345_678_901),
        "fixture_id": "fx-0123456789abcdef",
        "market_id": "fx-0123456789abcdef/TOTAL_GOALS/FT/2500",
        "market_type": "TOTAL_GOALS",
        "period": "FT",
        "line_milli": 2500,
        "bookmaker": "betfair",
        "status": "OPEN",
        "in_play": True,
        "bet_delay_s": 5,
        "late": False,
        "selections": (
            SelectionOdds(selection_id="over", name="Över 2½", back_odds=1_500, back_size_minor=1_234_567),
            SelectionOdds(selection_id="under", name="Under", status="REMOVED"),
        ),
    }
    return MarketOdds(**{**fields, **change})


def statistic(**change: Any) -> Statistic:
    return Statistic(**{**HEAD, "provider": "p", "fixture_id": "fx-1", "name": "corners", "value": 0.1, **change})


def participant(**change: Any) -> Participant:
    fields = {"participant_id": "pt-1", "kind": "TEAM", "sport": "soccer", "name": "A", "provider_participant_id": "7"}
    return Participant(**{**HEAD, **fields, "provider": "p", "aliases": ("B", "C"), **change})


def raw(payload: bytes) -> RawMessage:
    return RawMessage(
        **HEAD,
        provider="betfair",
        endpoint="stream",
        stream_id="s",
        stream_sequence=0,
        content_hash="00",
        content_type="application/json",
        recorded=False,
        payload=payload,
    )


@pytest.fixture
def restored() -> Iterator[None]:
    yield
    use_ids(None)


def with_version(record: str, **change: Any) -> dict[str, Any]:
    """Copy a schema as another version of it would be."""
    return {**copy.deepcopy(schemas.current(record)), **change}


def written_by(schema: dict[str, Any], event: Event, **fields: Any) -> bytes:
    """Write an event's fields by a schema of another version."""
    body = BytesIO()
    schemaless_writer(body, parse_schema(plain(schema)), {**msgspec.to_builtins(event), **fields})
    return body.getvalue()


def test_a_value_is_byte_0_the_pinned_id_and_the_body() -> None:
    value = encode(tick())
    assert value[:5] == b"\0" + schemas.pinned_ids()["MarketOdds"][1].to_bytes(4)
    assert value[5:] == written_by(schemas.current("MarketOdds"), tick())


@pytest.mark.parametrize(
    "event",
    [
        tick(),
        tick(selections=(), line_milli=None, source=None, provider_sequence="AAbB"),
        tick(line_milli=-2500, occurred_at=0, received_at=-1),
        tick(occurred_at=2**62, received_at=-(2**63), line_milli=2**31 - 1, bet_delay_s=-(2**31)),
        tick(market_type="x" * 63, bookmaker="y" * 64, period="z" * 10_000),
        statistic(),
        statistic(value=float("inf"), late=True),
        raw(b""),
        raw(bytes(range(256)) * 4_000),
        Incident(**HEAD, provider="p", fixture_id="f", kind="GOAL", side="AWAY", minute=90, home_score=0),
        ClockTick(**HEAD, provider="clock"),
    ],
    ids=lambda event: type(event).__name__,
)
def test_what_is_written_is_read_again(event: Event) -> None:
    assert decode(type(event), encode(event)) == event


def test_figures_of_checks_keep_their_names() -> None:
    verdict = CheckVerdict(check="limits", outcome="REDUCE", code="STAKE_ABOVE_LIMIT", figures={"cap_minor": 5_000})
    event = LegVerdict(
        **HEAD,
        provider="bookstream",
        leg_id="c/b/0",
        bet_id="b",
        customer_id="c",
        fixture_id="f",
        market_id="m",
        selection_id="home",
        outcome="REDUCE",
        code="STAKE_ABOVE_LIMIT",
        odds=1_500,
        quote_version=3,
        stake_minor=5_000,
        liability_before_minor=-7,
        liability_after_minor=2_493,
        checks=(verdict, msgspec.structs.replace(verdict, figures={})),
    )
    assert decode(LegVerdict, encode(event)) == event


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (tick(line_milli=2**31), "2147483648 has more than 32 bits"),
        (tick(received_at=2**63), "has more than 64 bits"),
        (tick(status="PAUSED"), "status"),
        (tick(status="UNKNOWN"), "status"),
        (tick(bookmaker=7), "Expected `str`, got `int` - at `$.bookmaker`"),
        (tick(bookmaker=None), "Expected `str`, got `null` - at `$.bookmaker`"),
        (tick(bookmaker="\ud800"), "surrogates"),
        (tick(in_play="yes"), "Expected `bool`"),
        (tick(bet_delay_s="5"), "Expected `int`, got `str` - at `$.bet_delay_s`"),
        (tick(source="topic/1/2"), "Expected `object"),
        (tick(selections=(1,)), "at `$.selections[0]`"),
        (statistic(value="0.1"), "Expected `float`"),
        (participant(kind=None), "Expected `str`, got `null` - at `$.kind`"),
    ],
)
def test_an_event_that_does_not_fit_its_schema_is_not_written(event: Event, reason: str) -> None:
    with pytest.raises(ContractViolation) as refused:
        encode(event)
    assert str(refused.value).startswith(f"no {type(event).__name__} can be written: ")
    assert reason in str(refused.value)


def test_an_event_without_a_contract_is_not_written() -> None:
    class Rumour(Event, frozen=True, kw_only=True):
        """An event that no schema describes."""

    with pytest.raises(ContractViolation, match="no Rumour can be written"):
        encode(Rumour(**HEAD, provider="p"))


@pytest.mark.parametrize("value", [b"", b"\0", b"\0\0\0\0", b"\1\0\0\0\x0d", b'{"event_id": 1}'])
def test_bytes_that_are_no_wire_format_are_undecodable(value: bytes) -> None:
    with pytest.raises(UndecodableInput, match="does not begin with byte 0"):
        decode(MarketOdds, value)


def test_every_cut_is_undecodable() -> None:
    value = encode(tick())
    for end in range(5, len(value)):
        with pytest.raises(UndecodableInput):
            decode(MarketOdds, value[:end])


def test_bytes_behind_the_end_are_undecodable() -> None:
    value = encode(tick())
    with pytest.raises(UndecodableInput, match=f"it ends at byte {len(value)} of {len(value) + 1}"):
        decode(MarketOdds, value + b"\0")


def test_an_unknown_id_breaks_the_contract() -> None:
    with pytest.raises(ContractViolation, match="no released schema has the id 4294967295"):
        decode(MarketOdds, b"\0\xff\xff\xff\xff" + encode(tick())[5:])


def test_another_records_value_breaks_the_contract() -> None:
    with pytest.raises(ContractViolation, match="the value is a MarketOdds, not a Statistic"):
        decode(Statistic, encode(tick()))


def test_a_value_larger_than_any_record_is_undecodable() -> None:
    with pytest.raises(UndecodableInput, match="more than 16777216"):
        decode(RawMessage, b"\0" + bytes(codecs.MOST_BYTES))


def test_a_count_that_lies_is_found_at_the_end_of_the_bytes() -> None:
    value = encode(participant(aliases=()))
    at = value.rindex(b"\0" + b"\x02" + b"7")
    for count in (b"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"):
        with pytest.raises(UndecodableInput):
            decode(Participant, value[:at] + count + value[at + 1 :])


@pytest.mark.parametrize("number", [b"\xff" * 9 + b"\x02", b"\x80" * 10 + b"\0"])
def test_a_number_of_more_than_64_bits_is_undecodable(number: bytes) -> None:
    value = encode(ClockTick(event_id="", occurred_at=0, received_at=0, provider=""))
    assert value[5:8] == b"\0\0\0"
    with pytest.raises(UndecodableInput, match="a number of more than"):
        decode(ClockTick, value[:6] + number + value[7:])


def test_a_text_of_negative_length_is_undecodable() -> None:
    value = encode(ClockTick(event_id="", occurred_at=0, received_at=0, provider=""))
    with pytest.raises(UndecodableInput, match="beyond the end"):
        decode(ClockTick, value[:5] + b"\1" + value[6:])


def test_an_array_in_several_blocks_is_read_as_other_writers_may_write_it() -> None:
    value = encode(participant(aliases=("B", "C")))
    one = b"\x04\x02B\x02C\x00"
    at = value.index(one)
    blocks = b"\x02\x02B" + b"\x01\x04\x02C" + b"\x00"
    assert decode(Participant, value[:at] + blocks + value[at + len(one) :]) == participant(aliases=("B", "C"))


def test_a_symbol_that_only_newer_programs_know_is_refused_not_guessed() -> None:
    value = encode(participant(kind="PLAYER"))
    at = value.index(b"pt-1") + 4
    with pytest.raises(ContractViolation, match="not a Participant that this version understands: ParticipantKind"):
        decode(Participant, value[:at] + b"\0" + value[at + 1 :])
    with pytest.raises(UndecodableInput, match="no such symbol"):
        decode(Participant, value[:at] + b"\x10" + value[at + 1 :])


def test_an_older_versions_value_gets_the_defaults_of_the_fields_it_lacks() -> None:
    older = with_version("Statistic")
    older["fields"] = [field for field in older["fields"] if field["name"] not in {"late", "market_id"}]
    body = written_by(older, statistic(late=True, market_id="m"))
    event, end = reader_of("Statistic", older).read(body, 0)
    assert event == statistic(late=False, market_id=None)
    assert end == len(body)


def test_a_newer_versions_value_is_resolved_through_the_registry_and_asked_for_once(restored: None) -> None:
    newer = with_version("Participant")
    newer["fields"].insert(0, {"name": "country", "type": ["null", "string"], "default": None})
    asked: list[int] = []

    def lookup(number: int) -> tuple[str, dict[str, Any]] | None:
        asked.append(number)
        return {700: ("Participant", newer), 701: ("Rumour", {})}.get(number)

    use_ids(Ids({900: Release("Participant", 2)}, lookup))
    assert encode(participant())[:5] == b"\0" + (900).to_bytes(4)
    value = b"\0" + (700).to_bytes(4) + written_by(newer, participant(), country="SE")
    for _ in range(2):
        assert decode(Participant, value) == participant()
        for unknown in (701, 702):
            with pytest.raises(ContractViolation, match=f"no released schema has the id {unknown}"):
                decode(Participant, b"\0" + unknown.to_bytes(4))
    assert asked == [700, 701, 702]
    assert writer_schema(700) == newer


def test_a_newer_versions_new_symbol_is_refused_not_guessed(restored: None) -> None:
    newer = with_version("Participant")
    next(field for field in newer["fields"] if field["name"] == "kind")["type"]["symbols"].append("JOCKEY")
    use_ids(Ids({900: Release("Participant", 2)}, lambda _: ("Participant", newer)))
    body = written_by(newer, participant(), kind="JOCKEY")
    with pytest.raises(ContractViolation, match=r"that this version understands: .*UNKNOWN"):
        decode(Participant, b"\0" + (7).to_bytes(4) + body)
    assert decode(Participant, b"\0" + (7).to_bytes(4) + written_by(newer, participant())) == participant()


def test_an_id_that_cannot_be_asked_for_now_is_not_the_inputs_fault(restored: None) -> None:
    def away(_: int) -> None:
        raise Unavailable("the schema registry does not answer")

    use_ids(Ids({900: Release("Participant", 2)}, away))
    with pytest.raises(Unavailable):
        decode(Participant, b"\0" + (7).to_bytes(4))


def test_a_schema_that_was_not_released_stops_every_writer(monkeypatch: pytest.MonkeyPatch) -> None:
    edited = with_version("Participant", fields=schemas.current("Participant")["fields"][:-1])
    current = schemas.current
    monkeypatch.setattr(schemas, "current", lambda name: edited if name == "Participant" else current(name))
    with pytest.raises(Misconfigured, match=r"Participant.avsc is not its latest release"):
        Ids({900: Release("Participant", 2)})


def test_a_topics_value_is_checked_by_its_record() -> None:
    check("odds", encode(tick()))
    check("dead-letters", b"anything")
    with pytest.raises(ContractViolation, match="not a Quote"):
        check("quotes", encode(tick()))
