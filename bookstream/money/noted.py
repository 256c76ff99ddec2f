"""What an auditor noted of an earlier proof: where each partition's chain ended then."""

from pathlib import Path

import msgspec

from domain.errors import Misconfigured
from domain.money.chain import HASH_BYTES, Tip


class _Partition(msgspec.Struct):
    partition: int
    last: int
    hash: str
    previous: str
    fault: object = None


class _Noted(msgspec.Struct):
    partitions: list[_Partition]


def noted_tips(path: Path) -> dict[int, Tip]:
    """Read the ends of chains from the last line of what `bookstream ledger verify --json` printed.

    Raises:
        Misconfigured: the file cannot be read, or is not that; or something was wrong then, so that it proves nothing.
    """
    try:
        lines = path.read_text(encoding="utf-8").strip().splitlines()
        noted = msgspec.json.decode(lines[-1] if lines else "", type=_Noted)
        tips = {each.partition: _tip(each) for each in noted.partitions}
    except OSError as error:
        raise Misconfigured(f"cannot read {path}: {error.strerror}") from error
    except (msgspec.MsgspecError, ValueError) as error:
        raise Misconfigured(f"{path} is not what `ledger verify --json` printed: {error}") from error
    if any(each.fault is not None for each in noted.partitions):
        raise Misconfigured(f"{path} was printed of a ledger that something was wrong with: it proves nothing")
    return tips


def _tip(noted: _Partition) -> Tip:
    hash_ = bytes.fromhex(noted.hash)
    if len(hash_) != HASH_BYTES:
        raise ValueError("a hash has 64 hexadecimal digits")
    return Tip(noted.last, hash_, bytes.fromhex(noted.previous))
