"""What a market is, for whoever has to know more of it than its id says."""

from domain.events.trading import ListedSelection, MarketListing
from domain.money.cause import PROVIDER
from domain.trading.cause import Cause
from domain.trading.state import MarketState


def listing(market: MarketState, cause: Cause) -> MarketListing:
    """Say what a market is; `event_id` is `<market_id>.listed<number of selections>`."""
    return MarketListing(
        event_id=f"{market.market_id}.listed{len(market.selections)}", occurred_at=cause.at, received_at=cause.at,
        provider=PROVIDER, source=cause.source, fixture_id=market.fixture_id, market_id=market.market_id,
        market_type=market.market_type, period=market.period, line_milli=market.line_milli,
        selections=tuple(
            ListedSelection(selection_id=each, name=name)
            for each, name in zip(market.selections, market.names, strict=True)
        ),
    )  # fmt: skip
