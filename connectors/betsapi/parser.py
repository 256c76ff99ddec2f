"""The parser of BetsAPI's answers: an answer does not name its endpoint, so it is told by its shape."""

from collections import Counter
from typing import Any, Final

import msgspec

from connectors.betsapi.messages import (
    BookmakerOdds,
    Event,
    Events,
    Merge,
    Merges,
    OddsHistory,
    OddsRow,
    OddsSummary,
    Timeline,
    Timelines,
    Trend,
    TrendPoint,
    Whole,
)
from connectors.betsapi.raws import Bet365, BookmakerEvents, BwinEvent, Record, SbobetEvent, XbetEvent
from connectors.unknown import count_undeclared
from domain.errors import ContractViolation, UndecodableInput
from domain.events.feeds import RawMessage

CONTENT_TYPE: Final = "application/json"

Answer = Events | OddsHistory | OddsSummary | Trend | Merges | Timelines | Bet365 | BookmakerEvents


class _Stats(msgspec.Struct):
    event_id: str | None = None
    update_at: Whole | None = None


class _Envelope(msgspec.Struct):
    success: Whole
    results: msgspec.Raw = msgspec.Raw(b"null")
    stats: _Stats | None = None
    error: str = ""


_envelope: Final = msgspec.json.Decoder(_Envelope, strict=False)
_members: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_items: Final = msgspec.json.Decoder(list[msgspec.Raw])
_KEYS: Final[tuple[tuple[str, Any], ...]] = (
    ("from_id", Merge), ("updateDetails", Timeline), ("Value", XbetEvent), ("Markets", BwinEvent),
    ("markets", SbobetEvent), ("time_status", Event),
)  # fmt: skip
"""What a result is, by a key that only it has."""


def parse_message(message: RawMessage) -> Answer:
    """Parse a message of this provider.

    Raises:
        UndecodableInput, ContractViolation: see `parse`; or the content type is another.
    """
    if message.content_type != CONTENT_TYPE:
        raise ContractViolation(f"BetsAPI has no content type {message.content_type[:60]!r}")
    return parse(message.payload)


def parse(payload: bytes) -> Answer:
    """Parse an answer of any of the endpoints.

    Raises:
        UndecodableInput: the bytes are not JSON.
        ContractViolation: the JSON is not an answer of these endpoints, or it says that it failed.
    """
    try:
        envelope = _envelope.decode(payload)
        if envelope.success != 1:
            raise ContractViolation(f"the answer says that it failed: {envelope.error[:80]}")
        results = bytes(envelope.results)
        if results.startswith(b"["):
            return _list(_items.decode(results), envelope.stats)
        if results.startswith(b"{"):
            return _object(_members.decode(results))
    except msgspec.ValidationError as error:
        raise ContractViolation(f"not an answer of BetsAPI: {error}") from error
    except (ValueError, RecursionError) as error:
        raise UndecodableInput(f"not JSON: {error}") from error
    raise ContractViolation("the answer has no results")


def unknown_fields(payload: bytes) -> Counter[str]:
    """Count the fields of matches, rows and timelines, by their path, that are not declared.

    Raises:
        UndecodableInput, ContractViolation: see `parse`.
    """
    answer = parse(payload)
    try:
        results = msgspec.json.decode(payload)["results"]
    except (ValueError, RecursionError) as error:  # a part that parsing passes over
        raise UndecodableInput(f"not JSON: {error}") from error
    if isinstance(answer, Events):
        members = [results] if isinstance(results, list) else list(results.values())
        return sum((count_undeclared(list[Event], each) for each in members), Counter[str]())
    if isinstance(answer, OddsHistory):
        return sum((count_undeclared(list[OddsRow], each) for each in results.values()), Counter[str]())
    if isinstance(answer, Merges | Timelines):
        kind = list[Merge] if isinstance(answer, Merges) else list[Timeline]
        return count_undeclared(kind, results)
    return Counter()


def _list(items: list[msgspec.Raw], stats: _Stats | None) -> Answer:
    if not items:
        return Events(())
    if bytes(items[0]).startswith(b"["):
        records = tuple(record for each in items for record in _convert(each, list[Record]))
        stats = stats or _Stats()
        return Bet365(records, stats.event_id, stats.update_at)
    kind = _kind(_members.decode(items[0]))
    found = tuple(_convert(each, kind) for each in items)
    if kind is Merge:
        return Merges(found)
    if kind is Timeline:
        return Timelines(found)
    return Events(found) if kind is Event else BookmakerEvents(found)


def _object(members: dict[str, msgspec.Raw]) -> Answer:
    """Tell the answers that are objects apart by their first member."""
    if not members:
        return OddsHistory({})
    name, first = next(iter(members.items()))
    text = bytes(first)
    if text.startswith(b"["):
        if name.replace("_", "").isdecimal():
            return OddsHistory({key: _convert(each, tuple[OddsRow, ...]) for key, each in members.items()})
        return Events(tuple(event for each in members.values() for event in _convert(each, list[Event])))
    inner = _members.decode(first)
    if "odds" in inner:
        return OddsSummary({key: _convert(each, BookmakerOdds) for key, each in members.items()})
    if inner.keys() <= {"home", "away"}:
        kind = dict[str, tuple[TrendPoint, ...]]
        return Trend({key: _convert(each, kind) for key, each in members.items()})
    raise ContractViolation(f"no answer of BetsAPI has {name[:40]!r}")


def _kind(members: dict[str, msgspec.Raw]) -> Any:  # noqa: ANN401 - one of the declared structs
    for key, kind in _KEYS:
        if key in members:
            return kind
    raise ContractViolation(f"no answer of BetsAPI has results with {', '.join(list(members)[:5])[:80]}")


def _convert(raw: msgspec.Raw, kind: Any) -> Any:  # noqa: ANN401 - as the caller declares it
    return msgspec.json.decode(raw, type=kind, strict=False)
