"""The book agent: what goes where, under which key, when it is said once, and what becomes of input at fault."""

from typing import Any

import msgspec
import pytest

from agents.book import UNIT_RECORDS, book_context
from bookstream import topics
from bookstream.delivery.outbox import Sent
from bookstream.partitioner import partition_for
from domain.events.betting import BetLeg, LegVerdict
from domain.events.canonical import Incident
from domain.events.feeds import FeedStatus
from domain.events.head import Source
from domain.events.trading import Exposure, TradingControl
from tables.book import CUSTOMERS, DELAYED, ENDED, FED, LEGS, MARKETS, WAKING
from tests.unit.agents.desk import FX, MARKET, NOW, PARTITION, SECOND, TOTALS, Desk, quotes, said


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.fixture()
    return desk


@pytest.fixture
def opened(desk: Desk) -> Desk:
    desk.feed(topics.ODDS, desk.odds())
    return desk


def test_the_context_takes_its_ten_topics_in_bounded_units() -> None:
    context = book_context()
    assert context.name == "book"
    assert context.unit_records == UNIT_RECORDS
    assert context.private_topic == topics.BOOK_STATE.name
    assert sorted(context.handlers) == [
        "bets.legs", "clock.ticks", "feeds.completeness", "feeds.evidence", "feeds.providers", "feeds.status",
        "fixtures", "incidents", "odds", "trading.controls",
    ]  # fmt: skip


def test_a_tick_becomes_a_quote_in_the_fixtures_partition(desk: Desk) -> None:
    sent = desk.feed(topics.ODDS, desk.odds(1))
    assert [(each.topic, each.partition, each.key) for each in sent] == [
        ("quotes", PARTITION, MARKET.encode()), ("markets", PARTITION, MARKET.encode())
    ]  # fmt: skip
    (quote,) = quotes(sent)
    assert quote.status == "OPEN"
    assert quote.source == Source("odds", PARTITION, desk.offset)
    assert quote.event_id == f"e1.0.q/{MARKET}"


def test_ticks_of_one_batch_make_one_quote_of_the_newest(desk: Desk) -> None:
    newest = {"home": 0.6, "draw": 0.25, "away": 0.15}
    sent = desk.feed(
        topics.ODDS, desk.odds(1), desk.odds(2, {"home": 0.4, "draw": 0.3, "away": 0.3}), desk.odds(3, newest)
    )
    (quote,) = quotes(sent)
    assert quote.version == 1
    assert quote.selections[0].fair_probability == pytest.approx(0.6, abs=0.01)


def test_a_tick_that_changes_nothing_says_nothing(opened: Desk) -> None:
    assert opened.feed(topics.ODDS, opened.odds(1)) == []


def test_odds_before_their_fixture_wait_for_it() -> None:
    desk = Desk()
    (waiting,) = quotes(desk.feed(topics.ODDS, desk.odds(1)))
    assert (waiting.status, waiting.reason) == ("SUSPENDED", "NOT_OPEN_YET")
    (quote,) = quotes(desk.fixture(2))
    assert (quote.version, quote.status) == (2, "OPEN")


def test_a_late_tick_of_an_unknown_market_enters_nothing(desk: Desk) -> None:
    assert desk.feed(topics.ODDS, desk.odds(1, late=True)) == []
    assert desk.names(MARKETS) == []


def test_a_goal_suspends_every_market_of_the_fixture_at_once(opened: Desk) -> None:
    opened.feed(topics.ODDS, opened.totals(1))
    goal = Incident(**opened.head(2), fixture_id=FX, kind="GOAL", home_score=1, away_score=0)
    suspended = quotes(opened.feed(topics.INCIDENTS, goal))
    assert {(quote.market_id, quote.status, quote.reason) for quote in suspended} == {
        (MARKET, "SUSPENDED", "INCIDENT"), (TOTALS, "SUSPENDED", "INCIDENT"),
    }  # fmt: skip
    assert len({quote.event_id for quote in suspended}) == 2
    (quote,) = quotes(opened.feed(topics.ODDS, opened.odds(20)))
    assert (quote.market_id, quote.status) == (MARKET, "OPEN")


