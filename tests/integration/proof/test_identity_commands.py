"""A person merges two fixtures on a running system that holds bets on both, and everything is still proved."""

import time

import pytest

from bookstream import topics
from bookstream.reading import events
from domain.events.trading import Quote
from tests.integration.proof.test_proof_commands import PATIENCE, House, house

__all__ = ["house"]

pytestmark = [pytest.mark.broker, pytest.mark.slow]


def wait_until_closed(house: House, market: str) -> None:
    """Wait until a market's newest quote is closed."""
    deadline = time.monotonic() + PATIENCE
    while True:
        quotes = [each for _, each in events(house.bootstrap, topics.QUOTES.name, Quote) if each.market_id == market]
        if quotes[-1].status == "CLOSED":
            return
        assert time.monotonic() < deadline, f"{market} is {quotes[-1].status}"
        time.sleep(0.2)


def test_a_merge_closes_one_of_two_fixtures_and_the_proof_stays_clean(house: House) -> None:
    retired, kept = (market.split("/")[0] for market in house.story.markets())
    word = ("--who", "ann", "--why", "the same match")
    assert house.run("identity", "review").json == {"total": 0, "reviews": []}
    ran = house.run("identity", "merge", kept, retired, *word)
    assert (ran.code, ran.json["fixture_id"]) == (0, kept), ran.err
    wait_until_closed(house, f"{retired}/MATCH_ODDS/FT")
    closed = house.bet("--leg", f"{retired}/MATCH_ODDS/FT:home@1.5", "--stake", "1")
    assert (closed.code, closed.json["outcome"]) == (1, "REJECTED")
    again = house.run("identity", "merge", kept, retired, *word)
    assert again.code == 2
    assert f"{retired} was merged into {kept}" in again.err
    proved = house.verified()
    assert proved.code == 0, proved.json["differences"]
