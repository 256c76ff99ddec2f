"""Keys of the ledger: Ed25519 signatures on checkpoints, and the pinned public keys that verify them (RFC 8032).

The private key is the accounts worker's alone; whoever verifies needs only public keys, got by another way than the
ledger itself. A key is named by its content, so that years of checkpoints can be verified after it was replaced.
"""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, Self

import msgspec
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from bookstream.settings import Settings
from bookstream.tokens import key_id_of
from domain.errors import Misconfigured
from domain.money.chain import Tip
from domain.money.checkpoint import Checkpoint, checkpoint, signed_bytes

PEM: Final = "-----BEGIN "

PRIVATE_KEY_FILE: Final = "ledger.private.pem"
PUBLIC_KEY_FILE: Final = "ledger.public.pem"
"""Where the keys are in the data directory, unless a setting says otherwise."""


class CheckpointSigner:
    """Signs the end of a partition's chain."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public_key = key.public_key()
        self.key_id = key_id_of(self.public_key)

    @classmethod
    def generate(cls) -> Self:
        """Make a new key."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_setting(cls, value: str, password: str | None = None) -> Self:
        """Read the key that a setting gives: a PEM file's path, or the PEM itself (PKCS #8).

        Raises:
            Misconfigured: the file is absent or unreadable, or holds no private Ed25519 key that the password opens.
        """
        pem, where = _pem(value)
        try:
            key = load_pem_private_key(pem, None if password is None else password.encode())
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise Misconfigured(f"{where} holds no private Ed25519 key that can be opened") from error
        if not isinstance(key, Ed25519PrivateKey):
            raise Misconfigured(f"{where} holds a private key that is not Ed25519")
        return cls(key)

    def sign(self, partition: int, tip: Tip, at: int) -> Checkpoint:
        """Sign the end of a chain that has entries, as of `at` in microseconds."""
        said = checkpoint(partition, tip, at=at, key_id=self.key_id)
        return msgspec.structs.replace(said, signature=self._key.sign(signed_bytes(said)))

    def write(self, private: Path, public: Path) -> None:
        """Write the key to two new PEM files: the private one readable by the owner only, and the one to verify with.

        Raises:
            Misconfigured: one of the files exists already or cannot be written.
        """
        own = self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        theirs = self.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        for path, content, mode in ((private, own, 0o600), (public, theirs, 0o644)):
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
                    file.write(content)
            except OSError as error:
                raise Misconfigured(f"cannot write the key file {path}: {error.strerror}") from error


class CheckpointVerifier:
    """Verifies checkpoints against pinned public keys; a checkpoint of any other key is not trusted."""

    def __init__(self, keys: Iterable[Ed25519PublicKey]) -> None:
        self._keys = {key_id_of(key): key for key in keys}

    @classmethod
    def from_setting(cls, value: str) -> Self:
        """Read the pinned keys that a setting gives, comma between: PEM files, PEMs, or 64 hexadecimal digits each.

        Raises:
            Misconfigured: there is none, a file is absent or unreadable, or one is not a public Ed25519 key.
        """
        pins = [pin.strip() for pin in value.split(",") if pin.strip()]
        if not pins:
            raise Misconfigured("no public key is pinned to verify the ledger with")
        return cls([_public(pin) for pin in pins])

    @property
    def key_ids(self) -> tuple[str, ...]:
        """Return the names of the keys that are trusted."""
        return tuple(self._keys)

    def trusts(self, said: Checkpoint) -> bool:
        """Tell whether a checkpoint is signed by the pinned key that it names."""
        key = self._keys.get(said.key_id)
        if key is None:
            return False
        try:
            key.verify(said.signature, signed_bytes(said))
        except InvalidSignature:
            return False
        return True


def pinned_keys(settings: Settings, given: str = "") -> CheckpointVerifier:
    """Return who verifies by the keys that are given, else those of the settings, else the data directory's.

    Raises:
        Misconfigured: there is none, or one is no public Ed25519 key.
    """
    own = settings.data_dir / PUBLIC_KEY_FILE
    chosen = given or settings.ledger_public_keys
    if not chosen and not own.exists():
        raise Misconfigured(f"no public key at {own}: give --key or set BOOKSTREAM_LEDGER_PUBLIC_KEYS")
    return CheckpointVerifier.from_setting(chosen or str(own))


def trusted_by(settings: Settings) -> Callable[[Checkpoint], bool] | None:
    """Return what tells whether a checkpoint is signed by a key that the settings pin; None where they pin none.

    Raises:
        Misconfigured: a key is no public Ed25519 key.
    """
    if not settings.ledger_public_keys and not (settings.data_dir / PUBLIC_KEY_FILE).exists():
        return None
    return pinned_keys(settings).trusts


def _public(pin: str) -> Ed25519PublicKey:
    if len(pin) == 64 and all(digit in "0123456789abcdefABCDEF" for digit in pin):
        return Ed25519PublicKey.from_public_bytes(bytes.fromhex(pin))
    pem, where = _pem(pin)
    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Misconfigured(f"{where} holds no public key; a private one does not belong with who verifies") from error
    if not isinstance(key, Ed25519PublicKey):
        raise Misconfigured(f"{where} holds a public key that is not Ed25519")
    return key


def _pem(value: str) -> tuple[bytes, str]:
    """Return a PEM and where it is from."""
    if value.lstrip().startswith(PEM):
        return value.encode(), "the PEM given"
    try:
        return Path(value).read_bytes(), value
    except (OSError, ValueError) as error:
        raise Misconfigured(f"cannot read the key file {value!r}: {error}") from error
