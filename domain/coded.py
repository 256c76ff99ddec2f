"""Closed sets of codes, each with its one-line meaning beside its value.

A code is a contract: it never changes its meaning.
"""

from enum import StrEnum
from typing import Self


class Coded(StrEnum):
    """A code; its value is what events carry. A member is written as `NAME = "NAME", "its meaning"`."""

    meaning: str

    def __new__(cls, value: str, meaning: str = "") -> Self:
        """Make the member with its one-line meaning beside its value."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member
