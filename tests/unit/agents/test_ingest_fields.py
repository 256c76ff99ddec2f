"""Undeclared fields are counted in each provider's own messages."""

import msgspec
import pytest

from agents.ingest_fields import FIELDS
from bookstream import topics
from bookstream.faults import uof_messages
from tests.unit.connectors import bookmaker_samples, pitch_samples, samples, table_samples

BOOKMAKERS = ("altenar", "betcenter", "bwin", "kambi", "pinnacle", "sbtech")


def in_json(payload: bytes) -> bytes:
    """Add a field to a document, or to the first of a list."""
    document = msgspec.json.decode(payload)
    (document[0] if isinstance(document, list) else document)["weather"] = "rain"
    return msgspec.json.encode(document)


def in_xml(payload: bytes) -> bytes:
    """Add an attribute to the root element."""
    start = payload.index(b"?>") + 2 if payload.startswith(b"<?") else 0
    end = payload.index(b">", start)
    return payload[:end] + b' weather="rain"' + payload[end:]


def in_table(payload: bytes) -> bytes:
    """Add a column."""
    header, row = payload.rstrip(b"\r\n").splitlines()
    return header + b",weather\n" + row + b",rain\n"


CHANGED = {
    "betfair": (samples.exchange_payloads()[0], in_json),
    "footballdata": (table_samples.football_row(), in_table),
    "opta": (pitch_samples.opta_game(), in_xml),
    "statsbomb": (pitch_samples.statsbomb_event(1, "Pass"), in_json),
    "tennisdata": (table_samples.tennis_row(), in_table),
    "theoddsapi": (samples.answers()[0], in_json),
    "uof": (uof_messages.odds_change(), in_xml),
    **{each: (bookmaker_samples.payloads(each)[0], in_json) for each in BOOKMAKERS},
}


@pytest.mark.parametrize("provider", CHANGED)
def test_a_field_that_is_added_is_counted_and_all_else_as_before(provider: str) -> None:
    payload, add = CHANGED[provider]
    assert FIELDS[provider](add(payload)) - FIELDS[provider](payload) == {"weather": 1}


def test_what_a_bookmaker_lists_is_looked_into() -> None:
    listed = bookmaker_samples.pinnacle_list()
    before = FIELDS["pinnacle"](bookmaker_samples.packed(listed))
    listed["data"][0]["weather"] = "rain"
    assert FIELDS["pinnacle"](bookmaker_samples.packed(listed)) - before == {"weather": 1}


def test_fields_are_counted_of_providers_that_have_a_topic() -> None:
    assert FIELDS.keys() <= set(topics.PROVIDERS)
