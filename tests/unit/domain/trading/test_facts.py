"""Fixtures, incidents, feeds and traders: what each changes, and what is only said again."""

from typing import Any

import pytest

from domain.events.feeds import FeedStatus
from domain.events.trading import TradingControl
from domain.trading.facts import on_control, on_feed_down, on_fixture
from domain.trading.state import FixtureState


def control(world: Any, action: Any = "SUSPEND") -> TradingControl:
    return TradingControl(
        **world.head(0, "desk"), scope="FIXTURE", scope_id="fx-1", action=action, reason="", actor="t"
    )


def test_a_fixtures_status_never_goes_back(world: Any) -> None:
    assert on_fixture(world.fixture, world.fixture_event(status="IN_PLAY"))
    assert not on_fixture(world.fixture, world.fixture_event(status="SCHEDULED"))
    assert world.fixture.status == "IN_PLAY"


def test_a_fixture_told_again_changes_nothing(world: Any) -> None:
    assert not on_fixture(world.fixture, world.fixture_event(5))


def test_a_moved_kick_off_is_learnt(world: Any) -> None:
    assert on_fixture(world.fixture, world.fixture_event(kick_off_at=1))
    assert world.fixture.kick_off_at == 1


def test_a_fixture_is_known_from_its_first_record(world: Any) -> None:
    state = FixtureState("fx-1")
    assert on_fixture(state, world.fixture_event())
    assert state.known


@pytest.mark.parametrize("kind", [
    "GOAL", "GOAL_CANCELLED", "RED_CARD", "RED_CARD_CANCELLED", "YELLOW_CARD_CANCELLED", "SCORE_CORRECTED",
    "VAR_REVIEW", "PENALTY", "KICK_OFF", "SUSPENSION",
])  # fmt: skip
def test_what_moves_prices_bars_the_fixture(world: Any, kind: str) -> None:
    assert world.incident(1, kind)
    assert world.fixture.bar is not None


@pytest.mark.parametrize("kind", ["YELLOW_CARD", "HALF_TIME", "RESUMPTION", "SCORE"])
def test_what_moves_no_price_bars_nothing(world: Any, kind: str) -> None:
    assert not world.incident(1, kind)
    assert world.fixture.bar is None


def test_a_late_incident_does_nothing(world: Any) -> None:
    assert not world.incident(1, "GOAL", late=True, home_score=1, away_score=0)
    assert world.fixture.home_score is None


def test_a_goal_told_again_by_a_slower_source_is_not_a_second_goal(world: Any) -> None:
    assert world.incident(1, "GOAL", home_score=1, away_score=0)
    bar = world.fixture.bar
    assert not world.incident(16, "GOAL", home_score=1, away_score=0)
    assert world.fixture.bar is bar


def test_the_next_goal_bars_anew(world: Any) -> None:
    world.incident(1, "GOAL", home_score=1, away_score=0)
    first = world.fixture.bar
    assert world.incident(2, "GOAL", home_score=1, away_score=1)
    assert world.fixture.bar.at > first.at


def test_a_kick_off_turns_the_fixture_in_play_once(world: Any) -> None:
    assert world.incident(1, "KICK_OFF")
    assert world.fixture.status == "IN_PLAY"
    assert not world.incident(9, "KICK_OFF")


def test_full_time_ends_the_fixture(world: Any) -> None:
    assert world.incident(1, "FULL_TIME", home_score=0, away_score=0)
    assert world.fixture.status == "FINISHED"


def test_a_shorter_suspension_does_not_end_a_longer_one_sooner(world: Any) -> None:
    world.incident(1, "GOAL")
    until = world.fixture.bar.until
    world.incident(2, "SUSPENSION")
    assert world.fixture.bar.until == until


def test_a_feed_goes_down_once(world: Any) -> None:
    assert not world.status(0, reason="connected")
    assert world.status(1, state="DOWN", reason="silent")
    assert not world.status(2, state="DOWN", reason="silent")


def test_one_stream_that_is_lost_takes_its_feed_down(world: Any) -> None:
    world.status(0, stream_id="a", reason="connected")
    world.status(0, stream_id="b", reason="connected")
    assert world.status(1, stream_id="a", state="DOWN", reason="silent")
    assert world.feeds["betfair/0"].up_since == 0


def test_a_stream_that_ended_is_no_fault(world: Any) -> None:
    world.status(0, stream_id="a", reason="connected")
    world.status(0, stream_id="b", reason="connected")
    assert not world.status(1, stream_id="a", state="DOWN", reason="ended")
    assert not world.feeds["betfair/0"].down
    assert list(world.feeds["betfair/0"].streams) == ["b"]


def test_a_status_older_than_the_streams_last_is_ignored(world: Any) -> None:
    world.status(5, reason="connected")
    assert not world.status(1, state="DOWN", reason="silent")
    assert not world.feeds["betfair/0"].down


def test_heartbeats_move_the_time_and_not_the_connection(world: Any) -> None:
    world.status(0, reason="connected")
    since = world.feeds["betfair/0"].up_since
    world.status(10)
    assert world.feeds["betfair/0"].up_since == since
    assert world.feeds["betfair/0"].heard_at == since + 10_000_000


def test_a_lost_feed_bars_a_market_only_where_its_source_leads(world: Any) -> None:
    world.tick(0)
    world.tick(0, "unibet")
    lost = FeedStatus(**world.head(1), stream_id="s", state="DOWN", reason="silent")
    assert on_feed_down(world.market, "theoddsapi/0", lost, world.playbook)
    assert not world.market.bar
    assert on_feed_down(world.market, "betfair/0", lost, world.playbook)
    bar: Any = world.market.bar
    assert bar.reason == "FEED_DOWN"


def test_a_trader_is_obeyed_once(world: Any) -> None:
    assert on_control(world.fixture, control(world))
    assert not on_control(world.fixture, control(world))
    assert on_control(world.fixture, control(world, "RESUME"))
    assert not world.fixture.trader
