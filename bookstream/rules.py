"""The house's rules as TOML with the tables [accounts], [book] and [payments]; what it leaves out keeps its default."""

import tomllib
from pathlib import Path
from typing import Any

from bookstream.settings import Settings
from domain.betting.rules import AccountRules
from domain.betting.rules import rules_from as account_rules_from
from domain.errors import Misconfigured
from domain.money.payment_rules import PaymentRules
from domain.money.payment_rules import rules_from as payment_rules_from
from domain.trading.rules import BookRules
from domain.trading.rules import rules_from as book_rules_from

TABLES = frozenset({"accounts", "book", "payments"})


def account_rules(settings: Settings) -> AccountRules:
    """Read what the house allows a customer.

    Raises:
        Misconfigured: the file cannot be read, or a value of it is not possible.
    """
    return account_rules_from({"currency": settings.currency, **_table(settings.rules, "accounts")})


def book_rules(settings: Settings) -> BookRules:
    """Read how the book trades.

    Raises:
        Misconfigured: the file cannot be read, or a value of it is not possible.
    """
    return book_rules_from({"currency": settings.currency, **_table(settings.rules, "book")})


def payment_rules(settings: Settings) -> PaymentRules:
    """Read what the house allows in payments; new ones are taken only where a provider is set.

    Raises:
        Misconfigured: the file cannot be read, or a value of it is not possible.
    """
    given = {"currency": settings.currency, "has_provider": bool(settings.payments_url)}
    return payment_rules_from({**given, **_table(settings.rules, "payments")})


def _table(path: Path | None, name: str) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Misconfigured(f"BOOKSTREAM_RULES: {path} cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Misconfigured(f"BOOKSTREAM_RULES: {path}: {error}") from error
    unknown = tables.keys() - TABLES
    if unknown:
        raise Misconfigured(f"BOOKSTREAM_RULES: {path}: unknown table {', '.join(sorted(unknown))}")
    table: dict[str, Any] = tables.get(name, {})
    return table
