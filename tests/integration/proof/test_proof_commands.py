"""The story again, by real workers on a real broker: the same decisions, a clean proof, and the commands about it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from confluent_kafka import Producer

from bookstream import topics
from bookstream.lag import wait_until_handled
from bookstream.local import LocalStack
from bookstream.proof.letters import REPLAYED
from bookstream.proof.tables import INPUTS
from bookstream.reading import events, read
from bookstream.settings import Settings
from domain.events.betting import BetDecision
from domain.events.trading import Quote
from tests.unit.bookstream.proof.story import NOW, SECOND, START, Story, told

pytestmark = [pytest.mark.broker, pytest.mark.slow]

PATIENCE = 60


class Ran(msgspec.Struct):
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out.splitlines()[-1])


class House:
    """The running system, the story that was sent to it, and its command line."""

    def __init__(self, story: Story, stack: LocalStack) -> None:
        self.story = story
        self.bootstrap = stack.bootstrap
        self._data_dir = stack.data_dir

    def send(self, topic: topics.Topic, wanted: Callable[[bytes], bool] = lambda _: True) -> None:
        """Send what the story sent to a topic, record by record, to the same partitions."""
        producer = Producer({"bootstrap.servers": self.bootstrap})
        for record in self.story.reader(topic.name):
            if wanted(record.value or b""):
                producer.produce(topic.name, record.value, record.key, record.partition, headers=list(record.headers))
        assert producer.flush(30) == 0

    def wait(self, topic: topics.Topic, count: int) -> None:
        """Wait until so many different keys are on a topic."""
        deadline = time.monotonic() + PATIENCE
        while len(found := {(r.partition, r.key) for r in read(self.bootstrap, [topic.name])}) < count:
            assert time.monotonic() < deadline, f"{topic.name} has {len(found)} of {count}"
            time.sleep(0.2)

    def wait_for_prices(self) -> None:
        """Wait until every market is quoted as the story's last quotes are."""
        expected = prices(self.story.said(topics.QUOTES, Quote))
        deadline = time.monotonic() + PATIENCE
        while (found := prices(quote for _, quote in events(self.bootstrap, topics.QUOTES.name, Quote))) != expected:
            assert time.monotonic() < deadline, f"{found} is not {expected}"
            time.sleep(0.2)

    def run(self, *argv: str, **variables: str) -> Ran:
        """Run a command in a process of its own."""
        given = {name: value for name, value in os.environ.items() if not name.startswith("BOOKSTREAM_")}
        done = subprocess.run(
            [sys.executable, "-m", "bookstream.cli", *argv, "--json"], capture_output=True, text=True, check=False,
            env={**given, "BOOKSTREAM_DATA_DIR": str(self._data_dir), **variables}, timeout=120,
        )  # fmt: skip
        return Ran(done.returncode, done.stdout, done.stderr)

    def verified(self) -> Ran:
        """Verify, once history has what the topics have."""
        deadline = time.monotonic() + PATIENCE
        while True:
            ran = self.run("verify")
            rules = {difference["rule"] for difference in ran.json["differences"]} if ran.out else {ran.err}
            if rules != {"history has every record"} or time.monotonic() > deadline:
                return ran
            time.sleep(0.5)

    def bet(self, *argv: str) -> Ran:
        """Place a bet of ann's at the story's time."""
        return self.run("bet", "--customer", "ann", "--at", str(NOW + 31 * SECOND), *argv)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Start the system, and let the story happen in it."""
    story, data_dir = told(), tmp_path_factory.mktemp("house")
    story.signer.write(data_dir / "tokens.private.jwks.json", data_dir / "tokens.public.jwks.json")
    with LocalStack(Settings(data_dir=data_dir, sink_batch_seconds=0.2), leashed=True) as stack:
        house = House(story, stack)
        house.send(topics.TRANSFERS)
        house.wait(topics.ACCOUNTS, 3)
        # The book quotes once for whatever ticks it finds: the second answer comes when the first is quoted.
        first, second = (record.value for record in story.reader(topics.RAW[1].name))
        house.send(topics.RAW[1], lambda value: value == first)
        house.wait(topics.QUOTES, 2)
        house.send(topics.RAW[1], lambda value: value == second)
        house.wait_for_prices()
        house.send(topics.BET_REQUESTS, lambda value: b"late" not in value)
        house.wait(topics.BET_DECISIONS, 11)
        house.send(topics.CLOCK)
        wait_until_handled(stack.bootstrap, timeout_seconds=PATIENCE)  # topics have no order among them
        house.send(topics.BET_REQUESTS, lambda value: b"late" in value)
        house.wait(topics.BET_DECISIONS, 12)
        yield house


def prices(quotes: Iterable[Quote]) -> dict[str, list[int | None]]:
    return {quote.market_id: [selection.odds for selection in quote.selections] for quote in quotes}


def outcomes(decisions: list[BetDecision]) -> dict[str, tuple[str, str, int, int]]:
    return {d.event_id: (d.outcome, d.code, d.stake_minor, d.odds) for d in decisions}


def decisions(house: House) -> list[BetDecision]:
    return [decision for _, decision in events(house.bootstrap, topics.BET_DECISIONS.name, BetDecision)]


def test_workers_decide_as_the_rules_do_in_memory(house: House) -> None:
    expected = outcomes(house.story.said(topics.BET_DECISIONS, BetDecision))
    found = outcomes(decisions(house))
    assert {event_id: found.get(event_id) for event_id in expected} == expected


def test_everything_that_was_said_is_proved(house: House) -> None:
    ran = house.verified()
    assert ran.code == 0, ran.json["differences"]
    assert ran.json["ok"] is True
    checked = ran.json["checked"]
    assert checked["all input handled"] == sum(map(len, INPUTS.values())) * topics.PARTITIONS
    assert {"decided anew", "exposure as in the table", "the outbox can be read", "history has every record"} <= set(
        checked
    )


def test_the_day_s_books_balance_by_topics_and_history_and_a_statement_ends_where_the_account_stands(
    house: House,
) -> None:
    assert house.verified().code == 0
    date = datetime.fromtimestamp(START // SECOND, UTC).date()
    day = house.run("books", "day", date.isoformat())
    assert (day.code, day.json["differences"]) == (0, [])
    assert day.json["checked"]["history has the ledger's entries"] > 5
    assert day.json["total"]["deposits_minor"] == 2_000_500
    closing = {row["customer_id"]: row["closing_minor"] for row in day.json["customers"]}
    ann = house.run("books", "statement", "ann", "--until", (date + timedelta(days=1)).isoformat()).json
    assert ann["closing_minor"] == ann["entries"][-1]["balance_minor"] == closing["ann"]
    assert ann["open_stakes_minor"] == sum(bet["stake_minor"] for bet in ann["open_bets"]) > 0


def test_a_bet_is_explained_to_the_bytes(house: House) -> None:
    chain = house.run("explain", "ann/double").json
    kinds = []
    while chain:
        kinds.append(chain["kind"])
        figures, chain = chain["figures"], next(iter(chain["causes"]), None)
    assert kinds == ["bet", "leg", "verdict", "quote", "tick", "provider's message"]
    assert "as received" in figures["bytes"]


def test_a_bet_is_placed_answered_and_answered_again(house: House) -> None:
    market = house.story.markets()[1]
    leg = ("--leg", f"{market}:away", "--stake", "2.50", "--bet-id", "by-hand")
    first = house.bet(*leg)
    assert (first.code, first.json["outcome"], first.json["stake_minor"]) == (0, "ACCEPTED", 250), first.err
    assert [check["check"] for check in first.json["checks"]][-1] == "risk"
    again = house.bet(*leg)
    assert (again.code, again.json) == (0, first.json)
    other = house.bet("--leg", f"{market}:home", "--stake", "2.50", "--bet-id", "by-hand")
    assert other.code == 2
    assert "was used for another bet" in other.err
    assert house.verified().code == 0


def test_a_bet_at_odds_that_nobody_offers_is_rejected(house: House) -> None:
    market = house.story.markets()[1]
    ran = house.bet("--leg", f"{market}:away@90", "--stake", "1", "--policy", "exact")
    assert (ran.code, ran.json["code"]) == (1, "ODDS_CHANGED")
    ran = house.bet("--leg", "fx-0/MATCH_ODDS/FT:home@2", "--stake", "1")
    assert (ran.code, ran.json["code"]) == (1, "FIXTURE_UNKNOWN")


def test_a_bet_that_breaks_a_rule_is_rejected_with_its_code(house: House, tmp_path: Path) -> None:
    market = house.story.markets()[1]
    expired = tmp_path / "expired"
    expired.write_text(house.story.signer.mint("ann", issued_at=NOW - 2 * SECOND, expires_at=NOW - SECOND))
    for code, changed in (
        ("TOKEN_EXPIRED", ("--stake", "1", "--token", str(expired))),
        ("STAKE_NOT_POSITIVE", ("--stake", "0")),
        ("STAKE_NOT_POSITIVE", ("--stake", "-1")),
        ("INSUFFICIENT_BALANCE", ("--stake", "99999")),
    ):
        ran = house.bet("--leg", f"{market}:away", *changed)
        assert (ran.code, ran.json["outcome"], ran.json["code"]) == (1, "REJECTED", code), ran.err
    assert house.verified().code == 0


def test_a_bet_that_becomes_a_dead_letter_is_told_why(house: House) -> None:
    ran = house.run(
        "bet", "--customer", "ann", "--at", "5", "--leg", f"{house.story.markets()[1]}:away@2", "--stake", "1"
    )
    assert (ran.code, ran.out) == (2, "")
    assert "was placed longer ago than requests are taken" in ran.err


def test_a_bet_that_nobody_answers_exits_3(house: House) -> None:
    market = house.story.markets()[1]
    ran = house.bet("--leg", f"{market}:away", "--stake", "1", "--wait", "0")
    assert ran.code == 3
    assert "no decision came within 0 s" in ran.err


def test_a_dead_letter_is_sent_again_once_byte_for_byte(house: House) -> None:
    listed = house.run("dead-letters", "list", "--topic", "bets.requests", "--code", "undecodable").json
    place = listed["dead_letters"][0]["place"]
    assert house.run("dead-letters", "replay", place, "--dry-run").json["sent"] == 0
    assert house.run("dead-letters", "replay", place).json == {
        "sent": 1, "places": [place], "sent_before": 0, "without_origin": 0,
    }  # fmt: skip
    sent = [r for r in read(house.bootstrap, ["bets.requests"]) if dict(r.headers).get(REPLAYED) == place.encode()]
    assert [(record.key, record.value) for record in sent] == [(b"ann", b"not a bet")]
    twice = house.run("dead-letters", "replay", place).json
    assert (twice["sent"], twice["sent_before"]) == (0, 1)
    deadline = time.monotonic() + PATIENCE
    while house.run("dead-letters", "list", "--code", "undecodable").json["total"] < listed["total"] + 1:
        assert time.monotonic() < deadline, "what was sent again was rejected again"
    assert house.verified().code == 0


def test_bets_that_other_rules_would_not_take_are_found(house: House, tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text("[accounts.limits]\nmax_stake_minor = 500\n")
    ran = house.run("verify", "--without-history", BOOKSTREAM_RULES=str(rules))
    assert ran.code == 1
    assert ran.json["ok"] is False
    assert "held as the rules say" in {difference["rule"] for difference in ran.json["differences"]}
