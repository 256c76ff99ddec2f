"""The demo and the drill prove by the rules that their workers were given."""

from pathlib import Path
from typing import Any, cast

import pytest

from bookstream import demo, drill
from bookstream.demo import run
from bookstream.local import CONTEXTS, LocalStack
from bookstream.rules import account_rules
from bookstream.settings import Settings
from domain.audit.difference import Findings
from domain.betting.rules import AccountRules
from ops.supervisor import Supervisor

FILES = pytest.mark.parametrize("rules", [demo.rules_file(), drill.rules_file()], ids=["demo", "drill"])


@FILES
def test_what_was_decided_by_a_stacks_rules_is_proved_by_them(rules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    proved_by: list[AccountRules] = []

    class Recorded:
        def __init__(self, _bootstrap: str, _ask: object, rules: AccountRules, *, trusted: object) -> None:
            assert trusted is None, "no key is pinned, and none was made"
            proved_by.append(rules)

        def run(self, _step: object) -> Findings:
            return Findings()

    monkeypatch.setattr(run, "Verifier", Recorded)
    given = Settings(rules=rules)
    run.prove(given, "nowhere:9092")
    assert proved_by == [account_rules(given)]
    assert proved_by != [account_rules(Settings())]


@FILES
def test_the_workers_of_a_stack_are_given_its_rules_and_no_security_of_another_broker(
    rules: Path, tmp_path: Path
) -> None:
    class Recorded:
        spawned: dict[str, str]

        def spawn(self, _name: str, _argv: list[str], env: dict[str, str], **_: Any) -> None:
            self.spawned = env

    given = Settings(kafka="far:9092", kafka_security={"security.protocol": "SSL"}).local(tmp_path, rules)
    stack, supervisor = LocalStack(given, leashed=True), Recorded()
    stack.supervisor = cast("Supervisor", supervisor)
    stack.spawn("accounts")
    assert supervisor.spawned["BOOKSTREAM_RULES"] == str(rules)
    assert supervisor.spawned["BOOKSTREAM_KAFKA_SECURITY"] == "{}"


def test_the_workers_of_a_stack_measure_on_ports_that_follow_one_another(tmp_path: Path) -> None:
    class Recorded:
        ports: list[str]

        def spawn(self, _name: str, _argv: list[str], env: dict[str, str], **_: Any) -> None:
            self.ports = [*getattr(self, "ports", []), env["BOOKSTREAM_METRICS_PORT"]]

    stack, supervisor = LocalStack(Settings(data_dir=tmp_path, metrics_port=9200), leashed=True), Recorded()
    stack.supervisor = cast("Supervisor", supervisor)
    for context in CONTEXTS:
        stack.spawn(context)
    assert supervisor.ports == ["9200", "9201", "9202", "9203", "9204"]
