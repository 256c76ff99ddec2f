"""The rules of the house: pure functions of their inputs. No broker, no clock, no randomness, no I/O."""
