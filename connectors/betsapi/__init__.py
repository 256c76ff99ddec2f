"""BetsAPI: an aggregator of fixtures, scores, in-play odds histories and bookmakers' own in-play feeds."""
