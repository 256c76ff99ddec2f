"""The house's liability in a market, as it is published."""

from domain.events.trading import Exposure, OutcomeExposure
from domain.money.cause import PROVIDER
from domain.trading.cause import Cause
from domain.trading.playbook import Playbook
from domain.trading.state import MarketState


def exposure(market: MarketState, playbook: Playbook, cause: Cause) -> Exposure:
    """Say what the market would cost, under a new version.

    `bets` and `stakes_minor` count confirmed legs; the outcomes and the worst case include what held ones may win.
    """
    market.exposure_version += 1
    taken = market.taken
    winners = playbook.market(market.market_type).winners
    return Exposure(
        event_id=f"{cause.event_id}.x/{market.market_id}",
        occurred_at=cause.at,
        received_at=cause.at,
        provider=PROVIDER,
        source=cause.source,
        fixture_id=market.fixture_id,
        market_id=market.market_id,
        version=market.exposure_version,
        currency=playbook.rules.currency,
        bets=taken.legs,
        stakes_minor=taken.stakes_minor,
        held_minor=taken.held_worst_case(winners),
        worst_case_minor=taken.worst_case(winners),
        outcomes=tuple(
            OutcomeExposure(selection_id=selection_id, liability_minor=taken.outcome(index))
            for index, selection_id in enumerate(market.selections)
        ),
    )
