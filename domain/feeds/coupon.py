"""A bookmaker's coupon: the matches that an answer lists and the markets offered on them, in one shape for all.

Each bookmaker's parser makes it of its own messages; each bookmaker's vocabulary says what its markets are. What is no
market of a match is left out, with the reason.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final, Literal, NamedTuple

import msgspec

from domain.errors import ContractViolation
from domain.feeds.markets import AWAY, DRAW, HOME, MarketKind, score_selection, text_selection

Reason = Literal["CORNERS", "CARDS", "PLAYER", "SPECIAL", "OUTRIGHT", "UNKNOWN"]
"""Why something is no market of a match: it counts something else, or is about a player or a whole competition.

UNKNOWN is a market by a number alone that nobody has explained.
"""


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """One outcome: the bookmaker's own word for it, its odds in thousandths where it can be taken, and its line."""

    code: str
    name: str
    odds: int | None
    line_milli: int | None = None


class OfferedMarket(msgspec.Struct, frozen=True, kw_only=True):
    """One market as the bookmaker names it: `key` is the name or id of its type.

    `line_milli` is the line of the whole market, the home side's; a choice with a line of its own goes before it.
    """

    key: str
    name: str
    choices: tuple[Choice, ...]
    line_milli: int | None = None
    period: str = ""
    group: str = ""
    is_open: bool = True
    updated_at: str | None = None


class OfferedMatch(msgspec.Struct, frozen=True, kw_only=True):
    """One match. `starts` is ISO 8601; `markets` is None where the answer is a list of matches only.

    `home` is None where an answer has offers alone, and another one of the stream names the match.
    """

    id: str
    starts: str
    sport: str = "soccer"
    home: str | None = None
    away: str | None = None
    home_reference: str | None = None
    away_reference: str | None = None
    competition: str = ""
    betradar_id: str | None = None
    in_play: bool = False
    markets: tuple[OfferedMarket, ...] | None = None


class LeftOut(msgspec.Struct, frozen=True, kw_only=True):
    """Something listed among the matches that is none; `match_id` is the match that it belongs to."""

    id: str
    reason: Reason
    match_id: str | None = None


