"""What happens to fixtures, to feeds and at the trader's desk: each rule changes a row, and says whether it did."""

from typing import Final

from domain.events.canonical import Fixture, FixtureStatus, Incident
from domain.events.feeds import FeedStatus
from domain.events.trading import TradingControl
from domain.trading.bars import barred
from domain.trading.playbook import Playbook
from domain.trading.reasons import Reason
from domain.trading.state import Bar, FeedHealth, FixtureState, MarketState, PartitionState, StreamHealth

_ORDER: Final[dict[FixtureStatus, int]] = {"SCHEDULED": 0, "IN_PLAY": 1, "FINISHED": 2, "CANCELLED": 2}
ENDED: Final = "ended"
"""The reason of a stream that is over, which is not a fault."""
_SCORED: Final = frozenset({"GOAL", "GOAL_CANCELLED", "SCORE", "SCORE_CORRECTED"})


def on_fixture(state: FixtureState, fixture: Fixture) -> bool:
    """Learn of a fixture; its status never goes back, whichever provider speaks; what is past or merged stays so."""
    if state.past_at:
        return False
    changed = not state.known or state.kick_off_at != fixture.kick_off_at
    state.known = True
    state.kick_off_at = fixture.kick_off_at
    if fixture.successor_id and not state.successor_id:
        state.successor_id = fixture.successor_id
        changed = True
    if _ORDER[fixture.status] > _ORDER[state.status]:
        state.status = fixture.status
        changed = True
    return changed


def on_incident(
    state: FixtureState, market: MarketState | None, incident: Incident, *, playbook: Playbook, at: int
) -> bool:
    """Take an incident in; one that moves prices bars the market it names, or all of the fixture's.

    The same fact told again by a slower source changes nothing: a score that is known, a kick-off that has been.
    """
    if incident.late or state.past_at or _is_known(state, incident):
        return False
    if incident.home_score is not None and incident.away_score is not None:
        state.home_score, state.away_score = incident.home_score, incident.away_score
    state.last_incident, state.last_incident_at = incident.kind, incident.occurred_at
    if incident.kind == "KICK_OFF" and state.status == "SCHEDULED":
        state.status = "IN_PLAY"
    elif incident.kind == "FULL_TIME" and state.status != "CANCELLED":
        state.status = "FINISHED"
        return True
    shortest_us = playbook.rules.incidents.get(incident.kind)
    if shortest_us is None:
        return False
    bar = Bar(Reason.INCIDENT.value, incident.received_at, incident.occurred_at, at + shortest_us)
    if incident.market_id is None:
        state.bar = barred(state.bar, bar)
    elif market is not None:
        market.bar = barred(market.bar, bar)
    return True


def _is_known(state: FixtureState, incident: Incident) -> bool:
    if incident.kind == "KICK_OFF":
        return state.last_incident != "" and state.status != "SCHEDULED"
    return (
        incident.kind in _SCORED
        and incident.home_score is not None
        and (incident.home_score, incident.away_score) == (state.home_score, state.away_score)
    )


def on_feed_status(health: FeedHealth, status: FeedStatus) -> bool:
    """Learn how a stream is, and say whether its feed has just gone down.

    A stream that ended is forgotten; what is left of the feed decides. A message older than the stream's last is
    ignored.
    """
    streams = health.streams
    known = streams.get(status.stream_id)
    if known is not None and status.received_at < known.heard_at:
        return False
    was_down = health.down
    if status.state == "DOWN" and status.reason == ENDED:
        streams.pop(status.stream_id, None)
    else:
        fresh = known is None or known.state != "UP"
        up_since = status.received_at if fresh else known.up_since if known is not None else 0
        streams[status.stream_id] = StreamHealth(status.state, status.received_at, up_since)
        if known is not None and known.state == "DOWN" and status.state != "DOWN":
            health.restored_at = status.received_at
    _sum_up(health)
    return health.down and not was_down


def _sum_up(health: FeedHealth) -> None:
    streams = health.streams.values()
    health.down = any(stream.state == "DOWN" for stream in streams)
    if streams and all(stream.state == "UP" for stream in streams):
        health.heard_at = min(stream.heard_at for stream in streams)
        health.up_since = max(stream.up_since for stream in streams)
    else:
        health.up_since = 0


def on_feed_down(market: MarketState, feed: str, status: FeedStatus, playbook: Playbook) -> bool:
    """Bar a market whose leading source has gone silent: the others may hold prices of before whatever it missed."""
    leads = any(view.feed == feed and playbook.source(view.bookmaker).leads for view in market.views)
    if leads and not market.closed:
        market.bar = barred(market.bar, Bar(Reason.FEED_DOWN.value, status.received_at))
    return not market.closed


def on_control(scope: PartitionState | FixtureState | MarketState, control: TradingControl) -> bool:
    """Obey a trader. Idempotent: the same order again changes nothing. What another scope suspends stays suspended."""
    suspend = control.action == "SUSPEND"
    if scope.trader == suspend:
        return False
    scope.trader = suspend
    return True
