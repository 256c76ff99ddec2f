"""What makes a provider's stream trustworthy: order without gaps, event time, and no repeats."""
