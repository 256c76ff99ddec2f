"""The elements of a JSON array in a file, one by one: each is the provider's bytes, untouched, in constant memory."""

import re
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Final

from connectors import files
from connectors.contract import DamagedFile, TruncatedFile, WrongFile

MAX_ELEMENT_BYTES: Final = 1024 * 1024
"""The longest element that is read: far beyond any real one."""

_STRING: Final = rb'"(?:[^"\\]|\\.)*+"'
_WITHIN: Final = re.compile(rb'[^"\[\]{}]*+(?:' + _STRING + rb'[^"\[\]{}]*+)*+[\[\]{}]', re.DOTALL)
_BETWEEN: Final = re.compile(rb'[^"\[\]{},]*+(?:' + _STRING + rb'[^"\[\]{},]*+)*+[\[\]{},]', re.DOTALL)
"""Up to the next bracket within an element, and up to the next bracket or comma between them, past whole strings."""
_SPACE: Final = b" \t\r\n"
_UTF8_MARK: Final = b"\xef\xbb\xbf"


def elements(path: Path) -> Iterator[bytes]:
    """Yield the elements of the array that a file holds, without the space around them.

    What is between the commas is moved as it is: whether it is JSON is its parser's business.

    Raises:
        WrongFile: the file cannot be read, holds no array, or an element is longer than any message.
        TruncatedFile: the array ends too early; raised after all that is whole.
        DamagedFile: its compressed data is damaged, or something follows the array.
    """
    splitter = _Splitter(path.name)
    for chunk in files.chunks(path):
        yield from splitter.feed(chunk)
    splitter.end()


class _Splitter:
    """Finds the commas and brackets of the outermost array, whatever the strings hold."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._left = b""
        self._scanned = 0
        self._depth = 0
        self._is_over = False
        self._count = 0

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Take a piece of the file and yield the elements that are whole now."""
        data = self._left + chunk
        if self._depth == 0 and not self._is_over:
            data = self._opened(data)
        if self._depth:
            data = yield from self._split(data)
        if self._is_over and data.strip(_SPACE):
            raise DamagedFile(f"{self._name} has other bytes after its array")
        if len(data) > MAX_ELEMENT_BYTES:
            raise WrongFile(f"{self._name} has an element of more than {MAX_ELEMENT_BYTES} bytes: no recording has")
        self._left = data

    def end(self) -> None:
        """Judge where the file ended.

        Raises:
            WrongFile, TruncatedFile: see `elements`.
        """
        if not self._is_over:
            kind = TruncatedFile if self._depth else WrongFile
            raise kind(f"{self._name} ends in the middle of its array")

    def _opened(self, data: bytes) -> bytes:
        data = data.removeprefix(_UTF8_MARK).lstrip(_SPACE)
        if data and not data.startswith(b"["):
            raise WrongFile(f"{self._name} holds no JSON array")
        self._depth = 1 if data else 0
        return data[1:]

    def _split(self, data: bytes) -> Generator[bytes, None, bytes]:
        """Yield the whole elements of `data`, and return what is left of it."""
        start, at = 0, self._scanned
        while found := (_WITHIN if self._depth > 1 else _BETWEEN).match(data, at):
            at = found.end()
            sign = data[at - 1 : at]
            if sign == b",":
                self._count += 1
                yield data[start : at - 1].strip(_SPACE)
                start = at
            elif sign in b"[{":
                self._depth += 1
            else:
                self._depth -= 1
            if self._depth == 0:
                self._is_over = True
                yield from self._last(data[start : at - 1].strip(_SPACE))
                start = at
                break
        self._scanned = at - start
        return data[start:]

    def _last(self, element: bytes) -> Iterator[bytes]:
        """Yield what stands before the closing bracket; in an empty array that is nothing."""
        if element or self._count:
            yield element
