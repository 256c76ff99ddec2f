"""Fetch the pinned files of the embedded servers into a cache that all checkouts share.

python -m ops.jars fetch broker     # download what is missing, check every sha-256
python -m ops.jars lock             # resolve the versions below anew and write jars.lock
"""

import argparse
import hashlib
import logging
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import stamina
from jgo.constants import MAVEN_CENTRAL_URL
from jgo.maven import MavenContext

from domain.errors import BookstreamError
from ops.errors import BrokenDownload, DiskFull
from ops.lock import LOCK, Artifact, parse_coordinate, read_lock, render_lock
from ops.progress import Progress, shown

KAFKA = "4.1.1"
APICURIO = "3.3.3"
# What Kafka's server names as dependencies, but never loads in this role: the tools' CSV, the XML half of
# commons-validator, log4j's engine (log lines go through slf4j-simple), OAuth, tiered storage, macros.
UNUSED = frozenset(
    {
        "caffeine", "commons-beanutils", "commons-collections", "commons-digester", "commons-logging",
        "jackson-dataformat-csv", "jackson-dataformat-yaml", "jackson-datatype-jdk8", "jose4j", "jspecify",
        "kafka-tools-api", "log4j-core", "scala-reflect", "snakeyaml",
    }
)  # fmt: skip
ROOTS = {
    "broker": (f"org.apache.kafka:kafka_2.13:{KAFKA}", "org.slf4j:slf4j-simple:1.7.36"),
}
ARCHIVES = {
    "registry": (f"io.apicurio:apicurio-registry-app:{APICURIO}:all@tar.gz",),
}
ATTEMPTS = 4
_PARALLEL = 6
# Without any handler, each retry would print a line of its own between the progress bars.
logging.getLogger("stamina").addHandler(logging.NullHandler())
_CHUNK = 1 << 18


def repository() -> str:
    """Give the root address of the Maven repository to fetch from: BOOKSTREAM_MAVEN, or Maven Central."""
    return (os.environ.get("BOOKSTREAM_MAVEN") or MAVEN_CENTRAL_URL).rstrip("/")


def cache_dir() -> Path:
    """Give the cache: BOOKSTREAM_CACHE_DIR, or `bookstream` in the user's cache directory."""
    if own := os.environ.get("BOOKSTREAM_CACHE_DIR"):
        return Path(own)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "bookstream"


