"""Faust apps on this delivery: Faust gives group membership, rebalancing, tables, recovery, standbys and the worker."""

import asyncio
import gc
import socket
import ssl
import sys
import zlib
from pathlib import Path
from typing import Any

import faust
import uvloop

from bookstream.delivery.api import Context, SinkContext
from bookstream.delivery.consumer import Transport
from bookstream.delivery.runtime import Runtime, ShardRuntime, SinkRuntime
from bookstream.delivery.stopping import stop_now
from bookstream.delivery.store import OPTIONS
from domain.errors import BookstreamError

SWITCH_SECONDS = 0.0005
"""Faust's consumer is a second thread: with Python's 5 ms between thread switches every hop waits for it."""

GC_THRESHOLDS = (50_000, 20, 50)
"""Messages make little cyclic garbage, and a full collection of many cached rows is a pause of many milliseconds."""

UNPOLLED_SECONDS = 365 * 86_400.0
"""aiokafka's consumer is polled in recovery only, and must not leave the group for that; the watchdog sees a hang."""

SESSION_SECONDS = 10.0
COMMIT_SECONDS = 0.25


def build(
    context: Context,
    bootstrap: str,
    data_dir: Path,
    security: dict[str, Any] | None = None,
    *,
    session_seconds: float = SESSION_SECONDS,
) -> Any:  # noqa: ANN401 - Faust's app has no types
    """Build the Faust app of a stateful context; `faust -A module worker` runs it.

    Args:
        context: name, inputs with their handlers, private changelog.
        bootstrap: the Kafka address.
        data_dir: this worker's own directory.
        security: aiokafka settings for SASL and TLS.
        session_seconds: how long a worker may be silent before its partitions are given to another.
    """
    app = _app(context.name, bootstrap, data_dir, security or {}, session_seconds)
    runtime = ShardRuntime(context, app, bootstrap, data_dir, security or {})
    changelog = app.topic(
        context.private_topic, key_serializer="raw", value_serializer="raw", key_type=bytes, value_type=bytes,
        partitions=context.partitions, compacting=True, internal=True, acks=False, allow_empty=True, maxsize=131_072,
    )  # fmt: skip
    runtime.table = app.Table(
        f"{context.name}-state", partitions=context.partitions, key_type=bytes, value_type=bytes,
        changelog_topic=changelog, options=dict(OPTIONS),
    )  # fmt: skip
    return _with(app, runtime, context.partitions)


def build_sink(
    context: SinkContext,
    bootstrap: str,
    data_dir: Path,
    security: dict[str, Any] | None = None,
    *,
    session_seconds: float = SESSION_SECONDS,
) -> Any:  # noqa: ANN401
    """Build the Faust app of a sink: no table, offsets follow what is durable elsewhere."""
    app = _app(context.name, bootstrap, data_dir, security or {}, session_seconds)
    return _with(app, SinkRuntime(context, bootstrap, data_dir, security or {}), None)


def _app(name: str, bootstrap: str, data_dir: Path, security: dict[str, Any], session_seconds: float) -> Any:  # noqa: ANN401
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.set_threshold(*GC_THRESHOLDS)
    directory = data_dir.absolute()
    member = f"{name}-{socket.gethostname()}-{zlib.crc32(str(directory).encode()):08x}"
    return faust.App(
        f"bookstream-{name}",
        broker=[f"aiokafka://{host}" for host in bootstrap.split(",")],
        broker_credentials=_credentials(security),
        store="rocksdb://",
        datadir=directory,
        processing_guarantee="at_least_once",
        consumer_auto_offset_reset="earliest",
        consumer_group_instance_id=member,
        broker_session_timeout=session_seconds,
        broker_heartbeat_interval=session_seconds / 5,
        broker_request_timeout=session_seconds * 4,
        broker_commit_interval=COMMIT_SECONDS,
        broker_max_poll_records=4000,
        broker_max_poll_interval=UNPOLLED_SECONDS,
        topic_allow_declare=False,
        topic_disable_leader=True,
        stream_wait_empty=True,
        table_standby_replicas=0,
        web_enabled=False,
        autodiscover=False,
    )  # fmt: skip


def _credentials(security: dict[str, Any]) -> Any:  # noqa: ANN401
    protocol = security.get("security_protocol", "PLAINTEXT")
    context = ssl.create_default_context() if protocol.endswith("SSL") else None
    if protocol.startswith("SASL"):
        return faust.SASLCredentials(
            mechanism=security.get("sasl_mechanism", "PLAIN"),
            username=security.get("sasl_plain_username"),
            password=security.get("sasl_plain_password"),
            ssl_context=context,
        )
    return None if context is None else faust.SSLCredentials(context)


def _with(app: Any, runtime: Runtime, partitions: int | None) -> Any:  # noqa: ANN401
    app.bookstream_runtime = runtime
    transport = Transport(app.conf.broker_consumer, app)
    app.transport = transport
    app.producer_transport = transport
    for topic, count in sorted(runtime.needed_topics().items()):
        if topic in runtime.topics:
            app.topics.add(app.topic(topic, partitions=partitions or count, value_type=bytes, value_serializer="raw"))

    @app.on_worker_init.connect  # type: ignore[untyped-decorator]
    def _check(*_args: Any, **_kwargs: Any) -> None:  # noqa: ANN401
        # Before Faust starts anything: its own producer would fail first, with a traceback of its own.
        try:
            runtime.check()
        except BookstreamError as error:
            stop_now(app.conf.id, error)

    return app
