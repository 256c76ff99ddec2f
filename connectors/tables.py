"""CSV tables whose columns change from file to file: each row is a message together with its file's header.

So a message can be read by itself, whatever came before it; header and row are the provider's bytes, untouched. Where
the provider publishes a spreadsheet, they are its rows as CSV.
"""

import csv
import io
from collections.abc import AsyncGenerator, Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar, Final, NamedTuple

from connectors import files, spreadsheets
from connectors.contract import Item, Position, WrongFile
from connectors.documents import Timed, replayed
from domain.errors import ContractViolation, Misconfigured, RejectedInput, UndecodableInput
from domain.events.feeds import RawMessage

CONTENT_TYPE: Final = "text/csv; header=present"
BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
MOST_COLUMNS: Final = 1_000
MOST_CELLS: Final = 1_000_000
"""Counted before anything is read: eight megabytes of commas, or of empty lines, would take a second."""
MOST_GROUPED: Final = 5_000
"""Rows that a message has at most: what goes on beyond them is the next one."""
MOST_LINES: Final = 16
"""A row of more lines is none: a quotation mark was left open."""
MOST_ODDS: Final = 10_000_000


class Table(NamedTuple):
    """A provider's table: its `name` as people write it, the columns that tell it, and when a row was true.

    `group` is the column whose rows belong into one message where they follow each other; None for a row a message.

    Raises:
        UndecodableInput, ContractViolation: by `time_of`, the bytes are no rows of this table.
    """

    name: str
    columns: frozenset[str]
    time_of: Callable[[bytes], int | None]
    group: str | None = None


class TableConnector:
    """Replays a provider's tables, a match a message. See `contract.Connector`."""

    provider: ClassVar[str]
    table: ClassVar[Table]
    others: ClassVar[tuple[Table, ...]] = ()
    """Further tables that the provider publishes, each in files of its own."""

    def __init__(self, options: Any = None) -> None:  # noqa: ANN401 - every connector is made with its options
        if options is not None:
            raise Misconfigured(f"{self.table.name} takes no options: it is files")

    def recorded(self, path: Path, *, start: int = 0, received_at: int | None = None) -> Iterator[RawMessage]:
        """Yield the matches of a file, each received when it was over; see the contract."""
        rows = table_rows(path, self.table, *self.others)
        return replayed(
            rows, path, provider=self.provider, content_type=CONTENT_TYPE, start=start, received_at=received_at
        )

    async def live(self, *, position: Position | None = None) -> AsyncGenerator[Item]:  # noqa: ARG002 - the contract's
        """Refuse: what is published is files.

        Raises:
            Misconfigured: always.
        """
        raise Misconfigured(f"{self.table.name} publishes files: replay them")
        yield  # type: ignore[unreachable]  # a generator, as the contract has it


def table_payload(message: RawMessage, name: str) -> bytes:
    """Return the rows of a message.

    Raises:
        ContractViolation: the content type is another.
    """
    if message.content_type != CONTENT_TYPE:
        raise ContractViolation(f"{name} has no content type {message.content_type[:60]!r}")
    return message.payload


def table_rows(path: Path, *tables: Table) -> Iterator[Timed]:
    """Yield the rows of one of the tables with its header, of CSV or of a spreadsheet; a row without any value is none.

    Raises:
        WrongFile: the first line is no header of any.
        TruncatedFile, DamagedFile: see `Connector.recorded`.
    """
    is_sheet = spreadsheets.is_spreadsheet(path)
    lines = spreadsheets.sheet_lines(path) if is_sheet else _csv_lines(path)
    header = next(lines, b"")
    table = _table_of(path, header, tables)
    if not is_sheet:
        header = next(lines)
    key = _cells(header)[0].index(table.group) if table.group else None
    group: list[bytes] = []
    for line in lines:
        if not line.strip(b", \r\n"):
            continue
        if group and (key is None or len(group) >= MOST_GROUPED or _key(line, key) != _key(group[0], key)):
            yield _timed(header, group, table)
            group = []
        group.append(line)
        if key is None:
            yield _timed(header, group, table)
            group = []
    if group:
        yield _timed(header, group, table)


