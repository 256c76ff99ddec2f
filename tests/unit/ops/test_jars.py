"""Fetching pinned files: what is whole is kept, what is not is refused, and every failure is told in one sentence."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import respx
import stamina

from domain.errors import BookstreamError
from ops import jars
from ops.errors import BrokenDownload, DiskFull
from ops.lock import Artifact

BODY = b"the bytes of a jar"
JAR = Artifact("g.h", "app", "1.0", "", "jar", hashlib.sha256(BODY).hexdigest(), len(BODY))
MAVEN = "http://maven.test"
URL = f"{MAVEN}/g/h/app/1.0/app-1.0.jar"


@pytest.fixture(autouse=True)
def _surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("BOOKSTREAM_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("BOOKSTREAM_MAVEN", f"{MAVEN}/")
    with stamina.set_testing(True, attempts=3):
        yield


def leftovers(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.rglob("*") if path.is_file())


@respx.mock
def test_a_missing_file_is_fetched_once_and_then_taken_from_the_cache(tmp_path: Path) -> None:
    route = respx.get(URL).respond(content=BODY)
    for _ in range(2):
        (path,) = jars.fetch("set", artifacts=(JAR,))
        assert path == tmp_path / "cache" / "set" / "app-1.0.jar"
        assert path.read_bytes() == BODY
    assert route.call_count == 1
    assert leftovers(tmp_path) == ["app-1.0.jar"]


@respx.mock
def test_a_file_damaged_in_the_cache_is_fetched_again(tmp_path: Path) -> None:
    path = tmp_path / "cache" / "set" / "app-1.0.jar"
    path.parent.mkdir(parents=True)
    path.write_bytes(BODY[::-1])
    respx.get(URL).respond(content=BODY)
    jars.fetch("set", artifacts=(JAR,))
    assert path.read_bytes() == BODY


@respx.mock
@pytest.mark.parametrize("served", [BODY[:-1], BODY[::-1], b""])
def test_other_bytes_than_the_pinned_ones_are_refused_and_not_kept(tmp_path: Path, served: bytes) -> None:
    route = respx.get(URL).respond(content=served)
    with pytest.raises(BrokenDownload, match=r"app-1\.0\.jar is not the pinned file: sha-256"):
        jars.fetch("set", artifacts=(JAR,))
    assert route.call_count == 3
    assert leftovers(tmp_path) == []


@respx.mock
def test_a_passing_failure_is_tried_again() -> None:
    respx.get(URL).mock(
        side_effect=[httpx.ConnectError("refused"), httpx.Response(503), httpx.Response(200, content=BODY)]
    )
    (path,) = jars.fetch("set", artifacts=(JAR,))
    assert path.read_bytes() == BODY


@respx.mock
def test_no_network_is_told_in_one_sentence(tmp_path: Path) -> None:
    respx.get(URL).mock(side_effect=httpx.ConnectError("Network is unreachable"))
    with pytest.raises(BrokenDownload, match=r"app-1\.0\.jar cannot be fetched: Network is unreachable"):
        jars.fetch("set", artifacts=(JAR,))
    assert leftovers(tmp_path) == []


@respx.mock
def test_a_file_that_the_repository_does_not_have_is_not_asked_for_again() -> None:
    route = respx.get(URL).respond(404)
    with pytest.raises(BrokenDownload, match="refused with status 404"):
        jars.fetch("set", artifacts=(JAR,))
    assert route.call_count == 1


def test_a_cache_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file", encoding="utf-8")
    with pytest.raises(DiskFull, match="cannot be made"):
        jars.fetch("set", artifacts=(JAR,))


@respx.mock
def test_progress_ends_at_the_bytes_of_all_missing_files() -> None:
    respx.get(URL).respond(content=BODY)
    told: list[tuple[str, int, int]] = []
    jars.fetch("set", artifacts=(JAR,), progress=lambda *step: told.append(step))
    assert told == [("downloading the set", len(BODY), len(BODY))]


def test_the_cache_follows_the_users_cache_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("BOOKSTREAM_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert jars.cache_dir() == tmp_path / "bookstream"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert jars.cache_dir() == tmp_path / "home" / ".cache" / "bookstream"


@respx.mock
def test_the_command_ends_with_the_errors_exit_code_and_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    respx.get(url__startswith=MAVEN).respond(404)
    assert jars.main(["fetch", "broker"]) == BrokenDownload("").exit_code != BookstreamError("").exit_code
    assert "refused with status 404" in capsys.readouterr().err
