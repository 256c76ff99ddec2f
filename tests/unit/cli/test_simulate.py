"""`bookstream simulate`: figures for programs, a command that shows a violation again, and its exit code."""

import shlex

import pytest

import agents.book
from domain.events.betting import BetLeg
from domain.trading.legs import LegRows
from domain.trading.state import LegState
from tests.unit.cli.conftest import Run

FIGURES = {"seeds": 3, "violations": 0, "found": []}


def never_let_go(known: LegState | None, leg: BetLeg, rows: LegRows) -> bool:
    assert known is not None, "held before"
    known.status = "RELEASED"
    return True


def test_seeds_are_counted(run: Run) -> None:
    ran = run("simulate", "--seeds", "3", "--steps", "12", "--jobs", "1", "--json")
    assert ran.code == 0
    assert {name: ran.json[name] for name in FIGURES} == FIGURES
    assert ran.json["events"] > 0
    assert ran.json["times_real_time"] > 0


def test_a_violation_is_shown_again_by_the_command_that_it_prints(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agents.book, "on_release", never_let_go)
    ran = run("simulate", "--seeds", "20", "--steps", "40", "--jobs", "1", "--json")
    assert (ran.code, ran.json["violations"] > 0) == (1, True)
    found = ran.json["found"][0]
    assert found["rule"] in {"exposure is the sum of the bets", "a leg ends once"}
    again = run(*shlex.split(found["shrunk"])[1:], "--json")
    assert again.code == 1
    assert again.json["found"][0]["rule"] == found["rule"]
    assert again.err.count("\n") >= found["shrunk_steps"]


def test_steps_that_are_no_numbers_are_refused(run: Run) -> None:
    ran = run("simulate", "--seed", "1", "--only", "1,x")
    assert ran.code == 2
    assert "--only 1,x" in ran.sentence
