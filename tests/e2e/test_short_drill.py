"""A short drill: every kind of part is killed under load, and nothing is lost or doubled."""

from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[..., dict[str, Any]]

pytestmark = [pytest.mark.broker, pytest.mark.slow, pytest.mark.timeout(600)]


def test_nothing_is_lost_or_doubled_when_workers_broker_and_sink_are_killed(
    bookstream: Run, living: Callable[[], bool]
) -> None:
    report = bookstream(
        "drill", "--ticks", "5000", "--bets", "300", "--seconds", "40",
        "--worker-kills", "3", "--broker-kills", "1", "--sink-kills", "1", "--seed", "36",
    )  # fmt: skip
    assert (report["lost"], report["doubled"], report["differences"]) == (0, 0, 0), report["shown"]
    assert report["kills"] == 5
    assert set(report["killed"]) == {"broker", "history", "ingest", "accounts", "settlement"}
    assert report["messages"] >= 5000
    assert report["bets"] > 100
    assert report["decided"]["ACCEPTED"] > 0
    settlement = report["settlement"]
    assert settlement["problems"] == []
    assert settlement["bets"].keys() == settlement["markets"].keys() == {"CONFIRMED"}
    assert settlement["bets"]["CONFIRMED"] >= report["decided"]["ACCEPTED"]
    assert settlement["books"]["sum_minor"] == settlement["books"]["open_stakes_minor"] == 0
    assert settlement["settled_again"] >= settlement["corrected"] > 0
    assert report["desk"] > 5
    assert report["checks"] > report["messages"]
    assert 0 < report["recover_seconds_p99"] < 60
    assert not living()
