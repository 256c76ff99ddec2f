"""Tokens: what is believed, what is not, and the files that keys live in."""

import base64
import hmac
import json
import stat
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import OKPAlgorithm

from bookstream.tokens import TokenSigner, TokenVerifier
from domain.betting.checks.authentication import TokenClaims, TokenFailure
from domain.betting.codes import Code
from domain.errors import Misconfigured

SECOND = 1_000_000
NOW = 1_700_000_000 * SECOND
HOUR = 3600 * SECOND
SIGNER = TokenSigner.generate()
INVALID = TokenFailure(Code.TOKEN_INVALID)
EXPIRED = TokenFailure(Code.TOKEN_EXPIRED)


def mint(**changes: Any) -> str:
    return SIGNER.mint("ann", **{"issued_at": NOW, "expires_at": NOW + HOUR, **changes})


def sign(payload: Any, *, key: Any = None, algorithm: str = "EdDSA", **header: Any) -> str:
    return jwt.encode(payload, key or SIGNER._key, algorithm=algorithm, headers={"kid": SIGNER.key_id, **header})


def by_hand(header: dict[str, Any], payload: bytes) -> str:
    """Sign what PyJWT would not write; another library may."""
    body = f"{segment(json.dumps(header).encode())}.{segment(payload)}"
    return f"{body}.{segment(SIGNER._key.sign(body.encode()))}"


