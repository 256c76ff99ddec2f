"""`bookstream settle`: what the desk says reaches bets, what waits is listed, and what is no word is refused."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from bookstream import topics
from bookstream.cli import settle
from bookstream.delivery.api import Record
from domain.events.head import Event
from domain.events.settlement import BetSettlement, MarketResult, MarketSettlement, SelectionResult
from tests.unit.agents.test_settlement import bets, is_proved, say, story, won, word
from tests.unit.bookstream.proof.story import NOW, Story
from tests.unit.cli.conftest import Run

__all__ = ["story"]

WHO = ("--who", "ann", "--why", "the league's table")
HOME_WON = ("--result", "home=WIN", "--result", "draw=LOSE", "--result", "away=LOSE")


class Sent:
    """An outlet that hands words to the story's log and lets the agents work."""

    story: Story

    def __init__(self, _address: str, _security: dict[str, str]) -> None:
        pass

    def send(self, topic: str, event: Event) -> None:
        assert topic == topics.RESULTS.name
        self.story.send(topics.RESULTS, event)

    def flush(self) -> None:
        self.story.log.run()


@pytest.fixture
def market(story: Story, environment: pytest.MonkeyPatch) -> str:
    """Return a market with one bet on home; the story's log is the broker."""

    def read(_bootstrap: str, names: Sequence[str], _security: Any = None) -> Iterator[Record]:
        for name in names:
            yield from story.log.records(name)

    environment.setenv("BOOKSTREAM_KAFKA", "memory:1")
    environment.setattr(settle, "read", read)
    environment.setattr(settle, "Outlet", Sent)
    Sent.story = story
    market = story.markets()[0]
    story.bet("b", story.leg(market))
    story.log.run()
    return market


def newest(story: Story) -> MarketSettlement:
    return story.said(topics.SETTLEMENTS, MarketSettlement)[-1]


def test_the_desk_settles_a_market_corrects_it_and_takes_it_back(run: Run, market: str, story: Story) -> None:
    ran = run("settle", market, *HOME_WON, *WHO, "--json")
    assert (ran.code, ran.json["not_named"]) == (0, []), ran.err
    assert [each["action"] for each in ran.json["words"]] == ["SETTLE"]
    said = story.said(topics.RESULTS, MarketResult)[-1]
    assert (said.told_by, said.actor, said.reason, said.confirmed) == ("desk", "ann", "the league's table", True)
    assert bets(story)[-1][:2] == ("b", "CONFIRMED")
    assert bets(story)[-1][2] > 0
    assert run("settle", market, "--result", "home=LOSE", *WHO).code == 0
    assert bets(story)[-1] == ("b", "CONFIRMED", 0)
    assert run("settle", market, "--undo", *WHO).code == 0
    assert bets(story)[-1] == ("b", "OPEN", 0)
    assert newest(story).status == "OPEN"
    assert is_proved(story)


def test_the_desk_cancels_a_window_and_restores_it(run: Run, market: str, story: Story) -> None:
    window = ("--from", str(NOW), "--until", str(NOW + 1))
    assert run("settle", market, "--cancel", *window, *WHO).code == 0
    assert bets(story)[-1] == ("b", "CONFIRMED", 1000)
    assert run("settle", market, "--restore", *window, *WHO).code == 0
    assert bets(story)[-1] == ("b", "OPEN", 0)
    assert run("settle", market, "--cancel", "--selection", "home", *WHO).code == 0
    assert bets(story)[-1] == ("b", "CONFIRMED", 1000)
    ran = run("settle", market, "--undo", *WHO, "--json")
    assert [each["action"] for each in ran.json["words"]] == ["ROLLBACK_CANCEL"] * 2
    assert bets(story)[-1] == ("b", "OPEN", 0)
    assert is_proved(story)


def test_shares_deductions_and_the_moment_it_was_known_are_said(run: Run, market: str, story: Story) -> None:
    results = ("--result", "home=WIN,heat=2/4,less=20", "--result", "away=HALF_LOSE", "--known", "2026-09-21T14:13:19")
    ran = run("settle", market, *results, *WHO)
    assert ran.code == 0, ran.err
    assert "not named, and so as they were: draw" in ran.out
    known_at = 1_790_000_000 * 1_000_000 - 1_000_000
    assert story.said(topics.RESULTS, MarketResult)[-1].selections == (
        SelectionResult(selection_id="home", win=1, dead_heat_numerator=1, dead_heat_denominator=2, deduction=20,
                        known_at=known_at),
        SelectionResult(selection_id="away", win=0, void_numerator=1, void_denominator=2, known_at=known_at),
    )  # fmt: skip
    (settled,) = story.said(topics.BET_SETTLEMENTS, BetSettlement)
    assert settled.legs[0].code == "PAST_POSTED"