def test_an_incident_of_one_market_leaves_the_others_open(opened: Desk) -> None:
    opened.feed(topics.ODDS, opened.totals(1))
    event = Incident(**opened.head(2), fixture_id=FX, kind="SUSPENSION", market_id=TOTALS)
    (quote,) = quotes(opened.feed(topics.INCIDENTS, event))
    assert quote.market_id == TOTALS


def test_the_clock_suspends_what_has_gone_stale(opened: Desk) -> None:
    assert opened.tick(599) == [] or quotes(opened.tick(599)) == []
    (quote,) = quotes(opened.tick(601))
    assert (quote.status, quote.reason, quote.occurred_at) == ("SUSPENDED", "STALE", NOW + 601 * SECOND)


def test_the_clock_looks_only_at_markets_whose_time_has_come(opened: Desk) -> None:
    due = opened.market().wake_at
    assert opened.tick((due - NOW) / SECOND - 1) == []
    assert opened.market().wake_at == due
    opened.tick((due - NOW) / SECOND)
    assert opened.market().wake_at > due
    assert len(opened.names(WAKING.rows)) == 1


def test_the_clock_renews_a_quote_before_it_lapses(opened: Desk) -> None:
    first = opened.market().quote
    (quote,) = quotes(opened.tick(210))
    assert (quote.version, quote.status) == (first.version + 1, "OPEN")
    assert quote.expires_at > first.expires_at


def test_a_lost_feed_suspends_the_markets_it_prices_and_no_others(opened: Desk) -> None:
    opened.feed(topics.ODDS, opened.totals(1, provider="other", source=Source("feeds.other.raw", 3, 1)))
    assert len(opened.names(FED)) == 2
    up = FeedStatus(**opened.head(1), stream_id="s", state="UP", reason="connected")
    down = FeedStatus(**opened.head(5), stream_id="s", state="DOWN", reason="silent")
    assert opened.feed(topics.FEED_STATUS, up) == []
    (quote,) = quotes(opened.feed(topics.FEED_STATUS, down))
    assert (quote.market_id, quote.reason) == (MARKET, "FEED_DOWN")
    again = FeedStatus(**opened.head(6), stream_id="s", state="UP", reason="connected")
    assert opened.feed(topics.FEED_STATUS, again) == []
    (quote,) = quotes(opened.feed(topics.ODDS, opened.odds(7)))
    assert quote.status == "OPEN"


def test_a_feed_of_another_partition_is_another_feed(opened: Desk) -> None:
    head = {**opened.head(5), "source": Source("feeds.betfair.raw", 4, 1)}
    down = FeedStatus(**head, stream_id="s", state="DOWN", reason="silent")
    assert opened.feed(topics.FEED_STATUS, down) == []


def test_a_status_without_its_source_goes_by_its_streams_partition(opened: Desk) -> None:
    stream = next(f"s{n}" for n in range(100) if partition_for(f"s{n}".encode(), 8) == 3)
    down = FeedStatus(**{**opened.head(5), "source": None}, stream_id=stream, state="DOWN", reason="silent")
    assert [quote.reason for quote in quotes(opened.feed(topics.FEED_STATUS, down))] == ["FEED_DOWN"]


def control(desk: Desk, scope: Any, scope_id: str, action: Any = "SUSPEND") -> list[Sent]:
    event = TradingControl(**desk.head(2, "desk"), scope=scope, scope_id=scope_id, action=action, reason="r", actor="t")
    return desk.feed(topics.CONTROLS, event)


@pytest.mark.parametrize(("scope", "scope_id"), [("ALL", "*"), ("FIXTURE", FX), ("MARKET", MARKET)])
def test_a_trader_suspends_and_resumes(opened: Desk, scope: str, scope_id: str) -> None:
    (quote,) = quotes(control(opened, scope, scope_id))
    assert (quote.status, quote.reason) == ("SUSPENDED", "TRADER")
    assert control(opened, scope, scope_id) == []
    (quote,) = quotes(control(opened, scope, scope_id, "RESUME"))
    assert quote.status == "OPEN"


def test_a_fixture_may_be_suspended_before_it_is_heard_of() -> None:
    desk = Desk()
    control(desk, "FIXTURE", FX)
    desk.fixture(1)
    (quote,) = quotes(desk.feed(topics.ODDS, desk.odds(2)))
    assert quote.reason == "TRADER"