def segment(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def test_a_good_token_tells_its_customer() -> None:
    claims = SIGNER.verifier().check(mint(), NOW)
    assert isinstance(claims, TokenClaims)
    assert (claims.customer_id, claims.expires_at, claims.key_id) == ("ann", NOW + HOUR, SIGNER.key_id)


def test_a_token_expires_by_the_time_of_the_log() -> None:
    verifier = SIGNER.verifier()
    assert isinstance(verifier.check(mint(), NOW + HOUR - 1), TokenClaims)
    assert verifier.check(mint(), NOW + HOUR) == EXPIRED
    assert isinstance(verifier.check(mint(), NOW), TokenClaims)


def test_an_issuers_clock_may_be_a_little_ahead() -> None:
    verifier = SIGNER.verifier()
    assert isinstance(verifier.check(mint(issued_at=NOW + 30 * SECOND), NOW), TokenClaims)
    assert verifier.check(mint(issued_at=NOW + 31 * SECOND), NOW) == INVALID


def test_a_token_is_not_valid_before_its_time() -> None:
    token = sign({"sub": "ann", "exp": NOW // SECOND + 9, "nbf": NOW // SECOND + 60, "iat": NOW // SECOND - 9})
    assert SIGNER.verifier().check(token, NOW) == INVALID


def test_no_token_is_a_missing_token() -> None:
    assert SIGNER.verifier().check("", NOW) == TokenFailure(Code.TOKEN_MISSING)


@pytest.mark.parametrize(
    "payload",
    [
        {"exp": 1_800_000_000},
        {"sub": "ann"},
        {"sub": 7, "exp": 1_800_000_000},
        {"sub": "ann", "exp": "soon"},
        {"sub": "ann", "exp": True},
        {"sub": "ann", "exp": float("nan")},
        {"sub": "ann", "exp": float("inf")},
        {"sub": "ann", "exp": 1_800_000_000, "nbf": "x"},
    ],
)
def test_claims_that_are_absent_or_of_the_wrong_kind_are_invalid(payload: dict[str, Any]) -> None:
    token = by_hand({"alg": "EdDSA", "kid": SIGNER.key_id}, json.dumps(payload).encode())
    assert SIGNER.verifier().check(token, NOW) == INVALID


def test_only_eddsa_is_accepted_whatever_the_header_says() -> None:
    payload = {"sub": "ann", "exp": NOW // SECOND + 9}
    body, none = (
        f"{segment(json.dumps({'alg': name, 'kid': SIGNER.key_id}).encode())}.{segment(json.dumps(payload).encode())}"
        for name in ("HS256", "none")
    )
    unsigned = f"{none}."
    # The oldest trick: the public key taken for a shared secret.
    secret = SIGNER._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    confused = f"{body}.{segment(hmac.digest(secret, body.encode(), 'sha256'))}"
    renamed = by_hand({"alg": "Ed25519", "kid": SIGNER.key_id}, json.dumps(payload).encode())
    assert SIGNER.verifier().check(renamed, NOW) == INVALID
    assert SIGNER.verifier().check(unsigned, NOW) == INVALID
    assert SIGNER.verifier().check(confused, NOW) == INVALID


@pytest.mark.parametrize("header", [{"kid": "other"}, {"kid": None}, {"kid": 7}, {"kid": ["x"]}, {}])
def test_a_token_of_an_unknown_key_is_invalid(header: dict[str, Any]) -> None:
    token = by_hand({"alg": "EdDSA", **header}, b'{"sub": "ann", "exp": 1800000000}')
    assert SIGNER.verifier().check(token, NOW) == INVALID


def test_a_token_signed_by_hand_is_as_good_as_any() -> None:
    token = by_hand({"alg": "EdDSA", "kid": SIGNER.key_id}, b'{"sub": "ann", "exp": 1800000000}')
    assert isinstance(SIGNER.verifier().check(token, NOW), TokenClaims)


def test_another_keys_signature_under_a_known_name_is_invalid() -> None:
    other = TokenSigner.generate()
    token = sign({"sub": "ann", "exp": NOW // SECOND + 9}, key=other._key)
    assert SIGNER.verifier().check(token, NOW) == INVALID


def test_every_changed_character_makes_a_token_invalid() -> None:
    token, verifier = mint(), SIGNER.verifier()
    assert isinstance(verifier.check(token, NOW), TokenClaims)
    for at in range(0, len(token), 7):
        changed = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
        assert verifier.check(changed, NOW) == INVALID, at


@pytest.mark.parametrize(
    "token",
    ["x", "a.b", "a.b.c", "..", "é.é.é", "\ud800", "a" * 5000, f"{segment(b'[' * 1500)}.{segment(b'{}')}.AA", "....."],
)
def test_rubbish_is_invalid_and_never_an_error(token: str) -> None:
    assert SIGNER.verifier().check(token, NOW) == INVALID


def test_a_signed_payload_nested_too_deep_is_invalid() -> None:
    token = by_hand({"alg": "EdDSA", "kid": SIGNER.key_id}, b"[" * 2500)
    assert SIGNER.verifier().check(token, NOW) == INVALID


def test_audience_and_issuer_count_where_they_are_configured() -> None:
    key = {SIGNER.key_id: SIGNER._key.public_key()}
    strict = TokenVerifier(key, audience="bets", issuer="us")
    assert isinstance(strict.check(mint(audience="bets", issuer="us"), NOW), TokenClaims)
    assert strict.check(mint(audience="bets"), NOW) == INVALID
    assert strict.check(mint(audience="chat", issuer="us"), NOW) == INVALID
    assert isinstance(TokenVerifier(key).check(mint(audience="any", issuer="any"), NOW), TokenClaims)


def test_verified_tokens_are_remembered_and_only_so_many() -> None:
    verifier = TokenVerifier({SIGNER.key_id: SIGNER._key.public_key()}, remember=2)
    tokens = [mint(expires_at=NOW + n * HOUR) for n in range(1, 5)]
    for token in tokens:
        verifier.check(token, NOW)
    assert len(verifier._verified) == 2
    verifier.check("rubbish", NOW)
    assert len(verifier._verified) == 2
    assert isinstance(verifier.check(tokens[0], NOW), TokenClaims)


def test_a_remembered_token_still_expires() -> None:
    verifier, token = SIGNER.verifier(), mint()
    assert isinstance(verifier.check(token, NOW), TokenClaims)
    assert verifier.check(token, NOW + HOUR) == EXPIRED


def test_key_files_are_for_their_owner_and_work_when_read_back(tmp_path: Path) -> None:
    private, public = tmp_path / "keys" / "private.json", tmp_path / "keys" / "public.json"
    SIGNER.write(private, public)
    assert {stat.S_IMODE(path.stat().st_mode) for path in (private, public)} == {0o600}
    assert '"d"' in private.read_text()
    assert '"d"' not in public.read_text()
    token = TokenSigner.from_file(private).mint("bob", issued_at=NOW, expires_at=NOW + HOUR)
    claims = TokenVerifier.from_file(public).check(token, NOW)
    assert isinstance(claims, TokenClaims)
    assert claims.customer_id == "bob"


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    SIGNER.write(tmp_path / "a", tmp_path / "b")
    with pytest.raises(Misconfigured, match="cannot write"):
        TokenSigner.generate().write(tmp_path / "a", tmp_path / "c")


def jwk(key: Any, **changes: Any) -> dict[str, Any]:
    return {**OKPAlgorithm.to_jwk(key, as_dict=True), "kid": "k", **changes}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("{", "not JSON"),
        ("[]", "not a JSON Web Key Set"),
        ('{"keys": ["x"]}', "not a JSON Web Key Set"),
        ('{"keys": []}', "no key"),
        ('{"keys": [{"kty": "RSA"}]}', "not an Ed25519"),
        (json.dumps({"keys": [jwk(Ed448PrivateKey.generate().public_key())]}), "not an Ed25519"),
        (json.dumps({"keys": [jwk(SIGNER._key)]}), "private key"),
        (json.dumps({"keys": [jwk(SIGNER._key.public_key(), kid="")]}), "without a kid"),
        (json.dumps({"keys": [jwk(SIGNER._key.public_key())] * 2}), "without a kid of its own"),
        (json.dumps({"keys": [jwk(SIGNER._key.public_key(), x="AAAA")]}), "not an Ed25519"),
    ],
)
def test_a_wrong_key_file_says_what_is_wrong(tmp_path: Path, content: str, why: str) -> None:
    path = tmp_path / "keys.json"
    path.write_text(content)
    with pytest.raises(Misconfigured, match=why):
        TokenVerifier.from_file(path)


def test_an_absent_key_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="cannot read"):
        TokenVerifier.from_file(tmp_path / "absent.json")


@pytest.mark.parametrize("entry", [[], [{"kty": "OKP"}], [jwk(SIGNER._key.public_key())]])
def test_a_signer_needs_a_private_key(tmp_path: Path, entry: list[Any]) -> None:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps({"keys": entry}))
    with pytest.raises(Misconfigured, match="no private Ed25519 key"):
        TokenSigner.from_file(path)
