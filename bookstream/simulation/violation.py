"""What a simulation finds."""

from typing import NoReturn


class Violation(Exception):
    """Something is not as it must be, at once or at the end."""

    def __init__(self, rule: str, subject: str, found: str) -> None:
        super().__init__(f"{rule}: {subject}: {found}")
        self.rule = rule
        self.subject = subject
        self.found = found


def violated(rule: str, subject: str, found: object) -> NoReturn:
    """Stop the run.

    Raises:
        Violation: always.
    """
    raise Violation(rule, subject, str(found))


def equal(rule: str, subject: str, *, expected: object, found: object) -> None:
    """Hold two figures against each other.

    Raises:
        Violation: they differ.
    """
    if expected != found:
        violated(rule, subject, f"expected {expected}, found {found}")
