"""Customers' tokens: JSON Web Tokens signed with Ed25519, verified against a configured key set.

A token's `sub` is the customer_id, `exp` is required, `nbf` and `iat` are honoured, `kid` names the key. Its times are
compared with the log's time, never with a clock, so a decision can be recomputed. Only EdDSA is ever accepted,
whatever the token's header says (RFC 8725 §3.1).
"""

import json
import os
from collections import OrderedDict
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any, Self

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from jwt.algorithms import OKPAlgorithm

from domain.betting.checks.authentication import TokenClaims, TokenFailure, time_fault
from domain.betting.codes import Code
from domain.errors import Misconfigured

ALGORITHM = "EdDSA"
SECOND_US = 1_000_000
MOST_TOKEN_CHARACTERS = 4096
LEEWAY_US = 30 * SECOND_US
"""How far the issuer's clock may be ahead of ours."""

INVALID = TokenFailure(Code.TOKEN_INVALID)
MISSING = TokenFailure(Code.TOKEN_MISSING)


class _Payload(msgspec.Struct, frozen=True):
    """The registered claims that count here, in seconds (RFC 7519 §4.1)."""

    sub: str
    exp: int | float
    nbf: int | float | None = None
    iat: int | float | None = None


class TokenVerifier:
    """Verify tokens against public keys by `kid`.

    Customers send the same token with each bet, so verified ones are remembered, by hash, up to `remember` of them.
    """

    def __init__(
        self,
        keys: Mapping[str, Ed25519PublicKey],
        *,
        audience: str | None = None,
        issuer: str | None = None,
        remember: int = 10_000,
    ) -> None:
        self._keys = dict(keys)
        self._audience = audience
        self._issuer = issuer
        self._remember = remember
        self._verified: OrderedDict[bytes, TokenClaims] = OrderedDict()

    @classmethod
    def from_file(cls, path: Path, *, audience: str | None = None, issuer: str | None = None) -> Self:
        """Read the public keys from a JSON Web Key Set.

        Raises:
            Misconfigured: the file is absent or unreadable, or not a set of public Ed25519 keys with distinct `kid`s.
        """
        return cls(public_keys(_read_set(path), str(path)), audience=audience, issuer=issuer)

    def check(self, token: str, at: int) -> TokenClaims | TokenFailure:
        """Verify a token as of `at`, in microseconds; whatever is wrong with it comes back as a coded failure."""
        if not token:
            return MISSING
        if len(token) > MOST_TOKEN_CHARACTERS or not token.isascii():
            return INVALID
        claims = self._claims(token)
        if claims is None:
            return INVALID
        code = time_fault(claims, at)
        return claims if code is None else TokenFailure(code)

    def _claims(self, token: str) -> TokenClaims | None:
        name = blake2b(token.encode(), digest_size=32).digest()
        claims = self._verified.get(name)
        if claims is not None:
            self._verified.move_to_end(name)
            return claims
        claims = self._verify(token)
        if claims is not None:
            self._verified[name] = claims
            if len(self._verified) > self._remember:
                self._verified.popitem(last=False)
        return claims

    def _verify(self, token: str) -> TokenClaims | None:
        try:
            key_id = jwt.get_unverified_header(token).get("kid")
            key = self._keys.get(key_id) if isinstance(key_id, str) else None
            if key is None:
                return None
            said = jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                audience=self._audience,
                issuer=self._issuer,
                options={
                    "require": ["exp", "sub"],
                    # By the log's time below, not by the clock of this machine.
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                    "verify_aud": self._audience is not None,
                    "verify_iss": self._issuer is not None,
                },
            )
            payload = msgspec.convert(said, _Payload)
            starts = [each for each in (payload.nbf, payload.iat) if each is not None]
            return TokenClaims(
                customer_id=payload.sub,
                expires_at=_micros(payload.exp),
                valid_from=_micros(max(starts)) - LEEWAY_US if starts else None,
                key_id=str(key_id),
            )
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError):
            # msgspec's and json's errors are ValueErrors; a payload nested too deep is a RecursionError.
            return None


