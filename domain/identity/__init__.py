"""Which fixture, team, player and competition a provider means: one canonical id each, or a question to a person."""
