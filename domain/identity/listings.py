"""What a provider lists that is no match as such: counts and parts of one, specials, whole competitions."""

import re
from typing import Final

from domain.identity import names
from domain.identity.claims import FixtureClaim, Listing

_ANSWERS: Final = frozenset(
    ["yes", "no", "over", "under", "odd", "even", "draw", "tie", "field", "the field", "neither"]
)
_PRICED: Final = re.compile(
    r"\([+-]\d|(?<!\w)[+-]\d+(?:\.\d)?$"  # a handicap; but not the age of "U-23"
    r"|\bover \d|\bunder \d+[.,]\d|^under \d"  # a line; but not the age of "Under 20"
    r"|\b\d+\+|\b\d+ ?- ?\d+\b|&.*\b(?:over|under|draw)\b",
    re.IGNORECASE,
)
_SEASON: Final = re.compile(r"\b(?:19|20)\d\d ?[/-] ?(?:19|20)?\d\d\b")


_UNKNOWN: Final = re.compile(
    r"(?:(?:home|away)(?: team| side)?|(?:team|player|side) \w|tb[acd]|to be (?:announced|confirmed|determined|decided)"
    r"|[12][a-l]|[wl]\d{1,3}|bye|\?+|(?:winner|loser|runner-? ?up)\b.*)",
    re.IGNORECASE,
)


def is_named(text: str) -> bool:
    """Say whether a text names a side, and does not keep its place: "Home", "TBD", "Winner of match 12"."""
    return _UNKNOWN.fullmatch(text.strip()) is None


def listing_of(claim: FixtureClaim) -> Listing:
    """Say what a claim lists: its provider's word, unless the names themselves say that it is no match.

    "Charleroi (Corners)", "Yes" against "No", "Over 2.5", "Draw" and a side against itself are parts; a season in place
    of a side is an outright.
    """
    if claim.listing != "MATCH" or claim.home is None or claim.away is None:
        return claim.listing
    sides = (claim.home, claim.away)
    if any(_SEASON.search(text) for text in sides):
        return "OUTRIGHT"
    if "count" in names.tags_of(claim.competition) or any("count" in names.team(text).tags for text in sides):
        return "PART"
    if any(text.strip().casefold() in _ANSWERS or _PRICED.search(text) for text in sides):
        return "PART"
    return "PART" if is_named(sides[0]) and names.team(sides[0]) == names.team(sides[1]) else "MATCH"
