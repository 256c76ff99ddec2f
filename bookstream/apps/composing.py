"""What every app is composed of: settings, the Kafka address, a directory of its own, ids, metrics."""

from pathlib import Path
from typing import Any

from bookstream.codecs import use_ids
from bookstream.delivery.api import Context, SinkContext
from bookstream.delivery.app import build, build_sink
from bookstream.delivery.stopping import stop_now
from bookstream.registry import ids_from
from bookstream.settings import Settings, settings
from bookstream.stack import bootstrap
from domain.errors import BookstreamError
from ops import metrics


def worker_dir(given: Settings, name: str) -> Path:
    """Return the directory of this worker; workers of one context on one machine differ by BOOKSTREAM_WORKER."""
    return given.data_dir / "workers" / f"{name}-{given.worker}"


def compose(context: Context) -> Any:  # noqa: ANN401 - Faust's app has no types
    """Compose the app of a stateful context from the settings."""
    given = prepared(context.name)
    return build(context, bootstrap(given), worker_dir(given, context.name), given.aiokafka_security)


def compose_sink(context: SinkContext) -> Any:  # noqa: ANN401
    """Compose the app of a sink from the settings."""
    given = prepared(context.name)
    return build_sink(context, bootstrap(given), worker_dir(given, context.name), given.aiokafka_security)


def prepared(name: str) -> Settings:
    """Read the settings and prepare what the process needs; a worker that cannot start ends with one sentence."""
    try:
        given = settings()
        bootstrap(given)
        if given.registry:
            use_ids(ids_from(given.registry))
        if given.metrics_port:
            metrics.serve(given.metrics_port)
    except BookstreamError as error:
        stop_now(name, error)
    return given
