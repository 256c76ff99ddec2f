"""Betfair Exchange Stream: its messages, ladders and market definitions, live and from recorded files."""
