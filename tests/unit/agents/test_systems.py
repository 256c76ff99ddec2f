"""A Lucky 15 through every agent in memory: placed, held by four books, settled leg by leg, corrected, and proved."""

from typing import Any

import pytest

from bookstream import topics
from bookstream.proof.verify import TopicAudit
from domain.events.betting import Account, BetDecision, BetLeg
from domain.events.settlement import BetSettlement, MarketResult, SelectionResult
from domain.events.trading import Exposure
from tests.unit.bookstream.proof.story import NOW, SECOND, START, Story

TEAMS = (
    ("Brighton and Hove Albion", "Nottingham Forest"), ("Getafe", "Malaga"), ("Arsenal", "Chelsea"),
    ("Liverpool", "Everton"),
)  # fmt: skip
FOLDS = (1, 2, 3, 4)
T0 = NOW + 3600 * SECOND


@pytest.fixture
def story() -> Story:
    """Give a customer a hundred pounds, and prices on four matches."""
    made = Story(TEAMS)
    made.transfer("ann", 10_000)
    made.answer()
    made.answer(at=START + 10 * SECOND, drift=0.02)
    return made


def placed(story: Story, **changes: Any) -> BetDecision:
    story.bet("lucky", *[story.leg(market) for market in story.markets()], folds=FOLDS, **changes)
    story.log.run()
    return story.said(topics.BET_DECISIONS, BetDecision)[-1]


def settle(story: Story, market: str, winner: str | None, *, at: int = T0) -> None:
    """Say who won a match; None voids it."""
    selections = tuple(
        SelectionResult(selection_id=each, win=int(each == winner), void_numerator=int(winner is None))
        for each in ("home", "draw", "away")
    )
    story.send(topics.RESULTS, MarketResult(
        event_id=f"{market}-{at}", occurred_at=at, received_at=at, provider="uof", fixture_id=market.partition("/")[0],
        market_id=market, told_by="uof/1", told_number=0, action="SETTLE", confirmed=True, selections=selections,
        selection_ids=(),
    ))  # fmt: skip
    story.log.run()


def settled(story: Story) -> tuple[str, int]:
    last = story.said(topics.BET_SETTLEMENTS, BetSettlement)[-1]
    return last.status, last.returned_minor


def account(story: Story) -> tuple[int, int, int]:
    last = story.said(topics.ACCOUNTS, Account)[-1]
    return last.balance_minor, last.open_stakes_minor, last.owed_minor


