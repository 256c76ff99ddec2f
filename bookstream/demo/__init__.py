"""The demo: a real match, replayed through the whole system, and the proof that what came out is right."""