def parse_rows(payload: bytes) -> list[dict[str, str]]:
    """Read a header and its rows as text by column; values are stripped, columns without a name must be empty.

    Raises:
        UndecodableInput: the bytes are no text, or not CSV.
        ContractViolation: there is no row, there are too many cells, a row has more or fewer cells than the header,
            or a column comes twice.
    """
    header, *rows = _cells(payload) or [[]]
    if not rows:
        raise ContractViolation("a header without a row")
    named = [name for name in header if name]
    if len(set(named)) != len(named) or len(header) > MOST_COLUMNS:
        raise ContractViolation("a column comes twice, or there are too many")
    for number, row in enumerate(rows, 1):
        if len(row) != len(header):
            raise ContractViolation(f"row {number} has {len(row)} of {len(header)} columns")
        if any(value and not name for name, value in zip(header, row, strict=True)):
            raise ContractViolation(f"row {number} has a value in a column without a name")
    return [{name: value for name, value in zip(header, row, strict=True) if name} for row in rows]


def decoded(payload: bytes) -> str:
    """Read text as UTF-8, or as Windows writes it.

    Raises:
        UndecodableInput: it is neither.
    """
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return payload.decode(encoding)
        except ValueError:
            continue
    raise UndecodableInput("the bytes are neither UTF-8 nor Windows-1252")


def milli_of(text: str, what: str) -> int:
    """Read a decimal number as thousandths.

    Raises:
        ContractViolation: it is no number, or none that odds or lines can be.
    """
    try:
        # Python reads 1_0 as 10, and 10 is not what it says.
        number = round(float(text.replace("_", "no digit")) * 1000)
    except (ValueError, OverflowError) as error:
        raise ContractViolation(f"{what} is no number: {text[:40]!r}") from error
    if abs(number) > 10_000_000:
        raise ContractViolation(f"{what} is out of all bounds: {text[:40]!r}")
    return number


def odds_of(text: str, what: str) -> int:
    """Read decimal odds as thousandths; odds of 1 pay nothing back beyond the stake and are no offer.

    Raises:
        ContractViolation: it is no number, or odds that cannot be taken.
    """
    odds = milli_of(text, what)
    if not 1_000 < odds < MOST_ODDS:
        raise ContractViolation(f"{what}: odds of {text[:20]} cannot be taken")
    return odds


def whole_of(text: str, what: str, most: int = 1_000_000) -> int:
    """Read a count; spreadsheets write 2.0 for 2.

    Raises:
        ContractViolation: it is no whole number from 0 to `most`.
    """
    digits = text.removesuffix(".0")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 9 and int(digits) <= most):
        raise ContractViolation(f"{what} is no count: {text[:40]!r}")
    return int(digits)


def _csv_lines(path: Path) -> Iterator[bytes]:
    """Yield what a file begins with up to the end of its line, then, if more is asked for, all its lines."""
    header = files.beginning(path).split(b"\n", 1)[0]
    yield header
    yield from _records(files.lines(path, is_whole=lambda line: line.count(b",") >= header.count(b","), keep_ends=True))


def _table_of(path: Path, header: bytes, tables: tuple[Table, ...]) -> Table:
    try:
        columns = set(_cells(header)[0])
    except (RejectedInput, IndexError):
        columns = set()
    for table in tables:
        if table.columns <= columns:
            return table
    raise WrongFile(f"{path.name} is no table of {tables[0].name}: it does not begin with its header")


def _cells(payload: bytes) -> list[list[str]]:
    if payload.count(b",") + payload.count(b"\n") > MOST_CELLS:
        raise ContractViolation(f"more than {MOST_CELLS:,} cells")
    try:
        lines = csv.reader(io.StringIO(decoded(payload), newline=""), strict=True)
        rows = [[cell.strip() for cell in row] for row in islice(filter(None, lines), MOST_GROUPED + 2)]
    except csv.Error as error:
        raise UndecodableInput(f"not CSV: {error}") from error
    if len(rows) > MOST_GROUPED + 1:
        raise ContractViolation(f"a message of more than {MOST_GROUPED} rows")
    return rows


def _records(lines: Iterator[bytes]) -> Iterator[bytes]:
    """Join the lines of a row whose cells hold line ends; behind a quotation mark that is never closed all go on."""
    parts: list[bytes] = []
    is_open = False
    for line in lines:
        parts.append(line)
        is_open ^= line.count(b'"') % 2 == 1
        if not is_open:
            yield b"".join(parts)
            parts = []
        elif len(parts) >= MOST_LINES:
            yield from parts
            parts, is_open = [], False
    yield from parts


def _key(line: bytes, index: int) -> bytes:
    if b'"' in line:
        try:
            return _cells(line)[0][index].encode()
        except (RejectedInput, IndexError):
            return line
    return line.split(b",", index + 1)[index] if line.count(b",") > index else line


def _timed(header: bytes, group: list[bytes], table: Table) -> Timed:
    payload = header + b"".join(group)
    try:
        return Timed(payload, table.time_of(payload))
    except RejectedInput:
        return Timed(payload, None)
