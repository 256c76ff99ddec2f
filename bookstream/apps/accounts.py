"""The accounts context: one writer for each customer: money and bets."""

from pathlib import Path

from agents.accounts import context
from bookstream.apps.composing import compose, prepared
from bookstream.delivery.api import Context
from bookstream.money.signing import PRIVATE_KEY_FILE, CheckpointSigner
from bookstream.rules import account_rules, payment_rules
from bookstream.settings import Settings
from bookstream.tokens import TokenVerifier
from domain.errors import Misconfigured


def _context() -> Context:
    given = prepared("accounts")
    path = Path(given.token_keys) if given.token_keys else given.data_dir / "tokens.public.jwks.json"
    if not path.exists():
        raise Misconfigured(f"no token keys at {path}: set BOOKSTREAM_TOKEN_KEYS to a JSON Web Key Set")
    signer = CheckpointSigner.from_setting(_key(given))
    check = TokenVerifier.from_file(path).check
    return context(check, account_rules(given), signer.sign, payments=payment_rules(given))


def _key(given: Settings) -> str:
    if given.ledger_key:
        return given.ledger_key.get_secret_value()
    path = given.data_dir / PRIVATE_KEY_FILE
    if not path.exists():
        raise Misconfigured(f"no key to sign the ledger with at {path}: set BOOKSTREAM_LEDGER_KEY to an Ed25519 PEM")
    return str(path)


app = compose("accounts", _context)