def sha256_of(path: Path) -> str:
    """Hash a file without holding it in memory."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_whole(path: Path, artifact: Artifact) -> bool:
    """Tell whether the file is there and is the pinned one, byte for byte."""
    return path.is_file() and path.stat().st_size == artifact.size and sha256_of(path) == artifact.sha256


def fetch(
    name: str,
    *,
    progress: Progress | None = None,
    client: httpx.Client | None = None,
    artifacts: tuple[Artifact, ...] | None = None,
) -> tuple[Path, ...]:
    """Make sure that the cache holds each file of the set, whole; fetch what is missing.

    Safe to call from several processes at once: a file appears under its name only when it is whole.

    Raises:
        BrokenDownload: the repository cannot be reached, or serves other bytes than the pinned ones.
        DiskFull: the cache has no room.
    """
    wanted = read_lock()[name] if artifacts is None else artifacts
    directory = cache_dir() / name
    paths = tuple(directory / artifact.filename for artifact in wanted)
    missing = [(a, p) for a, p in zip(wanted, paths, strict=True) if not is_whole(p, a)]
    if not missing:
        return paths
    _make_directory(directory)
    total = sum(artifact.size for artifact, _ in missing)
    done: list[int] = []
    # Outermost, so that one connection pool serves all threads.
    with client or httpx.Client(follow_redirects=True, timeout=30.0) as http, ThreadPoolExecutor(_PARALLEL) as pool:

        def count(size: int) -> None:
            done.append(size)
            if progress is not None:
                progress(f"downloading the {name}", min(sum(done), total), total)

        downloads = [pool.submit(_download, http, artifact, path, count) for artifact, path in missing]
        try:
            for download in downloads:
                download.result()
        except BookstreamError:
            # One clear failure is enough: those that wait would only repeat it.
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return paths


def _make_directory(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DiskFull(f"the cache {directory} cannot be made: {error.strerror}") from error


def _download(http: httpx.Client, artifact: Artifact, path: Path, count: Callable[[int], None]) -> None:
    try:
        for attempt in stamina.retry_context(on=_worth_retrying, attempts=ATTEMPTS, wait_initial=0.2, wait_max=5.0):
            with attempt:
                _download_once(http, artifact, path)
    except httpx.HTTPStatusError as error:
        raise BrokenDownload(f"{artifact.filename} was refused with status {error.response.status_code}") from error
    except httpx.HTTPError as error:
        reason = str(error) or type(error).__name__
        raise BrokenDownload(f"{artifact.filename} cannot be fetched: {reason} ({ATTEMPTS} attempts)") from error
    except OSError as error:
        raise DiskFull(f"{path} cannot be written: {error.strerror}") from error
    count(artifact.size)


def _worth_retrying(error: Exception) -> bool:
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code >= 500 or error.response.status_code == 429
    return isinstance(error, httpx.TransportError | BrokenDownload)


def _download_once(http: httpx.Client, artifact: Artifact, path: Path) -> None:
    digest, size = hashlib.sha256(), 0
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        part = Path(file.name)
        try:
            for chunk in _stream(http, artifact.path):
                size += len(chunk)
                digest.update(chunk)
                file.write(chunk)
            if size != artifact.size or digest.hexdigest() != artifact.sha256:
                raise BrokenDownload(
                    f"{artifact.filename} is not the pinned file: sha-256 {digest.hexdigest()} of {size} bytes, "
                    f"not {artifact.sha256} of {artifact.size}"
                )
            file.close()
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


def _stream(http: httpx.Client, path: str) -> Iterator[bytes]:
    with http.stream("GET", f"{repository()}/{path}") as response:
        response.raise_for_status()
        yield from response.iter_bytes(_CHUNK)


def resolve(roots: tuple[str, ...]) -> list[str]:
    """Resolve group:name:version roots into the coordinates of all that they need to run, less `UNUSED`."""
    context = MavenContext(repo_cache=cache_dir() / "poms", remote_repos={"central": repository()}, timeout=60)
    own, transitive = context.resolver.resolve([context.create_dependency(root) for root in roots])
    return sorted(
        {
            f"{needed.groupId}:{needed.artifactId}:{needed.version}@jar"
            for needed in (*own, *transitive)
            if needed.scope in {None, "compile", "runtime"} and needed.artifactId not in UNUSED
        }
    )


def _pin(http: httpx.Client, coordinate: str) -> Artifact:
    unpinned = Artifact(**parse_coordinate(coordinate), sha256="", size=0)
    digest, size = hashlib.sha256(), 0
    for chunk in _stream(http, unpinned.path):
        digest.update(chunk)
        size += len(chunk)
    return Artifact(**parse_coordinate(coordinate), sha256=digest.hexdigest(), size=size)


def write_lock(path: Path = LOCK) -> None:
    """Resolve `ROOTS` and `ARCHIVES` anew, hash every file, and write the lock."""
    wanted = {name: resolve(roots) for name, roots in ROOTS.items()} | {
        name: list(coordinates) for name, coordinates in ARCHIVES.items()
    }
    with httpx.Client(follow_redirects=True, timeout=60.0) as http, ThreadPoolExecutor(_PARALLEL) as pool:
        sets = {
            name: tuple(pool.map(lambda coordinate: _pin(http, coordinate), coordinates))
            for name, coordinates in wanted.items()
        }
    path.write_text(render_lock(sets), encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    """Run `fetch SET…` or `lock`; exit codes are those of the error tree."""
    parser = argparse.ArgumentParser(prog="python -m ops.jars", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    fetching = commands.add_parser("fetch", help="fetch the files of these sets into the cache")
    fetching.add_argument("sets", nargs="+", choices=[*ROOTS, *ARCHIVES])
    commands.add_parser("lock", help="resolve and hash every file anew")
    chosen = parser.parse_args(arguments)
    try:
        if chosen.command == "lock":
            write_lock()
            return 0
        with shown() as progress:
            for name in chosen.sets:
                fetch(name, progress=progress)
    except BookstreamError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