def test_an_order_for_another_partitions_fixture_is_left_to_it(opened: Desk) -> None:
    other = next(f"fx-{n}" for n in range(100) if partition_for(f"fx-{n}".encode(), 8) != PARTITION)
    assert control(opened, "FIXTURE", other) == []
    assert control(opened, "MARKET", f"{other}/X/FT") == []


def test_an_order_for_an_unknown_market_is_a_dead_letter(opened: Desk) -> None:
    (sent,) = control(opened, "MARKET", f"{FX}/NONE/FT")
    assert sent.topic == topics.DEAD_LETTERS.name


def test_a_held_leg_gets_its_verdict_and_the_exposure_is_said_once_a_batch(opened: Desk) -> None:
    sent = opened.feed(topics.BET_LEGS, opened.leg(), opened.leg(leg_id="ann/b2/0"))
    verdicts = said(sent, topics.LEG_VERDICTS, LegVerdict)
    assert [verdict.outcome for verdict in verdicts] == ["PASS", "PASS"]
    assert {each.partition for each in sent if each.topic == "bets.leg-verdicts"} == {partition_for(b"ann", 8)}
    (exposure,) = said(sent, topics.EXPOSURES, Exposure)
    odds = verdicts[0].odds
    assert (exposure.version, exposure.bets, exposure.stakes_minor) == (1, 0, 0)
    assert exposure.held_minor == exposure.worst_case_minor == 2 * (odds - 1000)
    assert [outcome.liability_minor for outcome in exposure.outcomes] == [2 * (odds - 1000), 0, 0]
    (place,) = [(each.partition, each.key) for each in sent if each.topic == "exposures"]
    assert place == (PARTITION, MARKET.encode())


def test_a_confirmed_leg_moves_from_held_to_taken(opened: Desk) -> None:
    opened.feed(topics.BET_LEGS, opened.leg())
    sent = opened.feed(topics.BET_LEGS, opened.leg("CONFIRM", stake_minor=600))
    (exposure,) = said(sent, topics.EXPOSURES, Exposure)
    assert (exposure.version, exposure.bets, exposure.stakes_minor, exposure.held_minor) == (2, 1, 600, 0)
    assert opened.names(CUSTOMERS) == [f"{MARKET}|ann"]
    assert opened.names(ENDED.rows) != []


def test_a_released_leg_leaves_no_customer_row(opened: Desk) -> None:
    opened.feed(topics.BET_LEGS, opened.leg())
    (exposure,) = said(opened.feed(topics.BET_LEGS, opened.leg("RELEASE")), topics.EXPOSURES, Exposure)
    assert (exposure.bets, exposure.worst_case_minor) == (0, 0)
    assert opened.names(CUSTOMERS) == []


def test_a_hold_said_again_is_answered_with_the_same_bytes(opened: Desk) -> None:
    leg = opened.leg()
    first = opened.feed(topics.BET_LEGS, leg)
    opened.feed(topics.ODDS, opened.odds(3, {"home": 0.6, "draw": 0.25, "away": 0.15}))
    again = opened.feed(topics.BET_LEGS, leg)
    assert [each.value for each in again] == [each.value for each in first if each.topic == "bets.leg-verdicts"]


def test_a_refused_leg_says_only_its_verdict(opened: Desk) -> None:
    sent = opened.feed(topics.BET_LEGS, opened.leg(currency="EUR"))
    assert [each.topic for each in sent] == ["bets.leg-verdicts"]
    assert said(sent, topics.LEG_VERDICTS, LegVerdict)[0].code == "CURRENCY_MISMATCH"


def test_a_leg_on_a_fixture_that_nobody_knows_is_refused() -> None:
    desk = Desk()
    (verdict,) = said(desk.feed(topics.BET_LEGS, desk_leg_without_market()), topics.LEG_VERDICTS, LegVerdict)
    assert verdict.code == "FIXTURE_UNKNOWN"


def desk_leg_without_market() -> BetLeg:
    desk = Desk()
    desk.fixture()
    desk.feed(topics.ODDS, desk.odds())
    return desk.leg()


def in_play(desk: Desk) -> BetLeg:
    desk.feed(topics.ODDS, desk.odds(2, in_play=True))
    return desk.leg(seconds=3)


