"""BetsAPI's vocabulary in canonical words: sports, status codes, markets by number, lines, prices, texts of events.

Source: the BetsAPI documentation (glossary of time status, odds markets) and what its recorded answers show.
"""

import re
from typing import Final, Literal, NamedTuple

from domain.errors import ContractViolation
from domain.events.canonical import FixtureStatus, IncidentKind, Side
from domain.feeds.coupon import ASIAN_HANDICAP, HALF_TIME, MATCH_ODDS, TOTAL_CORNERS, TOTAL_GOALS, within
from domain.feeds.markets import MarketKind

SPORTS: Final = {
    1: "soccer", 3: "cricket", 8: "rugby_union", 12: "american_football", 13: "tennis", 14: "snooker", 15: "darts",
    16: "baseball", 17: "ice_hockey", 18: "basketball", 19: "rugby_league", 36: "australian_rules", 78: "handball",
    83: "futsal", 91: "volleyball", 92: "table_tennis", 94: "badminton", 95: "beach_volleyball", 151: "esports",
}  # fmt: skip
NO_MATCHES: Final = frozenset([2, 4, 7])
"""Horse racing, greyhounds and golf: races and outrights, which have no two sides."""
EVENS: Final = "EVS"
QUARTER: Final = 250
HALF: Final = 500
Score = tuple[int, int]

_STATUS: Final[dict[int, FixtureStatus | None]] = {
    0: "SCHEDULED", 1: "IN_PLAY", 2: None, 3: "FINISHED", 4: None, 5: "CANCELLED", 6: "CANCELLED", 7: "IN_PLAY",
    8: "CANCELLED", 9: "FINISHED", 10: "IN_PLAY", 11: "FINISHED", 99: None,
}  # fmt: skip
_MARKETS: Final[dict[str, MarketKind]] = {
    "1_1": MATCH_ODDS,
    "1_2": ASIAN_HANDICAP,
    "1_3": TOTAL_GOALS,
    "1_4": TOTAL_CORNERS,
    "1_5": within(ASIAN_HANDICAP, "1H"),
    "1_6": within(TOTAL_GOALS, "1H"),
    "1_7": within(TOTAL_CORNERS, "1H"),
    "1_8": HALF_TIME,
}
_FIGURES: Final = {
    "corners": "corners_count", "corner_h": "first_half_corners_count", "corner_f": "full_time_corners_count",
    "yellowcards": "yellow_cards_count", "redcards": "red_cards_count", "on_target": "shots_on_target_count",
    "off_target": "shots_off_target_count", "possession": "possession_percent", "possession_rt": "possession_percent",
}  # fmt: skip
_MARKS: Final[dict[str, IncidentKind]] = {
    "KickOff": "KICK_OFF", "FirstHalfEnd": "HALF_TIME", "SecondHalfKickOff": "SECOND_HALF",
    "SecondHalfEnd": "FULL_TIME", "Goal": "GOAL", "YellowCard": "YELLOW_CARD", "RedCard": "RED_CARD",
}  # fmt: skip
_TEXTS: Final[dict[str, IncidentKind]] = {"Goal": "GOAL", "Yellow Card": "YELLOW_CARD", "Red Card": "RED_CARD"}

_NUMBER: Final = r"[+-]?\d{1,4}(?:\.\d{1,3})?"
_LINE: Final = re.compile(rf"({_NUMBER})(?:[,/]\s*({_NUMBER}))?", re.ASCII)
_PRICE: Final = re.compile(r"\d{1,6}(?:\.\d{1,6})?", re.ASCII)
_FRACTION: Final = re.compile(r"(\d{1,6})/(\d{1,6})", re.ASCII)
_SCORE: Final = re.compile(r"(\d{1,4})[-:](\d{1,4})", re.ASCII)
_MINUTE: Final = re.compile(r"(\d{1,3})(?::[0-5]?\d)?(?:\+\d{1,2})?'?", re.ASCII)
_FIGURE: Final = re.compile(r"[a-z][a-z0-9_]{0,40}", re.ASCII)
_TEXT: Final = re.compile(
    r"(\d{1,3})(?:\+\d{1,2})?' - +(?:\d{1,2}(?:st|nd|rd|th) +)?(Goal|Yellow Card|Red Card) +- +\((.+?)\)", re.ASCII
)


class Told(NamedTuple):
    """A goal or card that a line of text tells of."""

    kind: IncidentKind
    side: Side
    minute: int


def sport_of(number: int) -> str:
    """Name a sport by BetsAPI's number, which is bet365's too; one without a canonical name keeps its number."""
    return SPORTS.get(number, f"betsapi_{number}")


def status_of(code: int) -> FixtureStatus | None:
    """Return how a match stands; None where the code tells of no progress: to be fixed, postponed, removed.

    A walkover or an abandoned match counts as cancelled, a retirement or a decision by the association as finished.

    Raises:
        ContractViolation: no such code is known.
    """
    if code not in _STATUS:
        raise ContractViolation(f"a status of {code}")
    return _STATUS[code]


