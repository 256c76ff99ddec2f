"""The accounts context: one writer for each customer: money and bets."""

from pathlib import Path

from agents.accounts import context
from bookstream.apps.composing import compose, prepared
from bookstream.delivery.stopping import stop_now
from bookstream.tokens import TokenVerifier
from domain.errors import BookstreamError, Misconfigured


def _verifier() -> TokenVerifier:
    given = prepared("accounts")
    path = Path(given.token_keys) if given.token_keys else given.data_dir / "tokens.public.jwks.json"
    try:
        if not path.exists():
            raise Misconfigured(f"no token keys at {path}: set BOOKSTREAM_TOKEN_KEYS to a JSON Web Key Set")
        return TokenVerifier.from_file(path)
    except BookstreamError as error:
        stop_now("accounts", error)


app = compose(context(_verifier().check))
