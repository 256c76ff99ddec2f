"""Read recorded files as a stream: plain, gzip or bzip2 by what they hold, whatever their name, in constant memory."""

import bz2
import contextlib
import zlib
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Final, Protocol

import msgspec

from connectors.contract import DamagedFile, TruncatedFile, WrongFile

CHUNK_BYTES: Final = 64 * 1024
MAX_MESSAGE_BYTES: Final = 64 * 1024 * 1024
"""The longest line or document that is read: far beyond any real one, far below the memory of any machine."""

GZIP_MAGIC: Final = b"\x1f\x8b"
BZIP2_MAGIC: Final = b"BZh"
ARCHIVES: Final = (
    (0, b"PK\x03\x04", "zip"),
    (257, b"ustar", "tar"),
    (0, b"\xfd7zXZ", "xz"),
    (0, b"(\xb5/\xfd", "zstd"),
)


class _Decompressor(Protocol):
    """One member of a compressed file."""

    eof: bool
    unused_data: bytes

    def feed(self, data: bytes) -> bytes: ...

    @property
    def hungry(self) -> bool: ...


class _Bzip2:
    def __init__(self) -> None:
        self._inner = bz2.BZ2Decompressor()

    eof = property(lambda self: self._inner.eof)
    unused_data = property(lambda self: self._inner.unused_data)
    hungry = property(lambda self: self._inner.needs_input)

    def feed(self, data: bytes) -> bytes:
        return self._inner.decompress(data, CHUNK_BYTES)


class _Gzip:
    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)

    eof = property(lambda self: self._inner.eof)
    unused_data = property(lambda self: self._inner.unused_data)
    hungry = property(lambda self: not self._inner.unconsumed_tail)

    def feed(self, data: bytes) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, CHUNK_BYTES)


def lines(path: Path, *, is_whole: Callable[[bytes], bool], keep_ends: bool = False) -> Iterator[bytes]:
    """Yield the lines of a file, without their ends unless kept; blank lines are no messages and are left out.

    `is_whole` judges a last line that has no end: a recording that was cut, or one written without the final newline.

    Raises:
        WrongFile: the file cannot be read, or a line is longer than any message.
        TruncatedFile, DamagedFile: see `Connector.recorded`.
    """
    begun: list[bytes] = []  # joined once: a line may come in a thousand pieces
    size = 0
    for chunk in chunks(path):
        first, *more = chunk.split(b"\n")
        begun.append(first)
        size += len(first)
        if more:
            *whole, left = b"".join(begun), *more
            for line in whole:
                if stripped := line.rstrip(b"\r"):
                    yield line + b"\n" if keep_ends else stripped
            begun, size = [left], len(left)
        if size > MAX_MESSAGE_BYTES:
            raise WrongFile(f"{path.name} has a line of more than {MAX_MESSAGE_BYTES} bytes: no recording has")
    if left := b"".join(begun).rstrip(b"\r"):
        if not is_whole(left):
            raise TruncatedFile(f"{path.name} ends in the middle of a message")
        yield left


def document(path: Path) -> bytes:
    """Return a file's whole content, decompressed.

    Raises:
        WrongFile: the file cannot be read, or is longer than any answer.
        TruncatedFile, DamagedFile: see `Connector.recorded`.
    """
    parts, size = [], 0
    for chunk in chunks(path):
        parts.append(chunk)
        size += len(chunk)
        if size > MAX_MESSAGE_BYTES:
            raise WrongFile(f"{path.name} holds more than {MAX_MESSAGE_BYTES} bytes: no answer does")
    return b"".join(parts)


def is_json(line: bytes) -> bool:
    """Say whether a line is a whole JSON value."""
    try:
        msgspec.json.decode(line, type=msgspec.Raw)
    except (ValueError, RecursionError):
        return False
    return True


def beginning(path: Path) -> bytes:
    """Return a file's first decompressed bytes, to see what it is.

    Raises:
        WrongFile, TruncatedFile, DamagedFile: see `chunks`.
    """
    with contextlib.closing(chunks(path)) as pieces:
        return next(pieces, b"")


def written_at(path: Path) -> int:
    """Return when a file was last written, microseconds UTC."""
    return path.stat().st_mtime_ns // 1000


def chunks(path: Path) -> Generator[bytes]:
    """Yield a file's decompressed bytes in pieces of bounded size.

    Raises:
        WrongFile: the file cannot be read, is empty, or is an archive of another kind.
        TruncatedFile: the compressed data ends too early.
        DamagedFile: the compressed data is not valid.
    """
    try:
        with path.open("rb") as file:
            first = file.read(CHUNK_BYTES)
            if not first:
                raise WrongFile(f"{path.name} is empty")
            _refuse_archives(path, first)
            pieces = _pieces(first, lambda: file.read(CHUNK_BYTES))
            if first.startswith(GZIP_MAGIC):
                yield from _decompressed(path, pieces, _Gzip, GZIP_MAGIC)
            elif first.startswith(BZIP2_MAGIC):
                yield from _decompressed(path, pieces, _Bzip2, BZIP2_MAGIC)
            else:
                yield from pieces
    except OSError as error:
        raise WrongFile(f"{path.name} cannot be read: {error.strerror or error}") from error


def _pieces(first: bytes, read: Callable[[], bytes]) -> Iterator[bytes]:
    piece = first
    while piece:
        yield piece
        piece = read()


def _decompressed(
    path: Path, pieces: Iterator[bytes], make: Callable[[], _Decompressor], magic: bytes
) -> Iterator[bytes]:
    """Decompress members one after the other, as both formats allow; zeros after the last one are padding."""
    member = make()
    data = next(pieces)
    try:
        while True:
            if out := member.feed(data):
                yield out
            data = b""
            if member.eof:
                data = _next_member(member.unused_data, pieces)
                if not data:
                    return
                if not data.startswith(magic):
                    raise DamagedFile(f"{path.name} has other bytes after its compressed data")
                member = make()
            elif member.hungry:
                data = next(pieces, b"")
                if not data:
                    raise TruncatedFile(f"{path.name} is cut: its compressed data ends too early")
    except (OSError, zlib.error) as error:
        raise DamagedFile(f"{path.name} is damaged: {error}") from error


def _next_member(rest: bytes, pieces: Iterator[bytes]) -> bytes:
    rest = rest.lstrip(b"\0")
    while len(rest) < len(BZIP2_MAGIC):
        more = next(pieces, b"")
        if not more:
            return rest
        rest = (rest + more).lstrip(b"\0")
    return rest


def _refuse_archives(path: Path, first: bytes) -> None:
    for at, magic, name in ARCHIVES:
        if first[at : at + len(magic)] == magic:
            raise WrongFile(f"{path.name} is a {name} archive: unpack it, and name the files in it")
