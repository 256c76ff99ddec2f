"""Recorded matches are complete, and of one that loses messages exactly those are missing."""

import os
from pathlib import Path

import pytest

from agents.ingest import ingest_context
from bookstream import topics
from bookstream.codecs import decode, encode
from bookstream.delivery.memory import MemoryLog
from connectors.betfair import recorded as betfair
from domain.events.canonical import Incident, MarketOdds
from domain.events.feeds import ClockTick, FeedCompleteness, RawMessage
from domain.identity.directory import FixtureDirectory

DATA = Path(os.environ.get("BOOKSTREAM_REALDATA") or Path(__file__).parents[3] / "shared" / "data")
MATCH = DATA / "betfair" / "soccer_28202626_middlesbrough_mancity_2017-04-30_basic.bz2"
MINUTE = 60_000_000
HOUR = 60 * MINUTE

pytestmark = [pytest.mark.realdata, pytest.mark.skipif(not MATCH.is_file(), reason="the recorded files are absent")]


def replayed(messages: list[RawMessage]) -> MemoryLog:
    """Send messages, and then let the clock ask how complete they were."""
    log = MemoryLog([ingest_context(FixtureDirectory())], batch_records=512)
    for message in messages:
        log.send(topics.raw_topic(message.provider), message.stream_id.encode(), encode(message))
    log.run()
    at = messages[-1].received_at + HOUR
    tick = encode(ClockTick(event_id="t", occurred_at=at, received_at=at, provider="clock"))
    for partition in range(topics.PARTITIONS):
        log.send(topics.CLOCK.name, b"clock", tick, partition=partition)
    log.run()
    return log


def measured(log: MemoryLog) -> dict[str, FeedCompleteness]:
    said = [decode(FeedCompleteness, record.value or b"") for record in log.records(topics.COMPLETENESS.name)]
    return {each.measure: each for each in said}


@pytest.mark.parametrize("lost_every", [0, 7, 97])
def test_exactly_the_messages_that_were_lost_are_missing(lost_every: int) -> None:
    recorded = list(betfair.recorded(MATCH))
    kept = [each for number, each in enumerate(recorded) if not lost_every or number % lost_every != 5]
    measure = measured(replayed(kept))["MESSAGES"]
    assert measure.expected == kept[-1].stream_sequence + 1
    assert measure.received == len(kept)
    assert measure.met == (not lost_every)


@pytest.mark.parametrize("name", ["basketball_1.1668*", "cricket_1.200806927_match*", "tennis_29788105*"])
def test_a_match_that_was_recorded_in_full_keeps_its_cadence_in_play(name: str) -> None:
    (path,) = MATCH.parent.glob(name)
    log = replayed(list(betfair.recorded(path)))
    told_at = [decode(MarketOdds, record.value or b"") for record in log.records(topics.ODDS.name)]
    in_play = [each.received_at for each in told_at if each.in_play]
    ticks = measured(log)["TICKS"]
    assert ticks.met
    assert ticks.expected >= (in_play[-1] - in_play[0]) // MINUTE // 2


def test_the_periods_that_a_recorded_match_tells_are_all_there_are() -> None:
    log = replayed(list(betfair.recorded(MATCH)))
    told = {decode(Incident, record.value or b"").kind for record in log.records(topics.INCIDENTS.name)}
    incidents = measured(log)["INCIDENTS"]
    assert {"KICK_OFF", "FULL_TIME"} <= told
    assert (incidents.expected, incidents.received) == (2, 2)
