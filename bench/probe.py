"""The probe: an outsider that sends at a steady rate and sees the answers; times from its sending to its seeing.

python -m bench.probe --bootstrap HOST:PORT --load FILE --topic IN --answers OUT --rates 500,2000 --result FILE

A process of its own, the same for every candidate; what it costs by itself is in the floor, where it reads what it
sends.
"""

import argparse
import gc
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
from confluent_kafka import Consumer, Message, Producer, TopicPartition

from bench.bare import bare_producer
from bench.figures import quantile
from bench.load import Value
from bookstream.topics import BET_DECISIONS, PARTITIONS
from domain.errors import Unavailable

WARM_UP_SECONDS = 2.0
FIRST_ANSWER_SECONDS = 90.0
LAST_ANSWER_SECONDS = 5.0
TRICKLE_SECONDS = 0.2


class Shot(msgspec.Struct, frozen=True):
    """One thing to send, and the id by which its answer is known."""

    name: str
    value: Value


class Seen(msgspec.Struct, frozen=True):
    """What was measured at one rate, in milliseconds; `sent` and `answered` count what was timed."""

    rate: int
    sent: int
    answered: int
    p50: float
    p99: float
    p999: float


def event_id(value: bytes) -> str:
    """Read the first field of an event: its id."""
    length = shift = 0
    at = 5
    while True:
        byte = value[at]
        at += 1
        length |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    length >>= 1
    return value[at : at + length].decode()


def name_of(message: Message) -> str:
    """Return the id of what a record answers: a quote's cause, a decision's bet, or a tick itself."""
    if message.topic() == BET_DECISIONS.name:
        return bytes(message.key() or b"").decode()
    return event_id(bytes(message.value() or b"")).split(".q/", maxsplit=1)[0]


def parent_of(message: Message) -> str:
    """Return the id of the event that a record's event is a child of."""
    return event_id(bytes(message.value() or b"")).rpartition(".")[0]


class Probe:
    """Sends and listens; `named` tells of an answer what it answers."""

    def __init__(self, bootstrap: str, topic: str, answers: str, named: Callable[[Message], str] = name_of) -> None:
        self._topic = topic
        self._named = named
        self._producer: Producer = bare_producer(bootstrap)
        self._consumer = Consumer(
            {"bootstrap.servers": bootstrap, "group.id": "probe", "enable.auto.commit": False, "log_level": 0}
        )
        places = [TopicPartition(answers, number) for number in range(PARTITIONS)]
        for place in places:
            place.offset = self._consumer.get_watermark_offsets(place, timeout=10)[1]
        self._consumer.assign(places)
        self._sent: dict[str, float] = {}
        self._seen: dict[str, float] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="listener", daemon=True)
        self._thread.start()

    def wake(self, shots: Iterator[Shot]) -> None:
        """Send slowly until the first answer comes.

        Raises:
            Unavailable: none comes.
        """
        deadline = time.monotonic() + FIRST_ANSWER_SECONDS
        while not self._seen:
            if time.monotonic() > deadline:
                raise Unavailable(f"nothing answers on {self._topic} within {FIRST_ANSWER_SECONDS:.0f} s")
            self._send(next(shots))
            time.sleep(TRICKLE_SECONDS)

    def measure(self, shots: Iterator[Shot], rate: int, seconds: float) -> Seen:
        """Send at a rate, and return what the sends after the warm-up took."""
        self._sent.clear()
        self._seen.clear()
        gc.collect()
        gc.freeze()
        began = time.perf_counter()
        for number in range(int(rate * seconds)):
            due = began + number / rate
            while (left := due - time.perf_counter()) > 0:
                time.sleep(left)
            self._send(next(shots))
        self._producer.flush(10)
        time.sleep(LAST_ANSWER_SECONDS)
        timed = {name: at for name, at in self._sent.items() if at >= began + WARM_UP_SECONDS}
        seen = self._seen
        took = [(seen[name] - at) * 1000 for name, at in timed.items() if name in seen]
        return Seen(rate, len(timed), len(took), quantile(took, 0.5), quantile(took, 0.99), quantile(took, 0.999))

    def close(self) -> None:
        """Stop listening."""
        self._stop.set()
        self._thread.join()
        self._consumer.close()

    def _send(self, shot: Shot) -> None:
        self._sent[shot.name] = time.perf_counter()
        self._producer.produce(self._topic, shot.value.value, shot.value.key, shot.value.partition)
        self._producer.poll(0)

    def _listen(self) -> None:
        while not self._stop.is_set():
            message = self._consumer.poll(0.1)
            if message is not None and message.error() is None:
                # The first answer counts; a later one repeats or renews it.
                self._seen.setdefault(self._named(message), time.perf_counter())


def main() -> None:
    """Measure at each rate and write what was seen."""
    parser = argparse.ArgumentParser(prog="python -m bench.probe")
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--load", type=Path, required=True)
    parser.add_argument("--topic", required=True)
    parser.add_argument("--answers", required=True)
    parser.add_argument("--rates", required=True)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--children", action="store_true", help="answers are children of what was sent")
    parser.add_argument("--result", type=Path, required=True)
    chosen = parser.parse_args()
    sys.setswitchinterval(0.0005)
    shots = iter(msgspec.msgpack.decode(chosen.load.read_bytes(), type=list[Shot]))
    probe = Probe(chosen.bootstrap, chosen.topic, chosen.answers, parent_of if chosen.children else name_of)
    probe.wake(shots)
    seen = [probe.measure(shots, int(rate), chosen.seconds) for rate in chosen.rates.split(",")]
    probe.close()
    chosen.result.write_bytes(msgspec.json.encode(seen))


if __name__ == "__main__":
    main()
