"""The parser of Opta's documents: what a document is, its root element says."""

from collections import Counter
from typing import Final

import msgspec

from connectors.opta.messages import Games
from connectors.opta.results import SoccerFeed
from connectors.xml import count_unknown_xml, parse_xml
from domain.errors import ContractViolation
from domain.events.feeds import RawMessage

CONTENT_TYPE: Final = "application/xml"

Document = Games | SoccerFeed

_KINDS: Final[dict[str, type[Games] | type[SoccerFeed]]] = {"Games": Games, "SoccerFeed": SoccerFeed}


def parse_message(message: RawMessage) -> Document:
    """Parse a message of this provider.

    Raises:
        UndecodableInput, ContractViolation: see `parse`; or the content type is another.
    """
    if message.content_type != CONTENT_TYPE:
        raise ContractViolation(f"Opta has no content type {message.content_type[:60]!r}")
    return parse(message.payload)


def parse(payload: bytes) -> Document:
    """Parse a document by its root element.

    Raises:
        UndecodableInput: the bytes are not XML.
        ContractViolation: the XML is no document of F24 or F7.
    """
    tag, content = parse_xml(payload)
    kind = _kind_of(tag)
    try:
        found: Document = msgspec.convert(content, kind, strict=False)
    except msgspec.ValidationError as error:
        raise ContractViolation(f"not a {tag} document of Opta: {error}") from error
    return found


def time_of(document: Document) -> int | None:
    """Return when a document was true, microseconds UTC: the newest of its events; None where it has none.

    Raises:
        ContractViolation: a time is none.
    """
    if isinstance(document, SoccerFeed):
        return document.true_at
    return max((event.occurred_at for event in document.game.events), default=None)


def unknown_fields(payload: bytes) -> Counter[str]:
    """Count the attributes and elements, by their path, that these modules do not declare.

    Raises:
        UndecodableInput, ContractViolation: see `parse`.
    """
    return count_unknown_xml(_kind_of(parse_xml(payload)[0]), payload)


def is_document(payload: bytes) -> bool:
    """Say whether bytes are whole XML with a root element of F24 or F7, whatever is in it.

    Raises:
        UndecodableInput, ContractViolation: see `parse_xml`.
    """
    return parse_xml(payload)[0] in _KINDS


def _kind_of(tag: str) -> type[Games] | type[SoccerFeed]:
    kind = _KINDS.get(tag)
    if kind is None:
        raise ContractViolation(f"Opta has no document {tag[:60]!r}")
    return kind
