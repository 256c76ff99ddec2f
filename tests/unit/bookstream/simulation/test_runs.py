"""Runs of the whole system in memory: the same seed is the same run, and none of two hundred breaks a rule."""

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bookstream.simulation.campaign import campaign, run_seeds
from bookstream.simulation.plan import FAULTS, REST, plan
from bookstream.simulation.world import World

SEEDS = 200
PARTS = 4
TIMES_REAL_TIME = 1000
DIGEST = "from tests.unit.bookstream.simulation.test_runs import digest; print(digest(5))"


def digest(seed: int) -> str:
    """Return a digest of every record of a run, in its place."""
    world = World()
    assert not world.run(plan(seed)).violated
    seen = hashlib.blake2b()
    for topic in sorted(world.broker.topics):
        for partition in world.broker.topics[topic]:
            for record in partition:
                seen.update(repr(record).encode())
    return seen.hexdigest()


@pytest.mark.parametrize("first", range(0, SEEDS, SEEDS // PARTS))
def test_two_hundred_seeds_break_no_rule_a_thousand_times_faster_than_they_would_take(first: int) -> None:
    began, seeds = time.process_time(), SEEDS // PARTS
    tally = run_seeds(range(first, first + seeds))
    took = time.process_time() - began
    assert [(each.seed, each.outcome) for each in tally.found] == []
    assert tally.seeds == seeds
    assert tally.events > 300 * seeds
    assert tally.faults > 5 * seeds
    assert tally.simulated_us > TIMES_REAL_TIME * took * 1e6


def test_a_seed_is_one_run_whatever_the_order_of_sets() -> None:
    said = {
        subprocess.run(
            [sys.executable, "-c", DIGEST],
            env={**os.environ, "PYTHONHASHSEED": order, "PYTHONPATH": str(Path.cwd())},
            check=True, capture_output=True, text=True,
        ).stdout.strip()
        for order in ("1", "2")
    }  # fmt: skip
    assert said == {digest(5)}


def test_what_is_planned_follows_from_the_seed() -> None:
    planned = plan(7, 40)
    assert planned == plan(7, 40)
    assert planned != plan(8, 40)
    assert [each.number for each in planned] == list(range(41))
    assert planned[-1].kind == REST
    assert {each.kind for seed in range(20) for each in plan(seed)} > set(FAULTS)


def test_parts_of_a_campaign_add_up_on_several_processors() -> None:
    parts = list(campaign(3, 51, steps=6, jobs=2))
    alone = list(campaign(3, 51, steps=6))
    assert parts == alone
    assert [part.seeds for part in parts] == [50, 1]


def test_a_trace_says_what_happens() -> None:
    said: list[str] = []
    World(said.append).run(plan(1, 30))
    assert said[0].split()[2] == "fund:"
    assert said[-1].endswith("rest")
