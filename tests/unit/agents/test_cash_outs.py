"""Cash-outs through every agent in memory: priced by the book, quoted, taken whole or in part, refused, and proved."""

from typing import Any

import msgspec
import pytest

from bookstream import topics
from bookstream.codecs import encode
from bookstream.proof.verify import TopicAudit
from domain.events.betting import Account, BetDecision, BetLeg, LedgerEntry
from domain.events.cash_out import CashOutAnswer, CashOutRequest
from domain.events.settlement import BetSettlement, MarketResult, SelectionResult
from tables.accounts import CASH_OUTS, CASHING
from tests.unit.bookstream.proof.story import KICK_OFF, NOW, SECOND, START, Story

LATER = NOW + 5 * SECOND
T0 = NOW + 3600 * SECOND


@pytest.fixture
def story() -> Story:
    """Give a customer a hundred pounds, prices on two matches, and a double of ten pounds on both home teams."""
    made = Story()
    made.transfer("ann", 10_000)
    made.answer()
    made.answer(at=START + 10 * SECOND, drift=0.02)
    made.bet("double", *[made.leg(market) for market in made.markets()])
    made.log.run()
    return made


def ask(story: Story, request_id: str, action: Any = "QUOTE", *, at: int = LATER, **changes: Any) -> CashOutAnswer:
    send(story, request_id, action, at=at, **changes)
    story.log.run()
    return [each for each in answers(story) if each.request_id == request_id][-1]


def send(story: Story, request_id: str, action: Any = "QUOTE", *, at: int = LATER, **changes: Any) -> None:
    given: dict[str, Any] = {
        "event_id": request_id, "occurred_at": at, "received_at": at, "provider": "web", "request_id": request_id,
        "customer_id": "ann", "token": story.signer.mint("ann", issued_at=START, expires_at=KICK_OFF),
        "bet_id": "double", "action": action, **changes,
    }  # fmt: skip
    story.send(topics.CASH_OUTS, CashOutRequest(**given))


def answers(story: Story) -> list[CashOutAnswer]:
    return story.said(topics.CASH_OUT_ANSWERS, CashOutAnswer)


def settle(story: Story, market: str, winner: str, *, at: int = T0) -> None:
    selections = tuple(SelectionResult(selection_id=each, win=int(each == winner)) for each in ("home", "draw", "away"))
    story.send(topics.RESULTS, MarketResult(
        event_id=f"{market}-{at}", occurred_at=at, received_at=at, provider="uof", fixture_id=market.partition("/")[0],
        market_id=market, told_by="uof/1", told_number=0, action="SETTLE", confirmed=True, selections=selections,
        selection_ids=(),
    ))  # fmt: skip
    story.log.run()


def account(story: Story) -> tuple[int, int]:
    last = story.said(topics.ACCOUNTS, Account)[-1]
    return last.balance_minor, last.open_stakes_minor


def settled(story: Story) -> tuple[str, int, int, int]:
    last = story.said(topics.BET_SETTLEMENTS, BetSettlement)[-1]
    return last.status, last.stake_minor, last.cashed_out_minor, last.returned_minor


def is_proved(story: Story) -> bool:
    findings = TopicAudit(story.partition).run()
    assert findings.differences == []
    return findings.checked["every cash-out answered"] > 0


def test_a_quote_is_the_odds_taken_over_the_odds_now_less_the_margin(story: Story) -> None:
    story.answer(at=START + 21 * SECOND, drift=0.06)
    said = ask(story, "q1")
    worth = 1000
    taken = [leg.odds for leg in story.said(topics.BET_DECISIONS, BetDecision)[-1].legs]
    now = [leg.odds_now for leg in said.legs]
    assert now != taken
    worth = worth * taken[0] * taken[1] // (now[0] * now[1])
    assert (said.outcome, said.code, said.part_minor) == ("QUOTED", "", 1000)
    assert said.amount_minor == worth * 9500 // 10_000
    assert said.expires_at == said.occurred_at + 10 * SECOND
    assert account(story) == (9000, 1000)
    assert is_proved(story)


def test_a_quote_that_is_taken_pays_it_and_ends_the_bet_whatever_its_legs_become(story: Story) -> None:
    amount = ask(story, "q1").amount_minor
    said = ask(story, "t1", "TAKE", quote_id="q1", at=LATER + SECOND)
    assert (said.outcome, said.amount_minor, said.part_minor) == ("TAKEN", amount, 1000)
    paid = (9000 + amount, 0)
    assert account(story) == paid
    assert settled(story) == ("CONFIRMED", 1000, 1000, amount)
    entry = [each for each in story.said(topics.LEDGER, LedgerEntry) if each.kind == "SETTLE"][-1]
    assert {line.ledger_account: line.amount_minor for line in entry.postings} == {
        "house:stakes:ann": -1000, "house:profit": 1000 - amount, "customer:ann:cash": amount,
    }  # fmt: skip
    for market in story.markets():
        settle(story, market, "home")
    settle(story, story.markets()[0], "away", at=T0 + SECOND)
    assert account(story) == paid
    assert settled(story) == ("CONFIRMED", 1000, 1000, amount)
    assert is_proved(story)