def test_in_play_the_verdict_comes_with_the_first_tick_after_the_delay(opened: Desk) -> None:
    assert opened.feed(topics.BET_LEGS, in_play(opened)) == []
    assert said(opened.tick(7.9), topics.LEG_VERDICTS, LegVerdict) == []
    sent = opened.tick(8)
    (verdict,) = said(sent, topics.LEG_VERDICTS, LegVerdict)
    assert (verdict.outcome, verdict.occurred_at) == ("PASS", NOW + 8 * SECOND)
    assert len(said(sent, topics.EXPOSURES, Exposure)) == 1
    assert opened.names(DELAYED.rows) == []
    assert said(opened.tick(9), topics.LEG_VERDICTS, LegVerdict) == []


def test_a_leg_released_while_it_waits_is_never_judged(opened: Desk) -> None:
    leg = in_play(opened)
    opened.feed(topics.BET_LEGS, leg)
    assert opened.feed(topics.BET_LEGS, msgspec.structs.replace(leg, action="RELEASE")) == []
    assert opened.names(DELAYED.rows) == []
    assert said(opened.tick(20), topics.LEG_VERDICTS, LegVerdict) == []


def test_legs_that_ended_long_ago_are_forgotten_their_liability_is_not(opened: Desk) -> None:
    opened.feed(topics.BET_LEGS, opened.leg())
    opened.feed(topics.BET_LEGS, opened.leg("CONFIRM"))
    opened.tick(24 * 3600)
    assert opened.names(LEGS) == ["ann/b1/0"]
    opened.tick(26 * 3600)
    assert opened.names(LEGS) == opened.names(ENDED.rows) == []
    assert opened.market().taken.legs == 1


@pytest.mark.parametrize("action", ["CONFIRM", "RELEASE"])
def test_the_end_of_an_unknown_leg_is_a_dead_letter_and_changes_nothing(opened: Desk, action: str) -> None:
    before = dict(opened.shard.store.data)
    (sent,) = opened.feed(topics.BET_LEGS, opened.leg(action))
    assert sent.topic == topics.DEAD_LETTERS.name
    assert dict(sent.headers)["__connect.errors.exception.class.name"] == b"domain.errors.UnknownReference"
    assert opened.shard.store.data == before


@pytest.mark.parametrize("topic", [topics.ODDS, topics.INCIDENTS, topics.FIXTURES, topics.BET_LEGS, topics.CLOCK,
                                   topics.FEED_STATUS, topics.CONTROLS])  # fmt: skip
def test_what_cannot_be_read_is_a_dead_letter_and_the_rest_goes_on(opened: Desk, topic: topics.Topic) -> None:
    sent = opened.feed(topic, b"junk", None)
    assert [each.topic for each in sent] == [topics.DEAD_LETTERS.name] * 2
    assert [each.value for each in sent] == [b"junk", None]
    assert dict(sent[0].headers)["__connect.errors.stage"] == b"book"
    assert dict(sent[0].headers)["trace"] == b"1"


def test_records_in_another_fixtures_place_are_dead_letters(opened: Desk) -> None:
    other = next(f"fx-{n}" for n in range(100) if partition_for(f"fx-{n}".encode(), 8) != PARTITION)
    sent = [
        *opened.feed(topics.ODDS, opened.odds(1, fixture_id=other)),
        *opened.feed(topics.BET_LEGS, opened.leg(fixture_id=other)),
        *opened.feed(topics.INCIDENTS, Incident(**opened.head(1), fixture_id=other, kind="GOAL")),
    ]
    assert [each.topic for each in sent] == [topics.DEAD_LETTERS.name] * 3


def test_a_market_named_after_another_fixture_is_a_dead_letter(opened: Desk) -> None:
    (sent,) = opened.feed(topics.ODDS, opened.odds(1, market_id="fx-9/MATCH_ODDS/FT"))
    assert sent.topic == topics.DEAD_LETTERS.name
    same = next(f"fx-{n}" for n in range(2, 999) if partition_for(f"fx-{n}".encode(), 8) == PARTITION)
    (sent,) = opened.feed(topics.ODDS, opened.odds(1, fixture_id=same))
    assert sent.topic == topics.DEAD_LETTERS.name


def test_time_never_goes_back(opened: Desk) -> None:
    opened.tick(100)
    opened.tick(50)
    (quote,) = quotes(opened.feed(topics.ODDS, opened.odds(60, {"home": 0.6, "draw": 0.25, "away": 0.15})))
    assert quote.occurred_at == NOW + 100 * SECOND
