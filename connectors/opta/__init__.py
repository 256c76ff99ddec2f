"""Opta: F24, every event of a match, and F7, its result and line-ups, as XML files; there is no live mode."""
