"""Feeds in: a connector moves a provider's bytes, live or from recorded files; the parser beside it is pure."""
