"""Measurements of delivery itself, beside those that ops/metrics.py declares for alerts."""

from prometheus_client import Counter, Gauge, Histogram

from ops.metrics import HANDLING, LAG, RECORDS, REGISTRY

__all__ = ["HANDLING", "LAG", "OUTPUTS", "RECORDS", "REPUBLISHED", "UNCOMMITTED", "UNIT"]

_SECONDS = (0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.125, 0.25, 0.5, 1.0, 5.0, 20.0)

UNIT = Histogram(
    "bookstream_unit_seconds",
    "From the handler's start to the last acknowledgement of a unit.",
    ["context", "topic"],
    buckets=_SECONDS,
    registry=REGISTRY,
)
OUTPUTS = Counter("bookstream_outputs", "Records sent by units and acknowledged.", ["context"], registry=REGISTRY)
REPUBLISHED = Counter(
    "bookstream_republished", "Outputs of a predecessor's last unit, sent again.", ["context"], registry=REGISTRY
)
UNCOMMITTED = Gauge(
    "bookstream_uncommitted_seconds", "How long offsets that may be committed have waited.", ["context"],
    registry=REGISTRY,
)  # fmt: skip
