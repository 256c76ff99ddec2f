"""A captured answer: the bookmaker's own bytes in the collector's wrapper, and the fields that all of them have.

The wrapper is `{"provider", "requestType", "bookmaker", "data"}`: `provider` tells whose answer `data` is, `bookmaker`
the brand that was asked, where one platform serves several.
"""

import re
from typing import Annotated, Final, Literal, TypeVar

import msgspec
from msgspec import Meta

from connectors.times import micros_of
from domain.errors import ContractViolation, UndecodableInput
from domain.feeds.coupon import Coupon

Number = Annotated[int, Meta(ge=0, le=2**63 - 1)]
"""An id."""
Name = Annotated[str, Meta(min_length=1, max_length=256)]
Text = Annotated[str, Meta(max_length=512)]
Stamp = Annotated[str, Meta(min_length=10, max_length=40)]
"""An ISO 8601 time."""
DecimalOdds = Annotated[float, Meta(ge=1, le=1e6)]
Line = Annotated[float, Meta(ge=-1e4, le=1e4)]

Request = Literal["EVENT", "BET_OFFER"]
"""What was asked for: a list of matches, or what is offered on them."""

_LINE: Final = re.compile(r"^[+-]?\d{1,4}([.,]\d{1,3})?$", re.ASCII)

A = TypeVar("A")


def read(decoder: msgspec.json.Decoder[A], payload: bytes, name: str) -> A:
    """Decode an answer.

    Raises:
        UndecodableInput: the bytes are not JSON.
        ContractViolation: the JSON is no answer of this bookmaker.
    """
    try:
        return decoder.decode(payload)
    except msgspec.ValidationError as error:
        raise ContractViolation(f"not an answer of {name}: {error}") from error
    except (ValueError, RecursionError) as error:
        raise UndecodableInput(f"not JSON: {error}") from error


def milli_of(text: str) -> int | None:
    """Read a line as text, "+0.25", "2,5" or "3 ", in thousandths; None where it is none."""
    plain = text.strip()
    return round(float(plain.replace(",", ".")) * 1000) if _LINE.match(plain) else None


def head_start(text: str) -> int | None:
    """Read a European handicap's "1:0" or "0:2" as the home side's line in thousandths; None where it is none."""
    home, _, away = text.strip().partition(":")
    if not (home.isdecimal() and away.isdecimal() and len(home) + len(away) <= 4):
        return None
    return (int(home) - int(away)) * 1000


def time_of(coupon: Coupon) -> int | None:
    """Return when an answer was true: its newest offer's change, else just before the earliest kick-off in it.

    Raises:
        ContractViolation: a time is not ISO 8601.
    """
    said = [
        micros_of(market.updated_at)
        for match in coupon.matches
        for market in match.markets or ()
        if market.updated_at is not None
    ]
    if said:
        return max(said)
    starts = [micros_of(match.starts) for match in coupon.matches]
    return min(starts) - 1 if starts else None
