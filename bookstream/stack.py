"""The local stack: where the broker of this data directory is, and the file that says so."""

from pathlib import Path

import msgspec

from bookstream.settings import Settings
from domain.errors import Unavailable


class StackFile(msgspec.Struct, frozen=True):
    """What `bookstream up` leaves in the data directory for the other commands."""

    bootstrap: str
    pid: int

    def write(self, data_dir: Path) -> None:
        """Write it, whole or not at all."""
        partial = data_dir / "stack.json.partial"
        partial.write_bytes(msgspec.json.encode(self))
        partial.rename(data_dir / "stack.json")


def read_stack(data_dir: Path) -> StackFile | None:
    """Read what a running `up` has left; None when nothing runs on this data directory."""
    path = data_dir / "stack.json"
    return msgspec.json.decode(path.read_bytes(), type=StackFile) if path.exists() else None


def bootstrap(settings: Settings) -> str:
    """Return the Kafka address to talk to.

    Raises:
        Unavailable: no address is set and no local broker runs on this data directory.
    """
    if settings.kafka:
        return settings.kafka
    stack = read_stack(settings.data_dir)
    if stack is None:
        raise Unavailable(
            f"no broker: none runs on {settings.data_dir} (`bookstream up` starts one) and BOOKSTREAM_KAFKA is unset"
        )
    return stack.bootstrap
