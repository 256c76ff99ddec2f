"""Providers that misbehave, on local sockets, and the drill that tries every live connector against them."""
