"""Money: accounts and the double-entry ledger, in integer minor units."""
