"""The names of the Unified Odds Feed's markets and outcomes: templates filled in from a line's specifiers."""

import re
from decimal import Decimal
from typing import Final

_PLACE: Final = re.compile(r"\{([^{}]{1,60})\}")
_OPERATION: Final = re.compile(r"([!+-]?)\(?(\w+?)(?:([+-])([0-9]{1,4}))?\)?")
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,9}(\.[0-9]{1,6})?")


def fill(template: str, specifiers: dict[str, str], names: dict[str, str]) -> str:
    """Fill in an outcome's or market's name; what cannot be filled stays as it is written.

    {x} is a specifier's value; {+x} and {-x} signed and negated; {!x} an ordinal; {%x} and {$competitor1} names;
    {x+1} and {x-1} a sum.
    """
    return _PLACE.sub(lambda match: _filled(match[1], specifiers, names) or match[0], template)


def _filled(inner: str, specifiers: dict[str, str], names: dict[str, str]) -> str | None:
    if inner.startswith(("$", "%")):
        return names.get(specifiers.get(inner[1:], inner[1:]))
    match = _OPERATION.fullmatch(inner)
    value = specifiers.get(match[2]) if match else None
    if match is None or value is None:
        return None
    sign, _, operator, operand = match.groups()
    if not sign and not operator:
        return value
    if not _NUMBER.fullmatch(value):
        return None
    number = Decimal(value) + Decimal(f"{operator or '+'}{operand or 0}")
    if sign == "!":
        return _ordinal(int(number))
    return f"{-number if sign == '-' else number:{'+' if sign else ''}f}"


def _ordinal(number: int) -> str:
    last = "th" if number % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{last}"
