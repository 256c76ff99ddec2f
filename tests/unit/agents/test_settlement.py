"""Settlement through both agents: words become a truth, the truth becomes money, and corrections leave no trace."""

from itertools import permutations
from typing import Any

import msgspec
import pytest

from agents import settlement_unit
from bookstream import topics
from bookstream.delivery.api import Record
from bookstream.proof.verify import TopicAudit
from domain.events.betting import Account, LedgerEntry
from domain.events.canonical import Incident, IncidentKind
from domain.events.settlement import BetSettlement, LegSettlement, MarketResult, MarketSettlement, SelectionResult
from tables.settlement import SLOTS, legs_from
from tests.unit.bookstream.proof.story import NOW, SECOND, START, Story

T0 = NOW + 3600 * SECOND
HOME, DRAW, AWAY = "home", "draw", "away"


@pytest.fixture
def story() -> Story:
    """Give two customers with a hundred pounds each, and prices on two matches."""
    made = Story()
    for customer in ("ann", "ben"):
        made.transfer(customer, 10_000)
    made.answer()
    made.answer(at=START + 10 * SECOND, drift=0.02)
    return made


def won(winner: str) -> tuple[SelectionResult, ...]:
    return tuple(SelectionResult(selection_id=each, win=int(each == winner)) for each in (HOME, DRAW, AWAY))


def word(market_id: str, action: str = "SETTLE", *, at: int = T0, **fields: Any) -> MarketResult:
    given: dict[str, Any] = {
        "event_id": f"{market_id}-{action}-{at}-{fields}", "occurred_at": at, "received_at": at, "provider": "uof",
        "fixture_id": market_id.partition("/")[0], "market_id": market_id, "told_by": "uof/1", "told_number": 0,
        "action": action, "confirmed": True, "selections": (), "selection_ids": (), **fields,
    }  # fmt: skip
    return MarketResult(**given)


def say(story: Story, *words: MarketResult) -> None:
    for each in words:
        story.send(topics.RESULTS, each)
        story.log.run()


def account(story: Story, customer: str = "ann") -> tuple[int, int, int]:
    last = [each for each in story.said(topics.ACCOUNTS, Account) if each.customer_id == customer][-1]
    return last.balance_minor, last.open_stakes_minor, last.owed_minor


def bets(story: Story) -> list[tuple[str, str, int]]:
    return [
        (each.bet_id, each.status, each.returned_minor) for each in story.said(topics.BET_SETTLEMENTS, BetSettlement)
    ]


def is_proved(story: Story) -> bool:
    findings = TopicAudit(story.partition).run()
    assert findings.differences == []
    return findings.checked["bet settled by its legs"] > 0


def test_a_bet_that_won_is_paid_with_its_stake_and_one_that_lost_leaves_it_to_the_house(story: Story) -> None:
    market, _ = story.markets()
    leg = story.leg(market)
    story.bet("won", leg)
    story.bet("lost", story.leg(market, AWAY), customer="ben")
    story.log.run()
    say(story, word(market, selections=won(HOME)))
    returned = 1000 * leg.odds // 1000
    assert bets(story) == [("won", "CONFIRMED", returned), ("lost", "CONFIRMED", 0)]
    assert (account(story), account(story, "ben")) == ((9000 + returned, 0, 0), (9000, 0, 0))
    profit = [
        sum(each.amount_minor for each in entry.postings if each.ledger_account == "house:profit")
        for entry in story.said(topics.LEDGER, LedgerEntry) if entry.kind == "SETTLE"
    ]  # fmt: skip
    assert sum(profit) == 1000 - (returned - 1000)
    assert is_proved(story)


def test_a_market_without_bets_is_settled_all_the_same(story: Story) -> None:
    market, _ = story.markets()
    say(story, word(market, selections=won(HOME), confirmed=False))
    (said,) = story.said(topics.SETTLEMENTS, MarketSettlement)
    assert (said.status, said.version, len(said.selections)) == ("PROVISIONAL", 1, 3)


