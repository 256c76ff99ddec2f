"""The wire against the real broker: once, in order, whatever becomes of the answers."""

from collections.abc import AsyncIterator

import pytest
from aiokafka.errors import KafkaConnectionError, ProducerFenced
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from bookstream.delivery.outbox import Place, Sent
from bookstream.delivery.producer import FencedProducer, plan
from bookstream.delivery.wire import Answers, Wire
from bookstream.reading import read

pytestmark = pytest.mark.broker


@pytest.fixture
def topic(bootstrap: str, unique: str) -> str:
    admin = AdminClient({"bootstrap.servers": bootstrap})
    admin.create_topics([NewTopic(unique, 2, 1)])[unique].result(10)
    return unique


@pytest.fixture
async def wire(bootstrap: str) -> AsyncIterator[Wire]:
    made = Wire(bootstrap, "test", {})
    await made.start()
    yield made
    await made.stop()


async def owner(wire: Wire, bootstrap: str, topic: str) -> FencedProducer:
    made = FencedProducer(wire, bootstrap, f"{topic}-owner", (topic, 0), {})
    await made.start()
    return made


def written(bootstrap: str, topic: str) -> list[tuple[int, bytes | None]]:
    return [(record.partition, record.value) for record in read(bootstrap, [topic]) if record.key != b"\0fence"]


async def test_a_batch_whose_answer_was_lost_is_appended_once(
    wire: Wire, bootstrap: str, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    producer = await owner(wire, bootstrap, topic)
    exchange, lost = wire._exchange, 3

    async def forgetful(node: int, batches: dict[Place, bytes]) -> Answers:
        nonlocal lost
        answers = await exchange(node, batches)
        lost -= 1
        if lost >= 0:
            raise KafkaConnectionError("the answer was lost")
        return answers

    monkeypatch.setattr(wire, "_exchange", forgetful)
    assert await producer.append([(b"k", b"a"), (b"k", b"b")]) == 1, "behind the fence"
    assert await producer.append([(b"k", b"c")]) == 3
    assert written(bootstrap, topic) == [(0, b"a"), (0, b"b"), (0, b"c")]


async def test_outputs_keep_their_order_headers_and_partitions(wire: Wire, bootstrap: str, topic: str) -> None:
    producer = await owner(wire, bootstrap, topic)
    outputs = [Sent(topic, n % 2, b"k%d" % n, b"x" * 300_000, [("n", b"%d" % n)]) for n in range(8)]
    outputs.append(Sent(topic, 1, None, None, ()))
    planned = plan(outputs)
    assert len(planned[topic, 0]) == 2, "more than one batch"
    await producer.check(planned)
    await producer.send(producer.build(planned))
    found = [record for record in read(bootstrap, [topic]) if record.key != b"\0fence"]
    for partition in (0, 1):
        sent = [each for each in outputs if each.partition == partition]
        got = [record for record in found if record.partition == partition]
        assert [(r.key, r.value, list(r.headers)) for r in got] == [(s.key, s.value, list(s.headers)) for s in sent]


async def test_an_older_owner_is_refused(wire: Wire, bootstrap: str, topic: str) -> None:
    older = await owner(wire, bootstrap, topic)
    await older.append([(b"k", b"1")])
    newer = await owner(wire, bootstrap, topic)
    with pytest.raises(ProducerFenced):
        await older.append([(b"k", b"2")])
    await newer.append([(b"k", b"3")])
    assert written(bootstrap, topic) == [(0, b"1"), (0, b"3")]
