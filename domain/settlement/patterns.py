"""Patterns of words with places for numbers and sides: "{n} goals or more", "{side} by {n}+"."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from domain.feeds.markets import AWAY, DRAW, DRAWS, HOME

_PLACE: Final = re.compile(r"\{(\w+)\}")
_SIDES: Final = frozenset(["side", "side2"])


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    parts: list[str] = []
    at = 0
    for place in _PLACE.finditer(pattern):
        parts.append(re.escape(pattern[at : place.start()]))
        parts.append(f"(?P<{place[1]}>.+?)" if place[1] in _SIDES else rf"(?P<{place[1]}>[0-9]{{1,4}})")
        at = place.end()
    return re.compile("".join(parts) + re.escape(pattern[at:]))


def numbers_in(pattern: str, text: str) -> dict[str, int] | None:
    """Return the numbers at the places of a pattern, or None where the text does not fit it."""
    match = _compiled(pattern).fullmatch(text)
    return None if match is None else {name: int(value) for name, value in match.groupdict().items()}


def rewritten(patterns: Mapping[str, str], text: str, home: Sequence[str], away: Sequence[str]) -> str | None:
    """Return what a text becomes by the first pattern that it fits; None where it fits none.

    Case and blanks around do not count. A side is named by any of its names; the draw is a side. {SIDE} is a side in
    capitals.
    """
    plain = " ".join(text.split()).casefold()
    for pattern, told in patterns.items():
        match = _compiled(pattern).fullmatch(plain)
        values = match.groupdict() if match else {}
        sides = {name: _side(value, home, away) for name, value in values.items() if name in _SIDES}
        if match is None or None in sides.values():
            continue
        filled = values | {name: side or "" for name, side in sides.items()}
        filled |= {name.upper(): side.upper() for name, side in sides.items() if side}
        return _PLACE.sub(lambda place, known=filled: known[place[1]], told)  # type: ignore[misc]
    return None


def _side(text: str, home: Sequence[str], away: Sequence[str]) -> str | None:
    plain = text.strip()
    if plain in DRAWS:
        return DRAW
    found = [
        side
        for side, names in ((HOME, home), (AWAY, away))
        if any(plain == " ".join(name.split()).casefold() for name in names)
    ]
    return found[0] if len(found) == 1 else None
