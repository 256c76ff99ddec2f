"""Betfair's published tables of a season: exchange prices before and during each match, and who won."""
