"""The ingest context: providers' bytes to canonical events."""

from agents.ingest import ingest_context
from bookstream.apps.composing import compose

app = compose("ingest", ingest_context)
