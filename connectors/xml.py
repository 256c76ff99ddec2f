"""Read XML that a stranger wrote: no entity expansion, bounded in size, depth, elements and attributes.

A document becomes plain dicts and lists, so that a msgspec Struct can be made of it: an attribute stands under its
name, the child elements of one tag stand as a list under the tag in angle brackets (`<market>`). Namespaces are left
out, and so is an empty attribute: it says no more than a missing one.
"""

from collections import Counter
from typing import Any, Final
from xml.etree import ElementTree as ET

from connectors.unknown import count_undeclared
from domain.errors import ContractViolation, UndecodableInput

MAX_BYTES: Final = 64 * 1024 * 1024
MAX_ELEMENTS: Final = 500_000
MAX_ATTRIBUTES: Final = 64
"""Of one element."""
MAX_DEPTH: Final = 32

_CUT: Final = frozenset([3, 5, 6, 20])
"""The parser's codes for input that ends too early: no element, and unclosed tokens, characters and sections."""

Document = dict[str, Any]
"""An element: its attributes as text, its children as lists of the same."""


class TruncatedXml(UndecodableInput):
    """The document ends too early."""

    code = "truncated_xml"


def parse_xml(payload: bytes) -> tuple[str, Document]:
    """Return a document's root tag and its content. UTF-8 only, with or without a byte-order mark.

    Raises:
        TruncatedXml: the document ends too early.
        UndecodableInput: the bytes are not well-formed XML, or define a document type.
        ContractViolation: the document is larger, deeper or wider than any message.
    """
    _check_size(payload)
    # UTF-16 has NULs in its markup and would outrank the encoding that the parser is told; any other it does not
    # read. So nothing can hide a document type from this search.
    if b"\0" in payload:
        raise UndecodableInput("not XML in UTF-8: it has NUL bytes")
    if b"<!DOCTYPE" in payload:
        raise UndecodableInput("XML with a document type: no provider sends one")
    parser = ET.XMLParser(encoding="utf-8")  # noqa: S314 - without a document type there are no entities
    try:
        parser.feed(payload)
        root = parser.close()
    except ET.ParseError as error:
        kind = TruncatedXml if error.code in _CUT else UndecodableInput
        raise kind(f"not XML: {error}") from error
    except ValueError as error:
        raise UndecodableInput(f"not XML: {error}") from error
    return _local(root.tag), _content(root)


def count_unknown_xml(kind: Any, payload: bytes) -> Counter[str]:  # noqa: ANN401 - a union of types has no type of its own
    """Count the attributes and elements of a document that a Struct does not declare, by their dotted path.

    Raises:
        UndecodableInput, ContractViolation: see `parse_xml`.
    """
    return count_undeclared(kind, parse_xml(payload)[1])


def _check_size(payload: bytes) -> None:
    """Bound what the document can become before anything of it is made."""
    if len(payload) > MAX_BYTES:
        raise ContractViolation(f"XML of more than {MAX_BYTES} bytes")
    if payload.count(b"<") > 2 * MAX_ELEMENTS:
        raise ContractViolation(f"XML of more than {MAX_ELEMENTS} elements")


def _content(root: ET.Element) -> Document:
    """Turn the tree into dicts, level by level: a deep document must not exhaust the stack."""
    document: Document = {}
    level = [(root, document)]
    depth = 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise ContractViolation(f"XML deeper than {MAX_DEPTH} elements")
        below = []
        for element, content in level:
            _fill(element, content)
            for child in element:
                inner: Document = {}
                content.setdefault(f"<{_local(child.tag)}>", []).append(inner)
                below.append((child, inner))
        level = below
    return document


def _fill(element: ET.Element, content: Document) -> None:
    if len(element.attrib) > MAX_ATTRIBUTES:
        raise ContractViolation(f"an XML element with more than {MAX_ATTRIBUTES} attributes")
    for name, value in element.attrib.items():
        if value and not name.startswith("{"):
            content[name] = value
    if element.text and (text := element.text.strip()):
        content["#text"] = text


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
