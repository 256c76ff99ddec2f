"""Mutated match events: parsers raise typed errors only, and ingest dead-letters what it cannot take and goes on."""

import contextlib
import json
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from agents.ingest import ingest_context
from bookstream import topics
from bookstream.codecs import encode
from bookstream.delivery.memory import MemoryLog
from connectors.goaltimes import messages as goaltimes
from connectors.opta import parser as opta
from connectors.raw import RawStream
from connectors.statsbomb import messages as statsbomb
from connectors.tables import CONTENT_TYPE
from domain.errors import RejectedInput
from tests.unit.connectors.goaltimes_samples import goals
from tests.unit.connectors.pitch_samples import (
    FILE,
    opta_event,
    opta_game,
    opta_result,
    shot,
    statsbomb_event,
    statsbomb_lineup,
    statsbomb_start,
)

CARD = {"card": {"id": 7}}
MATCHES: dict[str, tuple[str, list[bytes]]] = {
    "statsbomb": (
        "application/json",
        [
            *statsbomb_start(),
            statsbomb_event(60, "Shot", shot=shot(97)),
            statsbomb_event(61, "Bad Behaviour", bad_behaviour=CARD),
            statsbomb_event(62, "Pass", **{"pass": {"type": {"id": 61}}}),
            statsbomb_event(63, "Half End"),
            statsbomb_lineup(),
        ],
    ),
    "opta": (
        "application/xml",
        [
            opta_game(opta_event(0, 32), opta_event(60, 16)),
            opta_game(opta_event(60, 43, version=2)),
            opta_game(opta_event(61, 17, 31), opta_event(62, 30)),
            opta_game(opta_event(63, 30, period_id=14)),
            opta_result(),
        ],
    ),
    "goaltimes": (
        CONTENT_TYPE,
        [
            goals(),
            goals(game="Rovers vs. Wanderers 5:0 Wert.", date="2019-08-11"),
            goals(game="Rovers vs. Wanderers 2:1 \n (Hinspiel 1:1)", date="2019-08-12"),
        ],
    ),
}
PARSERS: dict[str, tuple[Callable[[bytes], object], ...]] = {
    "statsbomb": (statsbomb.parse, statsbomb.unknown_fields),
    "opta": (opta.parse, opta.unknown_fields, lambda payload: opta.time_of(opta.parse(payload))),
    "goaltimes": (goaltimes.parse,),
}
WORDS = [b"0", b"-1", b"1e999", b"9" * 400, b"\xff", b"\0", b'"', b"<", b">", b"&#0;", b"NaN", b"null", b"[[", b"2030"]
VALUES: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, -1, 0, 10**30, 1e308, "", "x", "\ud800", [], {}, [[]], {"id": 97}, "00:00:00.000", "99:99:99.999"]
)


@st.composite
def mutated(draw: st.DrawFn, payload: bytes) -> bytes:
    """Change bytes, words or, where it is JSON, values."""
    if payload.startswith(b"{") and draw(st.booleans()):
        document: dict[str, Any] = json.loads(payload)
        key = draw(st.sampled_from(sorted(document)))
        document[key] = draw(VALUES)
        return json.dumps(document).encode()
    changed = bytearray(payload)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(changed)))
        until = at + draw(st.integers(0, 12))
        changed[at:until] = draw(st.one_of(st.sampled_from(WORDS), st.binary(max_size=4)))
    return bytes(changed)


@st.composite
def match(draw: st.DrawFn) -> tuple[str, list[bytes]]:
    """Choose a provider's match and spoil some of its messages."""
    provider = draw(st.sampled_from(sorted(MATCHES)))
    payloads = MATCHES[provider][1]
    return provider, [draw(mutated(each)) if draw(st.integers(0, 2)) else each for each in payloads]


@settings(max_examples=600, deadline=None)
@given(match())
def test_a_mutated_message_raises_typed_errors(found: tuple[str, list[bytes]]) -> None:
    provider, payloads = found
    for payload in payloads:
        for parse in PARSERS[provider]:
            with contextlib.suppress(RejectedInput):
                parse(payload)


@settings(max_examples=200, deadline=None)
@given(match(), st.randoms(use_true_random=False))
def test_a_mutated_match_is_taken_or_dead_lettered_message_by_message(
    found: tuple[str, list[bytes]], order: Any
) -> None:
    provider, payloads = found
    log = MemoryLog([ingest_context()])
    stream = RawStream(
        provider=provider, endpoint=f"file:{FILE}", stream_id="s", content_type=MATCHES[provider][0], recorded=True
    )
    messages = [stream.message(each, received_at=1_709_942_400_000_000 + n) for n, each in enumerate(payloads)]
    if order.random() < 0.3:
        order.shuffle(messages)
    for message in messages:
        log.send(topics.raw_topic(provider), b"s", encode(message))
    log.run()
    letters = log.records(topics.DEAD_LETTERS.name)
    sent = {encode(message) for message in messages}
    assert all(letter.value in sent for letter in letters)
    assert len(letters) <= len(messages)
