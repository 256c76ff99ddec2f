"""The account's checks of a bet: small named functions that return pass, reduce-to or refuse, with their figures."""
