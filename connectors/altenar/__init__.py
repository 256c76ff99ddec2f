"""Altenar, the platform of Golden Palace and others: captured answers of its web API."""
