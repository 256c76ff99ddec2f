"""Questions to an embedded history that another process holds.

One process at a time can open the embedded engine: while the history worker runs, it answers read-only queries on the
loopback address, to whoever can read its door file in the data directory (mode 0600). Standard library on both ends;
messages are JSON, never pickles.
"""

import logging
import os
import threading
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path

import msgspec
import orjson

from domain.errors import BookstreamError
from sinks.clickhouse.client import Answer, ClickHouse
from sinks.clickhouse.errors import HistoryUnavailable, QueryFailed

log = logging.getLogger(__name__)

DOOR = "history.door.json"


class Door(msgspec.Struct, frozen=True):
    """Where the holder of the embedded history answers, and the key that opens it."""

    port: int
    key: bytes
    pid: int


def serve(database: ClickHouse, data_dir: Path) -> threading.Thread:
    """Answer read-only queries from now on, in threads of their own that end with the process."""
    key = os.urandom(32)
    listener = Listener(("127.0.0.1", 0), authkey=key)
    path = data_dir / DOOR
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.encode(Door(listener.address[1], key, os.getpid())))
    thread = threading.Thread(target=_accept, args=(listener, database), name="history-door", daemon=True)
    thread.start()
    return thread


def ask(data_dir: Path, sql: str) -> Answer | None:
    """Ask the holder of this data directory's history; None when nobody holds it.

    Raises:
        QueryFailed: the query is at fault.
        HistoryUnavailable: the holder went away in the middle.
    """
    path = data_dir / DOOR
    if not path.exists():
        return None
    door = msgspec.json.decode(path.read_bytes(), type=Door)
    try:
        connection = Client(("127.0.0.1", door.port), authkey=door.key)
    except OSError:
        return None
    try:
        with connection:
            connection.send_bytes(sql.encode())
            answer = orjson.loads(connection.recv_bytes())
    except (EOFError, OSError) as error:
        raise HistoryUnavailable("the history worker went away while it was asked") from error
    if "error" in answer:
        raise QueryFailed(answer["error"])
    return Answer(tuple(answer["columns"]), answer["rows"])


def _accept(listener: Listener, database: ClickHouse) -> None:
    while True:
        try:
            connection = listener.accept()
        except Exception as error:  # noqa: BLE001 - a stranger's failed handshake must not close the door
            log.warning("history door: %r", error)
            continue
        threading.Thread(target=_answer, args=(connection, database), daemon=True).start()


def _answer(connection: Connection, database: ClickHouse) -> None:
    with connection:
        try:
            sql = connection.recv_bytes(1 << 20).decode()
            answer = database.ask(sql, read_only=True)
            reply = {"columns": answer.columns, "rows": answer.rows}
        except BookstreamError as error:
            reply = {"error": str(error)}
        except (EOFError, OSError, UnicodeDecodeError) as error:
            log.warning("history door: %r", error)
            return
        connection.send_bytes(orjson.dumps(reply, default=str, option=orjson.OPT_NON_STR_KEYS))
