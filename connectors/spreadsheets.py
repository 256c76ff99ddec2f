"""Rows of a spreadsheet (xlsx) as lines of CSV, written as people export them: 2 for 2.0, days as 2017-04-30.

The library that reads them is written for files that one trusts: it allocates the whole rectangle between the first
and the last cell, and copies a shared text for each cell that has it. So an archive is unpacked here within bounds, its
cells are looked over, and the library is given what was found, packed anew.
"""

import csv
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final

from python_calamine import CalamineError, CalamineWorkbook

from connectors.contract import DamagedFile, TruncatedFile, WrongFile

MAGIC: Final = b"PK\x03\x04"
WORKBOOK: Final = "xl/workbook.xml"
MOST_PACKED: Final = 8 * 1024 * 1024
MOST_UNPACKED: Final = 64 * 1024 * 1024
MOST_PARTS: Final = 1_000
MOST_CELLS: Final = 1_000_000
"""Cells of the rectangle around all cells: a year of a tour has 105,000."""
MOST_TEXT: Final = 128 * 1024 * 1024
"""Bytes that the shared texts come to once each cell has its own."""
_PART: Final = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|xl/workbook\.xml|xl/_rels/workbook\.xml\.rels|xl/sharedStrings\.xml"
    r"|xl/styles\.xml|xl/worksheets/[\w.]{1,200}\.xml",
    re.ASCII,
)
_PLACE: Final = re.compile(rb"""\sr\s*=\s*["']\s*([A-Za-z]*)(\d+)""")
_CELL: Final = re.compile(rb"<(?:\w+:)?c[\s/>]")
_TEXT: Final = re.compile(rb"<(?:\w+:)?si[\s/>]")
_FAULTS: Final = (zipfile.BadZipFile, zlib.error, struct.error, ValueError, EOFError, OSError, RuntimeError, KeyError)
Cell = int | float | str | bool | time | date | datetime | timedelta


def is_spreadsheet(path: Path) -> bool:
    """Say whether a file begins as a spreadsheet does: as an archive.

    Raises:
        WrongFile: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError as error:
        raise WrongFile(f"{path.name} cannot be read: {error.strerror or error}") from error


def sheet_lines(path: Path) -> Iterator[bytes]:
    """Yield the rows of the first sheet as CSV, each with its line's end.

    Raises:
        WrongFile: the archive holds no spreadsheet, or is larger than any of a provider.
        TruncatedFile, DamagedFile: see `Connector.recorded`.
    """
    parts = _unpacked(path)
    if WORKBOOK not in parts:
        raise WrongFile(f"{path.name} is a zip archive: unpack it, and name the files in it")
    _check_size(path, parts)
    for row in _rows(path, _packed(parts)):
        line = io.StringIO()
        csv.writer(line, lineterminator="\n").writerow([_text(cell) for cell in row])
        yield line.getvalue().encode(errors="replace")


def _unpacked(path: Path) -> dict[str, bytes]:
    """Read the parts that a table needs, each no longer than the archive says and all within bounds."""
    if path.stat().st_size > MOST_PACKED:
        raise WrongFile(f"{path.name} has more than {MOST_PACKED} bytes: no spreadsheet of a provider has")
    packed = io.BytesIO(path.read_bytes())
    try:
        with zipfile.ZipFile(packed) as archive:
            wanted = {each.filename: each for each in archive.infolist() if _PART.fullmatch(each.filename)}
            if len(wanted) > MOST_PARTS or sum(each.file_size for each in wanted.values()) > MOST_UNPACKED:
                raise WrongFile(f"{path.name} holds more than {MOST_UNPACKED} bytes: no spreadsheet of a provider does")
            return {name: archive.read(each) for name, each in wanted.items()}
    except _FAULTS as error:
        if "not a zip file" in str(error):
            raise TruncatedFile(f"{path.name} is cut: its list of contents is missing") from error
        raise DamagedFile(f"{path.name} is damaged: {error}") from error


def _check_size(path: Path, parts: dict[str, bytes]) -> None:
    """Refuse what would take far more memory than the file has bytes.

    Raises:
        WrongFile: cells far apart, texts that come to too much, or bytes that are not looked through as XML.
    """
    columns = rows = cells = longest = 0
    for name, content in parts.items():
        if b"\0" in content:
            raise WrongFile(f"{path.name} is no spreadsheet of a provider: {name} is not UTF-8")
        for place in _PLACE.finditer(content):
            columns, rows = max(columns, _column(place[1])), max(rows, int(place[2][:9]))
        cells += sum(1 for _ in _CELL.finditer(content))
        longest = max(longest, _longest_text(content))
    if max(cells, max(columns, 1) * rows) > MOST_CELLS:
        raise WrongFile(f"{path.name} has more than {MOST_CELLS} cells: no spreadsheet of a provider has")
    if longest * cells > MOST_TEXT:
        raise WrongFile(f"{path.name} has texts of more than {MOST_TEXT} bytes: no spreadsheet of a provider has")


def _longest_text(content: bytes) -> int:
    """Return the bytes of the longest shared text, its tags counted in."""
    before, longest = None, 0
    for text in _TEXT.finditer(content):
        longest = max(longest, text.start() - before) if before is not None else longest
        before = text.start()
    return max(longest, len(content) - before) if before is not None else longest


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters[:4].upper():
        number = number * 26 + letter - ord("A") + 1
    return number


def _packed(parts: dict[str, bytes]) -> io.BytesIO:
    """Pack parts without compression: what the library unpacks is what was looked at."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    packed.seek(0)
    return packed


def _rows(path: Path, packed: io.BytesIO) -> Iterator[list[Cell]]:
    try:
        workbook = CalamineWorkbook.from_filelike(packed)
        yield from workbook.get_sheet_by_index(0).iter_rows()
    except (CalamineError, IndexError, ValueError, OverflowError) as error:
        raise DamagedFile(f"{path.name} is damaged: {error}") from error
    except BaseException as error:
        # What the library's own language calls a panic is no Exception, and cannot be imported.
        if type(error).__name__ == "PanicException":
            raise DamagedFile(f"{path.name} is damaged: {error}") from None
        raise


def _text(cell: Cell) -> str:
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)
