"""The elements of a JSON array: found whatever they hold, wherever the file is cut into pieces."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import elements, files
from connectors.contract import DamagedFile, TruncatedFile, WrongFile

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@given(values=st.lists(JSON, max_size=8), chunk=st.integers(1, 40), indent=st.none() | st.integers(0, 2))
def test_the_elements_are_those_of_the_array(
    values: list[object], chunk: int, indent: int | None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = written(tmp_path_factory.mktemp("a") / "x.json", json.dumps(values, indent=indent).encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "CHUNK_BYTES", chunk)
        assert [json.loads(each) for each in elements.elements(path)] == values


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (b'\xef\xbb\xbf [ {"a": "]},["} , "\\\\", "\\"," ]\n', [b'{"a": "]},["}', b'"\\\\"', b'"\\","']),
        (b"[]", []),
        (b"[1,,x]", [b"1", b"", b"x"]),
    ],
)
def test_elements_are_moved_as_they_stand(content: bytes, wanted: list[bytes], tmp_path: Path) -> None:
    assert list(elements.elements(written(tmp_path / "x", content))) == wanted


@pytest.mark.parametrize(
    ("content", "whole", "error"),
    [
        (b'[{"a":1},{"a"', 1, TruncatedFile),
        (b'[1,2,"3', 2, TruncatedFile),
        (b"[1", 0, TruncatedFile),
        (b"[1] 2", 1, DamagedFile),
        (b'{"a":[1]}', 0, WrongFile),
        (b"  ", 0, WrongFile),
        (b"hello", 0, WrongFile),
    ],
)
def test_a_file_that_is_no_whole_array_says_so_after_what_is_whole(
    content: bytes, whole: int, error: type[Exception], tmp_path: Path
) -> None:
    seen: list[bytes] = []
    with pytest.raises(error):
        seen.extend(elements.elements(written(tmp_path / "x", content)))
    assert len(seen) == whole


@pytest.mark.parametrize("inside", [b"a" * 1_500_000, b'"' + b"a" * 1_500_000, b"[" * 1_500_000])
def test_an_element_beyond_all_bounds_is_refused(inside: bytes, tmp_path: Path) -> None:
    with pytest.raises(WrongFile, match="element of more than"):
        list(elements.elements(written(tmp_path / "x", b"[" + inside)))
