"""The drill's plan: whom it kills and when, how long that takes, and what counts as lost or doubled."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, cast

import pytest

from bookstream import killing
from bookstream.delivery.runtime import READY
from bookstream.demo import exchange, match
from bookstream.drill import MESSAGES_A_MATCH, Plan, rules_file
from bookstream.killing import Killer, instants, p99
from bookstream.local import LocalStack
from bookstream.proof.canonical import compare, event_id
from bookstream.rules import account_rules, book_rules
from bookstream.settings import Settings
from domain.errors import MustStop, UndecodableInput


def test_the_victims_are_as_many_as_planned_and_the_same_for_the_same_seed() -> None:
    plan = Plan(worker_kills=7, broker_kills=2, sink_kills=3, seed=5)
    killed = Counter(plan.victims())
    assert (killed["broker"], killed["history"], killed.total()) == (2, 3, 12)
    assert set(killed) <= {"ingest", "book", "accounts", "settlement", "broker", "history"}
    assert plan.victims() == Plan(worker_kills=7, broker_kills=2, sink_kills=3, seed=5).victims()
    assert plan.victims() != Plan(worker_kills=7, broker_kills=2, sink_kills=3, seed=6).victims()


@pytest.mark.parametrize(
    ("ticks", "matches"), [(1, 1), (MESSAGES_A_MATCH, 1), (MESSAGES_A_MATCH + 1, 2), (100_000, 20)]
)
def test_there_are_as_many_whole_matches_as_the_ticks_need(ticks: int, matches: int) -> None:
    assert Plan(ticks=ticks).matches() == matches


@pytest.mark.parametrize("seed", [1, 2, 20])
def test_a_match_has_at_least_the_messages_that_the_plan_counts_on(seed: int) -> None:
    assert sum(1 for _ in exchange.messages(match.load(), seed, seed)) >= MESSAGES_A_MATCH


def test_every_kill_has_its_own_part_of_the_load() -> None:
    due = instants(40, 240.0, Random("x"))
    part = 240.0 * killing.LOAD_SHARE / 40
    assert [int(instant / part) for instant in due] == list(range(40))
    assert len({round(instant % part, 6) for instant in due}) == 40
    assert instants(0, 240.0, Random("x")) == []


@pytest.mark.parametrize(
    ("seconds", "expected"), [([], 0.0), ([3.0], 3.0), (list(range(1, 101)), 99), (list(range(1, 201)), 198)]
)
def test_99_of_100_stay_at_or_below_the_p99(seconds: list[float], expected: float) -> None:
    assert p99(seconds) == expected


def test_the_drills_rules_are_rules_and_give_a_verdict_more_time_than_the_drill_lasts() -> None:
    given = Settings(rules=rules_file())
    match_us = match.load().full_time_at - match.load().kick_off_at
    assert account_rules(given).answer_within_us > match_us + exchange.PRE_MATCH_SECONDS * 1_000_000
    assert book_rules(given).exchange.in_play_stale_us > 600_000_000


# -- the killer ------------------------------------------------------------------------------------------------------


@dataclass
class FakeSupervisor:
    """Brings back what was killed at the next tick, unless told not to."""

    ready: dict[str, Path]
    returns: bool = True
    killed: list[str] = field(default_factory=list)
    failure: MustStop | None = None
    due: list[str] = field(default_factory=list)

    def kill(self, name: str) -> None:
        assert not self.ready[name].exists()
        self.killed.append(name)
        self.due.append(name)

    def tick(self) -> None:
        if self.failure is not None:
            raise self.failure
        while self.due and self.returns:
            self.ready[self.due.pop()].touch()


class FakeStack:
    """A stack of two workers that are ready."""

    def __init__(self, data_dir: Path, **kwargs: Any) -> None:
        self.data_dir, self.settings, self.broker = data_dir, Settings(data_dir=data_dir), None
        ready = {name: data_dir / "workers" / f"{name}-{self.settings.worker}" / READY for name in ("ingest", "book")}
        for path in ready.values():
            path.parent.mkdir(parents=True)
            path.touch()
        self.supervisor = FakeSupervisor(ready, **kwargs)


def killer_of(stack: FakeStack, victims: list[str], told: list[str]) -> Killer:
    return Killer(cast("LocalStack", stack), victims, 0.2, Random("x"), told.append)


def test_each_victim_is_killed_once_and_waited_for(tmp_path: Path) -> None:
    stack, told = FakeStack(tmp_path), list[str]()
    killer = killer_of(stack, ["book", "ingest", "book"], told)
    killer.start()
    killer.finish()
    killer.stop()
    assert stack.supervisor.killed == ["book", "ingest", "book"]
    assert killer.kills == {"book": 2, "ingest": 1}
    assert [len(killer.away_seconds[name]) for name in ("book", "ingest")] == [2, 1]
    assert all(0 < away < 5 for every in killer.away_seconds.values() for away in every)
    assert ["kill 1 of 3: book" in told[0], "kill 3 of 3: book" in told[2]] == [True, True]


def test_a_worker_that_does_not_come_back_fails_the_drill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(killing, "RECOVER_SECONDS", 0.2)
    killer = killer_of(FakeStack(tmp_path, returns=False), ["book", "ingest"], [])
    killer.start()
    with pytest.raises(MustStop, match="book was not back"):
        killer.finish()
    killer.stop()
    assert not killer.kills


def test_a_worker_that_fails_again_and_again_fails_the_drill_while_it_plays(tmp_path: Path) -> None:
    stack = FakeStack(tmp_path, failure=MustStop("book failed 5 times in a row"))
    killer = killer_of(stack, ["book"], [])
    killer.check()
    killer.start()
    with pytest.raises(MustStop, match="5 times in a row"):
        killer.finish()
    with pytest.raises(MustStop, match="5 times in a row"):
        killer.check()
    killer.stop()


def test_a_broker_of_somebody_else_is_not_killed(tmp_path: Path) -> None:
    killer = killer_of(FakeStack(tmp_path), ["broker"], [])
    killer.start()
    with pytest.raises(MustStop, match="not the drill's own"):
        killer.finish()
    killer.stop()


# -- ticks ----------------------------------------------------------------------------------------------------------


def test_a_tick_published_again_is_repeated_and_neither_lost_nor_doubled() -> None:
    compared = compare({"a": {b"1"}, "b": {b"2"}}, {"a": {b"1"}, "b": {b"2"}}, records=3)
    assert (compared.ticks, compared.lost, compared.doubled, compared.repeated) == (2, (), (), 1)


def test_a_tick_that_is_not_there_is_lost() -> None:
    assert compare({"a": {b"1"}, "b": {b"2"}}, {"a": {b"1"}}, records=1).lost == ("b",)


def test_a_tick_with_two_contents_is_doubled() -> None:
    compared = compare({"a": {b"1"}}, {"a": {b"1", b"9"}}, records=2)
    assert (compared.lost, compared.doubled, compared.repeated) == ((), ("a",), 0)


def test_the_id_of_an_event_is_read_without_its_schema() -> None:
    assert event_id(b"\0\0\0\0\1" + bytes([4 << 1]) + b"abcdrest") == "abcd"


@pytest.mark.parametrize("value", [None, b"", b"\0\0\0\0\1", b"\0\0\0\0\1" + bytes([9]) + b"abcd"])
def test_a_value_without_an_id_is_no_tick(value: bytes | None) -> None:
    with pytest.raises(UndecodableInput):
        event_id(value)
