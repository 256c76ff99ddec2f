"""The parser of this provider's documents: what a document is, its root element says."""

from collections import Counter
from typing import Final, cast

import msgspec

from connectors.times import micros_of
from connectors.uof.messages import FEED_KINDS, FeedDocument, FeedMessage
from connectors.uof.rest import REST_KINDS, RestDocument
from connectors.xml import count_unknown_xml, parse_xml
from domain.errors import ContractViolation
from domain.events.feeds import RawMessage

CONTENT_TYPE: Final = "application/xml"
YEAR_2000_MS: Final = 946_684_800_000

Document = FeedDocument | RestDocument

_KINDS: Final[dict[str, type[msgspec.Struct]]] = {**FEED_KINDS, **REST_KINDS}


def parse_message(message: RawMessage) -> Document:
    """Parse a message of the feed or an answer of its REST interface.

    Raises:
        UndecodableInput: the bytes are not XML.
        ContractViolation: they are, but no document of this feed; or the content type is another.
    """
    if message.content_type != CONTENT_TYPE:
        raise ContractViolation(f"the Unified Odds Feed has no content type {message.content_type[:60]!r}")
    return parse(message.payload)


def parse(payload: bytes) -> Document:
    """Parse a document by its root element.

    Raises:
        UndecodableInput: the bytes are not XML.
        ContractViolation: the XML is no document of this feed.
    """
    tag, content = parse_xml(payload)
    kind = _kind_of(tag)
    try:
        return cast("Document", msgspec.convert(content, kind, strict=False))
    except msgspec.ValidationError as error:
        raise ContractViolation(f"not a {tag} of the Unified Odds Feed: {error}") from error


def time_of(document: Document) -> int | None:
    """Return when a document was true, microseconds UTC; None where it says no time, or one of before the feed.

    Raises:
        ContractViolation: a time is not ISO 8601.
    """
    if isinstance(document, FeedMessage):
        return document.timestamp * 1000 if document.timestamp >= YEAR_2000_MS else None
    generated_at = getattr(document, "generated_at", None)
    return micros_of(generated_at) if generated_at else None


def unknown_fields(payload: bytes) -> Counter[str]:
    """Count the attributes and elements, by their path, that these modules do not declare.

    Raises:
        UndecodableInput, ContractViolation: see `parse`.
    """
    return count_unknown_xml(_kind_of(parse_xml(payload)[0]), payload)


def is_document(payload: bytes) -> bool:
    """Say whether bytes are whole XML with a root element of this feed, whatever is in it.

    Raises:
        UndecodableInput, ContractViolation: see `parse_xml`.
    """
    return parse_xml(payload)[0] in _KINDS


def _kind_of(tag: str) -> type[msgspec.Struct]:
    kind = _KINDS.get(tag)
    if kind is None:
        raise ContractViolation(f"the Unified Odds Feed has no document {tag[:60]!r}")
    return kind
