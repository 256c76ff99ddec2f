"""Pinnacle: captured answers of its web API, the list of matches and the lines offered on them."""
