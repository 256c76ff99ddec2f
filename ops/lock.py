"""The pinned files of the embedded servers: `jars.lock`, read into `Artifact`s."""

import re
from dataclasses import dataclass
from pathlib import Path

from ops.errors import BadLock

LOCK = Path(__file__).with_name("jars.lock")
_COORDINATE = re.compile(
    r"(?P<group>[\w.-]+):(?P<name>[\w.-]+):(?P<version>[\w.-]+)(:(?P<classifier>[\w-]+))?@(?P<extension>[\w.]+)"
)
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Artifact:
    """One file of a Maven repository, pinned by its content; `size` in bytes."""

    group: str
    name: str
    version: str
    classifier: str
    extension: str
    sha256: str
    size: int

    @property
    def filename(self) -> str:
        """Give the file's own name."""
        classifier = f"-{self.classifier}" if self.classifier else ""
        return f"{self.name}-{self.version}{classifier}.{self.extension}"

    @property
    def path(self) -> str:
        """Give the file's place below the repository's root."""
        return f"{self.group.replace('.', '/')}/{self.name}/{self.version}/{self.filename}"

    @property
    def coordinate(self) -> str:
        """Name the file as the lock does: group:name:version[:classifier]@extension."""
        classifier = f":{self.classifier}" if self.classifier else ""
        return f"{self.group}:{self.name}:{self.version}{classifier}@{self.extension}"


def parse_coordinate(text: str) -> dict[str, str]:
    """Split group:name:version[:classifier]@extension into `Artifact`'s first five fields.

    Raises:
        BadLock: the text is of another form.
    """
    match = _COORDINATE.fullmatch(text)
    if match is None:
        raise BadLock(f"{text!r} is not of the form group:name:version[:classifier]@extension")
    return {key: value or "" for key, value in match.groupdict().items()}


def parse_lock(text: str) -> dict[str, tuple[Artifact, ...]]:
    """Read lines of `set coordinate sha256 size` into the files of each set, in their order.

    Raises:
        BadLock: a line is of another form, or a file is listed twice in its set.
    """
    sets: dict[str, list[Artifact]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        fields = line.split("#", 1)[0].split()
        if not fields:
            continue
        if len(fields) != 4 or not _SHA256.fullmatch(fields[2]) or not fields[3].isdecimal():
            raise BadLock(f"line {number} of the lock is not `set coordinate sha256 size`: {line!r}")
        artifact = Artifact(**parse_coordinate(fields[1]), sha256=fields[2], size=int(fields[3]))
        files = sets.setdefault(fields[0], [])
        if any(known.filename == artifact.filename for known in files):
            raise BadLock(f"line {number} of the lock lists {artifact.filename} twice")
        files.append(artifact)
    return {name: tuple(files) for name, files in sets.items()}


def render_lock(sets: dict[str, tuple[Artifact, ...]]) -> str:
    """Write the sets as `parse_lock` reads them."""
    lines = ["# Written by `python -m ops.jars lock`: set, coordinate, sha-256, bytes."]
    for name, files in sets.items():
        lines += [f"{name} {artifact.coordinate} {artifact.sha256} {artifact.size}" for artifact in files]
    return "\n".join(lines) + "\n"


def read_lock(path: Path = LOCK) -> dict[str, tuple[Artifact, ...]]:
    """Read the pinned files of each set.

    Raises:
        BadLock: the file is missing or malformed.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadLock(f"{path} cannot be read: {error.strerror}") from error
    return parse_lock(text)


def version_of(name: str, sets: dict[str, tuple[Artifact, ...]]) -> str:
    """Find the pinned version of the artifact with this name.

    Raises:
        BadLock: no set lists it.
    """
    for files in sets.values():
        for artifact in files:
            if artifact.name == name:
                return artifact.version
    raise BadLock(f"the lock does not list {name}")
