"""latency: from a tick's sending to an outsider's seeing its quote, against the broker's own hop and the bare loop."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Final

import msgspec

from bench.drain import FIXTURE_COUNT, GROUP, OTHER_INPUTS, OTHER_OUTPUTS, quix
from bench.figures import Bound, Figure, compare, turns
from bench.harness import Stage
from bench.load import fixture_ids, fixtures, ticks, values
from bench.probe import Seen, Shot
from bookstream.topics import BOOK_STATE, FIXTURES, ODDS, QUOTES
from ops.process import Process

RATES: Final = (500, 2000)
SECONDS: Final = 8.0
SPARE: Final = 1000
"""Ticks that may go before the first answer."""

WORKER, BARE, QUIX, HOP = "worker", "bare loop", "Quix Streams", "broker's hop"

Start = Callable[[Stage, int], Process | None]


def run(stage: Stage, *, rounds: int, seconds: float = SECONDS) -> list[Figure]:
    """Let each candidate answer the same load once a round."""
    ids = fixture_ids(FIXTURE_COUNT)
    stage.renew([FIXTURES.name, ODDS.name, *OTHER_INPUTS, *OTHER_OUTPUTS, QUOTES.name, BOOK_STATE.name])
    stage.fill(FIXTURES.name, values(fixtures(ids), len(ids)))
    write_load(stage, shots(ids, int(sum(RATES) * seconds) + SPARE))
    seen: dict[str, list[list[Seen]]] = defaultdict(list)
    for number, name in enumerate(turns(list(CANDIDATES), rounds)):
        stage.renew([ODDS.name, QUOTES.name, BOOK_STATE.name], [GROUP])
        process = CANDIDATES[name](stage, number)
        answers = ODDS.name if name == HOP else QUOTES.name
        found = probe(stage, ODDS.name, answers, RATES, seconds)
        seen[name].append(found)
        if process is not None:
            process.stop()
        stage.forget("book")
        for each in found:
            stage.say(
                f"{name} at {each.rate}/s: p50 {each.p50:.2f}, p99 {each.p99:.1f}, p99.9 {each.p999:.1f} ms, "
                f"{each.answered:,} of {each.sent:,} quoted"
            )
    return [figure for index, rate in enumerate(RATES) for figure in _figures(seen, index, rate)]


def shots(ids: Sequence[str], count: int) -> list[Shot]:
    """Return the ticks to send with the ids by which their quotes are known."""
    events = list(islice(ticks(ids), count))
    return [
        Shot(event.event_id, value) for event, value in zip(events, values(iter(events), count), strict=True)
    ]  # fmt: skip


def write_load(stage: Stage, load: Sequence[Shot]) -> None:
    """Leave the load where the probe reads it."""
    (stage.directory / "load").write_bytes(msgspec.msgpack.encode(load))


def probe(stage: Stage, topic: str, answers: str, rates: Sequence[int], seconds: float) -> list[Seen]:
    """Run the probe and return what it saw at each rate."""
    result = stage.directory / "seen.json"
    stage.finish(
        stage.python(
            "probe", "bench.probe", "--bootstrap", stage.bootstrap, "--load", str(stage.directory / "load"),
            "--topic", topic, "--answers", answers, "--rates", ",".join(map(str, rates)), "--seconds", str(seconds),
            "--result", str(result),
        )
    )  # fmt: skip
    return msgspec.json.decode(result.read_bytes(), type=list[Seen])


def _figures(seen: dict[str, list[list[Seen]]], index: int, rate: int) -> list[Figure]:
    def of(name: str, what: str) -> list[float]:
        return [getattr(each[index], what) for each in seen[name]]

    def pair(what: str, other: str, bound: Bound) -> Figure:
        label = f"tick to quote at {rate}/s, {what}"
        return compare(label, of(WORKER, what), other, of(other, what), "ms", bound=bound)

    fast = rate == max(RATES)
    return [
        pair("p50", HOP, Bound()),
        pair("p99", HOP, Bound()),
        pair("p50", BARE, Bound(target=2.0 if fast else None, direction="at most")),
        pair("p99", BARE, Bound()),
        pair("p50", QUIX, Bound()),
        pair("p99", QUIX, Bound(target=0.25 if fast else None, direction="at most")),
    ]


def _worker(stage: Stage, _number: int) -> Process:
    process = stage.worker("book")
    stage.wait_committed(GROUP, FIXTURES.name, FIXTURE_COUNT, process)
    return process


def _bare(stage: Stage, _number: int) -> Process:
    return stage.python("bare", "bench.bare", "--bootstrap", stage.bootstrap, "--count", "0")


def _quix(stage: Stage, number: int) -> Process:
    return quix(stage, f"quix-{number}")


def _nobody(_stage: Stage, _number: int) -> None:
    return None


CANDIDATES: dict[str, Start] = {WORKER: _worker, BARE: _bare, QUIX: _quix, HOP: _nobody}
