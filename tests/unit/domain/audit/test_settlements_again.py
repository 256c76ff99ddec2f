"""What a crash says again is no difference: the last unit's outputs, some versions of one market or bet, come twice."""

from typing import Any

from domain.audit.settlements import BetSettlementAudit, MarketAudit
from domain.events.settlement import BetSettlement, MarketSettlement

HEAD: dict[str, Any] = {"event_id": "e", "occurred_at": 1, "received_at": 1, "provider": "bookstream"}


def market(version: int, code: str = "") -> MarketSettlement:
    return MarketSettlement(
        **HEAD, fixture_id="fx", market_id="fx/M", version=version, status="CONFIRMED", selections=(), cancelled=(),
        case=(), code=code,
    )  # fmt: skip


def bet(version: int, returned_minor: int = 0) -> BetSettlement:
    return BetSettlement(
        **HEAD, bet_id="b", customer_id="c", version=version, status="CONFIRMED", currency="GBP", stake_minor=5,
        returned_minor=returned_minor, legs=(),
    )  # fmt: skip


def of_markets(*said: MarketSettlement) -> list[str]:
    audit = MarketAudit()
    for each in said:
        audit.settlement(each)
    return [each.rule for each in audit.findings().differences]


def of_bets(*said: BetSettlement) -> list[str]:
    audit = BetSettlementAudit()
    for each in said:
        audit.bet(each)
    return [each.rule for each in audit.findings().differences if "version" in each.rule]


def test_versions_of_a_market_that_are_said_again_are_no_difference() -> None:
    assert of_markets(market(1), market(2), market(1), market(2), market(3)) == []
    assert of_markets(market(2), market(1)) == ["market settlement versions rise"]
    assert of_markets(market(1), market(1, "HELD")) == ["one content a version of market settlement"]


def test_versions_of_a_bet_that_are_said_again_are_no_difference() -> None:
    assert of_bets(bet(1), bet(2), bet(1), bet(2)) == []
    assert of_bets(bet(2), bet(1)) == ["bet settlement versions rise"]
    assert of_bets(bet(1), bet(1, 7)) == ["one content a version of bet settlement"]
