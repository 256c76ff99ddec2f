"""A bounded memory of what a stream has said, so that what it repeats causes nothing twice."""

from typing import Final

import msgspec

REMEMBERED: Final = 128


class RecentContent(msgspec.Struct):
    """The hashes of a stream's newest messages, oldest first, and how many of its messages were repeats."""

    hashes: dict[str, None] = msgspec.field(default_factory=dict)
    repeats: int = 0


def is_repeat(memory: RecentContent, content_hash: str) -> bool:
    """Say whether a message repeats one of the stream's newest, and remember it.

    The hash covers the provider's own time and sequence token. So an equal hash is the same message sent again, never
    an equal price at another time.
    """
    if content_hash in memory.hashes:
        memory.repeats += 1
        return True
    memory.hashes[content_hash] = None
    if len(memory.hashes) > REMEMBERED:
        del memory.hashes[next(iter(memory.hashes))]
    return False


def repeats_last(memory: RecentContent, content_hash: str) -> bool:
    """Say whether a snapshot equals the one before it, and remember it in its place.

    A snapshot carries no time of its own: A, B, A are three states, and only A, A is a repeat.
    """
    if content_hash in memory.hashes:
        memory.repeats += 1
        return True
    memory.hashes.clear()
    memory.hashes[content_hash] = None
    return False


def forget(memory: RecentContent, content_hash: str) -> None:
    """Forget a message of which nothing could be taken: sent again, it is no repeat."""
    memory.hashes.pop(content_hash, None)
