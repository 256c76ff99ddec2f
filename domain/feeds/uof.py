"""The Unified Odds Feed's vocabulary in canonical words: sports, market lines, outcomes, results, states of a match."""

import re
from decimal import Decimal
from typing import Final, Literal
from urllib.parse import quote

import msgspec

from domain.errors import ContractViolation
from domain.events.canonical import FixtureStatus, MarketStatus, RunnerStatus
from domain.feeds.markets import AWAY, DRAW, HOME, MarketKind, Shape, handicap_type, totals_type

MOST_SHARERS: Final = 100
"""No dead heat is shared by more; a factor is the nearest ratio of no larger denominator."""

ACTIVE, INACTIVE, STOPPED, HANDED_OVER, SETTLED, CANCELLED = 1, 0, -1, -2, -3, -4
"""The states of a line, as the feed numbers them."""

SPORTS: Final = {
    "sr:sport:1": "soccer", "sr:sport:2": "basketball", "sr:sport:3": "baseball", "sr:sport:4": "ice_hockey",
    "sr:sport:5": "tennis", "sr:sport:6": "handball", "sr:sport:9": "golf", "sr:sport:10": "boxing",
    "sr:sport:13": "australian_rules", "sr:sport:16": "american_football", "sr:sport:19": "snooker",
    "sr:sport:20": "table_tennis", "sr:sport:21": "cricket", "sr:sport:22": "darts", "sr:sport:23": "volleyball",
    "sr:sport:29": "futsal", "sr:sport:31": "badminton", "sr:sport:117": "mma",
}  # fmt: skip

Verdict = Literal["WON", "LOST", "VOID", "HALF_WON", "HALF_LOST", "UNDECIDED"]

_RUNNER: Final[dict[Verdict, RunnerStatus]] = {"WON": "WINNER", "LOST": "LOSER", "VOID": "REMOVED"}
_STATUS: Final[dict[int, MarketStatus]] = {ACTIVE: "OPEN", SETTLED: "CLOSED", CANCELLED: "CLOSED"}
_EVENT: Final[dict[str, FixtureStatus]] = {
    "1": "IN_PLAY", "2": "IN_PLAY", "7": "IN_PLAY", "3": "FINISHED", "4": "FINISHED", "5": "CANCELLED",
    "9": "CANCELLED", "live": "IN_PLAY", "suspended": "IN_PLAY", "interrupted": "IN_PLAY", "ended": "FINISHED",
    "closed": "FINISHED", "cancelled": "CANCELLED", "abandoned": "CANCELLED",
}  # fmt: skip

_OUTCOMES: Final[dict[Shape, dict[str, str]]] = {
    "SIDES": {"1": HOME, "2": DRAW, "3": AWAY, "4": HOME, "5": AWAY, "1714": HOME, "1715": AWAY},
    "OVER_UNDER": {"12": "over", "13": "under"},
    "YES_NO": {"74": "yes", "76": "no"},
    "ODD_EVEN": {"70": "odd", "72": "even"},
    "DOUBLE_CHANCE": {"9": "home_or_draw", "10": "home_or_away", "11": "draw_or_away"},
}
_HOLDS: Final = {"HANDICAP": "hcp", "TOTAL": "total"}
"""The specifier that is the line of these."""

Known = tuple[str, Shape, str, str]
"""A market's canonical type, shape and period, and what its description calls it."""

