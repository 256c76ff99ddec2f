"""Versions of things that are published whole, in the order of their topic."""

from hashlib import blake2b

import msgspec

from domain.audit.difference import Findings
from domain.events.head import Event

_encoder = msgspec.msgpack.Encoder()


class Versions:
    """Each version is above all before it, or one that was there, said again.

    After a crash the outputs of the last unit are published again, so the topic may step back by some versions and
    come again; what must not happen is a version that says two things, or one that was skipped and comes late.

    Args:
        what: of which kind the things are; names the rules.
    """

    def __init__(self, what: str) -> None:
        self._rise, self._same = f"{what} versions rise", f"one content a version of {what}"
        self._said: dict[tuple[str, int], bytes] = {}
        self._highest: dict[str, int] = {}

    def take(self, subject: str, version: int, event: Event, findings: Findings) -> None:
        """Take the next version of a subject."""
        content = blake2b(_encoder.encode(event), digest_size=16).digest()
        earlier = self._said.setdefault((subject, version), content)
        if earlier is not content:
            findings.check(self._same, f"{subject} v{version}", earlier == content, "two contents")
            return
        highest = self._highest.get(subject)
        if highest is not None:
            findings.check(self._rise, subject, version > highest, f"{highest} then {version}")
        self._highest[subject] = max(version, highest or version)
