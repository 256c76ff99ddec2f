"""The story, told once."""

import pytest

from tests.unit.bookstream.proof.story import Story, told


@pytest.fixture(scope="session")
def story() -> Story:
    return told()
