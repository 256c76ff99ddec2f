"""The proof: what the topics say, recomputed from their beginning and held against what was published."""
