"""The Odds API v4: its messages, live by polling within the quota, and from recorded answers."""
