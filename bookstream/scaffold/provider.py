"""A new provider's skeleton: a bookmaker whose captures replay, complete with a sample and tests that pass."""

import keyword
import re
from pathlib import Path
from string import Template
from typing import Final

from bookstream.scaffold.registers import REGISTERS
from connectors import PROVIDERS
from domain.errors import Misconfigured

TEMPLATES: Final = Path(__file__).with_name("templates")
MOST_TITLE: Final = 40
_IMPORTS: Final = re.compile(r"(?:^from connectors\..*\n)+", re.MULTILINE)
_NAME: Final = re.compile(r"[a-z][a-z0-9]{1,30}", re.ASCII)


def write_provider(root: Path, name: str, title: str) -> list[Path]:
    """Write a provider's files into a checkout and add it to the registers; return what was written or changed.

    Args:
        root: the checkout.
        name: one word of small letters and digits, as topics and folders will have it.
        title: the provider's name as people write it.

    Raises:
        Misconfigured: the name is none or is taken, or `root` is no checkout. Nothing was written then.
    """
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        raise Misconfigured(f"{name!r} is no name of a provider: use one word of small letters and digits")
    if not 0 < len(title.strip()) <= MOST_TITLE or not title.isprintable() or set(title) & set('"\\$'):
        raise Misconfigured(f"{title!r} is no title: use up to {MOST_TITLE} printable characters, without quotes")
    new = {root / path: text for path, text in _files(name, title.strip()).items()}
    taken = [path for path in new if path.exists()]
    if name in PROVIDERS or taken:
        raise Misconfigured(f"there is a provider {name!r} already" + (f": {taken[0]}" if taken else ""))
    changed = {root / register.path: register for register in REGISTERS}
    for path in changed:
        if not path.is_file():
            raise Misconfigured(f"{root} is no checkout of bookstream: it has no {path.relative_to(root)}")
    kind = _kind(name)
    texts = {path: each.add(path.read_text(encoding="utf-8"), name, kind) for path, each in changed.items()}
    for path, text in {**new, **texts}.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return [*new, *texts]


def _files(name: str, title: str) -> dict[str, str]:
    words = {"name": name, "title": title, "kind": _kind(name), "tag": name.upper()}
    templates = {
        f"connectors/{name}/__init__.py": "package.py",
        f"connectors/{name}/connector.py": "connector.py",
        f"connectors/{name}/messages.py": "messages.py",
        f"connectors/{name}/sample.json": "sample.json",
        f"domain/feeds/{name}.py": "words.py",
        f"tests/unit/connectors/test_{name}.py": "test.py",
    }
    return {
        path: _sorted(Template((TEMPLATES / f"{template}.txt").read_text(encoding="utf-8")).substitute(words))
        for path, template in templates.items()
    }


def _sorted(text: str) -> str:
    """Put the imports of connectors in order: where the new one stands among them depends on its name."""
    return _IMPORTS.sub(lambda found: "".join(sorted(found[0].splitlines(keepends=True))), text)


def _kind(name: str) -> str:
    return name.capitalize()
