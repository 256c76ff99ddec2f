"""Ids for matches of tables that give them none: made of what names the match, the same in every edition of a file."""

import re
from datetime import timedelta
from hashlib import blake2b
from typing import Final

from domain.feeds.calendar import EPOCH

MOST_CHARACTERS: Final = 64
_BETWEEN: Final = re.compile(r"[\W_]+")


def row_id(*parts: str) -> str:
    """Name a match by words: its competition, day and sides. What is too long ends in a digest of all."""
    named = "-".join(_BETWEEN.sub("_", part.casefold()).strip("_") for part in parts)
    if len(named) <= MOST_CHARACTERS:
        return named
    digest = blake2b("\x1f".join(parts).encode(errors="surrogatepass"), digest_size=8).hexdigest()
    return f"{named[: MOST_CHARACTERS - 17]}-{digest}"


def day_of(at: int) -> str:
    """Return the day (UTC) of a time in microseconds, as 2017-04-30."""
    return (EPOCH + timedelta(microseconds=at)).date().isoformat()
