"""Settlement: what became of markets, by rules written as data, and what that makes of each leg of a bet."""
