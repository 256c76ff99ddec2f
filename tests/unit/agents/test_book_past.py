"""What the book forgets: fixtures that are past, with every row of theirs; and what it still knows of them."""

from typing import Any

import msgspec
import pytest

from bookstream import topics
from bookstream.delivery.outbox import Sent
from domain.events.betting import LegVerdict
from domain.events.canonical import Incident
from domain.events.feeds import FeedStatus
from domain.events.head import Source
from domain.events.trading import TradingControl
from domain.trading.rules import BookRules
from tables.book import CUSTOMERS, FED, FIXTURES, LEGS, LOOKS, MARKETS, PAST, WAKING
from tests.unit.agents.desk import FX, HOUR, MARKET, NOW, SECOND, TOTALS, Desk, quotes, said

DAY = 86_400
RULES = BookRules(fixtures_kept_us=2 * DAY * SECOND, abandoned_us=5 * DAY * SECOND, past_kept_us=30 * DAY * SECOND)


def days(desk: Desk, first: float, last: float) -> list[Sent]:
    """Let days pass, an hour at a time."""
    return [sent for hour in range(int(first * 24), int(last * 24) + 1) for sent in desk.tick(hour * 3600)]


def opened(rules: BookRules = RULES) -> Desk:
    """Open two markets of a match and take a bet on one of them."""
    desk = Desk(rules)
    desk.fixture()
    desk.feed(topics.ODDS, desk.odds(), desk.totals())
    desk.feed(topics.BET_LEGS, desk.leg())
    return desk


def over(desk: Desk, seconds: float = 7200) -> None:
    desk.feed(topics.INCIDENTS, Incident(**desk.head(seconds), fixture_id=FX, kind="FULL_TIME"))


@pytest.fixture
def desk() -> Desk:
    desk = opened()
    desk.feed(topics.BET_LEGS, desk.leg("CONFIRM"))
    over(desk)
    return desk


def left(desk: Desk) -> list[str]:
    """Return the kinds of the rows that are kept, with how many there are; the indexes' lists of buckets aside."""
    kinds = (FIXTURES, MARKETS, CUSTOMERS, LEGS, FED, WAKING.rows, LOOKS.rows, PAST.rows)
    return [f"{rows.name} {len(desk.names(rows))}" for rows in kinds if desk.names(rows)]


def test_a_fixture_is_kept_for_its_time_and_then_only_its_own_row(desk: Desk) -> None:
    days(desk, 0, 2)
    assert set(desk.names(MARKETS)) == {MARKET, TOTALS}
    assert desk.market().taken.legs == 1
    assert quotes(days(desk, 2, 3)) == []
    assert left(desk) == ["fixture 1", "past 1"]


def test_what_comes_late_finds_that_the_fixture_is_past(desk: Desk) -> None:
    days(desk, 0, 3)
    odds, at = desk.odds, 3 * DAY + 5
    sent = [
        *desk.feed(topics.ODDS, odds(at), odds(at, late=True), odds(at, market_id=f"{FX}/NEW/FT")),
        *desk.feed(topics.INCIDENTS, Incident(**desk.head(at), fixture_id=FX, kind="GOAL")),
        *desk.fixture(at, kick_off_at=NOW + 9 * HOUR, status="IN_PLAY"),
        *days(desk, 3.5, 4),
    ]
    assert sent == []
    assert left(desk) == ["fixture 1", "past 1"]
    control = TradingControl(
        **desk.head(at, "desk"), scope="FIXTURE", scope_id=FX, action="SUSPEND", reason="", actor="tom"
    )
    assert desk.feed(topics.CONTROLS, control) == []


def test_a_leg_on_what_was_forgotten_is_refused_as_closed_and_one_decided_is_answered_again(desk: Desk) -> None:
    late = desk.leg(seconds=3 * DAY, leg_id="ben/b2/0", customer_id="ben", bet_id="b2")
    days(desk, 0, 3)
    verdict, again = said(desk.feed(topics.BET_LEGS, late, late), topics.LEG_VERDICTS, LegVerdict)
    assert (verdict.outcome, verdict.code) == ("REFUSE", "MARKET_CLOSED")
    assert again == verdict


def test_an_undecided_leg_keeps_everything_however_long() -> None:
    desk = opened()
    over(desk)
    days(desk, 0, 9)
    assert set(desk.names(MARKETS)) == {MARKET, TOTALS}
    desk.feed(topics.BET_LEGS, desk.leg("RELEASE", seconds=9 * DAY))
    days(desk, 9, 10)
    assert desk.names(MARKETS) == []


