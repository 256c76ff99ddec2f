"""What a view of the book was worth when its match began: a closing price, for what providers are compared by."""

from typing import Final

from domain.events.canonical import MarketOdds
from domain.feeds.closing import Closing, is_closing
from domain.trading.playbook import Playbook
from domain.trading.state import FixtureState, MarketState, View
from domain.trading.views import take, work_out

MARKET_TYPE: Final = "MATCH_ODDS"
PERIOD: Final = "FT"
"""The market that every provider prices."""
NEVER: Final = 2**62
WHOLE: Final = frozenset({"LADDER", "ODDS", "TRADED"})
"""Prices that say what a source holds likely: not those of a ladder with a wide gap in it."""


def begins_at(fixture: FixtureState) -> int:
    """Return when a fixture begins; 0 where somebody said that it did, `NEVER` where it is not known, or no more."""
    if not fixture.known or fixture.past_at:
        return NEVER
    return fixture.kick_off_at if fixture.status == "SCHEDULED" else 0


def view_of(market: MarketState, odds: MarketOdds) -> View | None:
    """Return the view that the source of a tick has of a market."""
    for view in market.views:
        if view.bookmaker == odds.bookmaker and view.provider == odds.provider:
            return view
    return None


def told_alone(market: MarketState, odds: MarketOdds, playbook: Playbook) -> MarketState | None:
    """Return a market with what one tick says alone, though the book takes it no more; None where it says nothing."""
    alone = MarketState(
        market.market_id, market.fixture_id, market.market_type, market.period, market.line_milli,
        list(market.selections), list(market.names),
    )  # fmt: skip
    return alone if take(alone, odds, "", playbook) else None


def closing_of(view: View, selections: list[str], fixture: FixtureState, playbook: Playbook) -> Closing | None:
    """Return what a view says as a closing price, None where it is none: in play, suspended, too old, not whole."""
    if view.in_play or view.status != "OPEN" or not is_closing(view.occurred_at, fixture.kick_off_at):
        return None
    work_out(view, playbook)
    if view.form not in WHOLE:
        return None
    names = [selections[place] for place in view.outcomes]
    return Closing(view.provider, view.occurred_at, dict(zip(names, view.probabilities, strict=True)))
