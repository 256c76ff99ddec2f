"""The ingest context: providers' bytes to canonical events."""

from typing import Any

from agents.ingest import NAME, ingest_context
from bookstream.apps.composing import compose, prepared
from bookstream.delivery.api import Context
from bookstream.delivery.stopping import stop_now
from bookstream.directory_reader import DirectoryReader, fed
from bookstream.stack import bootstrap
from domain.errors import BookstreamError
from domain.identity.directory import FixtureDirectory

directory = FixtureDirectory()
readers: list[DirectoryReader] = []


def _context() -> Context:
    given = prepared(NAME)
    reader = DirectoryReader(bootstrap(given), directory, given.kafka_security)
    readers.append(reader)
    return fed(ingest_context(directory), reader)


app = compose(NAME, _context)


@app.on_worker_init.connect  # type: ignore[untyped-decorator]
def _read_what_is_known(*_args: Any, **_kwargs: Any) -> None:  # noqa: ANN401 - Faust's signature
    """Before the worker joins its group: no unit may run without what other workers know."""
    try:
        for reader in readers:
            reader.start()
    except BookstreamError as error:
        stop_now(NAME, error)