def test_held_markets_are_listed_with_who_says_what_until_the_desk_decides(run: Run, market: str, story: Story) -> None:
    say(story, word(market, selections=won("home")))
    say(story, word(market, selections=won("away"), told_by="betfair", provider="betfair", confirmed=False))
    shown = run("settle", "--list")
    for part in (market, "PROVIDERS_DISAGREE", "home: WIN says uof/1", "away: WIN says betfair, not for good"):
        assert part in shown.out
    (held,) = run("settle", "--list", "--json").json["held"]
    assert (held["market_id"], held["version"], len(held["case"])) == (market, newest(story).version, 4)
    assert run("settle", "fx-other/MATCH_ODDS/FT", "--list", "--json").json == {"held": []}
    assert run("settle", market, *HOME_WON, *WHO).code == 0
    assert run("settle", "--list", "--json").json == {"held": []}
    assert is_proved(story)


REFUSED = (
    (("--result", "home=WON"), "a result is SELECTION=WIN|LOSE|VOID|HALF_WIN|HALF_LOSE, not 'home=WON'"),
    (("--result", "home"), "a result is SELECTION="),
    (("--result", "home=WIN,heat=3/2"), "3/2 is no share of a place"),
    (("--result", "home=WIN,less=91"), "no more than 90 pence"),
    (("--result", "home=LOSE,less=5"), "only what won is shared or reduced"),
    (("--result", "nobody=WIN"), "has no selection 'nobody': it has"),
    (("--result", "home=WIN", "--result", "home=LOSE"), "a selection is named twice"),
    (("--result", "home=WIN", "--cancel"), "not --result and --cancel"),
    ((), "say one of --result, --cancel, --restore, --undo, --list"),
    (("--result", "home=WIN", "--from", "2026-01-01"), "--from says nothing with --result"),
    (("--undo", "--known", "2026-01-01"), "--known says nothing with --undo"),
    (("--cancel", "--from", "yesterday"), "'yesterday' is no time such as"),
    (("--cancel", "--from", "2026-01-02", "--until", "2026-01-01"), "ends after it begins"),
    (("--cancel", "--selection", "nobody"), "has no selection 'nobody'"),
    (("--undo",), "the desk has said nothing of"),
)


@pytest.mark.parametrize(("argv", "sentence"), REFUSED, ids=lambda each: " ".join(each)[:40] if each else "nothing")
def test_what_is_no_word_is_refused_in_a_sentence_and_says_nothing(
    run: Run, market: str, story: Story, argv: tuple[str, ...], sentence: str
) -> None:
    ran = run("settle", market, *argv, *WHO)
    assert (ran.code, ran.out) == (2, "")
    assert sentence in ran.sentence
    assert story.said(topics.RESULTS, MarketResult) == []


def test_a_word_needs_a_market_a_name_and_a_reason(run: Run, market: str, story: Story) -> None:
    for argv, sentence in (
        ((*HOME_WON, *WHO), "say which market --result is about"),
        ((market, *HOME_WON, "--who", "ann"), "say who decides it and why"),
        ((market, *HOME_WON, "--who", " ", "--why", "x"), "say who decides it and why"),
        (("fx-1/NEXT_MANAGER/FT", *HOME_WON, *WHO), "'fx-1/NEXT_MANAGER/FT' is no market that was ever offered"),
    ):
        ran = run("settle", *argv)
        assert (ran.code, ran.out) == (2, "")
        assert sentence in ran.sentence
    assert story.said(topics.RESULTS, MarketResult) == []


def test_a_word_of_before_the_desk_s_last_one_is_refused(run: Run, market: str, story: Story) -> None:
    assert run("settle", market, *HOME_WON, *WHO, "--at", "2026-09-21").code == 0
    ran = run("settle", market, "--undo", *WHO, "--at", "2026-09-20T23:00+00:00")
    assert ran.code == 2
    assert "the desk spoke of" in ran.sentence
    assert len(story.said(topics.RESULTS, MarketResult)) == 1
