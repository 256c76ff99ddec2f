"""A real schema registry without Docker: Apicurio on the same Java runtime, its schemas kept in Kafka.

    python -m ops.registry --bootstrap 127.0.0.1:9092 --data-dir data/registry     # prints {"url", "pid"} when ready

It speaks Confluent's API (`/apis/ccompat/v7`), so every Confluent client works with it.
"""

import argparse
import json
import os
import shutil
import sys
import tarfile
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from domain.errors import BookstreamError
from ops.directory import Held, held_by
from ops.errors import BrokenDownload, DiskFull, ServerDied
from ops.jars import cache_dir, fetch
from ops.java import find_java, scratch_flags
from ops.lock import read_lock
from ops.ports import HOST, free_ports, is_free, require_free
from ops.process import Process, birth, end
from ops.progress import Progress, shown
from ops.supervisor import until_asked

READY_SECONDS = 90.0
HEAP = "384m"
API = "/apis/ccompat/v7"
# Its start polls Kafka until a poll returns nothing, three times: each costs the whole time-out (5 s by default, so
# 25 s to start; 4 s with this).
POLL_MS = 400


def unpack(progress: Progress | None = None) -> Path:
    """Give the directory of the unpacked server; fetch and unpack it if the cache does not hold it.

    Raises:
        BrokenDownload: it cannot be fetched, or the archive cannot be read.
        DiskFull: the cache has no room.
    """
    (pinned,) = read_lock()["registry"]
    unpacked = cache_dir() / "registry" / f"{pinned.name}-{pinned.version}-{pinned.sha256[:12]}"
    if unpacked.is_dir():
        return unpacked
    (archive,) = fetch("registry", progress=progress)
    part = Path(tempfile.mkdtemp(prefix=".unpacking.", dir=unpacked.parent))
    try:
        with tarfile.open(archive) as files:
            files.extractall(part, filter="data")
        part.rename(unpacked)
    except tarfile.TarError as error:
        raise BrokenDownload(f"{archive} cannot be unpacked: {error}") from error
    except OSError as error:
        if not unpacked.is_dir():  # else another process was faster
            raise DiskFull(f"{archive} cannot be unpacked: {error.strerror}") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    archive.unlink(missing_ok=True)
    return unpacked


