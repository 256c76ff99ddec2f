"""What the connectors' tests share."""

import ssl

import pytest

from bookstream.faults.tls import temporary_tls


@pytest.fixture(scope="session")
def tls() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Give the contexts of a server and of a client that trusts it."""
    return temporary_tls()
