"""SBTech, the platform of Bet777 and others: captured answers of its web API."""
