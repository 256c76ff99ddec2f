"""Malformed inputs through every parser and the ingest handler: `python -m tests.fuzz.run --count 1000000`.

Each provider runs in processes of its own. An input that fails is kept, with the command that gives it again.
"""

import argparse
import importlib.util
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import msgspec

from tests.fuzz.campaign import Figures, Order, replay
from tests.fuzz.targets import PARSERS
from tests.fuzz.watch import in_progress

SHARES: Final = (0.15, 0.02, 0.12, 0.005)
"""Of all inputs: guided by coverage, from strategies, to the handler, files; the rest is mutated messages."""


def main() -> int:
    """Run what was asked for; the exit code is 1 when an input failed."""
    asked = _asked()
    if asked.replay:
        provider, way, _ = asked.replay.name.rsplit("-", 2)
        found = replay(asked.replay, provider, way)
        print(*found.failures or [f"nothing fails: {dict(found.outcomes)}"], sep="\n")
        return bool(found.failures)
    asked.folder.mkdir(parents=True, exist_ok=True)
    orders = [_order(asked, provider) for provider in asked.providers]
    steps = [("campaign", order) for order in orders]
    if importlib.util.find_spec("atheris"):
        steps += [("guided", order) for order in orders if order.guided]
    else:
        print("atheris is not installed (it is in the dependency group fuzz): no coverage-guided inputs")
    with ThreadPoolExecutor(asked.jobs) as pool:
        figures = list(pool.map(lambda step: _run(*step), steps))
    _print(figures)
    return any(each.failures for each in figures)


def _asked() -> argparse.Namespace:
    reads = argparse.ArgumentParser(prog="python -m tests.fuzz.run", description=__doc__)
    reads.add_argument("--count", type=int, default=100_000, help="inputs in all")
    reads.add_argument("--seconds", type=float, default=1e9, help="at most, of each process")
    reads.add_argument("--providers", nargs="+", choices=sorted(PARSERS), default=sorted(PARSERS))
    reads.add_argument("--seed", type=int, default=1)
    reads.add_argument("--jobs", type=int, default=1, help="processes at once")
    reads.add_argument("--no-hostile", action="store_true", help="leave out the large documents made to exhaust")
    reads.add_argument("--folder", type=Path, default=Path("data/fuzz"), help="where failing inputs are kept")
    reads.add_argument("--replay", type=Path, help="give a kept input again")
    return reads.parse_args()


def _order(asked: argparse.Namespace, provider: str) -> Order:
    each = -(-asked.count // len(asked.providers))
    guided, strategies, handled, files = (int(each * share) for share in SHARES)
    return Order(
        provider,
        str(asked.folder),
        seed=asked.seed,
        mutated=each - guided - strategies - handled - files,
        strategies=strategies,
        handled=handled,
        files=files,
        guided=guided,
        hostile=not asked.no_hostile,
        seconds=asked.seconds,
    )


def _run(step: str, order: Order) -> Figures:
    told = msgspec.json.encode(order).decode()
    done = subprocess.run([sys.executable, "-m", f"tests.fuzz.{step}", told], stdout=subprocess.PIPE, check=False)
    if done.returncode == 0:
        figures = msgspec.json.decode(done.stdout.splitlines()[-1], type=Figures)
    else:
        kept = Path(order.folder) / f"{order.provider}-{step}-died"
        kept.write_bytes(in_progress(Path(order.folder) / f"in-progress-{order.provider}"))
        figures = Figures(order.provider, failures=[f"{step} ended with {done.returncode}; its last input is {kept}"])
    print(f"{step} {_line(figures)}", *figures.failures, sep="\n  ", flush=True)
    return figures


def _print(all_figures: Sequence[Figures]) -> None:
    """Print a line for each provider, and the sums."""
    total = Figures("all")
    by_provider = {each.provider: Figures(each.provider) for each in all_figures}
    for each in all_figures:
        for into in (by_provider[each.provider], total):
            _add(into, each)
    print()
    for figures in (*by_provider.values(), total):
        print(_line(figures))
    print(f"inputs by way: {_counts(total.inputs)}")
    print(f"{sum(total.inputs.values()):,} inputs, {len(total.failures)} failures")


def _add(into: Figures, each: Figures) -> None:
    into.inputs = Counter(into.inputs) + Counter(each.inputs)
    into.outcomes = Counter(into.outcomes) + Counter(each.outcomes)
    into.failures += each.failures
    into.slowest, into.slowest_bytes = max((into.slowest, into.slowest_bytes), (each.slowest, each.slowest_bytes))
    into.peak, into.peak_bytes = max((into.peak, into.peak_bytes), (each.peak, each.peak_bytes))


def _line(figures: Figures) -> str:
    return (
        f"{figures.provider}: {sum(figures.inputs.values()):,} inputs; {_counts(figures.outcomes)}; "
        f"slowest {figures.slowest * 1000:.1f} ms ({figures.slowest_bytes:,} bytes); "
        f"peak {figures.peak / 1e6:.1f} MB ({figures.peak_bytes:,} bytes)"
    )


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in sorted(counts.items()))


if __name__ == "__main__":
    sys.exit(main())
