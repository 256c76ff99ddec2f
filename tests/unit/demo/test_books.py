"""The house's books: what they hold after a story of bets, and what is said when they do not balance."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from bookstream import topics
from bookstream.demo import books as module
from bookstream.demo import match
from bookstream.demo.board import Board
from bookstream.demo.books import UNSETTLED, Books, read_books
from bookstream.demo.run import Demo
from domain.events.settlement import BetSettlement
from tests.unit.agents.test_settlement import say, story, won, word
from tests.unit.bookstream.proof.story import Story

__all__ = ["story"]


@pytest.fixture
def log(story: Story, monkeypatch: pytest.MonkeyPatch) -> Story:
    """Read the story's topics in place of a broker's; every entry twice, as after a crash."""

    def events(_bootstrap: str, topic: str, kind: type[Any]) -> Iterator[tuple[None, Any]]:
        for event in story.said(topics.BY_NAME[topic], kind):
            yield None, event
            if topic == topics.LEDGER.name:
                yield None, event

    monkeypatch.setattr(module, "events", events)
    return story


def test_books_hold_what_was_paid_in_what_is_open_and_what_bets_left_to_the_house(log: Story) -> None:
    market, other = log.markets()
    log.bet("won", log.leg(market))
    log.bet("lost", log.leg(market, "away"), customer="ben")
    log.bet("open", log.leg(other), customer="ben", stake_minor=300)
    log.bet("refused", log.leg(other), customer="nobody")
    log.log.run()
    before = read_books("nowhere")
    assert (before.paid_in_minor, before.open_stakes_minor, before.profit_minor, before.sum_minor) == (
        20_000,
        2300,
        0,
        0,
    )
    assert before.bets == {UNSETTLED: 3}
    say(log, word(market, selections=won("home")))
    after = read_books("nowhere")
    assert after.bets == {"CONFIRMED": 2, UNSETTLED: 1}
    assert (after.staked_minor, after.open_stakes_minor) == (2300, 300)
    assert after.profit_minor == 2000 - after.returned_minor
    assert after.customers_minor == 20_000 - 300 - after.profit_minor
    assert (after.sum_minor, after.corrected, after.settled_again) == (0, 0, 0)
    assert after.problems() == ["300 minor units of stakes are still open", f"1 bets are {UNSETTLED}"]
    after.returned_minor -= 1
    assert after.problems()[1].startswith("the house's profit is ")


def test_a_correction_is_counted_and_leaves_balanced_books(log: Story) -> None:
    market, _ = log.markets()
    log.bet("b", log.leg(market))
    log.bet("c", log.leg(market, "away"), customer="ben")
    log.log.run()
    say(
        log, word(market, selections=won("draw")), word(market, at=word(market).occurred_at + 1, selections=won("home"))
    )
    books = read_books("nowhere")
    assert (books.corrected, books.settled_again) == (1, 1)
    assert books.problems() == []
    assert books.as_json()["bets"] == {"CONFIRMED": 2}
    assert (books.markets, books.winners) == ({"CONFIRMED": 1}, {market: ["home"]})


def test_money_from_nowhere_and_a_market_that_waits_are_said() -> None:
    books = Books(paid_in_minor=100, customers_minor=101)
    books.markets["HELD"] += 2
    assert books.sum_minor == 1
    assert books.problems() == ["the ledger sums to 1 minor units, not to zero", "2 markets are HELD"]


def test_the_board_counts_bets_that_were_settled_otherwise_once_each() -> None:
    board = Board("127.0.0.1:1")
    given = BetSettlement(
        event_id="e", occurred_at=1, received_at=1, provider="bookstream", bet_id="b", customer_id="ann", version=1,
        status="CONFIRMED", currency="GBP", stake_minor=100, returned_minor=0, legs=(),
    )  # fmt: skip
    story = (("OPEN", 0), ("CONFIRMED", 0), ("CONFIRMED", 200), ("OPEN", 0), ("CONFIRMED", 200))
    for version, (status, returned) in enumerate(story, 1):
        said = msgspec.structs.replace(given, version=version, status=status, returned_minor=returned)
        board._settlement(said)
        board._settlement(msgspec.structs.replace(said, version=version - 1, returned_minor=77))
        assert len(board.corrected) == int(version > 2)
    assert board.settled["ann/b"].version == len(story)
    board.start()
    board.stop()


def test_a_market_that_another_selection_won_than_the_match_says_is_told() -> None:
    demo = Demo.__new__(Demo)
    demo._match = match.load()
    right = {"f/MATCH_ODDS/FT": ["draw"], "f/TOTAL_GOALS/FT/2500": ["over"], "f/BOTH_TO_SCORE/FT": ["yes"]}
    assert demo._wrong_winners(Books(winners=right)) == []
    wrong = right | {"f/TOTAL_GOALS/FT/2500": ["under"], "f/BOTH_TO_SCORE/FT": []}
    assert demo._wrong_winners(Books(winners=wrong)) == [
        "TOTAL_GOALS/FT/2500: under won, not over", "BOTH_TO_SCORE/FT: nothing won, not yes",
    ]  # fmt: skip
