"""Checkpoints are signed with a key that only the house has, and verified with one that is pinned."""

from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from pydantic import SecretStr

from bookstream.local import LocalStack
from bookstream.money.signing import CheckpointSigner, CheckpointVerifier, pinned_keys, trusted_by
from bookstream.settings import Settings
from domain.errors import Misconfigured
from domain.money.chain import Tip
from domain.money.checkpoint import Checkpoint

TIP = Tip(41, b"h" * 32, b"p" * 32)
SIGNER = CheckpointSigner.generate()
VERIFIER = CheckpointVerifier([SIGNER.public_key])


def test_the_houses_signature_is_trusted() -> None:
    said = SIGNER.sign(3, TIP, at=7)
    assert (said.partition, said.sequence, said.hash, said.previous) == (3, 41, TIP.hash, TIP.previous)
    assert (said.entries, said.at, said.key_id, len(said.signature)) == (42, 7, SIGNER.key_id, 64)
    assert VERIFIER.trusts(said)


@pytest.mark.parametrize(
    "changed",
    [
        {"partition": 4}, {"sequence": 40}, {"hash": b"x" * 32}, {"previous": b"x" * 32}, {"entries": 43}, {"at": 8},
        {"key_id": "0" * 16}, {"signature": b""}, {"signature": b"s" * 64},
    ],
    ids=lambda changed: next(iter(changed)),
)  # fmt: skip
def test_a_checkpoint_changed_anywhere_is_not_trusted(changed: dict[str, object]) -> None:
    said = SIGNER.sign(3, TIP, at=7)
    assert not VERIFIER.trusts(msgspec.structs.replace(said, **changed))


def test_another_key_is_not_trusted_even_under_the_houses_name() -> None:
    forged = CheckpointSigner.generate().sign(3, TIP, at=7)
    assert not VERIFIER.trusts(forged)
    assert not VERIFIER.trusts(msgspec.structs.replace(forged, key_id=SIGNER.key_id))


def test_keys_are_read_from_the_files_that_were_written(tmp_path: Path) -> None:
    private, public = tmp_path / "keys" / "ledger.pem", tmp_path / "ledger.pub.pem"
    SIGNER.write(private, public)
    assert private.stat().st_mode & 0o777 == 0o600
    said = CheckpointSigner.from_setting(str(private)).sign(3, TIP, at=7)
    raw = SIGNER.public_key.public_bytes_raw().hex()
    for pin in (str(public), public.read_text(), raw, raw.upper()):
        assert CheckpointVerifier.from_setting(pin).trusts(said)
    with pytest.raises(Misconfigured, match="cannot write the key file"):
        SIGNER.write(private, public)


def test_a_private_key_is_read_from_the_setting_itself_and_opened_with_its_password() -> None:
    pem = SIGNER._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"open")).decode()
    assert CheckpointSigner.from_setting(pem, "open").key_id == SIGNER.key_id
    for password in (None, "shut"):
        with pytest.raises(Misconfigured, match="the PEM given holds no private Ed25519 key that can be opened"):
            CheckpointSigner.from_setting(pem, password)


def test_a_replaced_key_still_verifies_what_it_signed() -> None:
    other = CheckpointSigner.generate()
    pins = ", ".join(each.public_key.public_bytes_raw().hex() for each in (SIGNER, other))
    both = CheckpointVerifier.from_setting(pins)
    assert both.key_ids == (SIGNER.key_id, other.key_id)
    signed: list[Checkpoint] = [each.sign(0, TIP, at=1) for each in (SIGNER, other)]
    assert all(both.trusts(said) for said in signed)


@pytest.mark.parametrize("pin", ["", " , ", "no-such-file.pem", "ab" * 31, "-----BEGIN PUBLIC KEY-----\nnonsense"])
def test_what_is_no_public_key_is_refused(pin: str) -> None:
    with pytest.raises(Misconfigured):
        CheckpointVerifier.from_setting(pin)


def test_keys_of_another_kind_and_keys_in_the_wrong_place_are_refused(tmp_path: Path) -> None:
    curve = generate_private_key(SECP256R1())
    private = curve.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    public = curve.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    with pytest.raises(Misconfigured, match="not Ed25519"):
        CheckpointSigner.from_setting(private)
    with pytest.raises(Misconfigured, match="not Ed25519"):
        CheckpointVerifier.from_setting(public)
    SIGNER.write(tmp_path / "own.pem", tmp_path / "public.pem")
    with pytest.raises(Misconfigured, match="holds no public key; a private one does not belong"):
        CheckpointVerifier.from_setting(str(tmp_path / "own.pem"))
    with pytest.raises(Misconfigured, match="holds no private Ed25519 key"):
        CheckpointSigner.from_setting(str(tmp_path / "public.pem"))
    with pytest.raises(Misconfigured, match="cannot read the key file"):
        CheckpointSigner.from_setting(str(tmp_path / "absent.pem"))


def test_keys_are_pinned_by_what_is_given_then_by_the_setting_then_by_the_data_directory(tmp_path: Path) -> None:
    given, set_, own = (CheckpointSigner.generate() for _ in range(3))
    bare = Settings(data_dir=tmp_path)
    with pytest.raises(Misconfigured, match="no public key at"):
        pinned_keys(bare)
    assert trusted_by(bare) is None
    own.write(tmp_path / "ledger.private.pem", tmp_path / "ledger.public.pem")
    assert pinned_keys(bare).key_ids == (own.key_id,)
    told = Settings(data_dir=tmp_path, ledger_public_keys=set_.public_key.public_bytes_raw().hex())
    assert pinned_keys(told).key_ids == (set_.key_id,)
    assert pinned_keys(told, given.public_key.public_bytes_raw().hex()).key_ids == (given.key_id,)
    trusts = trusted_by(told)
    assert trusts is not None
    assert trusts(set_.sign(0, TIP, 1))
    assert not trusts(own.sign(0, TIP, 1))


def test_a_stack_signs_with_its_own_key_made_once_or_with_the_one_that_is_set(tmp_path: Path) -> None:
    own = LocalStack(Settings(data_dir=tmp_path), leashed=True)
    assert own.ledger_key().key_id == own.ledger_key().key_id
    pem = (tmp_path / "ledger.private.pem").read_text()
    elsewhere = LocalStack(Settings(data_dir=tmp_path / "b", ledger_key=SecretStr(pem)), leashed=True)
    assert elsewhere.ledger_key().key_id == own.ledger_key().key_id
    assert not (tmp_path / "b").exists()
    assert pem not in repr(elsewhere.settings)
