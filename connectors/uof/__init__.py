"""Sportradar's Unified Odds Feed: its messages, live over AMQP, and from recorded files."""