class Registry:
    """One running registry on one broker; also a context manager that stops it.

    Args:
        bootstrap: the broker that keeps its schemas.
        data_dir: holds its log and its settings.
        port: for clients; 0 takes the directory's last one if that is free, else any free one.
        topics: prefix of the topics that hold its schemas; registries with different ones share a broker.
        ephemeral: it dies with this process, and stopping it deletes `data_dir`.
        progress: told of downloads and steps.
    """

    def __init__(
        self,
        bootstrap: str,
        data_dir: Path,
        *,
        port: int = 0,
        topics: str = "registry",
        ephemeral: bool = False,
        progress: Progress | None = None,
    ) -> None:
        self.bootstrap = bootstrap
        self.data_dir = data_dir.absolute()
        self.port = port
        self.topics = topics
        self.ephemeral = ephemeral
        self._progress = progress
        self._process: Process | None = None

    @property
    def url(self) -> str:
        """Give the address for Confluent's clients."""
        return f"http://{HOST}:{self.port}{API}"

    @property
    def process(self) -> Process:
        """Give the registry's process.

        Raises:
            ServerDied: it has not been started, or was stopped.
        """
        if self._process is None:
            raise ServerDied("the registry is not started")
        return self._process

    @property
    def pid(self) -> int:
        """Give the process id of the registry."""
        return self.process.pid

    def start(self) -> Self:
        """Fetch what is missing, start, and wait until it serves.

        Raises:
            BrokenDownload, JavaMissing, PortTaken, AlreadyRunning, DiskFull, ServerDied: see ops/errors.py.
        """
        java, home = find_java(), unpack(self._progress)
        held = Held(self.data_dir, "registry")
        try:
            last = held.read().get("port", 0)
            if self.port == 0:
                self.port = last if last and is_free(last) else free_ports(1)[0]
            require_free(self.port, "the registry")
            jvm = (f"-Xmx{HEAP}", "-XX:TieredStopAtLevel=1", *java.quiet_flags, *scratch_flags(self.data_dir))
            self._process = Process(
                "the registry",
                [str(java.program), *jvm, *self._settings(), "-jar", str(home / "quarkus-run.jar")],
                self.data_dir / "registry.log",
                env={
                    name: value for name, value in os.environ.items() if not name.startswith(("QUARKUS_", "APICURIO_"))
                },
                cwd=self.data_dir,
                leashed=self.ephemeral,
                keep_open=(held.descriptor,),
            )
            held.write(pid=self.pid, born=birth(self.pid), url=self.url, port=self.port)
            self._process.wait_until(self._is_ready, READY_SECONDS, pause=0.1)
        except BaseException:
            self.kill()
            raise
        finally:
            held.release()
        return self

    def stop(self) -> None:
        """Stop it cleanly; an ephemeral one leaves nothing behind but its topics."""
        if self._process is not None and not self.ephemeral:
            self._process.stop()
        self.kill()

    def kill(self) -> None:
        """End it at once with SIGKILL, as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process = None
        if self.ephemeral:
            shutil.rmtree(self.data_dir, ignore_errors=True)

    def __enter__(self) -> Self:
        return self if self._process is not None else self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _settings(self) -> list[str]:
        settings = {
            "quarkus.http.host": HOST,
            "quarkus.http.port": self.port,
            # Health and metrics have a port of their own, 9000 unless told: two registries would fight for it.
            "quarkus.management.host": HOST,
            "quarkus.management.port": free_ports(1)[0],
            "quarkus.http.access-log.enabled": "false",
            "quarkus.log.level": "WARN",
            'quarkus.log.category."io.apicurio.registry".level': "WARN",
            'quarkus.log.category."org.apache.kafka".level': "WARN",
            "apicurio.storage.kind": "kafkasql",
            "apicurio.storage.snapshot.location": self.data_dir,
            "apicurio.kafkasql.bootstrap.servers": self.bootstrap,
            "apicurio.kafkasql.topic": f"{self.topics}-journal",
            "apicurio.kafkasql.snapshots.topic": f"{self.topics}-snapshots",
            "apicurio.events.kafka.topic": f"{self.topics}-events",
            "apicurio.kafkasql.consumer.poll.timeout": POLL_MS,
        }
        return [f"-D{name}={value}" for name, value in settings.items()]

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/subjects", timeout=2.0).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False


def start(bootstrap: str, data_dir: Path, *, port: int = 0, progress: Progress | None = None) -> Registry:
    """Start a registry that lasts, and wait until it serves; see `Registry` and `Registry.start`."""
    return Registry(bootstrap, data_dir, port=port, progress=progress).start()


def running(data_dir: Path) -> dict[str, Any] | None:
    """Tell {pid, born, url, port} of the directory's running registry, whoever started it; None if none runs."""
    return held_by(data_dir, "registry")


def stop(data_dir: Path) -> bool:
    """Stop the registry that runs on the directory, whoever started it; False if none does."""
    note = running(data_dir)
    if not note:
        return False
    end(int(note["pid"]), born=note.get("born"))
    return True


def main(arguments: list[str] | None = None) -> int:
    """Run a registry in the foreground until SIGINT or SIGTERM; exit codes are those of the error tree."""
    parser = argparse.ArgumentParser(prog="python -m ops.registry", description="Run a schema registry without Docker.")
    parser.add_argument("--bootstrap", required=True, help="host:port of the broker that keeps its schemas")
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    chosen = parser.parse_args(arguments)
    try:
        with (
            until_asked() as asked,
            shown() as progress,
            start(chosen.bootstrap, chosen.data_dir, port=chosen.port, progress=progress) as registry,
        ):
            print(json.dumps({"url": registry.url, "pid": registry.pid}), flush=True)
            while not asked.wait(0.5):
                if registry.process.exit_code is not None:
                    raise registry.process.death()
    except BookstreamError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