def kind_of(market: str) -> MarketKind | None:
    """Return what the market of a number is; None for one that is not known, as other sports' are."""
    return _MARKETS.get(market)


def line_of(text: str | None) -> int | None:
    """Read a line in thousandths: "3", "-0.50", "2.75", or a quarter line as its two halves, "4.0,4.5" and "2.5/3".

    "0-0.5" is none: whether its second half is +0.5 or -0.5 cannot be told.

    Raises:
        ContractViolation: it is no line, or its two parts are not half a goal apart.
    """
    if text is None or not text.strip():
        return None
    match = _LINE.fullmatch(text.strip())
    if match is None:
        raise ContractViolation(f"not a line: {text[:40]!r}")
    first = round(float(match[1]) * 1000)
    second = first if match[2] is None else round(float(match[2]) * 1000)
    if abs(first - second) not in {0, HALF} or (first + second) % (2 * QUARTER):
        raise ContractViolation(f"not a line: {text[:40]!r}")
    return (first + second) // 2


def whole_match_line(kind: MarketKind, line_milli: int | None, score: Score | None) -> int | None:
    """Return the line over the whole match of a handicap that counts from the score as it stands.

    At 2-0 a head start of -0.5 for the home side is one of -2.5 from the beginning. Totals count all goals anyway.
    """
    if line_milli is None or score is None or kind.market_type != "ASIAN_HANDICAP":
        return line_milli
    return line_milli - 1000 * (score[0] - score[1])


def odds_of(text: str | None) -> int | None:
    """Read decimal odds in thousandths; None where nothing is offered: null, empty, "-", or odds of 1 and less.

    Raises:
        ContractViolation: it is no number.
    """
    if text is None or text.strip() in {"", "-"}:
        return None
    if text.strip() == EVENS:
        return 2000
    if _PRICE.fullmatch(text.strip()) is None:
        raise ContractViolation(f"not odds: {text[:40]!r}")
    odds = round(float(text) * 1000)
    return odds if odds > 1000 else None


def fraction_of(text: str | None) -> int | None:
    """Read fractional odds ("13/8") as decimal ones in thousandths; None where nothing is offered ("0/0", "").

    Raises:
        ContractViolation: it is no fraction.
    """
    if not text or text in {"-", "SP"}:
        return None
    if text == EVENS:
        return 2000
    match = _FRACTION.fullmatch(text)
    if match is None:
        raise ContractViolation(f"not fractional odds: {text[:40]!r}")
    profit, stake = int(match[1]), int(match[2])
    return 1000 + round(1000 * profit / stake) if profit and stake else None


def score_of(text: str | None) -> Score | None:
    """Read "2-3" or "2:3"; None, "" and "-" are no score.

    Raises:
        ContractViolation: it is something else.
    """
    if not text or text == "-":
        return None
    match = _SCORE.fullmatch(text)
    if match is None:
        raise ContractViolation(f"not a score: {text[:40]!r}")
    return int(match[1]), int(match[2])


def minute_of(text: str | None) -> int | None:
    """Read a minute of the match clock: "52", "07:36", "45+2"; None where the clock does not run.

    Raises:
        ContractViolation: it is none.
    """
    if not text or text == "-":
        return None
    match = _MINUTE.fullmatch(text)
    if match is None:
        raise ContractViolation(f"not a minute: {text[:40]!r}")
    return int(match[1])


def figure_of(team: Literal["home", "away"], name: str) -> str:
    """Name a side's statistic, with its unit at the end.

    Raises:
        ContractViolation: the name cannot be one.
    """
    if _FIGURE.fullmatch(name) is None:
        raise ContractViolation(f"not a statistic: {name[:40]!r}")
    return f"{team}_{_FIGURES.get(name, f'{name}_count')}"


def mark_of(kind: str) -> IncidentKind | None:
    """Return what an update of a timeline is."""
    return _MARKS.get(kind)


def told_of(text: str, home: str, away: str) -> Told | None:
    """Read a goal or card from a line of text ("81' - 1st Goal -   (Monagas) -"); None for other lines."""
    match = _TEXT.match(text)
    side: Side | None = None if match is None else {home: "HOME", away: "AWAY"}.get(match[3])  # type: ignore[assignment]
    if match is None or side is None:
        return None
    return Told(_TEXTS[match[2]], side, int(match[1]))


class ScorePath:
    """The scores of a match as several markets tell them, each in its own time.

    A market that is behind the others tells a score again that was told before: only what no market has told yet is
    news, or what goes back from the newest.
    """

    def __init__(self, first: Score | None = None) -> None:
        self._path: list[Score | None] = [first]
        self._reached: dict[str, int] = {}

    def tell(self, market: str, score: Score) -> bool:
        """Take a market's word for the score, and say whether it is news."""
        reached = self._reached.get(market, 0)
        if self._path[reached] == score:
            return False
        if score in self._path[reached + 1 :]:
            self._reached[market] = self._path.index(score, reached + 1)
            return False
        self._path.append(score)
        self._reached[market] = len(self._path) - 1
        return True
