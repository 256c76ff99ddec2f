"""Unpacking the registry: once, whole, and never outside of its directory."""

import hashlib
import io
import tarfile
from pathlib import Path

import pytest
import respx

from ops import registry
from ops.errors import BrokenDownload
from ops.lock import Artifact

MAVEN = "http://maven.test"


@pytest.fixture(autouse=True)
def _surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOOKSTREAM_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("BOOKSTREAM_MAVEN", MAVEN)


def archive(name: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as files:
        entry = tarfile.TarInfo(name)
        entry.size = 3
        files.addfile(entry, io.BytesIO(b"jar"))
    return buffer.getvalue()


def serve(body: bytes, monkeypatch: pytest.MonkeyPatch) -> respx.Route:
    pinned = Artifact("g", "app", "1.0", "all", "tar.gz", hashlib.sha256(body).hexdigest(), len(body))
    for module in ("ops.registry", "ops.jars"):
        monkeypatch.setattr(f"{module}.read_lock", lambda: {"registry": (pinned,)})
    return respx.get(f"{MAVEN}/{pinned.path}").respond(content=body)


@respx.mock
def test_the_archive_is_fetched_and_unpacked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    route = serve(archive("quarkus-run.jar"), monkeypatch)
    home = registry.unpack()
    assert (home / "quarkus-run.jar").read_bytes() == b"jar"
    assert registry.unpack() == home
    assert route.call_count == 1
    assert [path.name for path in home.parent.iterdir()] == [home.name]


@respx.mock
@pytest.mark.parametrize("body", [b"no archive at all", archive("../outside.jar")])
def test_an_archive_that_cannot_be_trusted_leaves_nothing_unpacked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, body: bytes
) -> None:
    serve(body, monkeypatch)
    with pytest.raises(BrokenDownload, match="cannot be unpacked"):
        registry.unpack()
    assert [path.name for path in (tmp_path / "cache" / "registry").iterdir()] == ["app-1.0-all.tar.gz"]
