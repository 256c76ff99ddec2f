"""The demo, whole: one command, and its exit code says that the proof is clean."""

from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[..., dict[str, Any]]

pytestmark = [pytest.mark.broker, pytest.mark.slow, pytest.mark.timeout(600)]


def test_the_demo_ends_as_the_match_ended_and_proves_itself(bookstream: Run, living: Callable[[], bool]) -> None:
    told = bookstream("demo", "--speed", "150")
    assert set(told) == {"topics", "bets", "settlement", "sql", "verify", "seconds"}
    assert told["verify"]["ok"]
    assert told["verify"]["differences"] == told["verify"]["problems"] == []
    assert told["bets"]["ACCEPTED"] > 0
    settlement = told["settlement"]
    assert settlement["books"]["sum_minor"] == settlement["books"]["open_stakes_minor"] == 0
    assert settlement["books"]["profit_minor"] == settlement["staked_minor"] - settlement["returned_minor"]
    assert settlement["bets"] == {"CONFIRMED": told["bets"]["ACCEPTED"] + told["bets"].get("PARTIAL", 0)}
    assert settlement["markets"] == {"CONFIRMED": 3}
    assert settlement["settled_again"] >= settlement["corrected"] > 0
    assert sum(told["verify"]["checked"].values()) > 10_000
    assert all(answer["rows"] for answer in told["sql"])
    for topic in ("feeds.betfair.raw", "odds", "quotes", "bets.decisions", "results", "ledger.entries"):
        assert told["topics"][topic] > 0
    assert not living()
