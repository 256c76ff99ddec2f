"""What of a live message of the Unified Odds Feed steers the connection."""

import time

import pytest

from bookstream.faults.uof_messages import SENT_MS, URN, odds_change
from connectors.uof.live_head import Head, head_of

NOW = SENT_MS * 1000


def test_the_root_element_alone_is_read() -> None:
    assert head_of(odds_change(3, request_id=7), NOW) == Head("odds_change", 1, SENT_MS + 300, 7, URN)


def test_declarations_namespaces_comments_and_either_quote_are_passed_over() -> None:
    before = "\ufeff<?xml version='1.0'?><!-- product='9' -->"
    payload = f"{before}<alive  product = '1'\n timestamp=\"{SENT_MS}\" subscribed='0' />"
    assert head_of(payload.encode(), NOW) == Head("alive", 1, SENT_MS, subscribed=0)


@pytest.mark.parametrize(
    "payload",
    [b"", b"\x00\xff", b"<odds_change", b"<alive product='1'/>", b"<alive product='x' timestamp='1700000000000'/>",
     b"<alive product='1' timestamp='12'/>", b"<alive product='1' timestamp='" + b"9" * 4000 + b"'/>",
     b"<alive product='1' timestamp='1700086400001'/>", b" " * 5000 + odds_change()],
)  # fmt: skip
def test_what_has_no_head_is_none(payload: bytes) -> None:
    assert head_of(payload, NOW) is None


@pytest.mark.parametrize(
    "payload", [b"<a" + b" b='" * 2000, b"<a" * 3000, b"<a" + b" b='c'" * 3000, b"<a" + b" " * 4000]
)
def test_no_head_takes_long_to_read(payload: bytes) -> None:
    began = time.perf_counter()
    assert head_of(payload, NOW) is None
    assert time.perf_counter() - began < 0.5
