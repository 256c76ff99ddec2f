"""Mutated messages: whatever a provider sends, the parsers raise typed errors only, and files lose no whole line."""

import contextlib
import gzip
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

import connectors
from connectors.betfair import ladder, messages
from connectors.betfair.ladder import MarketBook
from connectors.contract import DamagedFile, TruncatedFile, WrongFile
from connectors.theoddsapi import flat
from connectors.theoddsapi import messages as odds_messages
from connectors.theoddsapi.recorded import time_of
from domain.errors import RejectedInput
from tests.unit.connectors.samples import MARKET, answer, definition, exchange_payloads, line

FULL = [
    line(0, {"img": True, "marketDefinition": definition(), "rc": [{"id": 1, "hc": 0.5, "atb": [[2.0, 1.5]]}]}),
    line(1, {"rc": [{"id": 1, "batb": [[0, 2.0, 1]], "spn": "NaN", "spf": 2.5, "ltp": 3, "tv": 7.1}], "tv": 8}),
]
ROW = (
    b"e1,soccer_epl,EPL,2026-04-18T11:30:00Z,Home,Away,2026-04-16T19:00:22Z,main,book,Book,"
    b"2026-04-16T19:00:14Z,totals,Over,1.91,2.5,0.52\n"
)

scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.just([]), st.just({}),
    st.sampled_from(["NaN", "Infinity", 1e308, -1e308, 2**63, -(2**63), "9999-12-31T23:59:59-23:59", "0001-01-01"]),
)  # fmt: skip


def mutate_bytes(draw: st.DrawFn, payload: bytes) -> bytes:
    mutated = bytearray(payload)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(len(mutated) - 1, 0)))
        match draw(st.sampled_from(["flip", "cut", "insert", "drop"])):
            case "flip" if mutated:
                mutated[at] = draw(st.integers(0, 255))
            case "cut":
                del mutated[at:]
            case "insert":
                mutated[at:at] = draw(st.binary(max_size=6))
            case _:
                del mutated[at : at + 3]
    return bytes(mutated)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = [path] if path else []
    for key, inner in items:
        found += places(inner, (*path, key))
    return found


def mutate_values(draw: st.DrawFn, payload: bytes) -> bytes:
    document = json.loads(payload)
    for _ in range(draw(st.integers(1, 3))):
        *parents, last = draw(st.sampled_from(places(document)))
        holder = document
        try:
            for key in parents:
                holder = holder[key]
            holder[last] = draw(scalars)
        except (KeyError, IndexError, TypeError):
            # An earlier mutation took this place away.
            continue
    return json.dumps(document).encode()


@st.composite
def mutated(draw: st.DrawFn, payloads: list[bytes]) -> bytes:
    payload = draw(st.sampled_from(payloads))
    by = draw(st.sampled_from([mutate_bytes, mutate_values]))
    return by(draw, payload)


@settings(max_examples=600, deadline=None)
@given(st.lists(mutated(FULL), min_size=1, max_size=4))
def test_a_mutated_stream_raises_typed_errors_and_leaves_books_that_are_rows(payloads: list[bytes]) -> None:
    book = MarketBook(MARKET)
    for payload in [*FULL, *payloads]:
        try:
            message = messages.decode(payload)
            for change in message.mc if isinstance(message, messages.MarketMessage) else ():
                ladder.apply(book, change)
        except RejectedInput:
            continue
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(book), type=MarketBook) == book
    for key in book.runners:
        ladder.top(book, key)


@settings(max_examples=400, deadline=None)
@given(mutated([answer(1), json.dumps(json.loads(answer(2))[0]).encode()]))
def test_a_mutated_answer_raises_typed_errors(payload: bytes) -> None:
    try:
        time_of(odds_messages.parse(payload))
        odds_messages.unknown_fields(payload)
    except RejectedInput:
        pass


@st.composite
def mutated_rows(draw: st.DrawFn) -> bytes:
    return mutate_bytes(draw, ROW * 2)


@settings(max_examples=400, deadline=None)
@given(mutated_rows())
def test_mutated_rows_raise_typed_errors(payload: bytes) -> None:
    with contextlib.suppress(RejectedInput):
        flat.parse(payload)


@st.composite
def mutated_file(draw: st.DrawFn) -> bytes:
    provider_lines = draw(st.sampled_from([exchange_payloads(8), [answer(n) for n in range(8)]]))
    text = b"\n".join(provider_lines) + b"\n"
    return mutate_bytes(
        draw, draw(st.sampled_from([gzip.compress(text, mtime=0), text, flat.HEADER + b"\n" + ROW * 8]))
    )


@settings(max_examples=300, deadline=None)
@given(mutated_file(), st.sampled_from(connectors.PROVIDERS))
def test_a_mutated_file_raises_typed_errors_and_numbers_what_it_yields(content: bytes, provider: str) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "recording"
        path.write_bytes(content)
        count = 0
        try:
            for count, message in enumerate(connectors.by_name(provider).recorded(path), 1):
                assert message.stream_sequence == count - 1
        except WrongFile:
            assert count == 0 or content[:2] == b"\x1f\x8b"
        except (TruncatedFile, DamagedFile):
            pass


@given(st.integers(0, 2000), st.sampled_from([bytes, gzip.compress]))
def test_of_a_file_cut_anywhere_every_whole_line_before_the_cut_is_kept(cut: int, pack: Any) -> None:
    lines = exchange_payloads(9)
    packed = pack(b"\n".join(lines) + b"\n")[:cut]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "recording"
        path.write_bytes(packed)
        seen = []
        try:
            for message in connectors.by_name("betfair").recorded(path):
                seen.append(message.payload)  # noqa: PERF401 - what came before the error counts
        except (TruncatedFile, WrongFile):
            pass
        assert seen == lines[: len(seen)]
        if pack is bytes:
            assert len(seen) >= packed.count(b"\n")
