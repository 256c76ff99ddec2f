"""What commands that write or read events need first: where Kafka is, and by which ids values are written."""

from bookstream.registry import use_registry
from bookstream.settings import settings
from bookstream.stack import bootstrap


def cluster() -> tuple[str, dict[str, str]]:
    """Return the Kafka address and its security settings; from now on the registry's ids hold, where one is set.

    Raises:
        Unavailable: no broker is known, or the registry does not answer.
        Misconfigured: the registry lacks a schema.
    """
    given = settings()
    address = bootstrap(given)
    use_registry(given.registry)
    return address, given.kafka_security
