"""The benches by name."""

from collections.abc import Callable
from importlib import import_module

import msgspec

from bench.figures import Figure
from bench.harness import Say, Stage
from domain.errors import Misconfigured


class Bench(msgspec.Struct, frozen=True):
    """One bench: what it says, how many rounds it takes unless told, and about how long a round is."""

    name: str
    about: str
    rounds: int
    round_seconds: int
    on_stage: bool = True
    """Whether it needs a broker."""

    @property
    def seconds(self) -> int:
        """Return about how long it takes on two cores, unless told other rounds."""
        return self.rounds * self.round_seconds


BENCHES = (
    Bench("drain", "ticks to quotes, the whole job, a backlog: worker, bare loop, Quix Streams", 3, 120),
    Bench("inprocess", "from a tick's arrival in the handler to its quote's bytes", 5, 10, on_stage=False),
    Bench("latency", "from a tick's sending to an outsider's seeing its quote, at 500/s and 2000/s", 3, 180),
    Bench("bets", "bets decided a second, and from a request to its decision at 200/s", 3, 70),
    Bench("sink", "rows a second from Kafka into ClickHouse, against a bare bulk insert", 5, 15),
    Bench("bulkheads", "a provider's tick to its odds while another floods, sends garbage or is silent", 3, 80),
    Bench("feeds", "messages normalised a second by provider; all recordings, and their memory", 3, 90, on_stage=False),
    Bench("ledger", "transfers a second in the pure ledger; entries verified a second", 5, 10, on_stage=False),
    Bench("settlement", "a market of 100,000 open bets settled; from a result to the last payout; memory", 3, 120),
    Bench("tampered", "one changed byte in a million entries of the ledger, until it is named", 2, 150, on_stage=False),
    Bench("memory", "resident memory while a long backlog drains", 1, 180),
)

BY_NAME = {bench.name: bench for bench in BENCHES}


def find(name: str) -> Bench:
    """Return a bench.

    Raises:
        Misconfigured: there is none of this name.
    """
    found = BY_NAME.get(name)
    if found is None:
        raise Misconfigured(f"no bench {name!r}: there are {', '.join(BY_NAME)}")
    return found


def run(name: str, *, rounds: int | None = None, ticks: int | None = None, say: Say = lambda _: None) -> list[Figure]:
    """Run a bench and return its figures, the principal one first.

    Args:
        name: of the bench.
        rounds: how often each candidate takes its turn; the bench's own number unless told.
        ticks: the size of the load (ticks, rows or bets) where the bench has one.
        say: told what is going on.

    Raises:
        BookstreamError: whatever keeps it from running, in one sentence.
    """
    bench = find(name)
    options: dict[str, int] = {"rounds": rounds or bench.rounds}
    if ticks is not None:
        size = SIZES.get(name)
        if size is None:
            raise Misconfigured(f"the bench {name} has no --ticks: its load is a rate")
        options[size] = ticks
    measure: Callable[..., list[Figure]] = import_module(f"bench.{name}").run
    if not bench.on_stage:
        return measure(**options)
    with Stage(say) as stage:
        return measure(stage, **options)


SIZES = {
    "feeds": "messages",
    "drain": "ticks_count",
    "inprocess": "ticks_count",
    "bets": "backlog",
    "sink": "rows",
    "ledger": "transfers_count",
    "settlement": "bets",
    "tampered": "entries",
    "memory": "ticks_count",
}
"""What the size of a bench's load is called."""
