"""Skeletons of new parts, written into a checkout: complete, tested, and to be changed."""
