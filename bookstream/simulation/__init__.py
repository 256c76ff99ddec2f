"""The whole system in memory, driven by one seed: who speaks, what comes when, and what fails."""
