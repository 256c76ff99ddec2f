"""Traces: what a record leads to belongs to its trace, and the same again is the same bytes."""

import re

import pytest

from domain.events.head import Source
from domain.events.trace import TRACEPARENT, begun, followed, trace_of

GIVEN = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
PLACE = Source("odds", 3, 17)


def test_a_trace_begins_as_the_w3c_writes_it_and_the_same_name_begins_the_same() -> None:
    ((name, value),) = begun("ann/b1")
    assert name == TRACEPARENT
    assert re.fullmatch(rb"00-[0-9a-f]{32}-[0-9a-f]{16}-01", value)
    assert trace_of(begun("ann/b1")) == value
    assert begun("ann/b1") == begun("ann/b1") != begun("ann/b2")


def test_what_follows_has_the_trace_and_a_span_of_its_cause() -> None:
    ((name, value),) = followed(GIVEN, PLACE)
    assert name == TRACEPARENT
    assert trace_of([(name, value)]) == value
    assert (value[:36], value[52:]) == (GIVEN[:36], GIVEN[52:])
    assert value != GIVEN
    assert followed(GIVEN, PLACE) == followed(GIVEN, PLACE)
    places = [Source("quotes", 3, 17), Source("odds", 4, 17), Source("odds", 3, 18)]
    assert len({followed(GIVEN, place)[0][1] for place in [PLACE, *places]}) == 4
    assert followed(GIVEN[:-1] + b"0", PLACE)[0][1].endswith(b"-00")


@pytest.mark.parametrize(
    "value",
    [
        b"", b"00-1", GIVEN + b"-x", GIVEN.upper(), GIVEN.replace(b"00-", b"ff-", 1), b"00-" + b"0" * 32 + GIVEN[35:],
        GIVEN[:36] + b"0" * 16 + b"-01", None,
    ],
)  # fmt: skip
def test_a_header_that_is_no_traceparent_begins_and_follows_nothing(value: bytes) -> None:
    assert trace_of([(TRACEPARENT, value)]) == b""
    assert followed(b"", PLACE) == ()


def test_a_trace_is_found_among_other_headers() -> None:
    assert trace_of([("a", b"1"), (TRACEPARENT, GIVEN), ("b", b"2")]) == GIVEN
    assert trace_of([("a", b"1")]) == trace_of(()) == b""
