"""A person decides on a running system that holds bets: on two fixtures, and everything is still proved; on players."""

import time

import pytest
from confluent_kafka import Producer

from bookstream import topics
from bookstream.codecs import encode
from bookstream.lag import wait_until_handled
from bookstream.partitioner import partition_for
from bookstream.reading import events
from connectors.raw import RawStream
from domain.events.canonical import IdentityReview, Participant
from domain.events.trading import Quote
from domain.identity.ids import player_id
from tests.integration.proof.test_proof_commands import PATIENCE, House, house
from tests.unit.bookstream.proof.story import NOW
from tests.unit.connectors.pitch_samples import statsbomb_lineup

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


FIRST, SECOND = (player_id("soccer", "statsbomb", number) for number in ("110", "111"))
DOUBTED = "statsbomb:player/111"


def send_line_up(house: House, name: str, payload: bytes) -> None:
    """Send a line-up as a stream of its own."""
    stream = RawStream(
        provider="statsbomb", endpoint=f"file:{name}", stream_id=name, content_type="application/json", recorded=True
    )  # fmt: skip
    topic, key = topics.raw_topic("statsbomb"), name.encode()
    producer = Producer({"bootstrap.servers": house.bootstrap})
    value = encode(stream.message(payload, received_at=NOW))
    producer.produce(topic, value, key, partition_for(key, topics.PARTITIONS))
    assert producer.flush(30) == 0


def wait_for_player(house: House, player: str, successor: str | None) -> None:
    """Wait until the newest word on a player is whom he was found to be, or himself."""
    deadline = time.monotonic() + PATIENCE
    while True:
        said = [each for _, each in events(house.bootstrap, topics.PARTICIPANTS.name, Participant)]
        told = [each.successor_id for each in said if each.participant_id == player]
        if told and told[-1] == successor:
            return
        assert time.monotonic() < deadline, f"{player} is told as {told}"
        time.sleep(0.2)


def test_a_doubted_player_is_accepted_and_split_off_again(house: House) -> None:
    word = ("--who", "ann", "--why", "seen him")
    send_line_up(house, "a_lineups.json", statsbomb_lineup())
    wait_for_player(house, FIRST, None)
    send_line_up(house, "b_lineups.json", statsbomb_lineup().replace(b"110", b"111"))
    wait_for_player(house, SECOND, None)
    (review,) = (each for _, each in events(house.bootstrap, topics.IDENTITY_REVIEWS.name, IdentityReview))
    (shown,) = house.run("identity", "review").json["reviews"]
    assert (shown["subject"], shown["subject_id"], shown["candidate_id"]) == (DOUBTED, SECOND, FIRST)
    assert (shown["provider_name"], shown["candidate_name"], shown["score"]) == (
        "Paul Rover",
        "Paul Rover",
        review.score,
    )
    accepted = house.run("identity", "accept", DOUBTED, *word)
    assert (accepted.code, accepted.json["fixture_id"], accepted.json["retired_id"]) == (0, FIRST, SECOND), accepted.err
    wait_for_player(house, SECOND, FIRST)
    assert house.run("identity", "review").json == {"total": 0, "reviews": []}
    again = house.run("identity", "merge", FIRST, SECOND, *word)
    assert (again.code, f"{SECOND} was found to be {FIRST}" in again.err) == (2, True), again.err
    mixed = house.run("identity", "merge", FIRST, house.story.markets()[0].split("/")[0], *word)
    assert (mixed.code, "they are never one" in mixed.err) == (2, True), mixed.err
    split = house.run("identity", "split", DOUBTED, *word)
    assert (split.code, split.json["fixture_id"]) == (0, SECOND), split.err
    wait_for_player(house, SECOND, None)
    send_line_up(house, "c_lineups.json", statsbomb_lineup().replace(b"110", b"111"))
    wait_until_handled(house.bootstrap, timeout_seconds=PATIENCE)
    wait_for_player(house, SECOND, None)
    assert house.run("identity", "review").json["total"] == 0