def _micros(seconds: float) -> int:
    return int(seconds * SECOND_US)


class TokenSigner:
    """Make tokens for demos, tests and the command line; in production the identity provider does."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.key_id = key_id_of(key.public_key())

    @classmethod
    def generate(cls) -> Self:
        """Make a new key."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_file(cls, path: Path) -> Self:
        """Read the private key that `write` wrote.

        Raises:
            Misconfigured: the file is absent, unreadable, or holds no private Ed25519 key.
        """
        keys = _read_set(path)
        try:
            key = OKPAlgorithm.from_jwk(keys[0])
        except (IndexError, jwt.PyJWTError, ValueError, TypeError) as error:
            raise Misconfigured(f"{path} holds no private Ed25519 key") from error
        if not isinstance(key, Ed25519PrivateKey):
            raise Misconfigured(f"{path} holds no private Ed25519 key")
        return cls(key)

    def mint(
        self,
        customer_id: str,
        *,
        issued_at: int,
        expires_at: int,
        audience: str | None = None,
        issuer: str | None = None,
    ) -> str:
        """Sign a token for a customer; times in microseconds, rounded down to the second."""
        said: dict[str, Any] = {"sub": customer_id, "iat": issued_at // SECOND_US, "exp": expires_at // SECOND_US}
        said |= {"aud": audience} if audience else {}
        said |= {"iss": issuer} if issuer else {}
        return jwt.encode(said, self._key, algorithm=ALGORITHM, headers={"kid": self.key_id})

    def verifier(self) -> TokenVerifier:
        """Return a verifier that knows this key alone."""
        return TokenVerifier({self.key_id: self._key.public_key()})

    def write(self, private: Path, public: Path) -> None:
        """Write the key to two new files, readable by the owner only: the private key, and the set to verify with.

        Raises:
            Misconfigured: one of the files exists already or cannot be written.
        """
        for path, key in ((private, self._key), (public, self._key.public_key())):
            entry = {**OKPAlgorithm.to_jwk(key, as_dict=True), "kid": self.key_id, "alg": ALGORITHM, "use": "sig"}
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                    json.dump({"keys": [entry]}, file)
            except OSError as error:
                raise Misconfigured(f"cannot write the key file {path}: {error.strerror}") from error


def key_id_of(key: Ed25519PublicKey) -> str:
    """Name a public key by its content: the first 16 hex digits of its BLAKE2b hash."""
    return blake2b(key.public_bytes_raw(), digest_size=8).hexdigest()


def public_keys(entries: list[Any], where: str) -> dict[str, Ed25519PublicKey]:
    """Read the keys of a JSON Web Key Set by their `kid`.

    Raises:
        Misconfigured: there is none, or one is private, of another kind, without a `kid` or has another's.
    """
    keys: dict[str, Ed25519PublicKey] = {}
    for entry in entries:
        try:
            key = OKPAlgorithm.from_jwk(entry)
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise Misconfigured(f"{where} holds a key that is not an Ed25519 JSON Web Key") from error
        if isinstance(key, Ed25519PrivateKey):
            raise Misconfigured(f"{where} holds a private key; verifying needs only the public one")
        if not isinstance(key, Ed25519PublicKey):
            raise Misconfigured(f"{where} holds a key that is not an Ed25519 JSON Web Key")
        key_id = entry.get("kid")
        if not isinstance(key_id, str) or not key_id or key_id in keys:
            raise Misconfigured(f"{where} holds a key without a kid of its own")
        keys[key_id] = key
    if not keys:
        raise Misconfigured(f"{where} holds no key")
    return keys


def _read_set(path: Path) -> list[Any]:
    try:
        read = json.loads(path.read_bytes())
    except OSError as error:
        raise Misconfigured(f"cannot read the key file {path}: {error.strerror}") from error
    except ValueError as error:
        raise Misconfigured(f"{path} is not JSON") from error
    keys = read.get("keys") if isinstance(read, dict) else None
    if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
        raise Misconfigured(f"{path} is not a JSON Web Key Set: it has no list of keys")
    return keys
