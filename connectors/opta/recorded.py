"""Opta's files: a match's events (F24), its result (F7), or documents of either kind, one a line.

A file of F24 is moved event by event, each within the file's own head and foot: so every message is a whole document of
the provider's bytes, as an update of one event is, and a match is replayed at the times that its events state. What
stands between two events goes with the first of them.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final
from xml.parsers import expat

from connectors import files
from connectors.contract import TruncatedFile, WrongFile
from connectors.documents import Timed
from connectors.opta.parser import is_document, parse, time_of
from connectors.xml import TruncatedXml
from domain.errors import RejectedInput, UndecodableInput

BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
MOST_AROUND: Final = 64 * 1024
"""The longest head and foot of a file: they go with every event."""
EVENT_DEPTH: Final = 3


def payloads(path: Path) -> Iterator[Timed]:
    """Yield a file's messages with the times that they state.

    Raises:
        WrongFile: it is no file of Opta.
        TruncatedFile: it ends in the middle of its document.
        DamagedFile: see `Connector.recorded`.
    """
    begins = files.beginning(path).removeprefix(BYTE_ORDER_MARK).lstrip()
    if not begins.startswith(b"<"):
        raise WrongFile(f"{path.name} is no document of Opta: it does not begin as XML")
    if _is_whole(next(files.lines(path, is_whole=lambda _: True), b"")):
        documents: Iterator[bytes] = files.lines(path, is_whole=_is_whole)
    else:
        documents = iter([_document(path)])
    for document in documents:
        for payload in split_events(path.name, document):
            yield Timed(payload, _said_at(payload))


def split_events(name: str, document: bytes) -> Iterator[bytes]:
    """Yield a document's events, each within its head and foot; one without events, or that is none, as it is.

    Raises:
        WrongFile: what stands around the events is too long.
    """
    starts, end = _places(document) if _is_whole(document) else ([], 0)
    if not starts:
        yield document
        return
    head, foot = document[: starts[0]], document[end:]
    if len(head) + len(foot) > MOST_AROUND:
        raise WrongFile(f"{name} has more than {MOST_AROUND} bytes around its events")
    for start, stop in zip(starts, [*starts[1:], end], strict=True):
        yield head + document[start:stop] + foot


def _places(document: bytes) -> tuple[list[int], int]:
    """Return where the events of a game start, and where the game ends; nothing where there are several games.

    The document has been parsed before: what defines a document type, or is too large, does not come here.

    Raises:
        UndecodableInput: the document is not well-formed.
    """
    parser = expat.ParserCreate()
    starts: list[int] = []
    ends: list[int] = []
    depth = 0

    def start(tag: str, _attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth == EVENT_DEPTH and tag == "Event":
            starts.append(parser.CurrentByteIndex)

    def end(_tag: str) -> None:
        nonlocal depth
        depth -= 1
        if depth == EVENT_DEPTH - 2:
            ends.append(parser.CurrentByteIndex)

    parser.StartElementHandler, parser.EndElementHandler = start, end
    try:
        parser.Parse(document, True)  # noqa: FBT003 - the name that expat has for it is positional
    except expat.ExpatError as error:
        raise UndecodableInput(f"not XML: {error}") from error
    # Events of a second game would be told with the head of the first.
    return (starts, ends[0]) if len(ends) == 1 else ([], 0)


def _document(path: Path) -> bytes:
    payload = files.document(path)
    try:
        known = is_document(payload)
    except TruncatedXml as error:
        raise TruncatedFile(f"{path.name} ends in the middle of its document") from error
    except RejectedInput as error:
        raise WrongFile(f"{path.name} is no document of Opta: {error}") from error
    if not known:
        raise WrongFile(f"{path.name} is no document of Opta: its root element is another's")
    return payload


def _is_whole(line: bytes) -> bool:
    try:
        return is_document(line)
    except RejectedInput:
        return False


def _said_at(payload: bytes) -> int | None:
    try:
        return time_of(parse(payload))
    except RejectedInput:
        return None
