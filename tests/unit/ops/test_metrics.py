"""Measurements: whatever an alert or the dashboard asks for is declared, and fed by some part of the system."""

import re
import socket
from pathlib import Path

import pytest
from prometheus_client.metrics import MetricWrapperBase

from ops import metrics
from ops.errors import PortTaken
from tests.unit.ops.measurements import asked_for

ROOT = Path(__file__).parents[3]
INSTRUMENTS = {name: each for name, each in vars(metrics).items() if isinstance(each, MetricWrapperBase)}


def samples(instrument: MetricWrapperBase) -> set[str]:
    """Return the names under which an instrument is asked for."""
    (family,) = instrument.describe()
    suffixes = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}.get(family.type, ("",))
    return {family.name + suffix for suffix in suffixes}


def test_alerts_and_dashboard_ask_for_declared_measurements_and_for_all_of_them() -> None:
    declared = {name: samples(instrument) for name, instrument in INSTRUMENTS.items()}
    asked = asked_for()
    assert asked <= set().union(*declared.values())
    assert [name for name, known in declared.items() if not known & asked] == []


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_every_measurement_is_fed(name: str) -> None:
    sources = [path for room in ("agents", "bookstream", "sinks") for path in (ROOT / room).rglob("*.py")]
    fed = re.compile(rf"\b{name}\.labels\(")
    assert [path for path in sources if fed.search(path.read_text(encoding="utf-8"))]


def test_a_port_that_is_taken_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=f"no metrics on port {port}: Address already in use"):
            metrics.serve(port)
