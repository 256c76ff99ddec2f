"""Spreadsheets as lines of CSV, and what of them is refused before it takes memory."""

import io
import resource
import tempfile
import zipfile
from contextlib import suppress
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import DamagedFile, TruncatedFile, WrongFile
from connectors.spreadsheets import sheet_lines
from connectors.tennisdata.connector import TennisData
from domain.errors import BookstreamError
from tests.unit.connectors.table_samples import YEAR, YEAR_ROW, tennis_row

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
DAY = 1
"""The style of cells that are days."""


def cell(place: str, value: str | float, style: int = 0) -> str:
    if isinstance(value, str):
        return f'<c r="{place}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    return f'<c r="{place}" s="{style}"><v>{value}</v></c>'


def sheet(*rows: str, shared: str = "") -> bytes:
    """Write a spreadsheet of one sheet, whose rows are made of cells."""
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType='
        f'"{TYPE}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="{TYPE}.worksheet+xml"/>'
        "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{LINKS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{LINKS}"><sheets><sheet name="2017" sheetId="1" '
        'r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{LINKS}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="{LINKS}/styles" '
        f'Target="styles.xml"/><Relationship Id="rId3" Type="{LINKS}/sharedStrings" Target="sharedStrings.xml"/>'
        "</Relationships>",
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><cellXfs count="2"><xf numFmtId="0"/>'
        '<xf numFmtId="14"/></cellXfs></styleSheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{shared}</sst>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData>'
        + "".join(f"<row>{row}</row>" for row in rows)
        + "</sheetData></worksheet>",
    }
    return packed(parts)


def packed(parts: dict[str, str]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return content.getvalue()


def name_of(column: int) -> str:
    return (chr(64 + column // 26) if column >= 26 else "") + chr(65 + column % 26)


def lines(content: bytes) -> list[bytes]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "year.xlsx"
        path.write_bytes(content)
        return list(sheet_lines(path))


SMALL = sheet(
    cell("A1", "Day") + cell("B1", "Name") + cell("C1", "Odds"),
    cell("A2", 42_736, DAY) + cell("B2", 'O"Hara, A.') + cell("C2", 1.28),
    cell("A3", 42_737, DAY) + cell("C3", 3.0),
)


def test_cells_are_written_as_people_export_them() -> None:
    assert lines(SMALL) == [b"Day,Name,Odds\n", b'2017-01-01,"O""Hara, A.",1.28\n', b"2017-01-02,,3\n"]


def test_a_year_as_a_spreadsheet_is_the_messages_of_its_csv(tmp_path: Path) -> None:
    columns = YEAR.split(",")
    values = {"Date": 42_737.0}
    cells = [
        cell(f"{name_of(at)}2", values.get(name, YEAR_ROW[name]), DAY)
        for at, name in enumerate(columns)
        if name in YEAR_ROW
    ]
    path = tmp_path / "2017.xlsx"
    path.write_bytes(sheet("".join(cell(f"{name_of(at)}1", name) for at, name in enumerate(columns)), "".join(cells)))
    (message,) = TennisData().recorded(path)
    assert message.payload == tennis_row().replace(b"\r\n", b"\n")


def test_one_cell_far_away_allocates_nothing() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(WrongFile, match="more than 1000000 cells"):
        lines(sheet(cell("A1", "Day"), cell("XFD1048576", 1.0)))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


def test_a_place_written_in_other_words_is_seen_too() -> None:
    far = sheet(cell("A1", "Day"), cell("A2", 1.0).replace('r="A2"', "r = 'xfd900000'"))
    with pytest.raises(WrongFile, match="more than 1000000 cells"):
        lines(far)


def test_one_long_text_in_many_cells_is_refused() -> None:
    cells = "".join(f'<c r="{name_of(at)}1" t="s"><v>0</v></c>' for at in range(300))
    with pytest.raises(WrongFile, match="texts of more than"):
        lines(sheet(cells, shared=f"<si><t>{'x' * 1_000_000}</t></si>"))


def test_what_unpacks_to_more_than_any_table_is_refused() -> None:
    with pytest.raises(WrongFile, match="holds more than"):
        lines(sheet(" " * 70_000_000))


def test_another_archive_is_told_to_be_unpacked() -> None:
    with pytest.raises(WrongFile, match="is a zip archive: unpack it"):
        lines(packed({"2017.csv": "Day"}))


def test_a_cut_file_says_so() -> None:
    with pytest.raises(TruncatedFile, match="is cut"):
        lines(SMALL[: len(SMALL) // 2])


def test_bytes_that_are_not_xml_are_damage_and_text_of_other_width_is_refused() -> None:
    with pytest.raises(DamagedFile):
        lines(packed({"xl/workbook.xml": "<workbook><sheets>"}))
    with pytest.raises(WrongFile, match="not UTF-8"):
        lines(packed({"xl/workbook.xml": "<\0w\0"}))


@given(st.integers(0, len(SMALL)), st.integers(0, 40), st.binary(max_size=40))
def test_damaged_spreadsheets_are_read_or_refused_with_a_typed_error(at: int, length: int, put: bytes) -> None:
    with suppress(BookstreamError):
        lines(SMALL[:at] + put + SMALL[at + length :])


@given(st.integers(0, 600), st.integers(0, 60), st.text(max_size=20))
def test_any_sheet_in_a_whole_archive_is_read_or_refused_with_a_typed_error(at: int, length: int, put: str) -> None:
    cells = cell("A1", "Day") + cell("B1", 1.5) + cell("C1", 42_737, DAY)
    with suppress(BookstreamError):
        assert lines(sheet(cells[:at] + put + cells[at + length :])) is not None
