"""Proofs and explanations: what the topics say, recomputed; and where a bet or a quote came from."""
