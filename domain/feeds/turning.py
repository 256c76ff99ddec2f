"""What a provider tells of a fixture whose sides it names the other way round, turned to the fixture's own sides."""

import re
from typing import Final

import msgspec

from domain.events.canonical import Incident, MarketOdds, Side, Statistic
from domain.events.settlement import MarketResult
from domain.feeds.markets import AWAY, HOME

Told = MarketOdds | Incident | Statistic | MarketResult

_SELECTIONS: Final = {HOME: AWAY, AWAY: HOME, "home_or_draw": "draw_or_away", "draw_or_away": "home_or_draw"}
_SIDES: Final[dict[Side, Side]] = {"HOME": "AWAY", "AWAY": "HOME"}
_SCORE: Final = re.compile(r"(\d+)-(\d+)")
_OF_A_SIDE: Final = re.compile(r"_(HOME|AWAY)$|^(home|away)_")


def turned(event: Told) -> Told:
    """Turn an event round: what was of home is of away. Twice turned is as it was.

    A handicap's line is the home side's, so its sign changes, and with it the market's id. What only the provider
    has a word for stays as it is: it speaks of nobody's home side but its own.
    """
    if isinstance(event, MarketOdds):
        return msgspec.structs.replace(
            event,
            market_id=_market(event.market_id),
            market_type=_of_other(event.market_type),
            line_milli=_line(event.market_type, event.line_milli),
            selections=tuple(
                msgspec.structs.replace(each, selection_id=_selection(each.selection_id)) for each in event.selections
            ),
        )
    if isinstance(event, MarketResult):
        return msgspec.structs.replace(
            event,
            market_id=_market(event.market_id),
            selections=tuple(
                msgspec.structs.replace(each, selection_id=_selection(each.selection_id)) for each in event.selections
            ),
            selection_ids=tuple(_selection(each) for each in event.selection_ids),
        )
    if isinstance(event, Statistic):
        return msgspec.structs.replace(event, name=_of_other(event.name))
    return msgspec.structs.replace(
        event,
        side=_SIDES[event.side] if event.side else None,
        home_score=event.away_score,
        away_score=event.home_score,
        market_id=_market(event.market_id) if event.market_id else None,
        selection_id=_selection(event.selection_id) if event.selection_id else None,
    )


def _selection(selection: str) -> str:
    score = _SCORE.fullmatch(selection)
    return f"{score[2]}-{score[1]}" if score else _SELECTIONS.get(selection, selection)


def _market(market: str) -> str:
    """Turn a market's id: fixture, type, period, and a line where it has one."""
    fixture, market_type, period, *rest = market.split("/")
    if rest and re.fullmatch(r"-?\d+", rest[0]):
        rest[0] = str(_line(market_type, int(rest[0])))
    return "/".join((fixture, _of_other(market_type), period, *rest))


def _line(market_type: str, line_milli: int | None) -> int | None:
    return -line_milli if line_milli and market_type.endswith("HANDICAP") else line_milli


def _of_other(name: str) -> str:
    """Name what the other side has: TOTAL_GOALS_HOME is TOTAL_GOALS_AWAY, home_aces_count is away_aces_count."""
    found = _OF_A_SIDE.search(name)
    if found is None:
        return name
    side = found[1] or found[2]
    other = {"HOME": "AWAY", "AWAY": "HOME", "home": "away", "away": "home"}[side]
    return f"{name[: found.start()]}{found[0].replace(side, other)}{name[found.end() :]}"
