"""The wire's bytes are aiokafka's, and what waits together goes together."""

import asyncio
from io import BytesIO
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError, MessageSizeTooLargeError, NotLeaderForPartitionError, ProducerFenced
from aiokafka.protocol.produce import ProduceRequest_v7, ProduceResponse_v7
from hypothesis import given
from hypothesis import strategies as st

from bookstream.delivery.outbox import Place
from bookstream.delivery.wire import REQUEST_TIMEOUT_MS, Answers, ProduceRequest, Wire, read_answers

PLACES = st.tuples(st.sampled_from(["odds", "quotes", "wettangebote-ä"]), st.integers(0, 40))
NO_ERROR, NOT_LEADER, TOO_LARGE, OLD_EPOCH = 0, 6, 10, 47


@given(st.dictionaries(PLACES, st.binary(max_size=60), min_size=1, max_size=8))
def test_a_request_is_packed_as_aiokafka_packs_it(batches: dict[Place, bytes]) -> None:
    topics: dict[str, list[tuple[int, bytes]]] = {}
    for (topic, partition), batch in batches.items():
        topics.setdefault(topic, []).append((partition, batch))
    theirs = ProduceRequest_v7(None, -1, REQUEST_TIMEOUT_MS, list(topics.items()))
    ours = ProduceRequest(batches)
    assert ours.encode() == theirs.encode()
    head = ours.build_request_header(9, "bookstream-book")
    assert head.encode() == theirs.build_request_header(9, "bookstream-book").encode()


@given(st.dictionaries(PLACES, st.tuples(st.sampled_from([0, 6, 47]), st.integers(-1, 2**40)), max_size=8))
def test_an_answer_is_read_as_aiokafka_writes_it(answers: Answers) -> None:
    topics: dict[str, list[tuple[int, int, int, int, int]]] = {}
    for (topic, partition), (error, offset) in answers.items():
        topics.setdefault(topic, []).append((partition, error, offset, -1, 0))
    written = ProduceResponse_v7(topics=list(topics.items()), throttle_time_ms=0).encode()
    assert read_answers(written) == answers
    assert ProduceRequest.RESPONSE_TYPE.decode(BytesIO(written)) == answers


def test_an_old_broker_is_refused() -> None:
    with pytest.raises(KafkaConnectionError, match="0 to 3, not 7"):
        ProduceRequest({}).prepare({0: (0, 3)})


class Cluster:
    """A client of a broker that answers what the test says, and notes what it was sent."""

    def __init__(self, *said: Any) -> None:
        self.cluster = self
        self.said = list(said)
        self.sent: list[dict[Place, bytes]] = []
        self.updates = 0

    def leader_for_partition(self, _place: object) -> int:
        return 1

    async def ready(self, _node: int) -> bool:
        return True

    async def send(self, _node: int, request: ProduceRequest) -> Answers:
        self.sent.append(request._batches)
        await asyncio.sleep(0)
        said = self.said.pop(0) if self.said else NO_ERROR
        if isinstance(said, Exception):
            raise said
        return {place: (said, 100 + len(self.sent)) for place in request._batches}

    async def force_metadata_update(self) -> bool:
        self.updates += 1
        return True


def wire(cluster: Cluster) -> Wire:
    made = Wire("localhost:1", "test", {})
    made._client = cluster
    return made


async def test_what_is_appended_in_one_turn_goes_in_one_request_but_two_batches_of_a_partition_do_not() -> None:
    cluster = Cluster()
    sender = wire(cluster)
    places: list[Place] = [("odds", 0), ("odds", 1), ("quotes", 0), ("odds", 0)]
    offsets = await asyncio.gather(*(sender.append(place, b"%d" % n) for n, place in enumerate(places)))
    assert cluster.sent == [{("odds", 0): b"0", ("odds", 1): b"1", ("quotes", 0): b"2"}, {("odds", 0): b"3"}]
    assert offsets[:3] == [offsets[0]] * 3


async def test_while_the_broker_is_busy_what_is_appended_gathers(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = Cluster()
    sender = wire(cluster)
    go = asyncio.Event()
    answer = cluster.send

    async def busy(node: int, request: ProduceRequest) -> Answers:
        await go.wait()
        return await answer(node, request)

    monkeypatch.setattr(cluster, "send", busy)
    waiting = []
    for partition in range(12):
        waiting.append(asyncio.create_task(sender.append(("odds", partition), b"batch")))
        await asyncio.sleep(0.001)
    go.set()
    await asyncio.gather(*waiting)
    assert [len(batches) for batches in cluster.sent] == [1, 1, 10]


@pytest.mark.parametrize("passing", [KafkaConnectionError("reset"), NOT_LEADER])
async def test_what_passes_is_sent_again_as_it_was(passing: Any) -> None:
    cluster = Cluster(passing, passing)
    assert await wire(cluster).append(("odds", 0), b"batch") == 103
    assert cluster.sent == [{("odds", 0): b"batch"}] * 3
    assert cluster.updates == 2


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (TOO_LARGE, MessageSizeTooLargeError),
        (OLD_EPOCH, ProducerFenced),
        (ValueError("a bug"), ValueError),
    ],
)
async def test_what_does_not_pass_is_raised(said: Any, error: type[Exception]) -> None:
    cluster = Cluster(said)
    with pytest.raises(error):
        await wire(cluster).append(("odds", 0), b"batch")
    assert len(cluster.sent) == 1


async def test_an_answer_that_leaves_a_partition_out_is_no_acknowledgement(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = Cluster()
    sender = wire(cluster)
    answers: list[Answers] = [{}, {("odds", 0): (NO_ERROR, 7)}]

    async def exchange(_node: int, _batches: dict[Place, bytes]) -> Answers:
        return answers.pop(0)

    monkeypatch.setattr(sender, "_exchange", exchange)
    assert await sender.append(("odds", 0), b"batch") == 7
    assert NotLeaderForPartitionError.retriable
