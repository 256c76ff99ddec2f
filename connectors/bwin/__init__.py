"""Bwin: captured answers of its web API."""
