"""Goal-minute lists: every goal of a league since its records begin, one CSV file a league; there is no live mode."""
