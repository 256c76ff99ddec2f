"""The rules of markets, read once from rules.toml, and what a rule makes of one market's selections."""

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Final, Literal

import msgspec

from domain.events.canonical import MarketOdds
from domain.events.trading import MarketListing
from domain.settlement.expressions import Expression, World, read
from domain.settlement.patterns import numbers_in, rewritten

OWN: Final = "BETFAIR_"
QUARTER: Final = 250

Retirement = Literal["void", "unknown"]


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule as the file has it; see there."""

    sports: tuple[str, ...]
    types: tuple[str, ...]
    periods: tuple[str, ...] = ("FT",)
    win: dict[str, str] = {}
    margin: dict[str, str] = {}
    void: str = "0"
    knowable: str = "1"
    names: dict[str, str] = {}
    early: bool = True
    retirement: Retirement = "void"


class Alias(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a market of one provider is, by its type and its name."""

    type: str
    rule: str
    name: str = ""
    line: str = ""


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """One selection of a market: the word that it is, its id if none, its runner's name, a line of its own if any."""

    id: str
    word: str = ""
    name: str = ""
    line_milli: int | None = None


class Market(msgspec.Struct, frozen=True, kw_only=True):
    """A market to be settled. `name` is its own; `home` and `away` are the names its runners may call the sides by."""

    sport: str
    market_type: str
    period: str
    choices: tuple[Choice, ...]
    line_milli: int | None = None
    name: str = ""
    home: tuple[str, ...] = ()
    away: tuple[str, ...] = ()


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """What decides a selection: whether it wins, or by how much; of a quarter line the two lines beside it."""

    choice: str
    wins: Expression | None = None
    margins: tuple[Expression, ...] = ()

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """Return all that is asked of a world."""
        return self.margins if self.wins is None else (self.wins,)


class _Book(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    rule: tuple[Rule, ...]
    betfair: tuple[Alias, ...]


@cache
def _rules() -> dict[tuple[str, str, str], Rule]:
    """Index the rules.

    Raises:
        ValueError: two rules decide one market.
    """
    index: dict[tuple[str, str, str], Rule] = {}
    for rule in _book().rule:
        for key in ((sport, kind, period) for sport in rule.sports for kind in rule.types for period in rule.periods):
            if index.setdefault(key, rule) is not rule:
                raise ValueError(f"two rules decide {key}")
    return index


@cache
def _book() -> _Book:
    text = files("domain.settlement").joinpath("rules.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), _Book)


def rule_of(market: Market) -> Rule | None:
    """Return what decides a market; None where no rule does."""
    return _rules().get((market.sport, market.market_type, market.period))


def market_of(
    odds: MarketOdds | MarketListing, sport: str, home: tuple[str, ...], away: tuple[str, ...], name: str = ""
) -> Market:
    """Return a published market as one to be settled; Betfair's own ones are known by their type and name."""
    choices = tuple(Choice(id=each.selection_id, name=each.name) for each in odds.selections)
    market = Market(
        sport=sport, market_type=odds.market_type, period=odds.period, choices=choices, line_milli=odds.line_milli,
        name=name, home=home, away=away,
    )  # fmt: skip
    own = odds.market_type.removeprefix(OWN)
    return market if own == odds.market_type else of_betfair(msgspec.structs.replace(market, market_type=own))


def of_betfair(market: Market) -> Market:
    """Return a market of Betfair's own type in our words; one that has none keeps its type under Betfair's name."""
    for alias in _book().betfair:
        numbers = numbers_in(alias.type, market.market_type)
        if numbers is None:
            continue
        rule: str | None = alias.rule
        if alias.name:
            rule = rewritten({alias.name: alias.rule}, market.name, market.home, market.away)
        if rule is None:
            continue
        line = market.line_milli
        if alias.line:
            line = read(alias.line, numbers).formula(World({}))
        return msgspec.structs.replace(market, market_type=rule, line_milli=line)
    return msgspec.structs.replace(market, market_type=OWN + market.market_type)


def calls_of(market: Market) -> tuple[tuple[Call, ...], tuple[str, ...]]:
    """Return what decides each selection of a market, and the selections that its rule does not know."""
    rule = rule_of(market)
    calls: list[Call] = []
    unknown: list[str] = []
    for choice in market.choices if rule else ():
        call = _call(rule, market, choice) if rule else None
        if call is None:
            unknown.append(choice.id)
        else:
            calls.append(call)
    return tuple(calls), tuple(unknown)


def bound_of(market: Market, line_milli: int | None = None) -> dict[str, int]:
    """Return the names that are numbers of a market itself."""
    bound = {"has_draw": int(any("draw" in (choice.id, choice.word) for choice in market.choices))}
    line = market.line_milli if line_milli is None else line_milli
    if line is not None:
        bound |= {"line": line, "number": line // 1000}
    return bound


def _call(rule: Rule, market: Market, choice: Choice) -> Call | None:
    for text in _words(rule, market, choice):
        for pattern, told in rule.win.items():
            numbers = numbers_in(pattern, text)
            if numbers is not None:
                wins = read(told, bound_of(market, choice.line_milli) | numbers)
                return None if _lacks_line(wins) else Call(choice=choice.id, wins=wins)
        for pattern, told in rule.margin.items():
            numbers = numbers_in(pattern, text)
            if numbers is not None:
                return _margin(told, market, choice, numbers)
    return None


def _margin(told: str, market: Market, choice: Choice, numbers: dict[str, int]) -> Call | None:
    line = market.line_milli if choice.line_milli is None else choice.line_milli
    lines: tuple[int | None, ...] = (line,)
    if line is not None and line % QUARTER:
        return None
    if line is not None and line % (2 * QUARTER):
        lines = (line - QUARTER, line + QUARTER)
    margins = tuple(read(told, bound_of(market, each) | numbers) for each in lines)
    return None if any(map(_lacks_line, margins)) else Call(choice=choice.id, margins=margins)


def _lacks_line(expression: Expression) -> bool:
    return bool(expression.names & {"line", "number"})


def _words(rule: Rule, market: Market, choice: Choice) -> Iterator[str]:
    yield choice.word or choice.id
    told = rewritten(rule.names, choice.name, market.home, market.away) if choice.name else None
    if told is not None:
        yield told