def by_hand(stake: int, odds: list[int | None]) -> int:
    """Sum the fifteen lines as a clerk would: singles first, each rounded down; None is a loser, 1000 a void leg."""
    unit, more = divmod(stake, 15)
    total, at = 0, 0
    for size in FOLDS:
        for mask in sorted((m for m in range(16) if m.bit_count() == size), key=_places):
            paid: int = unit + (at < more)
            at += 1
            for place in _places(mask):
                paid *= odds[place] or 0
            total += int(paid // 1000**size)
    return total


def _places(mask: int) -> list[int]:
    return [place for place in range(4) if mask >> place & 1]


def is_proved(story: Story) -> bool:
    findings = TopicAudit(story.partition).run()
    assert findings.differences == []
    return findings.checked["decided anew"] > 0 and findings.checked["liability"] > 0


def test_a_lucky_15_is_accepted_with_the_most_that_its_fifteen_lines_can_pay(story: Story) -> None:
    decision = placed(story, stake_minor=1003)
    odds: list[int | None] = [leg.odds for leg in decision.legs]
    assert (decision.outcome, decision.folds, decision.stake_minor) == ("ACCEPTED", FOLDS, 1003)
    assert decision.payout_minor == by_hand(1003, odds)
    assert account(story) == (8997, 1003, 0)
    assert is_proved(story)


def test_each_market_is_told_the_eight_lines_of_its_leg_and_what_they_can_cost(story: Story) -> None:
    decision = placed(story, stake_minor=1500)
    told = [leg for leg in story.said(topics.BET_LEGS, BetLeg) if leg.action == "CONFIRM"]
    assert [leg.stake_minor for leg in told] == [800] * 4
    for index, leg in enumerate(told):
        without: list[int | None] = [each.odds for each in decision.legs]
        without[index] = None
        lines_of_leg = decision.payout_minor - by_hand(1500, without)
        last = [each for each in story.said(topics.EXPOSURES, Exposure) if each.market_id == leg.market_id][-1]
        home = next(each.liability_minor for each in last.outcomes if each.selection_id == "home")
        assert lines_of_leg - 800 <= home <= lines_of_leg - 800 + 8 + 800 * leg.odds // 10**6
        assert {each.liability_minor for each in last.outcomes if each.selection_id != "home"} == {-800}
    assert is_proved(story)


def test_a_lucky_15_is_settled_leg_by_leg_and_a_correction_pays_the_difference(story: Story) -> None:
    decision = placed(story, stake_minor=1500)
    first, second, third, fourth = (leg.odds for leg in decision.legs)
    markets = [leg.market_id for leg in decision.legs]
    settle(story, markets[0], "home")
    settle(story, markets[1], "away")
    settle(story, markets[2], None)
    assert settled(story) == ("PARTLY", 0)
    assert account(story) == (8500, 1500, 0)
    settle(story, markets[3], "home")
    paid = by_hand(1500, [first, None, 1000, fourth])
    assert settled(story) == ("CONFIRMED", paid)
    assert account(story) == (8500 + paid, 0, 0)
    settle(story, markets[1], "home", at=T0 + SECOND)
    more = by_hand(1500, [first, second, 1000, fourth])
    assert more > paid
    assert account(story) == (8500 + more, 0, 0)
    settle(story, markets[0], "draw", at=T0 + 2 * SECOND)
    settle(story, markets[2], "home", at=T0 + 3 * SECOND)
    assert settled(story) == ("CONFIRMED", by_hand(1500, [None, second, third, fourth]))
    assert account(story) == (8500 + settled(story)[1], 0, 0)
    assert is_proved(story)


def test_a_lucky_15_of_losers_is_settled_by_the_last_of_them(story: Story) -> None:
    decision = placed(story, stake_minor=1500)
    for leg in decision.legs[:3]:
        settle(story, leg.market_id, "away")
        assert settled(story) == ("PARTLY", 0)
    settle(story, decision.legs[3].market_id, "away")
    assert settled(story) == ("CONFIRMED", 0)
    assert account(story) == (8500, 0, 0)
    assert is_proved(story)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"stake_minor": 14}, "STAKE_BELOW_MINIMUM"),
        ({"folds": (5,)}, "BET_TYPE_INVALID"),
        ({"folds": (2, 1)}, "BET_TYPE_INVALID"),
        ({"folds": (), "bankers": (0,)}, "BET_TYPE_INVALID"),
        ({"bankers": (4,)}, "BET_TYPE_INVALID"),
        ({"folds": tuple(range(10_000))}, "BET_TYPE_INVALID"),
        ({"each_way": True}, "EACH_WAY_NOT_OFFERED"),
        ({"free": True}, "BONUS_INSUFFICIENT"),
    ],
)
def test_what_cannot_be_such_a_bet_is_refused_with_a_code_and_moves_nothing(
    story: Story, changes: dict[str, Any], code: str
) -> None:
    legs = [story.leg(market) for market in story.markets()]
    story.bet("odd", *legs, **{"folds": FOLDS, **changes})
    story.log.run()
    decision = story.said(topics.BET_DECISIONS, BetDecision)[-1]
    assert (decision.outcome, decision.code) == ("REJECTED", code)
    assert story.said(topics.BET_LEGS, BetLeg) == []
    assert account(story) == (10_000, 0, 0)
    assert TopicAudit(story.partition).run().differences == []
