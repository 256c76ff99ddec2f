"""Make librdkafka's clients: what they refuse of the settings is for a person to mend."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from confluent_kafka import KafkaException

from domain.errors import Misconfigured

Client = TypeVar("Client")

QUIET = {"log_level": 0}
"""librdkafka writes to standard error by itself; what goes wrong reaches us as errors."""


def client(
    kind: Callable[[dict[str, Any]], Client],
    bootstrap: str,
    security: Mapping[str, str] | None = None,
    config: Mapping[str, Any] | None = None,
) -> Client:
    """Make a client, such as `confluent_kafka.Producer`, with its own `config`; `security` is the deployment's.

    Raises:
        Misconfigured: librdkafka knows no such setting, or cannot use its value.
    """
    try:
        return kind({"bootstrap.servers": bootstrap, **QUIET, **(config or {}), **(security or {})})
    except KafkaException as error:
        raise Misconfigured(f"BOOKSTREAM_KAFKA_SECURITY: {error.args[0].str()}") from error
