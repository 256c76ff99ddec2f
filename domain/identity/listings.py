"""What a provider lists that is no match as such: counts and parts of one, specials, whole competitions."""

import re
from typing import Final

from domain.identity import names
from domain.identity.claims import FixtureClaim, Listing

_ANSWERS: Final = frozenset(
    ["yes", "no", "over", "under", "odd", "even", "draw", "tie", "field", "the field", "neither"]
)
_PRICED: Final = re.compile(
    r"\([+-]\d|[+-]\d+(?:\.\d)?$|\b(?:over|under) \d|\b\d+\+|\b\d+ ?- ?\d+\b|&.*\b(?:over|under|draw)\b", re.IGNORECASE
)
_SEASON: Final = re.compile(r"\b(?:19|20)\d\d ?[/-] ?(?:19|20)?\d\d\b")


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
    return "PART" if names.team(sides[0]) == names.team(sides[1]) else "MATCH"
