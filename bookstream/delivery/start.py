"""What must hold before a worker consumes anything: its directory is its own, and its topics are as declared."""

import fcntl
import logging
import os
from pathlib import Path
from typing import IO, Any

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from bookstream.clients import client
from domain.errors import Misconfigured, Unavailable

TIMEOUT_SECONDS = 5.0

log = logging.getLogger(__name__)


def hold_directory(directory: Path) -> IO[str]:
    """Take a worker's directory for as long as the returned file stays open; the kernel frees it when the process ends.

    Raises:
        Misconfigured: another worker holds it, or it cannot be written.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        file = (directory / "worker.lock").open("a+", encoding="utf-8")
    except OSError as error:
        raise Misconfigured(f"the worker's directory {directory} cannot be written: {error.strerror}") from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.seek(0)
        holder = file.read().strip() or "unknown"
        file.close()
        raise Misconfigured(f"another worker (process {holder}) runs on {directory}; give this one its own") from error
    try:
        # Past the file's buffer, which would be tried again when it is closed.
        os.ftruncate(file.fileno(), 0)
        os.write(file.fileno(), str(os.getpid()).encode())
    except OSError as error:
        # Only a name for whoever comes second; on a full disk what counts says so by itself.
        log.warning("%s does not say who holds it: %s", directory, error.strerror)
    return file


def check_topics(bootstrap: str, needed: dict[str, int], security: dict[str, Any]) -> None:
    """Check that every topic exists with its partitions.

    A changelog that does not exist when a worker joins is assigned to nobody, and the worker would start with an
    empty table.

    Raises:
        Misconfigured: a topic is missing or has another number of partitions, or a security setting is wrong.
        Unavailable: the broker does not answer.
    """
    try:
        known = client(AdminClient, bootstrap, librdkafka(security)).list_topics(timeout=TIMEOUT_SECONDS)
    except KafkaException as error:
        raise Unavailable(f"the Kafka broker at {bootstrap} does not answer") from error
    for topic, partitions in needed.items():
        if topic not in known.topics:
            raise Misconfigured(f"no topic {topic}: run `bookstream topics apply`")
        found = len(known.topics[topic].partitions)
        if found != partitions:
            raise Misconfigured(
                f"topic {topic} has {found} partitions, not {partitions}: see `bookstream topics check`"
            )


def librdkafka(security: dict[str, Any]) -> dict[str, Any]:
    """Return aiokafka's settings for SASL and TLS under librdkafka's names."""
    names = {"security_protocol": "security.protocol", "sasl_mechanism": "sasl.mechanism",
             "sasl_plain_username": "sasl.username", "sasl_plain_password": "sasl.password"}  # fmt: skip
    return {names[name]: value for name, value in security.items() if name in names}
