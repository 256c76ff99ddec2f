"""The desk settles a market of a running system, corrects it and takes it back; all is proved and explained."""

from typing import Any

import pytest

from bookstream import topics
from bookstream.lag import wait_until_handled
from bookstream.reading import events
from domain.events.settlement import BetSettlement
from tests.integration.proof.test_proof_commands import PATIENCE, House, house

__all__ = ["house"]

pytestmark = [pytest.mark.broker, pytest.mark.slow, pytest.mark.timeout(300)]

WHO = ("--who", "ann", "--why", "seen on the pitch")


def settled(house: House, bet_id: str) -> tuple[str, int]:
    """Return how ann's bet is settled, once everything is handled."""
    assert wait_until_handled(house.bootstrap, timeout_seconds=PATIENCE) == {}
    said = [
        each
        for _, each in events(house.bootstrap, topics.BET_SETTLEMENTS.name, BetSettlement)
        if (each.customer_id, each.bet_id) == ("ann", bet_id)
    ]
    return said[-1].status, said[-1].returned_minor


def kinds(explanation: dict[str, Any]) -> list[str]:
    found = [each["kind"] for each in explanation["causes"]]
    return found + [kind for each in explanation["causes"] for kind in kinds(each)]


def test_the_desk_s_word_pays_a_bet_corrects_it_and_is_taken_back(house: House) -> None:
    market = house.story.markets()[0]
    ran = house.run("settle", market, "--result", "home=WIN", "--result", "draw=LOSE", "--result", "away=LOSE", *WHO)
    assert ran.code == 0, ran.err
    status, returned = settled(house, "single")
    assert (status, returned > 1000) == ("CONFIRMED", True)
    assert house.run("settle", market, "--cancel", *WHO).code == 0
    assert settled(house, "single") == ("CONFIRMED", 1000)
    explained = house.run("explain", "ann/single")
    assert explained.code == 0, explained.err
    assert {"settlement", "leg result", "market settlement", "result"} <= set(kinds(explained.json))
    assert house.run("settle", market, "--undo", *WHO).code == 0
    assert settled(house, "single") == ("OPEN", 0)
    refused = house.run("settle", market, "--undo", *WHO, "--at", "2020-01-01")
    assert refused.code == 2
    assert "the desk spoke of" in refused.err
    proved = house.verified()
    assert proved.code == 0, proved.json["differences"]
