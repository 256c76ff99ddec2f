"""The places where a new provider is named besides its own folder: what is added to each of them, once."""

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from domain.errors import Misconfigured


class Register(NamedTuple):
    """A file that names providers, and how a name is added to its text."""

    path: str
    add: Callable[[str, str, str], str]


def _connectors(text: str, name: str, kind: str) -> str:
    return _after(text, r"_CLASSES = \{\n", f'    "{name}": ("connectors.{name}.connector", "{kind}"),\n')


def _topics(text: str, name: str, _kind: str) -> str:
    found = re.search(r"^PROVIDERS = \((.*?)\)$", text, re.DOTALL | re.MULTILINE)
    if found is None:
        raise Misconfigured("bookstream/topics.py has no PROVIDERS to add to")
    names = [*re.findall(r'"(\w+)"', found[1]), name]
    lines = "".join(f'    "{each}",\n' for each in names)
    return f"{text[: found.start()]}PROVIDERS = (\n{lines}){text[found.end() :]}"


def _bookmakers(text: str, name: str, _kind: str) -> str:
    text = _in_order(text, f"from connectors.{name} import messages as {name}_messages\n", r"^from connectors\..*\n")
    found = re.search(r"^from domain\.feeds import (.*)$", text, re.MULTILINE)
    if found is None:
        raise Misconfigured("agents/ingest_bookmakers.py has no words to add to")
    words = ", ".join(sorted([*found[1].split(", "), name]))
    text = f"{text[: found.start(1)]}{words}{text[found.end(1) :]}"
    return _after(text, r"^BOOKMAKERS: .*= \{\n", f'    "{name}": ({name}_messages.parse, {name}.place),\n')


REGISTERS: Final = (
    Register("connectors/__init__.py", _connectors),
    Register("bookstream/topics.py", _topics),
    Register("agents/ingest_bookmakers.py", _bookmakers),
)


def _after(text: str, pattern: str, line: str) -> str:
    found = re.search(pattern, text, re.MULTILINE)
    if found is None:
        raise Misconfigured(f"a register of providers has no line {pattern!r} to add after")
    return f"{text[: found.end()]}{line}{text[found.end() :]}"


def _in_order(text: str, line: str, pattern: str) -> str:
    """Add a line to those of a pattern, before the first that sorts after it, else after the last."""
    alike = list(re.finditer(pattern, text, re.MULTILINE))
    later = [found for found in alike if found[0] > line]
    at = later[0].start() if later else alike[-1].end()
    return f"{text[:at]}{line}{text[at:]}"
