"""The composition: apps, delivery, settings, topics, codecs and the command line."""
