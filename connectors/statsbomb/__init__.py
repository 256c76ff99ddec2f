"""StatsBomb: every event of a match, and its line-ups, as JSON files of one match each; there is no live mode."""
