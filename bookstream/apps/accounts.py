"""The accounts context: one writer for each customer: money and bets."""

from pathlib import Path

from agents.accounts import context
from bookstream.apps.composing import compose, prepared
from bookstream.delivery.api import Context
from bookstream.rules import account_rules
from bookstream.tokens import TokenVerifier
from domain.errors import Misconfigured


def _context() -> Context:
    given = prepared("accounts")
    path = Path(given.token_keys) if given.token_keys else given.data_dir / "tokens.public.jwks.json"
    if not path.exists():
        raise Misconfigured(f"no token keys at {path}: set BOOKSTREAM_TOKEN_KEYS to a JSON Web Key Set")
    return context(TokenVerifier.from_file(path).check, account_rules(given))


app = compose("accounts", _context)
