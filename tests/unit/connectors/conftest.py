"""What the connectors' tests share."""

import ssl

import pytest

from bookstream.faults.tls import make_tls


@pytest.fixture(scope="session")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Give the contexts of a server and of a client that trusts it."""
    return make_tls(tmp_path_factory.mktemp("tls"))
