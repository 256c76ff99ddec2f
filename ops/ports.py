"""Local TCP ports: which are free, and who holds the ones that are not."""

import contextlib
import socket
from pathlib import Path

from ops.errors import PortTaken

HOST = "127.0.0.1"
_LISTEN = "0A"  # the state column of /proc/net/tcp


def is_free(port: int) -> bool:
    """Tell whether a server could listen on the port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def free_ports(count: int) -> list[int]:
    """Pick distinct ports that are free at this moment."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in sockets:
            probe.bind((HOST, 0))
        return [probe.getsockname()[1] for probe in sockets]


def answers(port: int) -> bool:
    """Tell whether someone accepts connections on the port."""
    try:
        socket.create_connection((HOST, port), 0.5).close()
    except OSError:
        return False
    return True


def require_free(port: int, purpose: str) -> None:
    """Pass if the port is free.

    Raises:
        PortTaken: it is not; the text names the port and, where the system tells, the process.
    """
    if is_free(port):
        return
    owner = holder(port)
    by = f" by {owner}" if owner else ""
    raise PortTaken(f"port {port}, wanted for {purpose}, is taken{by}")


def holder(port: int) -> str | None:
    """Name the process that listens on the port, as "NAME (pid N)"; None where that cannot be known."""
    inodes = _listening_inodes(port)
    if not inodes:
        return None
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        with contextlib.suppress(OSError):
            if str(link.readlink()) in inodes:
                process = link.parent.parent
                name = (process / "comm").read_text(encoding="utf-8").strip()
                return f"{name} (pid {process.name})"
    return None


def _listening_inodes(port: int) -> set[str]:
    inodes = set()
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        with contextlib.suppress(OSError):
            for row in table.read_text(encoding="utf-8").splitlines()[1:]:
                columns = row.split()
                if columns[3] == _LISTEN and int(columns[1].rsplit(":", 1)[1], 16) == port:
                    inodes.add(f"socket:[{columns[9]}]")
    return inodes
