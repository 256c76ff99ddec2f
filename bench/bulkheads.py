"""bulkheads: one provider's ticks to canonical odds while another floods, sends garbage or is silent.

python -m bench.bulkheads --bootstrap HOST:PORT --noise FLOOD --number N --seconds S

is the other provider: a process of its own. One worker of ingest takes both throughout; the noises take turns, and each
is held against the turn next to it in which the other provider is quiet.
"""

import argparse
import time
from collections import defaultdict
from collections.abc import Iterator
from itertools import count, cycle, islice
from typing import Final

import msgspec

from bench.bare import bare_producer
from bench.figures import Bound, Figure, compare, turns
from bench.harness import Stage
from bench.load import Value
from bench.probe import Seen, Shot
from bookstream.codecs import encode
from bookstream.demo import bookmakers, exchange, match
from bookstream.partitioner import partition_for
from bookstream.topics import INGEST_STATE, ODDS, PARTITIONS, PUBLIC, raw_topic
from connectors.raw import RawStream
from domain.events.feeds import RawMessage

CALM, LOUD = "betfair", "theoddsapi"
RATE: Final = 100
SECONDS: Final = 10.0
SPARE: Final = 400
"""Messages that may go before the first answer."""
QUIET, FLOOD, GARBAGE, SILENT = "quiet", "flood", "garbage", "silent"
NOISES: Final = {QUIET: 5.0, FLOOD: 4000.0, GARBAGE: 4000.0, SILENT: 0.0}
"""What the other provider sends a second: more than the worker takes, but when it is quiet or silent."""
WANTED: Final = {FLOOD: 10.0, GARBAGE: 5.0, SILENT: 1.5}
"""At most so many times as long as beside a quiet provider, p50: the processor is shared, the queue is not."""
LEAD_SECONDS: Final = 1.5
SEED: Final = 7
GROUP: Final = "bookstream-ingest"


def run(stage: Stage, *, rounds: int, seconds: float = SECONDS) -> list[Figure]:
    """Let each noise be heard once a round, and measure the calm provider's ticks beside it."""
    stage.renew([*(topic.name for topic in PUBLIC), INGEST_STATE.name])
    worker = stage.worker("ingest")
    seen: dict[str, list[Seen]] = defaultdict(list)
    sent = 0
    for number, noise in enumerate(turns(list(NOISES), rounds)):
        load = list(islice(calm(number), int(RATE * seconds) + SPARE))
        (stage.directory / "load").write_bytes(msgspec.msgpack.encode(load))
        other = stage.python(
            f"{noise}-{number}", "bench.bulkheads", "--bootstrap", stage.bootstrap, "--noise", noise,
            "--number", str(number), "--seconds", str(seconds + 2 * LEAD_SECONDS),
        )  # fmt: skip
        time.sleep(LEAD_SECONDS)
        found = _probe(stage, seconds)
        stage.finish(other)
        seen[noise].append(found)
        sent = stage.count(raw_topic(LOUD))
        stage.say(
            f"{noise}: p50 {found.p50:.1f}, p99 {found.p99:.1f} ms, {found.answered} of {found.sent} told; "
            f"{LOUD} has sent {sent:,}"
        )
        stage.wait_committed(GROUP, raw_topic(LOUD), sent, worker)
    return [_figure(seen, noise, what) for noise in (FLOOD, GARBAGE, SILENT) for what in ("p50", "p99")]


def calm(number: int) -> Iterator[Shot]:
    """Yield the calm provider's messages that move a price, a stream for each partition, in turn."""
    made = match.load()
    streams = [_of_stream(CALM, number, n, exchange.messages(made, SEED, n)) for n in range(PARTITIONS)]
    for messages in zip(*streams, strict=False):
        for message in messages:
            yield Shot(message.event_id, _value(message))


def loud(noise: str, number: int) -> Iterator[Value]:
    """Yield the other provider's messages for ever: answers that are read whole, or bytes that are none."""
    if noise == GARBAGE:
        body = b'{"bookmakers": [' * 64
        for place in count():
            yield Value(f"{LOUD}-{number}".encode(), body, place % PARTITIONS)
    answers = list(islice(bookmakers.odds_answers(match.load(), SEED), 64))
    streams = [_of_stream(LOUD, number, n, cycle(answers)) for n in range(PARTITIONS)]
    for messages in zip(*streams, strict=False):
        yield from map(_value, messages)


def _of_stream(
    provider: str, number: int, partition: int, payloads: Iterator[tuple[int, bytes]]
) -> Iterator[RawMessage]:
    names = (f"{provider}-{number}-{n}" for n in count())
    stream_id = next(name for name in names if partition_for(name.encode(), PARTITIONS) == partition)
    stream = RawStream(provider=provider, endpoint="bench", stream_id=stream_id, recorded=True)
    latest = 0
    for at, payload in payloads:
        latest = max(latest + 1, at)
        yield stream.message(payload, received_at=latest)


def _value(message: RawMessage) -> Value:
    key = message.stream_id.encode()
    return Value(key, encode(message), partition_for(key, PARTITIONS))


def _probe(stage: Stage, seconds: float) -> Seen:
    result = stage.directory / "seen.json"
    stage.finish(
        stage.python(
            "probe", "bench.probe", "--bootstrap", stage.bootstrap, "--load", str(stage.directory / "load"),
            "--topic", raw_topic(CALM), "--answers", ODDS.name, "--rates", str(RATE), "--seconds", str(seconds),
            "--result", str(result), "--children",
        )
    )  # fmt: skip
    return msgspec.json.decode(result.read_bytes(), type=list[Seen])[0]


def _figure(seen: dict[str, list[Seen]], noise: str, what: str) -> Figure:
    def of(name: str) -> list[float]:
        return [getattr(each, what) for each in seen[name]]

    bound = Bound(target=WANTED[noise], direction="at most") if what == "p50" else Bound()
    label = f"{CALM}'s tick to odds while {LOUD} is {_WORDS[noise]}, {what}"
    return compare(label, of(noise), f"{LOUD} quiet", of(QUIET), "ms", bound=bound)


_WORDS: Final = {FLOOD: "flooding", GARBAGE: "sending garbage", SILENT: "silent"}


def main() -> None:
    """Be the other provider for some seconds."""
    parser = argparse.ArgumentParser(prog="python -m bench.bulkheads")
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--noise", required=True, choices=list(NOISES))
    parser.add_argument("--number", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    chosen = parser.parse_args()
    producer = bare_producer(chosen.bootstrap)
    rate = NOISES[chosen.noise]
    topic = raw_topic(LOUD)
    began = time.perf_counter()
    for sent, value in enumerate(islice(loud(chosen.noise, chosen.number), int(rate * chosen.seconds))):
        while (ahead := sent / rate - (time.perf_counter() - began)) > 0:
            time.sleep(min(ahead, 0.05))
        producer.produce(topic, value.value, value.key, value.partition)
        producer.poll(0)
    producer.flush(30)


if __name__ == "__main__":
    main()
