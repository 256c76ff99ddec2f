"""What commands are asked with: amounts, odds, and a customer's token."""

from decimal import Decimal, InvalidOperation
from pathlib import Path

from bookstream.settings import settings
from bookstream.tokens import TokenSigner
from domain.errors import Misconfigured
from domain.money.bounds import MOST_MINOR

HOUR = 3600 * 1_000_000


def minor_of(amount: str) -> int:
    """Read an amount of money, such as 100.00, in minor units.

    Raises:
        Misconfigured: it is none, or more than an account can hold.
    """
    return scaled(amount, 2, "amount of money")


def scaled(text: str, decimals: int, what: str) -> int:
    """Read a decimal number as an integer with its decimals.

    Raises:
        Misconfigured: it is none, too large, or has more decimals.
    """
    try:
        number = Decimal(text).scaleb(decimals)
    except InvalidOperation as error:
        raise Misconfigured(f"{text!r} is no {what}") from error
    if not number.is_finite() or abs(number) > MOST_MINOR:
        raise Misconfigured(f"{text!r} is no {what}")
    if number != int(number):
        raise Misconfigured(f"{text!r} has more than {decimals} decimals")
    return int(number)


def token_of(path: Path | None, key: Path | None, customer: str, now: int) -> str:
    """Read the customer's token, or sign one where this data directory may.

    Raises:
        Misconfigured: the file cannot be read, or there is neither a token nor a key.
    """
    if path is not None:
        try:
            return path.read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as error:
            raise Misconfigured(f"the token file {path} cannot be read") from error
    keys = key or settings().data_dir / "tokens.private.jwks.json"
    if not keys.exists():
        raise Misconfigured(f"no --token, and no key to sign one with at {keys}")
    return TokenSigner.from_file(keys).mint(customer, issued_at=now - HOUR, expires_at=now + HOUR)