def test_a_bet_that_is_accepted_after_its_market_was_settled_is_settled_at_once_and_void(story: Story) -> None:
    market, _ = story.markets()
    known = tuple(SelectionResult(selection_id=each.selection_id, win=each.win, known_at=NOW - 1) for each in won(HOME))
    say(story, word(market, selections=known))
    story.bet("late", story.leg(market))
    story.log.run()
    assert bets(story) == [("late", "CONFIRMED", 1000)]
    assert story.said(topics.LEG_RESULTS, LegSettlement)[-1].code == "PAST_POSTED"
    assert account(story) == (10_000, 0, 0)
    assert is_proved(story)


def test_a_double_waits_for_its_second_leg_unless_the_first_is_lost(story: Story) -> None:
    first, second = story.markets()
    story.bet("waits", story.leg(first), story.leg(second))
    story.bet("is lost", story.leg(first, AWAY), story.leg(second), customer="ben")
    story.log.run()
    say(story, word(first, selections=won(HOME)))
    assert bets(story) == [("waits", "PARTLY", 0), ("is lost", "CONFIRMED", 0)]
    say(story, word(second, selections=won(HOME)))
    last = {bet_id: (status, returned) for bet_id, status, returned in bets(story)}
    assert (last["waits"][0], last["is lost"]) == ("CONFIRMED", ("CONFIRMED", 0))
    assert account(story) == (9000 + last["waits"][1], 0, 0)
    assert is_proved(story)


def test_what_is_taken_back_after_it_was_spent_is_owed_and_paid_by_the_next_credit(story: Story) -> None:
    market, _ = story.markets()
    story.bet("won", story.leg(market))
    story.log.run()
    say(story, word(market, selections=won(HOME)))
    paid = bets(story)[-1][2]
    story.transfer("ann", -(9000 + paid), "all")
    say(story, word(market, at=T0 + 1, selections=won(AWAY)))
    assert bets(story)[-1] == ("won", "CONFIRMED", 0)
    assert account(story) == (0, 0, paid)
    story.transfer("ann", paid + 5, "again")
    story.log.run()
    assert account(story) == (5, 0, 0)
    assert is_proved(story)


def test_words_come_to_the_same_in_whatever_order_they_come(story: Story) -> None:
    market, _ = story.markets()
    words = (
        word(market, at=T0, selections=won(AWAY), confirmed=False),
        word(market, "ROLLBACK_SETTLEMENT", at=T0 + 1),
        word(market, at=T0 + 2, selections=won(HOME)),
        word(market, "CANCEL", at=T0 + 3, from_at=0, until_at=10),
    )
    seen = set()
    for n, order in enumerate(permutations(words)):
        told = Story()
        told.transfer("ann", 10_000)
        told.answer()
        told.answer(at=START + 10 * SECOND, drift=0.02)
        told.bet("b", told.leg(market))
        told.log.run()
        say(told, *order, *order[: n % 3])
        assert is_proved(told)
        seen.add((account(told), bets(told)[-1]))
    assert len(seen) == 1


def test_sources_that_disagree_hold_the_market_until_the_desk_decides(story: Story) -> None:
    market, _ = story.markets()
    story.bet("b", story.leg(market))
    story.log.run()
    say(story, word(market, selections=won(HOME)))
    say(story, word(market, selections=won(AWAY), told_by="betfair", provider="betfair"))
    held = story.said(topics.SETTLEMENTS, MarketSettlement)[-1]
    assert (held.status, held.code) == ("HELD", "PROVIDERS_DISAGREE")
    assert {(each.told_by, each.outcome) for each in held.case if each.selection_id == HOME} == {
        ("uof/1", "WIN"), ("betfair", "LOSE")
    }  # fmt: skip
    assert account(story) == (9000, 1000, 0)
    say(story, word(market, selections=won(AWAY), told_by="desk", provider="bookstream", actor="Kim"))
    assert (account(story), bets(story)[-1]) == ((9000, 0, 0), ("b", "CONFIRMED", 0))
    assert is_proved(story)


