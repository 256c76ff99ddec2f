"""Authentication: a signed token, valid when the request was received, of this customer."""

import msgspec

from domain.betting.checks.verdict import passed, refused
from domain.betting.codes import Code
from domain.events.betting import CheckVerdict


class TokenClaims(msgspec.Struct, frozen=True, kw_only=True):
    """What a token says, its signature verified; times in microseconds, UTC."""

    customer_id: str
    expires_at: int
    valid_from: int | None = None
    key_id: str = ""


class TokenFailure(msgspec.Struct, frozen=True):
    """Why a token says nothing."""

    code: Code


def time_fault(claims: TokenClaims, at: int) -> Code | None:
    """Tell what is wrong with a token's time at `at` (microseconds), if anything; at its expiry it has expired."""
    if at >= claims.expires_at:
        return Code.TOKEN_EXPIRED
    if claims.valid_from is not None and at < claims.valid_from:
        return Code.TOKEN_INVALID
    return None


def authentication(token: TokenClaims | TokenFailure, customer_id: str, at: int) -> CheckVerdict:
    """Check that a verified token is this customer's and valid at `at`, when the request was received."""
    if isinstance(token, TokenFailure):
        return refused("authentication", token.code, at=at)
    code = time_fault(token, at)
    if code is None and token.customer_id != customer_id:
        code = Code.TOKEN_OTHER_CUSTOMER
    if code is not None:
        return refused("authentication", code, at=at, expires_at=token.expires_at)
    return passed("authentication", at=at, expires_at=token.expires_at)