def test_of_a_part_that_is_cashed_out_the_rest_goes_on_and_is_corrected_alone(story: Story) -> None:
    amount = ask(story, "q1", part_minor=400).amount_minor
    ask(story, "t1", "TAKE", quote_id="q1", at=LATER + SECOND)
    assert account(story) == (9000 + amount, 600)
    assert settled(story) == ("OPEN", 1000, 400, amount)
    assert is_proved(story)
    first, second = story.markets()
    settle(story, first, "home")
    settle(story, second, "home")
    odds = [leg.odds for leg in story.said(topics.BET_DECISIONS, BetDecision)[-1].legs]
    won = 600 * odds[0] * odds[1] // 1_000_000
    assert account(story) == (9000 + amount + won, 0)
    assert settled(story) == ("CONFIRMED", 1000, 400, amount + won)
    settle(story, second, "draw", at=T0 + SECOND)
    assert account(story) == (9000 + amount, 0)
    assert settled(story) == ("CONFIRMED", 1000, 400, amount)
    assert is_proved(story)


def test_a_settled_leg_counts_as_what_became_of_it(story: Story) -> None:
    first, second = story.markets()
    settle(story, first, "home", at=NOW + 4 * SECOND)
    said = ask(story, "q1")
    odds = [leg.odds for leg in story.said(topics.BET_DECISIONS, BetDecision)[-1].legs]
    assert [leg.result.win for leg in said.legs] == [1, -1]
    assert said.legs[0].odds_now == 0
    assert said.amount_minor == 1000 * odds[0] * odds[1] // (1000 * said.legs[1].odds_now) * 9500 // 10_000
    priced = [leg.market_id for leg in story.said(topics.BET_LEGS, BetLeg) if leg.action == "PRICE"]
    assert priced == [second]
    assert is_proved(story)


def test_a_quote_that_is_asked_or_taken_again_is_answered_again_and_paid_once(story: Story) -> None:
    first = ask(story, "q1")
    assert ask(story, "q1", at=LATER + SECOND) == first
    taken = ask(story, "t1", "TAKE", quote_id="q1", at=LATER + SECOND)
    after = account(story)
    assert ask(story, "t1", "TAKE", quote_id="q1", at=LATER + 2 * SECOND) == taken
    other = ask(story, "t2", "TAKE", quote_id="q1", at=LATER + 2 * SECOND)
    assert (other.outcome, other.code) == ("REFUSED", "CASH_OUT_UNAVAILABLE")
    assert account(story) == after
    assert is_proved(story)


def test_two_quotes_of_one_bet_are_not_both_taken(story: Story) -> None:
    for name in ("q1", "q2"):
        assert ask(story, name, part_minor=400).outcome == "QUOTED"
    for name in ("1", "2"):
        send(story, f"t{name}", "TAKE", quote_id=f"q{name}", at=LATER + SECOND)
    story.log.run()
    assert [(each.outcome, each.code) for each in answers(story)[-2:]] == [
        ("TAKEN", ""), ("REFUSED", "CASH_OUT_BET_CHANGED")
    ]  # fmt: skip
    assert account(story)[1] == 600
    assert is_proved(story)


@pytest.mark.parametrize(
    ("action", "changes", "code"),
    [
        ("QUOTE", {"token": "no token"}, "TOKEN_INVALID"),
        ("QUOTE", {"bet_id": "none"}, "CASH_OUT_UNAVAILABLE"),
        ("QUOTE", {"part_minor": 1001}, "CASH_OUT_PART_INVALID"),
        ("QUOTE", {"part_minor": -1}, "CASH_OUT_PART_INVALID"),
        ("TAKE", {"quote_id": "none"}, "CASH_OUT_UNKNOWN"),
        ("TAKE", {"quote_id": ""}, "CASH_OUT_UNKNOWN"),
        ("TAKE", {"quote_id": "q0", "bet_id": "none"}, "CASH_OUT_UNKNOWN"),
        ("TAKE", {"quote_id": "q0", "part_minor": 5}, "CASH_OUT_UNKNOWN"),
        ("TAKE", {"quote_id": "q0", "at": LATER + 60 * SECOND}, "CASH_OUT_EXPIRED"),
    ],
)
def test_what_cannot_be_cashed_out_is_refused_with_a_code_and_moves_nothing(
    story: Story, action: str, changes: dict[str, Any], code: str
) -> None:
    ask(story, "q0")
    before = len(story.said(topics.LEDGER, LedgerEntry))
    said = ask(story, "r", action, **changes)
    assert (said.outcome, said.code, said.amount_minor, said.part_minor) == ("REFUSED", code, 0, 0)
    assert len(story.said(topics.LEDGER, LedgerEntry)) == before
    assert account(story) == (9000, 1000)
    assert is_proved(story)


