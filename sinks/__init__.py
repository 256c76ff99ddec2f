"""History out: everything that was ever on a topic, where analysts can ask."""
