"""A raw topic as the source of a replay: what was recorded live comes in event time, whatever the partitions say."""

from pathlib import Path
from random import Random

import pytest
from confluent_kafka import Producer

from bookstream import topic_admin, topics
from bookstream.codecs import encode
from bookstream.replay_sources import RawTopic, messages
from bookstream.replaying import SECOND
from bookstream.settings import Settings
from connectors.raw import RawStream
from domain.errors import Misconfigured

pytestmark = pytest.mark.broker

START = 1_700_000_000 * SECOND
PROVIDER = "sbtech"
STREAMS = 20
EACH = 30


def test_a_raw_topic_is_read_in_event_time_and_what_is_no_message_is_named(
    bootstrap: str, unique: str, tmp_path: Path
) -> None:
    topic_admin.apply(bootstrap, Settings(data_dir=tmp_path))
    names = [f"{unique}-{number}" for number in range(STREAMS)]
    made = []
    for number, name in enumerate(names):
        stream = RawStream(provider=PROVIDER, endpoint="test", stream_id=name, recorded=False)
        made += [stream.message(b"{}", received_at=START + (n * STREAMS + number) * SECOND) for n in range(EACH)]
    random = Random(1)
    producer = Producer({"bootstrap.servers": bootstrap, "log_level": 0})
    for message in sorted(made, key=lambda each: each.received_at + random.randrange(50 * SECOND)):
        producer.produce(topics.raw_topic(PROVIDER), encode(message), message.stream_id.encode())
    producer.produce(topics.raw_topic(PROVIDER), b"garbage", unique.encode())
    assert producer.flush(30) == 0
    damages: list[str] = []
    found = list(messages(RawTopic(bootstrap, topics.raw_topic(PROVIDER)), damages, 60 * SECOND))
    ours = [each for each in found if each.stream_id.startswith(unique)]
    assert ours == sorted(made, key=lambda each: each.received_at)
    assert [damage.split("/")[0] for damage in damages] == [topics.raw_topic(PROVIDER)]


def test_a_topic_that_is_not_there_is_refused(bootstrap: str) -> None:
    with pytest.raises(Misconfigured, match=r"no topic feeds\.nobody\.raw"):
        next(messages(RawTopic(bootstrap, "feeds.nobody.raw"), [], SECOND))
