"""Bets: slips, the account's checks, the saga between account and book, payouts."""
