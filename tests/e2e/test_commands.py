"""The system as its users run it: up, a feed, a bet, questions, the proof, down, and the same data again."""

import os
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from bookstream.cli.replay import TAIL_SECONDS
from bookstream.demo import exchange, match
from bookstream.replaying import SECOND
from ops import broker
from ops.ports import free_ports, is_free
from tests.e2e.conftest import Program
from tests.unit.ops.measurements import asked_for

pytestmark = [pytest.mark.broker, pytest.mark.slow, pytest.mark.timeout(300)]


NOT_YET = {
    "bookstream_clock_skew_seconds",
    "bookstream_provider_trust",
    *(
        f"bookstream_{name}_total"
        for name in (
            "dead_letters", "left_out", "feed_refused", "feed_contracts_broken", "feed_undeclared_fields",
            "feed_expected", "feed_received", "feed_objectives_missed", "provider_differences", "provider_coverages",
            "payment_states", "payment_answers", "payment_refusals",
        )
    ),
}  # fmt: skip
"""Nothing is refused or paid, nobody judged in the few seconds of the log; a recording has no clock to be off."""


def places(explanation: dict[str, Any]) -> list[str]:
    """Return where the explained event stands, and its causes, down to the provider's bytes."""
    return [explanation["place"], *(place for cause in explanation["causes"] for place in places(cause))]


def consecutive(count: int) -> list[int]:
    """Return free ports that follow one another."""
    while True:
        (first,) = free_ports(1)
        ports = list(range(first, first + count))
        if first < 60_000 and all(is_free(port) for port in ports):
            return ports


def measured(ports: list[int]) -> set[str]:
    """Return the names of the samples that the workers export."""
    texts = [urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5).read().decode() for port in ports]
    return {name for text in texts for name in re.findall(r"^(bookstream_\w+)", text, re.MULTILINE)}


def test_a_bet_on_a_replayed_market_is_accepted_proved_and_still_there_after_a_restart(
    program: Program, living: Callable[[], bool], tmp_path: Path
) -> None:
    bookstream = program.run
    ports = consecutive(5)
    program.variables["BOOKSTREAM_METRICS_PORT"] = str(ports[0])
    given = match.load()
    recorded = [(at, line) for at, line in exchange.messages(given, seed=3) if at < given.kick_off_at]
    feed = tmp_path / "before-the-match.jsonl"
    feed.write_bytes(b"".join(line + b"\n" for _, line in recorded))

    assert bookstream("up", "--no-clock")["workers"] == ["ingest", "book", "accounts", "settlement", "history"]
    assert living()
    replayed = bookstream("replay", "betfair", str(feed))
    assert (replayed["messages"], replayed["dead_letters"], replayed["fixtures"]) == (len(recorded), 0, 1)
    asked = "SELECT market_id FROM quotes WHERE status = 'OPEN' AND market_id LIKE '%/MATCH_ODDS/FT' LIMIT 1"
    market = bookstream("sql", asked)["rows"][0][0]

    bookstream("credit", "alice", "100.00")
    at = recorded[-1][0] + (TAIL_SECONDS + 1) * SECOND  # the log's time, which the replay has led to there
    leg = ("--leg", f"{market}:home", "--at", str(at), "--customer", "alice")
    taken = bookstream("bet", "--stake", "10.00", "--bet-id", "first", *leg)
    assert (taken["outcome"], taken["stake_minor"], taken["currency"]) == ("ACCEPTED", 1000, "GBP")
    refused = bookstream("bet", "--stake", "95.00", "--bet-id", "second", *leg, exit_code=1)
    assert (refused["outcome"], refused["code"]) == ("REJECTED", "INSUFFICIENT_BALANCE")

    assert sorted(asked_for() - measured(ports) - NOT_YET) == [], "what the dashboard asks for is measured"

    assert any(place.startswith("feeds.betfair.raw/") for place in places(bookstream("explain", "first")))
    assert bookstream("verify")["ok"]
    assert bookstream("down")["stopped"]
    assert not living()

    bets = bookstream("sql", "SELECT bet_id, outcome FROM bet_decisions ORDER BY bet_id")["rows"]
    assert bets == [["first", "ACCEPTED"], ["second", "REJECTED"]]
    bookstream("up", "--no-clock")
    again = bookstream("bet", "--stake", "10.00", "--bet-id", "first", *leg)
    assert again == taken

    note = broker.running(program.data_dir / "kafka")
    assert note is not None
    os.kill(note["pid"], signal.SIGKILL)
    deadline = time.monotonic() + 60
    while living():
        assert time.monotonic() < deadline, "without its broker the system does not end"
        time.sleep(0.2)
    assert "the broker was ended by signal 9" in (program.data_dir / "up.log").read_text(encoding="utf-8")
    assert not bookstream("down")["stopped"]