class Coupon(msgspec.Struct, frozen=True, kw_only=True):
    """What an answer says. `bookmaker` is the brand that it was asked of, empty where it names none.

    `strays` are offers of matches that the answer should name and does not.
    """

    bookmaker: str = ""
    matches: tuple[OfferedMatch, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    strays: tuple[str, ...] = ()


class Placed(NamedTuple):
    """A market in canonical words: (selection, line in thousandths) of each choice, in their order."""

    kind: MarketKind
    places: tuple[tuple[str, int | None], ...]


Vocabulary = Callable[[OfferedMatch, OfferedMarket], Placed | Reason]
"""A bookmaker's words: what a market is, or why it is none of the match. Raises ContractViolation for an odd choice."""

SIDES: Final = {"1": HOME, "X": DRAW, "2": AWAY, "1X": "home_or_draw", "X2": "draw_or_away", "12": "home_or_away"}
"""How most bookmakers write the three results and their pairs."""

MATCH_ODDS: Final = MarketKind(market_type="MATCH_ODDS", shape="SIDES")
SECOND_HALF: Final = MarketKind(market_type="MATCH_ODDS", shape="SIDES", period="2H")
HALF_TIME: Final = MarketKind(market_type="HALF_TIME", shape="SIDES", period="1H")
DRAW_NO_BET: Final = MarketKind(market_type="DRAW_NO_BET", shape="SIDES")
DOUBLE_CHANCE: Final = MarketKind(market_type="DOUBLE_CHANCE", shape="DOUBLE_CHANCE")
BOTH_TO_SCORE: Final = MarketKind(market_type="BOTH_TO_SCORE", shape="YES_NO")
ODD_OR_EVEN: Final = MarketKind(market_type="ODD_OR_EVEN", shape="ODD_EVEN")
CORRECT_SCORE: Final = MarketKind(market_type="CORRECT_SCORE", shape="SCORES")
TOTAL_GOALS: Final = MarketKind(market_type="TOTAL_GOALS", shape="OVER_UNDER", by_line=True)
TOTAL_CORNERS: Final = MarketKind(market_type="TOTAL_CORNERS", shape="OVER_UNDER", by_line=True)
HOME_GOALS: Final = MarketKind(market_type="TOTAL_GOALS_HOME", shape="OVER_UNDER", by_line=True)
AWAY_GOALS: Final = MarketKind(market_type="TOTAL_GOALS_AWAY", shape="OVER_UNDER", by_line=True)
ASIAN_HANDICAP: Final = MarketKind(market_type="ASIAN_HANDICAP", shape="SIDES", by_line=True)
EUROPEAN_HANDICAP: Final = MarketKind(market_type="EUROPEAN_HANDICAP", shape="SIDES", by_line=True)
"""Three results after the home side's head start: the draw is one of them."""

_CORNERS: Final = re.compile(r"\bcorners?\b", re.IGNORECASE)
_CARDS: Final = re.compile(r"\b(cards?|bookings?)\b", re.IGNORECASE)

_SELECTIONS: Final[Mapping[str, frozenset[str]]] = {
    "SIDES": frozenset([HOME, DRAW, AWAY]),
    "DOUBLE_CHANCE": frozenset(["home_or_draw", "draw_or_away", "home_or_away"]),
    "OVER_UNDER": frozenset(["over", "under"]),
    "YES_NO": frozenset(["yes", "no"]),
    "ODD_EVEN": frozenset(["odd", "even"]),
}


def counts_else(name: str) -> Reason | None:
    """Say what a market counts by its name, where that is not goals."""
    if _CORNERS.search(name):
        return "CORNERS"
    return "CARDS" if _CARDS.search(name) else None


def within(kind: MarketKind, period: str) -> MarketKind:
    """Return a kind of market for a part of the match."""
    return msgspec.structs.replace(kind, period=period)


def own(provider: str, market: OfferedMarket) -> Placed:
    """Place a market that has no canonical word: it keeps its own name, and its choices theirs.

    One line of the whole market is its line; lines of its choices, where they differ, are part of their names.
    """
    lines = {choice.line_milli for choice in market.choices}
    line = market.line_milli if market.line_milli is not None or len(lines) != 1 else next(iter(lines))
    name = text_selection(market.name)[2:].upper() or "UNNAMED"
    kind = MarketKind(market_type=f"{provider.upper()}_{name}", shape="RUNNERS", by_line=line is not None, own=True)
    return Placed(kind, tuple((_own_selection(choice, line), line) for choice in market.choices))


def _own_selection(choice: Choice, line: int | None) -> str:
    has_own = choice.line_milli is not None and choice.line_milli != line
    return text_selection(f"{choice.name} {choice.line_milli}" if has_own else choice.name)


def placed(kind: MarketKind, market: OfferedMarket, words: Mapping[str, str]) -> Placed:
    """Place the choices of a market by the bookmaker's words for them.

    A handicap's line is the home side's: where the away side has a line of its own, it is turned round. -0.0 and 0 are
    one line. A score is its own word; what is none ("any other") is "r-…" of its name.

    Raises:
        ContractViolation: the kind has no such choice, or its line is missing.
    """
    return Placed(kind, tuple(_place(kind, market, choice, words) for choice in market.choices))


def _place(kind: MarketKind, market: OfferedMarket, choice: Choice, words: Mapping[str, str]) -> tuple[str, int | None]:
    allowed = _SELECTIONS.get(kind.shape)
    selection = words.get(choice.code) if allowed else score_selection(choice.name) or text_selection(choice.name)
    if selection is None or (allowed and selection not in allowed):
        raise ContractViolation(f"market {market.name[:60]!r} has no choice {choice.code[:40]!r}")
    if not kind.by_line:
        return selection, None
    if choice.line_milli is not None:
        is_turned = kind.shape == "SIDES" and selection == AWAY
        return selection, -choice.line_milli if is_turned else choice.line_milli
    if market.line_milli is None:
        raise ContractViolation(f"market {market.name[:60]!r} has no line")
    return selection, market.line_milli
