"""What a proof finds: each thing that is not as it should be, and how much was looked at."""

from collections import Counter

import msgspec


class Difference(msgspec.Struct, frozen=True):
    """One thing that is not as it should be: the rule, what it is about, and what was found."""

    rule: str
    subject: str
    found: str


class Findings:
    """Collects differences and counts what was checked; a rule that checked nothing proves nothing.

    `unknown` counts, by rule, what could not be checked, since what it would be held against is no longer kept.
    """

    def __init__(self) -> None:
        self.differences: list[Difference] = []
        self.checked: Counter[str] = Counter()
        self.unknown: Counter[str] = Counter()

    def check(self, rule: str, subject: str, holds: bool, found: str = "") -> bool:  # noqa: FBT001 - reads as a sentence
        """Count one check, note a difference unless it holds, and return whether it did."""
        self.checked[rule] += 1
        if not holds:
            self.differences.append(Difference(rule, subject, found))
        return holds

    def equal(self, rule: str, subject: str, *, expected: object, found: object) -> bool:
        """Count one check that two figures are equal."""
        return self.check(rule, subject, expected == found, f"expected {expected}, found {found}")

    def merge(self, other: "Findings") -> None:
        """Add what another proof found."""
        self.differences += other.differences
        self.checked += other.checked
        self.unknown += other.unknown
