"""The drill's desk: it changes what bets are worth again and again, and at the end has said nothing that stands."""

from collections import Counter
from typing import cast

import pytest

from bookstream import topics
from bookstream.demo.board import Board
from bookstream.drill_desk import Desk
from bookstream.outlet import Outlet
from domain.events.head import Event
from domain.events.settlement import BetSettlement, MarketResult
from domain.events.trading import Quote
from tests.unit.agents.test_settlement import account, bets, is_proved, story
from tests.unit.bookstream.proof.story import NOW, Story

__all__ = ["story"]


class Hands:
    """An outlet and a board on a log in memory; every word is handled to its last consequence at once."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.quotes = {quote.market_id: quote for quote in story.said(topics.QUOTES, Quote)}

    def send(self, topic: str, event: Event) -> None:
        assert topic == topics.RESULTS.name
        self.story.send(topics.RESULTS, event)
        self.story.log.run()

    def flush(self) -> None:
        """Nothing waits."""

    def desk(self, seed: int) -> Desk:
        """Give a desk that speaks when it is told to."""
        board, outlet = cast("Board", self), cast("Outlet", self)
        return Desk(board, outlet, per_second=0.001, now=lambda: NOW, seed=seed)


@pytest.mark.parametrize("seed", [1, 2])
def test_what_the_desk_says_moves_money_and_leaves_nothing_behind(story: Story, seed: int) -> None:
    first, second = story.markets()
    story.bet("single", story.leg(first))
    story.bet("double", story.leg(first), story.leg(second, "away"))
    story.log.run()
    before = account(story)
    hands = Hands(story)
    desk = hands.desk(seed)
    desk.start()
    for n in range(60):
        desk.speak(hands.quotes[(first, second)[n % 2]])
    assert len({returned for _, _, returned in bets(story)}) > 2
    desk.stop()
    assert {bet: rest for bet, *rest in bets(story)} == {"single": ["OPEN", 0], "double": ["OPEN", 0]}
    assert account(story) == before
    assert desk.words == len(story.said(topics.RESULTS, MarketResult)) > 60
    assert Counter(each.action for each in story.said(topics.RESULTS, MarketResult)).keys() == {
        "SETTLE", "CANCEL", "ROLLBACK_SETTLEMENT", "ROLLBACK_CANCEL",
    }  # fmt: skip
    assert max(each.version for each in story.said(topics.BET_SETTLEMENTS, BetSettlement)) > 10
    assert list(story.log.records(topics.DEAD_LETTERS.name)) == []
    assert is_proved(story)