def test_a_customer_cannot_take_what_was_quoted_to_another(story: Story) -> None:
    ask(story, "q1")
    story.transfer("ben", 5_000)
    token = story.signer.mint("ben", issued_at=START, expires_at=KICK_OFF)
    said = ask(story, "t1", "TAKE", quote_id="q1", customer_id="ben", token=token)
    assert (said.customer_id, said.code) == ("ben", "CASH_OUT_UNKNOWN")
    stolen = ask(story, "t2", "TAKE", quote_id="q1", token=token)
    assert (stolen.customer_id, stolen.code) == ("ann", "TOKEN_OTHER_CUSTOMER")
    assert is_proved(story)


def test_a_quote_is_not_taken_when_the_bet_has_lost_more_of_its_worth_than_is_tolerated(story: Story) -> None:
    ask(story, "q1")
    story.answer(at=LATER + SECOND, drift=-0.08)
    said = ask(story, "t1", "TAKE", quote_id="q1", at=LATER + 2 * SECOND)
    assert (said.outcome, said.code) == ("REFUSED", "CASH_OUT_MOVED")
    assert account(story) == (9000, 1000)
    assert is_proved(story)


def test_a_quote_is_not_taken_after_a_leg_was_settled(story: Story) -> None:
    ask(story, "q1")
    settle(story, story.markets()[0], "home", at=LATER + SECOND)
    said = ask(story, "t1", "TAKE", quote_id="q1", at=LATER + SECOND)
    assert (said.outcome, said.code) == ("REFUSED", "CASH_OUT_BET_CHANGED")
    assert is_proved(story)


def test_what_the_book_does_not_answer_in_time_is_refused_and_long_after_forgotten(story: Story) -> None:
    verdicts = story.contexts[2].handlers[topics.LEG_VERDICTS.name]
    story.contexts[2].handlers[topics.LEG_VERDICTS.name] = lambda *_: None
    send(story, "q1")
    story.log.run()
    assert answers(story) == []
    story.clock(LATER + 16 * SECOND)
    assert [(each.outcome, each.code) for each in answers(story)] == [("REFUSED", "TIMEOUT")]
    story.contexts[2].handlers[topics.LEG_VERDICTS.name] = verdicts
    for hours in (25, 26):
        story.clock(LATER + hours * 3600 * SECOND)
    shards = [story.log.shard("accounts", partition) for partition in range(topics.PARTITIONS)]
    assert not any(list(shard.scan(CASH_OUTS)) or list(shard.scan(CASHING.rows)) for shard in shards)


def test_a_request_id_names_one_request_and_an_old_request_is_not_taken(story: Story) -> None:
    ask(story, "q1")
    story.clock(LATER)
    send(story, "q1", part_minor=5)
    send(story, "old", at=NOW - 13 * 3600 * SECOND)
    send(story, "a/b")
    story.log.run()
    assert len(list(story.log.records(topics.DEAD_LETTERS.name))) == 3
    assert len(answers(story)) == 1
    assert is_proved(story)


@pytest.mark.parametrize(
    ("changes", "check"),
    [
        ({"amount_minor": 1}, "cash-out quoted by the odds"),
        ({"outcome": "TAKEN"}, "a quote was taken"),
        ({"code": "TIMEOUT"}, "a code says why it is refused"),
        ({"bet_id": "another"}, "the cash-out that was asked"),
        ({"request_id": "q9"}, "a cash-out was asked for"),
        ({"legs": ()}, "every leg is shown"),
    ],
)
def test_a_false_answer_is_found(story: Story, changes: dict[str, Any], check: str) -> None:
    true = ask(story, "q1")
    told = story.partition

    def lied(topic: str, partition: int) -> Any:
        for record in told(topic, partition):
            if topic != topics.CASH_OUT_ANSWERS.name:
                yield record
                continue
            yield msgspec.structs.replace(record, value=encode(msgspec.structs.replace(true, **changes)))

    assert check in {difference.rule for difference in TopicAudit(lied).run().differences}
