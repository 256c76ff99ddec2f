"""What the demo and the drill show of a proof that is not clean."""

from collections.abc import Callable
from typing import Any

import pytest

from bookstream.cli import demo, drill
from bookstream.demo.run import Outcome
from bookstream.drill import Report
from domain.audit.difference import Findings


def found(differences: int) -> Findings:
    """Find differences whose every text looks like markup."""
    findings = Findings()
    for n in range(differences):
        findings.check("[rule]", f"[/subject {n}]", holds=False, found="[bold]expected[/bold]")
    return findings


def the_demo(findings: Findings) -> None:
    demo._show(Outcome(findings=findings, problems=["markets are open after the match: [fx/1]"]), 1.0)


def the_drill(findings: Findings) -> None:
    drill._show(Report(findings=findings))


@pytest.mark.parametrize("show", [the_demo, the_drill])
def test_differences_are_shown_as_they_are_and_the_rest_is_counted(
    show: Callable[[Findings], None], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    show(found(25))
    shown: Any = capsys.readouterr().out
    assert "[rule] [/subject 0]: [bold]expected[/bold]" in shown
    assert "[/subject 19]" in shown
    assert "[/subject 20]" not in shown
    assert "and 5 more" in shown


def test_what_did_not_come_out_as_it_ended_is_shown_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    the_demo(found(0))
    assert "markets are open after the match: [fx/1]" in capsys.readouterr().out
