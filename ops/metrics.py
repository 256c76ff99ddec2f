"""The measurements that alerts and the dashboard are built on, each declared once.

Names follow Prometheus's own rules: base units, `_total` for counters. Labels hold few values, never an id.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

from ops.errors import PortTaken

REGISTRY = CollectorRegistry()
# From PERFORMANCE's sub-millisecond handler to a stalled second.
_SECONDS = (0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)

RECORDS = Counter(
    "bookstream_records", "Records whose effects are acknowledged.", ["context", "topic"], registry=REGISTRY
)
HANDLING = Histogram(
    "bookstream_handling_seconds", "Time in the handler.", ["context", "topic"], buckets=_SECONDS, registry=REGISTRY
)
LAG = Gauge("bookstream_lag_records", "Records not yet taken up.", ["context", "topic", "partition"], registry=REGISTRY)
DEAD_LETTERS = Counter(
    "bookstream_dead_letters", "Rejected input, by reason code.", ["context", "reason"], registry=REGISTRY
)
LEFT_OUT = Counter(
    "bookstream_left_out", "What feeds list that is no market of a match.", ["provider", "reason"], registry=REGISTRY
)
FEED_UP = Gauge("bookstream_feed_up", "1 while the provider's feed is alive.", ["provider"], registry=REGISTRY)
FEED_MESSAGES = Counter(
    "bookstream_feed_messages", "Messages by their place in their stream.", ["provider", "place"], registry=REGISTRY
)
FEED_EXPECTED = Counter(
    "bookstream_feed_expected", "What providers should have told of fixtures.", ["provider", "measure"],
    registry=REGISTRY,
)  # fmt: skip
FEED_RECEIVED = Counter("bookstream_feed_received", "What of it they told.", ["provider", "measure"], registry=REGISTRY)
OBJECTIVES_MISSED = Counter(
    "bookstream_feed_objectives_missed", "Fixtures that fell below an objective.", ["provider", "measure"],
    registry=REGISTRY,
)  # fmt: skip
DIFFERENCES = Counter(
    "bookstream_provider_differences", "Fixtures of which providers say different things, and agree again.",
    ["measure", "outcome"], registry=REGISTRY,
)  # fmt: skip
COVERAGES = Counter(
    "bookstream_provider_coverages", "Times that a provider came into a state in one fixture, for how complete it is.",
    ["provider", "state"], registry=REGISTRY,
)  # fmt: skip
FEED_REFUSED = Counter(
    "bookstream_feed_refused", "Messages of which nothing could be taken.", ["provider", "reason"], registry=REGISTRY
)
CONTRACTS_BROKEN = Counter(
    "bookstream_feed_contracts_broken", "Streams that had too many messages refused.", ["provider"], registry=REGISTRY
)
UNDECLARED_FIELDS = Counter(
    "bookstream_feed_undeclared_fields", "Fields that nobody declared, in the messages that were looked at.",
    ["provider", "path"], registry=REGISTRY,
)  # fmt: skip
CLOCK_SKEW = Gauge(
    "bookstream_clock_skew_seconds", "How far a provider's clock is ahead of another, as last estimated.",
    ["provider", "against"], registry=REGISTRY,
)  # fmt: skip
PROVIDER_TRUST = Gauge(
    "bookstream_provider_trust", "1 a provider is up, 0.5 degraded, 0 down, as the book decided.", ["provider"],
    registry=REGISTRY,
)  # fmt: skip
TRUST = {"UP": 1.0, "DEGRADED": 0.5, "DOWN": 0.0}
QUOTES = Counter("bookstream_quotes", "Quotes made, by status.", ["status"], registry=REGISTRY)
DECISIONS = Counter("bookstream_bet_decisions", "Bets decided.", ["outcome", "code"], registry=REGISTRY)
PAYMENT_STATES = Counter(
    "bookstream_payment_states", "Payments that came into a state.", ["kind", "status"], registry=REGISTRY
)
PAYMENT_ANSWERS = Counter(
    "bookstream_payment_answers", "What the payment provider says of what it is asked.", ["outcome"], registry=REGISTRY
)
PAYMENT_REFUSALS = Counter(
    "bookstream_payment_refusals", "What was said of payments and refused.", ["refused", "code"], registry=REGISTRY
)
SINK_ROWS = Counter("bookstream_sink_rows", "Rows that ClickHouse has acknowledged.", ["table"], registry=REGISTRY)


def serve(port: int) -> None:
    """Serve the measurements on this port, from a thread of its own, until the process ends.

    Raises:
        PortTaken: it cannot listen there.
    """
    try:
        start_http_server(port, registry=REGISTRY)
    except OSError as error:
        raise PortTaken(f"no metrics on port {port}: {error.strerror}; each worker needs one of its own") from error
