"""What every app is composed of: settings, the Kafka address, a directory of its own, ids, metrics."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from confluent_kafka.admin import AdminClient

from bookstream.clients import client
from bookstream.delivery.api import Context, SinkContext
from bookstream.delivery.app import build, build_sink
from bookstream.delivery.stopping import stop_now
from bookstream.registry import use_registry
from bookstream.settings import Settings, settings
from bookstream.stack import bootstrap
from domain.errors import BookstreamError
from ops import metrics


def compose(name: str, context: Callable[[], Context]) -> Any:  # noqa: ANN401 - Faust's app has no types
    """Compose the app of a stateful context; what keeps it from starting ends the process with one sentence."""
    try:
        given = prepared(name)
        return build(context(), bootstrap(given), worker_dir(given, name), given.aiokafka_security)
    except BookstreamError as error:
        stop_now(name, error)


def compose_sink(name: str, context: Callable[[], SinkContext]) -> Any:  # noqa: ANN401
    """Compose the app of a sink; what keeps it from starting ends the process with one sentence."""
    try:
        given = prepared(name)
        return build_sink(context(), bootstrap(given), worker_dir(given, name), given.aiokafka_security)
    except BookstreamError as error:
        stop_now(name, error)


def worker_dir(given: Settings, name: str) -> Path:
    """Return the directory of this worker; workers of one context on one machine differ by BOOKSTREAM_WORKER."""
    return given.data_dir / "workers" / f"{name}-{given.worker}"


@cache
def prepared(_name: str) -> Settings:
    """Read the settings and prepare, once, what the process of this context needs.

    Raises:
        BookstreamError: a setting is wrong, or the registry is away or lacks a schema.
    """
    given = settings()
    # Faust's client takes what it knows of the security settings and would pass over the rest.
    client(AdminClient, bootstrap(given), given.kafka_security)
    if given.registry:
        use_registry(given.registry)
    if given.metrics_port:
        metrics.serve(given.metrics_port)
    return given
