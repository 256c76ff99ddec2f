"""A registry that is away, refuses or is no registry: one sentence, of the kind that says what to do."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from bookstream import registry
from bookstream.registry import load_ids, register_all
from bookstream.topics import ODDS
from domain.errors import BookstreamError, Misconfigured, Unavailable


@contextmanager
def answering(status: int, body: str) -> Iterator[str]:
    """Serve the same answer to every request."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        do_GET = do_POST = do_PUT = answer  # noqa: N815 - the base class's names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Be quiet."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://user:secret@127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("status", "body", "kind", "reason"),
    [
        (409, json.dumps({"error_code": 409, "message": "not compatible"}), Misconfigured, "refuses: not compatible"),
        (401, json.dumps({"error_code": 401, "message": "who are you?"}), Misconfigured, "refuses: who are you?"),
        (500, json.dumps({"error_code": 50001, "message": "store"}), Unavailable, "is in trouble: store"),
        (200, "<html>hello</html>", Misconfigured, "no schema registry's API is at BOOKSTREAM_REGISTRY"),
        (404, "<html>no such page</html>", Misconfigured, "refuses: Unknown Schema Registry Error"),
    ],
)
def test_an_answer_that_is_no_id_is_told_in_one_sentence(
    status: int, body: str, kind: type[BookstreamError], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "RETRIES", 0)
    with answering(status, body) as url, pytest.raises(kind) as told:
        register_all(url, [ODDS])
    assert str(told.value).startswith("registering MarketOdds as odds-value: ")
    assert reason in str(told.value)
    assert "\n" not in str(told.value)
    assert "secret" not in str(told.value)


def test_a_registry_that_is_away_may_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "RETRIES", 0)
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # bound, but not listening: no one else can answer there
        with pytest.raises(Unavailable, match="looking up odds-value: the schema registry does not answer"):
            load_ids(f"http://127.0.0.1:{held.getsockname()[1]}", [ODDS])


def test_an_address_that_is_no_url_is_a_wrong_setting() -> None:
    with pytest.raises(Misconfigured, match="BOOKSTREAM_REGISTRY: no schema registry's API") as told:
        load_ids("user:secret@host", [ODDS])
    assert "secret" not in str(told.value)
