"""Recorded files: what is read of whole, cut, damaged and wrong ones."""

import bz2
import gzip
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from connectors import files
from connectors.contract import DamagedFile, TruncatedFile, WrongFile

LINES = [b"%06d " % n + bytes(str(n * 7919), "ascii") * 4 for n in range(5000)]
TEXT = b"\n".join(LINES) + b"\n"

Compress = Callable[[bytes], bytes]
KINDS: dict[str, Compress] = {"plain": bytes, "gz": gzip.compress, "bz2": bz2.compress}


def read(path: Path) -> list[bytes]:
    return list(files.lines(path, is_whole=lambda line: line in LINES))


def read_until_error(lines: Iterator[bytes]) -> tuple[list[bytes], Exception]:
    seen: list[bytes] = []
    try:
        seen.extend(lines)
    except (TruncatedFile, DamagedFile) as error:
        return seen, error
    raise AssertionError("the file was read to its end")


@pytest.fixture(params=list(KINDS))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_file_is_read_by_what_it_holds_whatever_its_name(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "recording.dat"
    path.write_bytes(KINDS[kind](TEXT))

    assert read(path) == LINES


def test_the_last_line_needs_no_end(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "recording"
    path.write_bytes(KINDS[kind](TEXT.rstrip(b"\n")))

    assert read(path) == LINES


def test_blank_lines_and_carriage_returns_are_no_part_of_messages(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "recording"
    path.write_bytes(KINDS[kind](b"\r\n\n" + b"\r\n".join(LINES) + b"\r\n\r\n"))

    assert read(path) == LINES


def test_of_a_cut_file_everything_up_to_the_cut_is_read(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "recording"
    whole = KINDS[kind](TEXT)
    path.write_bytes(whole[: len(whole) // 2 + 3])

    seen, error = read_until_error(files.lines(path, is_whole=lambda line: line in LINES))

    assert isinstance(error, TruncatedFile)
    assert seen == LINES[: len(seen)]
    # bzip2 gives whole blocks only, and this text is one block.
    assert len(seen) > 2000 or kind == "bz2"


def test_a_cut_in_the_second_block_of_bzip2_loses_only_that(tmp_path: Path) -> None:
    path = tmp_path / "recording"
    first, second = bz2.compress(TEXT), bz2.compress(b"more\n" * 1000)
    path.write_bytes(first + second[: len(second) // 2])

    seen, error = read_until_error(files.lines(path, is_whole=lambda _: True))

    assert seen == LINES
    assert "is cut" in str(error)


@pytest.mark.parametrize("kind", ["gz", "bz2"])
def test_members_are_read_one_after_the_other_and_padding_is_ignored(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "recording"
    half = TEXT.index(LINES[2500])
    path.write_bytes(KINDS[kind](TEXT[:half]) + KINDS[kind](TEXT[half:]) + b"\0" * 100_000)

    assert read(path) == LINES


@pytest.mark.parametrize("kind", ["gz", "bz2"])
def test_a_damaged_file_is_told_from_a_cut_one(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "recording"
    whole = bytearray(KINDS[kind](TEXT))
    whole[len(whole) // 2 : len(whole) // 2 + 64] = bytes(range(64))
    path.write_bytes(whole)

    seen, error = read_until_error(files.lines(path, is_whole=lambda _: True))

    assert isinstance(error, DamagedFile)
    assert seen == LINES[: len(seen)] or kind == "gz"


@pytest.mark.parametrize("kind", ["gz", "bz2"])
def test_other_bytes_after_the_compressed_data_are_damage(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "recording"
    path.write_bytes(KINDS[kind](TEXT) + b"and then some")

    seen, error = read_until_error(files.lines(path, is_whole=lambda _: True))

    assert seen == LINES
    assert "other bytes after" in str(error)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04rest", "is a zip archive: unpack it"),
        (b"x" * 257 + b"ustar", "is a tar archive"),
        (b"\xfd7zXZ\0", "is a xz archive"),
    ],
)
def test_a_file_of_another_kind_is_refused_with_a_hint(content: bytes, says: str, tmp_path: Path) -> None:
    path = tmp_path / "recording"
    path.write_bytes(content)

    with pytest.raises(WrongFile, match=says):
        read(path)


def test_a_file_that_is_not_there_or_is_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongFile, match="none cannot be read: No such file"):
        read(tmp_path / "none")
    with pytest.raises(WrongFile, match="cannot be read: Is a directory"):
        read(tmp_path)


@pytest.mark.parametrize("kind", ["plain", "gz", "bz2"])
def test_a_line_without_end_is_refused_before_it_fills_the_memory(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MAX_MESSAGE_BYTES", 1_000_000)
    path = tmp_path / "recording"
    path.write_bytes(KINDS[kind](b"x" * 5_000_000))

    with pytest.raises(WrongFile, match="a line of more than"):
        read(path)
    with pytest.raises(WrongFile, match="holds more than"):
        files.document(path)


def test_pieces_are_of_bounded_size_however_well_they_were_compressed(tmp_path: Path) -> None:
    for name, compress in KINDS.items():
        path = tmp_path / name
        path.write_bytes(compress(b"\n" * 10_000_000))

        sizes = [len(piece) for piece in files.chunks(path)]

        assert sum(sizes) == 10_000_000
        assert max(sizes) <= files.CHUNK_BYTES


def test_one_line_of_many_megabytes_is_joined_once(tmp_path: Path) -> None:
    path = tmp_path / "recording"
    line = b"[" + b" " * 40_000_000 + b"]"
    path.write_bytes(b"first\n" + line + b"\nlast\n")
    began = time.thread_time()

    assert list(files.lines(path, is_whole=lambda _: True)) == [b"first", line, b"last"]
    assert time.thread_time() - began < 2  # piece by piece it is 25 GB that are copied
