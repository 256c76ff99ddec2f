"""Rows of the fields that providers send and nobody declared."""

from bookstream.delivery.api import Rows
from domain.feeds.contract import UndeclaredFields

UNDECLARED = Rows("undeclared", UndeclaredFields)
"""By stream."""