def test_a_fixture_with_a_market_that_is_open_is_kept_with_all_its_markets() -> None:
    desk = Desk(RULES)
    desk.fixture(kick_off_at=NOW + 20 * DAY * SECOND)
    desk.feed(topics.ODDS, desk.odds(), desk.totals(status="CLOSED"))
    days(desk, 0, 10)
    assert set(desk.names(MARKETS)) == {MARKET, TOTALS}


def test_a_fixture_that_nobody_speaks_of_is_closed_and_then_forgotten() -> None:
    desk = opened()
    desk.feed(topics.BET_LEGS, desk.leg("CONFIRM"))
    assert {quote.status for quote in quotes(days(desk, 0, 5))} == {"SUSPENDED"}
    closed = quotes(days(desk, 5, 6))
    assert sorted((quote.market_id, quote.status) for quote in closed) == [(MARKET, "CLOSED"), (TOTALS, "CLOSED")]
    days(desk, 6, 9)
    assert left(desk) == ["fixture 1", "past 1"]


def test_an_old_match_is_kept_while_it_is_replayed_whatever_the_clock_says() -> None:
    desk = Desk(RULES)
    years = 900 * DAY
    desk.tick(years)
    desk.fixture()
    for day in range(12):
        desk.feed(topics.ODDS, desk.odds(day * 60), desk.totals(day * 60))
        days(desk, 900 + day, 901 + day)
    assert set(desk.names(MARKETS)) == {MARKET, TOTALS}
    days(desk, 913, 921)
    assert left(desk) == ["fixture 1", "past 1"]


def test_a_fixture_without_markets_goes_too_but_a_traders_order_for_an_unknown_one_stays() -> None:
    desk = Desk(RULES)
    desk.fixture()
    days(desk, 0, 9)
    assert left(desk) == ["fixture 1", "past 1"]
    other = Desk(RULES)
    other.feed(topics.CONTROLS, TradingControl(
        **other.head(0, "desk"), scope="FIXTURE", scope_id=FX, action="SUSPEND", reason="", actor="tom",
    ))  # fmt: skip
    days(other, 0, 20)
    row = other.shard.get(FIXTURES, FX)
    assert row is not None
    assert row.trader
    assert not row.past_at


def test_no_tick_deletes_more_rows_than_it_may_and_nothing_is_left_over() -> None:
    desk = opened(msgspec.structs.replace(RULES, due_per_tick=2))
    for number in range(7):
        names: dict[str, Any] = {"leg_id": f"c{number}/b/0", "customer_id": f"c{number}", "stake_minor": 100}
        desk.feed(topics.BET_LEGS, desk.leg(**names))
        desk.feed(topics.BET_LEGS, desk.leg("CONFIRM", **names))
    desk.feed(topics.BET_LEGS, desk.leg("CONFIRM"))
    over(desk)
    days(desk, 0, 2)
    rows, steps = len(desk.names(MARKETS)) + len(desk.names(CUSTOMERS)), 0
    assert rows == 10
    for second in range(10 * 3600):
        desk.tick(2 * DAY + 3600 + 60 * second)
        kept = len(desk.names(MARKETS)) + len(desk.names(CUSTOMERS))
        assert rows - kept <= 2
        steps += kept < rows
        rows = kept
        if not rows:
            break
    assert steps == 5
    assert left(desk) == ["fixture 1", "past 1"]


def test_a_lost_feed_finds_no_market_that_was_forgotten(desk: Desk) -> None:
    desk.feed(topics.ODDS, msgspec.structs.replace(desk.odds(10), source=None))
    assert len(desk.names(FED)) == 3
    days(desk, 0, 3)
    assert desk.names(FED) == []
    for partition in range(topics.PARTITIONS):
        source = Source("feeds.betfair.raw", partition, 1)
        head = {**desk.head(3 * DAY), "source": source}
        assert desk.feed(topics.FEED_STATUS, FeedStatus(**head, stream_id="s", state="DOWN", reason="silent")) == []


def test_even_that_it_was_forgotten_is_forgotten_in_the_end(desk: Desk) -> None:
    days(desk, 0, 31)
    assert left(desk) == ["fixture 1", "past 1"]
    days(desk, 31, 34)
    assert left(desk) == []
