"""Versions of things that are published whole, in the order of their topic."""

from domain.audit.difference import Findings
from domain.audit.digests import Contents, of_event
from domain.events.head import Event


class Versions:
    """Each version is above all before it, or one that was there, said again.

    After a crash the outputs of the last unit are published again, so the topic may step back by some versions and
    come again; what must not happen is a version that says two things, or one that was skipped and comes late.

    Args:
        what: of which kind the things are; names the rules.
    """

    def __init__(self, what: str) -> None:
        self._rise, self._same = f"{what} versions rise", f"one content a version of {what}"
        self._said: dict[str, Contents] = {}
        self._highest: dict[str, int] = {}

    def take(self, subject: str, version: int, event: Event, findings: Findings) -> None:
        """Take the next version of a subject."""
        said = self._said.get(subject)
        if said is None:
            said = self._said[subject] = Contents()
        content = of_event(event)
        earlier = said.setdefault(version, content)
        if earlier is not None:
            findings.check(self._same, f"{subject} v{version}", earlier == content, "two contents")
            return
        highest = self._highest.get(subject)
        if highest is not None:
            findings.check(self._rise, subject, version > highest, f"{highest} then {version}")
        self._highest[subject] = max(version, highest or version)

    def forget(self) -> None:
        """Forget all subjects: none of them is told of again."""
        self._said.clear()
        self._highest.clear()
