"""drain: a backlog of ticks becomes quotes, by the whole job; ticks a second from the first to the last append.

Two forms. As shipped: rows stay objects, a market is priced once a unit for all ticks that it got meanwhile. Each event
by itself: every tick is priced, its rows decoded before and encoded after, which is how Quix Streams works.
"""

import shutil
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.figures import Bound, Figure, compare, gather, turns
from bench.harness import ROOT, Stage
from bench.load import Value, fixture_ids, fixtures, ticks, values
from bookstream.topics import BOOK_STATE, FIXTURES, ODDS, QUOTES
from domain.errors import BookstreamError, Misconfigured
from ops.process import Process

GROUP = "bookstream-book"
FIXTURE_COUNT = 200
OTHER_INPUTS = (
    "incidents", "bets.legs", "feeds.status", "feeds.providers", "feeds.evidence", "feeds.completeness", "clock.ticks",
    "trading.controls",
)  # fmt: skip
OTHER_OUTPUTS = ("exposures", "bets.leg-verdicts", "feeds.coverage", "feeds.differences", "dead-letters")

NAIVE_SHARE = 10
"""Naive Faust gets a tenth of the backlog: it would take minutes for all of it."""

Candidate = Callable[[Stage, Sequence[Value], int], None]


def run(stage: Stage, *, rounds: int, ticks_count: int = 100_000) -> list[Figure]:
    """Run every candidate once a round and compare."""
    ids = fixture_ids(FIXTURE_COUNT)
    stage.renew([FIXTURES.name, ODDS.name, *OTHER_INPUTS, *OTHER_OUTPUTS, QUOTES.name, BOOK_STATE.name])
    stage.fill(FIXTURES.name, values(fixtures(ids), len(ids)))
    backlog = list(values(ticks(ids), ticks_count))
    measured: dict[str, list[float]] = defaultdict(list)
    said: set[int] = set()
    for number, name in enumerate(turns(list(CANDIDATES), rounds)):
        stage.renew([ODDS.name, QUOTES.name, BOOK_STATE.name], [GROUP])
        CANDIDATES[name](stage, backlog, number)
        quotes, first, last = stage.appended(QUOTES.name)
        if quotes < FIXTURE_COUNT:
            raise BookstreamError(f"{name} said {quotes} quotes of {FIXTURE_COUNT} markets")
        if name in BY_ITSELF:
            said.add(quotes)
        taken = ticks_count // NAIVE_SHARE if name == "naive Faust" else ticks_count
        measured[name].append(taken / (last - first))
        stage.say(f"{name}: {measured[name][-1]:,.0f} ticks/s, {quotes:,} quotes ({gather(measured)})")
    if len(said) > 1:
        raise BookstreamError(f"who takes each event by itself must say the same, and said {sorted(said)} quotes")
    return figures(measured)


def figures(measured: dict[str, list[float]]) -> list[Figure]:
    """Compare what was measured."""

    def pair(ours: str, theirs: str, target: float | None) -> Figure:
        return compare(
            f"drain: {ours}", measured[ours], theirs, measured[theirs], "ticks/s", bound=Bound(target=target)
        )  # fmt: skip

    return [
        pair("worker", "Quix Streams", 2.5),
        pair("worker", "bare loop", 0.8),
        pair("worker", "naive Faust", 30.0),
        pair("worker, each event by itself", "Quix Streams", 1.5),
        pair("worker, each event by itself", "naive Faust", None),
        pair("worker, each event by itself", "bare loop, each event by itself", None),
    ]


def _worker(stage: Stage, backlog: Sequence[Value], _number: int, app: str | None = None) -> None:
    # A first worker learns of the fixtures, as it would have long before; the second finds the backlog.
    process = stage.worker("book", app)
    stage.wait_committed(GROUP, FIXTURES.name, FIXTURE_COUNT, process)
    process.stop()
    stage.fill(ODDS.name, backlog)
    process = stage.worker("book", app)
    stage.wait_committed(GROUP, ODDS.name, len(backlog), process)
    process.stop()
    stage.forget("book")


def _worker_each(stage: Stage, backlog: Sequence[Value], number: int) -> None:
    _worker(stage, backlog, number, "bench.book_each_event")


def _bare(stage: Stage, backlog: Sequence[Value], _number: int, *options: str) -> None:
    count = str(stage.fill(ODDS.name, backlog))
    stage.finish(stage.python("bare", "bench.bare", "--bootstrap", stage.bootstrap, "--count", count, *options))


def _bare_each(stage: Stage, backlog: Sequence[Value], number: int) -> None:
    _bare(stage, backlog, number, "--each-event")


def _naive(stage: Stage, backlog: Sequence[Value], number: int) -> None:
    count = stage.fill(ODDS.name, backlog[: len(backlog) // NAIVE_SHARE])
    group = f"naive-{number}"
    argv = [sys.executable, "-m", "faust", "-A", "bench.peers.naive_faust", "worker", "-l", "info", "--without-web"]
    env = {"BENCH_KAFKA": stage.bootstrap, "BENCH_GROUP": group, "BENCH_DIR": str(stage.directory / group)}
    process = stage.spawn("naive", argv, env)
    stage.wait_committed(group, ODDS.name, count, process)
    process.stop()


def _quix(stage: Stage, backlog: Sequence[Value], number: int) -> None:
    count = stage.fill(ODDS.name, backlog)
    group = f"quix-{number}"
    process = quix(stage, group)
    stage.wait_committed(group, ODDS.name, count, process)
    process.stop()


def quix(stage: Stage, group: str) -> Process:
    """Start Quix Streams on the book's job, in an environment of its own.

    Raises:
        Misconfigured: there is no `uv` to make that environment.
    """
    uv = shutil.which("uv")
    if uv is None:
        raise Misconfigured("the bench against Quix Streams needs `uv` on the PATH: https://docs.astral.sh/uv")
    state: Path = stage.directory / group
    return stage.spawn(
        "quix",
        [
            uv, "run", "--quiet", "--script", str(ROOT / "bench" / "peers" / "quix_drain.py"),
            "--bootstrap", stage.bootstrap, "--group", group, "--state-dir", str(state),
        ],
    )  # fmt: skip


CANDIDATES: dict[str, Candidate] = {
    "worker": _worker,
    "bare loop": _bare,
    "Quix Streams": _quix,
    "naive Faust": _naive,
    "worker, each event by itself": _worker_each,
    "bare loop, each event by itself": _bare_each,
}

BY_ITSELF = frozenset({"Quix Streams", "worker, each event by itself", "bare loop, each event by itself"})
"""Who prices every tick of the backlog: they must come to the same quotes."""
