"""Ids that others make and that become part of longer ids and of rows' keys."""

from domain.errors import ContractViolation

LONGEST_ID = 128


def plain_id(what: str, name: str) -> None:
    """Require an id that can be part of a longer one.

    Raises:
        ContractViolation: it is empty, too long, not printable, or holds a slash.
    """
    if not 0 < len(name) <= LONGEST_ID or "/" in name or not name.isprintable():
        raise ContractViolation(f"{what} must be 1 to {LONGEST_ID} printable characters without a slash: {name[:64]!r}")
