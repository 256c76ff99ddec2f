"""Betcenter: captured answers of its web API."""
