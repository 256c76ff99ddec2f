"""`bookstream drill-feeds`: what it prints, and its exit codes."""

import json
from typing import Any

import pytest

from bookstream.cli import drill_feeds
from bookstream.faults.outcome import Outcome
from tests.unit.cli.conftest import Run


def test_a_fault_is_a_row_with_what_it_cost(run: Run) -> None:
    ran = run("drill-feeds", "betfair", "--fault", "truncated line", "--short")

    assert ran.code == 0
    assert "truncated line" in ran.out
    assert "1 faults, 0 failed" in ran.out


def test_programs_read_one_json_object(run: Run) -> None:
    ran = run("drill-feeds", "betsapi", "--fault", "5xx", "--fault", "truncated body", "--short", "--json")

    told = json.loads(ran.out.splitlines()[-1])
    assert (ran.code, told["failed"]) == (0, 0)
    assert [(each["fault"], each["recovered"], each["lost"]) for each in told["outcomes"]] == [
        ("5xx", True, 0), ("truncated body", True, 0),
    ]  # fmt: skip


def test_a_connector_that_did_not_recover_is_exit_code_1(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(_chosen: Any) -> list[Outcome]:
        return [
            Outcome(connector="uof", fault="garbage", recovered=False, seconds=0, sent=5, lost=5, avoidable=5,
                    requests=1, used=1, allowed=2, quota="recoveries", trouble="not so after 90 s")
        ]  # fmt: skip

    monkeypatch.setattr(drill_feeds, "drill", fail)
    ran = run("drill-feeds", "uof", "--fault", "garbage")

    assert ran.code == 1
    assert "1 faults, 1 failed" in ran.out
    assert "NO" in ran.out


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("bet365",), "no live connector is called bet365: there are betfair, theoddsapi, betsapi, uof"),
        (("uof", "--fault", "rain"), "no connector chosen has the fault rain"),
    ],
)
def test_what_is_not_there_is_said(run: Run, argv: tuple[str, ...], said: str) -> None:
    ran = run("drill-feeds", *argv)

    assert ran.code == 2
    assert said in ran.sentence