_REGULAR: Final[dict[int, Known]] = {
    1: ("MATCH_ODDS", "SIDES", "FT", "1x2"),
    10: ("DOUBLE_CHANCE", "DOUBLE_CHANCE", "FT", "double chance"),
    11: ("DRAW_NO_BET", "SIDES", "FT", "draw no bet"),
    16: ("HANDICAP", "SIDES", "FT", "handicap"),
    18: ("TOTAL", "OVER_UNDER", "FT", "total"),
    26: ("ODD_OR_EVEN", "ODD_EVEN", "FT", "odd/even"),
    29: ("BOTH_TO_SCORE", "YES_NO", "FT", "both teams to score"),
    60: ("HALF_TIME", "SIDES", "1H", "1st half - 1x2"),
    64: ("DRAW_NO_BET", "SIDES", "1H", "1st half - draw no bet"),
    66: ("HANDICAP", "SIDES", "1H", "1st half - handicap"),
    68: ("TOTAL", "OVER_UNDER", "1H", "1st half - total"),
    74: ("ODD_OR_EVEN", "ODD_EVEN", "1H", "1st half - odd/even"),
    75: ("BOTH_TO_SCORE", "YES_NO", "1H", "1st half - both teams to score"),
    83: ("MATCH_ODDS", "SIDES", "2H", "2nd half - 1x2"),
    86: ("DRAW_NO_BET", "SIDES", "2H", "2nd half - draw no bet"),
    88: ("HANDICAP", "SIDES", "2H", "2nd half - handicap"),
    90: ("TOTAL", "OVER_UNDER", "2H", "2nd half - total"),
    94: ("ODD_OR_EVEN", "ODD_EVEN", "2H", "2nd half - odd/even"),
    95: ("BOTH_TO_SCORE", "YES_NO", "2H", "2nd half - both teams to score"),
}
_WINNER: Final[dict[int, Known]] = {186: ("MATCH_ODDS", "SIDES", "FT", "winner")}
_GAMES: Final[dict[int, Known]] = {
    **_WINNER,
    187: ("HANDICAP", "SIDES", "FT", "game handicap"),
    189: ("TOTAL", "OVER_UNDER", "FT", "total games"),
}
_OVERTIME: Final[dict[int, Known]] = {
    219: ("MATCH_ODDS", "SIDES", "FT", "winner (incl. overtime)"),
    223: ("HANDICAP", "SIDES", "FT", "handicap (incl. overtime)"),
    225: ("TOTAL", "OVER_UNDER", "FT", "total (incl. overtime)"),
}
_INNINGS: Final[dict[int, Known]] = {
    251: ("MATCH_ODDS", "SIDES", "FT", "winner (incl. extra innings)"),
    256: ("HANDICAP", "SIDES", "FT", "handicap (incl. extra innings)"),
    258: ("TOTAL", "OVER_UNDER", "FT", "total (incl. extra innings)"),
}
_MARKETS: Final[dict[str, dict[int, Known]]] = {
    "soccer": _REGULAR, "futsal": _REGULAR, "handball": _REGULAR, "tennis": _GAMES, "table_tennis": _WINNER,
    "volleyball": _WINNER, "badminton": _WINNER, "darts": _WINNER, "snooker": _WINNER, "basketball": _OVERTIME,
    "american_football": _OVERTIME, "baseball": _INNINGS,
}  # fmt: skip
"""By sport, because a sport has one match-odds market: with the draw where it can end so, with overtime elsewhere."""

_LINE: Final = re.compile(r"[+-]?[0-9]{1,6}(\.[0-9]{1,3})?")


class Line(msgspec.Struct, frozen=True):
    """A market line in canonical words; `tail` tells one that only this feed has apart from its siblings."""

    kind: MarketKind
    line_milli: int | None = None
    tail: str = ""


class Result(msgspec.Struct, frozen=True):
    """What became of an outcome; what is won is divided by a dead heat's factor."""

    verdict: Verdict
    dead_heat_factor: float = 1.0


def sport_of(sport_id: str, name: str) -> str:
    """Name the sport of an id; one without a canonical word keeps the provider's name."""
    slug = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    return SPORTS.get(sport_id) or slug or "uof_" + sport_id.rpartition(":")[2]


def specifiers_of(text: str) -> dict[str, str]:
    """Read specifiers ("setnr=1|total=9.5"); their order means nothing.

    Raises:
        ContractViolation: they are no names with values, or a name stands twice.
    """
    found: dict[str, str] = {}
    for part in text.split("|") if text else ():
        name, sign, value = part.partition("=")
        if not name or not sign or name in found:
            raise ContractViolation(f"specifiers {text[:80]!r} are no list of different names with values")
        found[name] = value
    return found


def line_key(market: int, text: str) -> str:
    """Return what names a line, whatever order its specifiers stand in.

    Raises:
        ContractViolation: see `specifiers_of`.
    """
    parts = "|".join(f"{name}={value}" for name, value in sorted(specifiers_of(text).items()))
    return f"{market}?{parts}" if parts else str(market)


