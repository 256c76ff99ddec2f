"""Kambi, the platform of Unibet, Napoleon and others: captured answers of its web API."""