def test_a_result_that_is_none_is_a_dead_letter_and_changes_nothing(story: Story) -> None:
    market, second = story.markets()
    bad = (
        word(market, selections=(SelectionResult(selection_id=HOME, win=3),)),
        word(market, selections=(SelectionResult(selection_id=HOME, win=1, void_denominator=0),)),
        word(market),
        word(market, selections=won(HOME), told_by=""),
        word(market, "CANCEL", from_at=5, until_at=5),
        msgspec.structs.replace(word(market, selections=won(HOME)), market_id=second),
        msgspec.structs.replace(word(market, selections=won(HOME)), fixture_id="fx-elsewhere"),
    )
    say(story, *bad)
    letters = list(story.log.records(topics.DEAD_LETTERS.name))
    assert len(letters) == len(bad)
    assert story.said(topics.SETTLEMENTS, MarketSettlement) == []


def test_a_market_of_many_legs_is_told_in_parts_and_whole(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settlement_unit, "LEGS_AT_ONCE", 8)
    story.transfer("ann", 1_000_000, "more")
    market, _ = story.markets()
    for n in range(90):
        story.bet(f"b{n}", story.leg(market), stake_minor=10)
    story.log.run()
    say(story, word(market, selections=won(HOME)))
    work: list[Record] = list(story.log.records(topics.SETTLEMENT_WORK.name))
    assert len(work) > 5
    assert len({each.leg_id for each in story.said(topics.LEG_RESULTS, LegSettlement)}) == 90
    assert account(story)[1] == 0
    assert is_proved(story)
    shard = story.log.shard("settlement", work[0].partition)
    assert legs_from(shard, market, SLOTS, 1) == ([], SLOTS)


def incident(story: Story, market_id: str, kind: IncidentKind, at: int, score: tuple[int, int], **fields: Any) -> None:
    fixture_id = market_id.partition("/")[0]
    told = Incident(
        event_id=f"{fixture_id}-{kind}-{at}", occurred_at=at, received_at=at, provider=fields.pop("provider", "scores"),
        fixture_id=fixture_id, kind=kind, home_score=score[0], away_score=score[1], **fields,
    )  # fmt: skip
    story.send(topics.INCIDENTS, told)
    story.log.run()


def test_our_own_rules_settle_by_what_a_provider_tells_of_the_match(story: Story) -> None:
    market, _ = story.markets()
    leg = story.leg(market)
    story.bet("b", leg)
    story.log.run()
    incident(story, market, "KICK_OFF", T0, (0, 0))
    incident(story, market, "GOAL", T0 + 60 * SECOND, (1, 0), side="HOME", minute=1)
    assert bets(story) == []
    incident(story, market, "FULL_TIME", T0 + 7200 * SECOND, (1, 0))
    assert bets(story)[-1] == ("b", "CONFIRMED", 1000 * leg.odds // 1000)
    (said,) = {each.told_by for each in story.said(topics.RESULTS, MarketResult)}
    assert said == "rules:scores"
    incident(story, market, "SCORE_CORRECTED", T0 + 7300 * SECOND, (0, 0))
    assert bets(story)[-1] == ("b", "CONFIRMED", 0)
    assert account(story) == (9000, 0, 0)
    assert is_proved(story)


def test_two_tellings_that_lead_to_different_results_hold_the_market(story: Story) -> None:
    market, _ = story.markets()
    story.bet("b", story.leg(market))
    story.log.run()
    incident(story, market, "FULL_TIME", T0, (1, 0))
    incident(story, market, "FULL_TIME", T0, (1, 1), provider="others")
    held = story.said(topics.SETTLEMENTS, MarketSettlement)[-1]
    assert (held.status, {each.told_by for each in held.case}) == ("HELD", {"rules:scores", "rules:others"})
    assert account(story) == (9000, 1000, 0)
    assert is_proved(story)
