"""The drill of the feeds, short: a few faults of every live connector, and what counts as failed."""

import dataclasses
from typing import Any

import pytest

from bookstream.faults import betfair, polled, unified
from bookstream.faults.drill import CONNECTORS, drill, runs
from bookstream.faults.outcome import COLUMNS, Outcome
from bookstream.faults.services import KINDS
from bookstream.faults.waits import SHORT, Waits
from connectors.betsapi.connector import BetsApi
from connectors.resilience.breaker import Guard
from connectors.theoddsapi.connector import TheOddsApi
from domain.feeds.uof_producers import Timeouts

WELL = Outcome(
    connector="betfair", fault="half-open", recovered=True, seconds=1.0, sent=60, lost=2, avoidable=0, requests=3,
    used=10, allowed=10, quota="connections at once",
)  # fmt: skip


@pytest.mark.parametrize(
    ("connector", "faults"),
    [
        ("betfair", ["half-open", "slow line", "too many requests", "garbage", "reordered", "strange certificate"]),
        ("theoddsapi", ["429 with Retry-After", "slow body", "half-open", "TLS refused", "clock a day behind"]),
        ("betsapi", ["429 with a date", "5xx", "truncated body", "no HTTP", "quota short", "clock a day ahead"]),
        ("uof", ["truncated frame", "garbage", "strange certificate", "clock wrong at first"]),
    ],
)
async def test_a_live_connector_recovers_by_itself_within_its_quota(connector: str, faults: list[str]) -> None:
    outcomes = await drill(runs([connector], faults, SHORT))

    assert [each.fault for each in outcomes] == [each for each in _faults(connector) if each in faults]
    assert [each for each in outcomes if not each.passed] == []
    assert all(each.sent > 0 and each.requests > 0 for each in outcomes)


async def test_a_provider_that_keeps_no_history_loses_what_it_said_meanwhile_and_no_more() -> None:
    (lossy,) = await drill(runs(["theoddsapi"], ["429 with Retry-After"], SHORT))
    (kept,) = await drill(runs(["betsapi"], ["429 with Retry-After"], SHORT))

    assert lossy.lost in {1, 2}
    assert lossy.avoidable == kept.lost == 0
    assert min(lossy.seconds, kept.seconds) >= polled.HOLD_S


async def test_a_request_that_is_never_answered_is_given_up_before_its_recovery_is() -> None:
    outcome = await unified.drill(unified.HALF_OPEN_REST)

    assert outcome.passed
    assert 2 * 30 < outcome.seconds < Timeouts().idle_us / 1e6


async def test_a_connector_that_polls_by_a_clock_that_is_set_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    kind = KINDS["theoddsapi"]

    def by_the_wall(options: dict[str, Any], guard: Guard, other_s: float) -> BetsApi | TheOddsApi:
        return kind.connect(options | {"monotonic": options["now"]}, guard, other_s)

    monkeypatch.setattr("bookstream.faults.hearing.PATIENCE_S", 2.0)
    outcome = await polled.drill(dataclasses.replace(kind, connect=by_the_wall), "clock a day behind", SHORT)

    assert not outcome.recovered
    assert not outcome.passed


@pytest.mark.parametrize("change", [{"recovered": False}, {"avoidable": 1}, {"used": 11}, {"trouble": "it hastened"}])
def test_what_must_not_be_fails(change: dict[str, Any]) -> None:
    assert WELL.passed
    assert not dataclasses.replace(WELL, **change).passed
    assert len(WELL.row()) == len(COLUMNS)


def test_every_fault_of_every_connector_is_run_unless_some_are_named() -> None:
    assert set(runs(CONNECTORS, (), Waits())) == {(name, fault) for name in CONNECTORS for fault in _faults(name)}
    assert list(runs(CONNECTORS, ["5xx"], Waits())) == [("theoddsapi", "5xx"), ("betsapi", "5xx"), ("uof", "5xx")]


def _faults(connector: str) -> tuple[str, ...]:
    return {"betfair": betfair.FAULTS, "uof": unified.FAULTS}.get(connector, polled.FAULTS)
