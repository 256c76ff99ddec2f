"""From a settled bet back to the words, and to the bytes, that settled it."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from bookstream import topics
from bookstream.delivery.api import Record
from bookstream.proof.explain import Explainer
from bookstream.proof.explanation import GONE, Explanation
from connectors.raw import RawStream
from domain.events.betting import LedgerEntry
from tests.unit.agents.test_settlement import say, story, won, word
from tests.unit.bookstream.proof.story import KICK_OFF, SECOND, Story

__all__ = ["story"]

FULL_TIME = KICK_OFF + 7200 * SECOND


@pytest.fixture
def settled(story: Story) -> str:
    """Return a market with a bet on it that the scores settle."""
    market = story.markets()[0]
    story.bet("b", story.leg(market))
    story.log.run()
    scores(story, 2, 1)
    return market


def scores(story: Story, home: int, away: int, *, at: int = FULL_TIME) -> None:
    stream = RawStream(provider="theoddsapi", endpoint="https://odds.test/scores", stream_id=f"scores{at}")
    events = [
        {
            "id": f"match{number}", "sport_key": "soccer_epl", "sport_title": "EPL", "completed": True,
            "commence_time": "2026-09-22T14:13:20Z", "home_team": sides[0], "away_team": sides[1],
            "scores": [{"name": sides[0], "score": str(home)}, {"name": sides[1], "score": str(away)}],
        }
        for number, sides in enumerate((("Brighton and Hove Albion", "Nottingham Forest"), ("Getafe", "Malaga")))
    ]  # fmt: skip
    story.send(topics.RAW[1], stream.message(msgspec.json.encode(events), received_at=at))
    story.log.run()


def explain(reader: Any, wanted: str = "ann/b") -> Explanation:
    found = Explainer(reader).explain(wanted)
    assert found is not None
    return found


def kinds(explanation: Explanation) -> list[str]:
    return [explanation.kind, *(kinds(explanation.causes[0]) if explanation.causes else [])]


@pytest.mark.usefixtures("settled")
def test_a_settled_bet_leads_to_the_bytes_that_settled_it(story: Story) -> None:
    leg, settlement = explain(story.reader).causes
    assert kinds(leg)[-1] == "provider's message"
    assert kinds(settlement) == [
        "settlement", "leg result", "market settlement", "result", "told", "provider's message",
    ]  # fmt: skip
    (entry,) = [each for each in story.said(topics.LEDGER, LedgerEntry) if each.kind == "SETTLE"]
    (place,) = [place for place, text in settlement.figures.items() if text.startswith(entry.entry_id)]
    assert "customer:ann:cash +" in settlement.figures[place]
    (result,) = settlement.causes
    assert result.figures == {"result": "WIN", "market's version": "1", "moved money": place}
    market = result.causes[0]
    assert market.title.endswith("version 1: CONFIRMED")
    assert market.figures == {"home": "WIN", "draw": "LOSE", "away": "LOSE"}
    said = market.causes[0]
    assert (said.title, said.figures["for good"]) == ("SETTLE by rules:theoddsapi", "yes")
    told = said.causes[0]
    assert told.figures == {"score": "2-1"}
    assert told.causes[0].figures["endpoint"] == "https://odds.test/scores"


def test_every_change_of_a_settlement_is_shown_with_its_word_and_its_money(story: Story, settled: str) -> None:
    say(story, word(settled, at=FULL_TIME + SECOND, selections=won("away"), told_by="betfair", provider="betfair"))
    desk = word(settled, at=FULL_TIME + 2 * SECOND, selections=won("draw"), told_by="desk", actor="Kim", reason="seen")
    say(story, desk)
    settlement = explain(story.reader).causes[1]
    assert settlement.title == "ann/b CONFIRMED, version 3"
    assert [each.title.rsplit(" ", 1)[1] for each in settlement.causes] == ["CONFIRMED", "HELD", "CONFIRMED"]
    held, decided = (each.causes[0] for each in settlement.causes[1:])
    assert held.figures["home by rules:theoddsapi"] == "WIN"
    assert held.figures["home by betfair"] == "LOSE"
    assert decided.causes[0].figures["actor"] == "Kim"
    entries = {place for place in settlement.figures if place.startswith("ledger.entries/")}
    assert {each.figures["moved money"] for each in settlement.causes} == entries
    assert len(entries) == 3


@pytest.mark.usefixtures("settled")
def test_no_topic_is_read_twice(story: Story) -> None:
    reads: Counter[str] = Counter()

    def reader(topic: str) -> Iterator[Record]:
        reads[topic] += 1
        return story.reader(topic)

    assert explain(reader).causes[1].kind == "settlement"
    assert {topic: count for topic, count in reads.items() if count > 1} == {}


@pytest.mark.usefixtures("settled")
def test_what_its_topic_no_longer_keeps_is_said_to_be_gone(story: Story) -> None:
    gone = {topics.SETTLEMENTS.name}
    settlement = explain(lambda topic: iter(()) if topic in gone else story.reader(topic)).causes[1]
    assert settlement.causes[0].causes[0].place == GONE
    assert settlement.causes[0].figures["result"] == "WIN"


def test_a_bet_that_is_not_settled_has_no_settlement(story: Story) -> None:
    story.bet("b", story.leg(story.markets()[0]))
    story.log.run()
    assert [each.kind for each in explain(story.reader).causes] == ["leg"]