def line_of(sport: str, market: int, text: str, called: str = "") -> Line:
    """Return what a line is in canonical words; `called` is its description's name, if that is known.

    One that no canonical word fits, or whose description says that its id means something else, is the feed's own.

    Raises:
        ContractViolation: see `specifiers_of`.
    """
    specifiers, known = specifiers_of(text), _MARKETS.get(sport, {}).get(market)
    if known is not None and (not called or called.strip().casefold() == known[3]):
        word, shape, period, _ = known
        if not specifiers and word not in _HOLDS:
            return Line(MarketKind(market_type=word, shape=shape, period=period))
        value = specifiers.get(_HOLDS.get(word, ""), "")
        if len(specifiers) == 1 and _LINE.fullmatch(value):
            market_type = handicap_type(sport) if word == "HANDICAP" else totals_type(sport)
            kind = MarketKind(market_type=market_type, shape=shape, period=period, by_line=True)
            return Line(kind, int(Decimal(value) * 1000))
    tail = line_key(market, text).partition("?")[2]
    return Line(MarketKind(market_type=f"UOF_{market}", shape="RUNNERS", own=True), None, quote(tail, safe=":=|.+-"))


def selection_of(kind: MarketKind, outcome: str) -> str:
    """Return an outcome's selection; one without a canonical word is "r-" and the provider's id."""
    return _OUTCOMES.get(kind.shape, {}).get(outcome) or "r-" + quote(outcome, safe=":.+-")


def odds_of(price: float | None) -> int | None:
    """Return decimal odds in thousandths; odds of 1 pay nothing beyond the stake and are no offer.

    Raises:
        ContractViolation: the price is no odds.
    """
    if price is None:
        return None
    if not 1 <= price <= 1_000_000:  # also what is no number
        raise ContractViolation(f"odds of {price}")
    odds = round(price * 1000)
    return odds if odds > 1000 else None


def market_status_of(status: int) -> MarketStatus:
    """Return the state of a line: only an active one is open; handed over without live odds yet is suspended."""
    return _STATUS.get(status, "SUSPENDED")


def result_of(result: int, void_factor: float | None, dead_heat_factor: float | None) -> Result:
    """Return what became of an outcome.

    Formula: (result, void factor): (0, -) lost; (1, -) won; (0, 1) void; (1, .5) half won, rest void; (0, .5) half
    lost, rest void. Source: UOF bet settlement.

    Raises:
        ContractViolation: no bet can end so.
    """
    verdicts: dict[tuple[int, float], Verdict] = {
        (0, 0.0): "LOST", (1, 0.0): "WON", (0, 1.0): "VOID", (1, 1.0): "VOID", (1, 0.5): "HALF_WON",
        (0, 0.5): "HALF_LOST", (-1, 0.0): "UNDECIDED",
    }  # fmt: skip
    verdict = verdicts.get((result, void_factor or 0.0))
    if verdict is None:
        raise ContractViolation(f"a result of {result} with a void factor of {void_factor}")
    return Result(verdict, 1.0 if dead_heat_factor is None else dead_heat_factor)


def runner_status_of(result: Result) -> RunnerStatus:
    """Return a result as a selection's status; halves and dead heats have no such word and stay as they are."""
    if result.dead_heat_factor != 1.0:
        return "ACTIVE"
    return _RUNNER.get(result.verdict, "ACTIVE")


def stops(groups: str, market_groups: str) -> bool:
    """Say whether a bet stop on groups concerns a market of groups; one whose groups are unknown is concerned."""
    named = set(groups.split("|"))
    return "all" in named or not market_groups or bool(named & set(market_groups.split("|")))


def fixture_status_of(status: str | None) -> FixtureStatus | None:
    """Return how an event stands, by the feed's number or the REST interface's word; None where it is yet to begin."""
    return _EVENT.get((status or "").casefold())


def minute_of(clock: str | None) -> int | None:
    """Return the whole minutes of a match clock ("75:02"), or None where it says none."""
    minutes = (clock or "").partition(":")[0]
    return int(minutes) if minutes.isascii() and minutes.isdecimal() and len(minutes) <= 4 else None
