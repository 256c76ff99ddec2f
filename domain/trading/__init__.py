"""The book's rules: when a market is open, at what prices, who may bet how much, and what it would cost the house."""
