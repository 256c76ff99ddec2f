"""What the commands that only read show of a log in memory."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import pytest

from agents.dead_letters import PREFIX, dead_letter
from bookstream import topics
from bookstream.cli.bet import _legs, _require_same
from bookstream.codecs import decode
from bookstream.delivery.api import Record
from bookstream.delivery.memory import MemoryOutbox
from bookstream.proof.letters import REPLAYED, origin, replayed
from domain.errors import ContractViolation, Misconfigured
from domain.events.betting import BetDecision, BetRequest
from tests.unit.bookstream.proof.story import Story, told
from tests.unit.cli.conftest import Run

BRACKETS = b'[{"a": "[/b] [red] \\\\["}]'


@pytest.fixture(scope="session")
def story() -> Story:
    """Tell the story, with two letters of which every byte looks like markup, and one that was sent again."""
    story = told()
    for offset, topic in enumerate((topics.RAW[0].name, topics.RAW[0].name, "no.such.topic")):
        out = MemoryOutbox(3)
        record = Record(topic, 3, offset, 0, b"[k]", BRACKETS, (("trace", b"[1]"),))
        dead_letter(out, record, ContractViolation("[/x] is [no] closing tag"), "ingest.[betfair]")
        (sent,) = out.sent
        story.log.send(sent.topic, sent.key, sent.value, partition=7, headers=sent.headers)
    story.log.send(topics.RAW[0].name, b"[k]", b"x", partition=3, headers=[(REPLAYED, b"7@0"), (PREFIX + "x", b"y")])
    return story


@pytest.fixture(autouse=True)
def in_memory(environment: pytest.MonkeyPatch, story: Story) -> None:
    """Read the story instead of a broker."""

    def read(bootstrap: str, names: Sequence[str], security: Any = None) -> Iterator[Record]:
        assert (bootstrap, security) == ("memory:1", {})
        for name in names:
            yield from story.reader(name)

    environment.setenv("BOOKSTREAM_KAFKA", "memory:1")
    for module in ("cli.dead_letters", "proof.explain", "cli.bet"):
        environment.setattr(f"bookstream.{module}.read", read)


def test_explain_shows_the_chain_for_people_and_for_programs(run: Run) -> None:
    shown = run("explain", "ann/double")
    assert shown.code == 0
    for part in ("bet ann/double ACCEPTED", "verdict", "quote", "weight 0.900", "as received", '[{"id":"match0"'):
        assert part in shown.out
    chain = run("explain", "ann/double", "--json").json
    assert (chain["kind"], len(chain["causes"])) == ("bet", 2)


def test_explain_of_what_nobody_knows_exits_1(run: Run) -> None:
    ran = run("explain", "[/made-up]", "--json")
    assert (ran.code, ran.json) == (1, {"id": "[/made-up]", "found": False})
    assert "nothing is known under [/made-up]" in ran.sentence


def test_dead_letters_are_listed_with_place_origin_and_reason(run: Run) -> None:
    listed = run("dead-letters", "list", "--json").json
    assert listed["total"] == 5
    assert {"place": "7@0", "from": "feeds.betfair.raw/3/0", "code": "contract_violation", "stage": "ingest.[betfair]",
            "reason": "[/x] is [no] closing tag"} in listed["dead_letters"]  # fmt: skip
    assert "[/x] is [no] closing tag" in run("dead-letters", "list").out


@pytest.mark.parametrize(
    ("options", "total", "shown"),
    [
        (("--topic", "bets.requests"), 2, 2),
        (("--code", "undecodable"), 1, 1),
        (("--code", "undecodable", "--topic", "odds"), 0, 0),
        (("--limit", "1"), 5, 1),
    ],
)
def test_dead_letters_are_filtered_and_limited(run: Run, options: tuple[str, ...], total: int, shown: int) -> None:
    listed = run("dead-letters", "list", "--json", *options).json
    assert (listed["total"], len(listed["dead_letters"])) == (total, shown)


def test_a_dead_letter_is_shown_whole(run: Run) -> None:
    shown = run("dead-letters", "show", "7@1", "--json").json
    assert bytes.fromhex(shown["value"]) == BRACKETS
    assert bytes.fromhex(shown["key"]) == b"[k]"
    assert shown["headers"]["trace"] == "[1]"
    for_people = run("dead-letters", "show", "7@1").out
    assert "[/b] [red]" in for_people
    assert "[/x] is [no] closing tag" in for_people


@pytest.mark.parametrize("where", ["7@9", "x", ""])
def test_no_letter_at_a_place_exits_2(run: Run, where: str) -> None:
    for argv in (("dead-letters", "show", where), ("dead-letters", "replay", "7@0", where)):
        ran = run(*argv)
        assert ran.code == 2
        assert "`bookstream dead-letters list` shows the places" in ran.sentence


def test_a_dry_run_tells_what_would_be_sent_and_what_was_sent_before(run: Run) -> None:
    dry = ("dead-letters", "replay", "--dry-run", "--json")
    assert run(*dry, "7@0", "7@1", "7@2").json == {
        "sent": 0, "places": ["7@1"], "sent_before": 1, "without_origin": 1,
    }  # fmt: skip
    assert run(*dry, "7@0", "7@1", "--again").json["places"] == ["7@0", "7@1"]
    assert len(run(*dry, "--all", "--code", "undecodable").json["places"]) == 1
    assert "1 were sent again before" in run("dead-letters", "replay", "7@0", "--dry-run").out


def test_where_a_letter_came_from_is_read_only_from_whole_headers() -> None:
    whole = [(f"{PREFIX}topic", b"t"), (f"{PREFIX}partition", b"3"), (f"{PREFIX}offset", b"7")]
    record = Record("dead-letters", 0, 0, 0, None, None, tuple(whole))
    assert origin(record) == ("t", 3, 7)
    for n in range(3):
        part = msgspec.structs.replace(record, headers=(*whole[:n], *whole[n + 1 :]))
        assert origin(part) is None
    assert replayed([record]) == set()


def test_the_answer_to_another_bet_is_not_shown_as_the_answer_to_this(story: Story) -> None:
    values = [record.value or b"" for record in story.reader(topics.BET_REQUESTS.name)]
    requests = [decode(BetRequest, value) for value in values if value != b"not a bet"]
    decision = next(d for d in story.said(topics.BET_DECISIONS, BetDecision) if d.event_id == "ann/single.decision")
    first, other = [request for request in requests if (request.customer_id, request.bet_id) == ("ann", "single")]
    _require_same(first, decision)
    with pytest.raises(Misconfigured, match="was used for another bet, which is ACCEPTED"):
        _require_same(other, decision)


def test_a_leg_without_odds_takes_those_quoted_now(story: Story) -> None:
    market = story.markets()[0]
    (leg,) = _legs([f"{market}:home"], "memory:1")
    assert leg == story.leg(market)
    asked, unknown = _legs([f"{market}:away@9.75", "fx-0/M/FT:home@2.125"], "memory:1")
    assert (asked.odds, asked.quote_version) == (9750, 2)
    assert (unknown.fixture_id, unknown.odds, unknown.quote_version) == ("fx-0", 2125, 0)


@pytest.mark.parametrize(
    ("leg", "said"),
    [
        ("fx-0/M/FT:home", "fx-0/M/FT is no market that was ever quoted"),
        ("{market}:nobody", "quotes no odds for nobody"),
    ],
)
def test_odds_that_are_not_quoted_must_be_said(story: Story, leg: str, said: str) -> None:
    with pytest.raises(Misconfigured, match=said):
        _legs([leg.format(market=story.markets()[0])], "memory:1")
