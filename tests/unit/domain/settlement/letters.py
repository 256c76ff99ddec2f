"""Results as letters: W won, L lost, V given back, w and l the half of that."""

from domain.settlement.facts import Facts
from domain.settlement.result import HALF_LOSE, HALF_WIN, LOSE, VOID, WIN
from domain.settlement.rulebook import Choice, Market
from domain.settlement.settle import settle

LETTERS = {WIN: "W", LOSE: "L", VOID: "V", HALF_WIN: "w", HALF_LOSE: "l"}


def market(kind: str, words: str, *, period: str = "FT", line: int | None = None, sport: str = "soccer") -> Market:
    """Make a market of selections by their words, with blanks between them."""
    choices = tuple(Choice(id=word) for word in words.split())
    return Market(sport=sport, market_type=kind, period=period, choices=choices, line_milli=line)


def letters(of: Market, facts: Facts) -> str:
    """Return each selection's result as a letter, "." where it has none yet."""
    results = settle(of, facts).results
    return "".join(LETTERS[results[each.id]] if each.id in results else "." for each in of.choices)
