"""The bench of a tampered ledger finds the byte that it changed."""

import json
import subprocess
import sys

import pytest


@pytest.mark.slow
def test_the_changed_byte_is_found_and_named_in_history_and_on_the_topic() -> None:
    """Run it in a process of its own, as it is meant to be: another test's may hold an embedded engine."""
    argv = [sys.executable, "-m", "bookstream.cli", "bench", "tampered", "--rounds", "1", "--ticks", "160", "--json"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=170)
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])["figures"]
    assert [(figure["met"], figure["median"] > 0) for figure in figures] == [(True, True), (True, True)]
