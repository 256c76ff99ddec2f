"""Money at the edge: keys that sign the ledger."""
