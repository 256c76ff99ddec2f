"""`bookstream identity` on players: what is shown of a log in memory, what is sent, and what is refused."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from bookstream import topics
from bookstream.cli import identity
from bookstream.delivery.api import Record
from domain.events.canonical import Fixture, IdentityDecision
from domain.events.head import Event
from domain.identity.ids import player_id
from tests.unit.agents.player_samples import GAME, OPTA, RESULT, STATSBOMB, Worker
from tests.unit.cli.conftest import Run
from tests.unit.connectors.pitch_samples import statsbomb_lineup

WORD = ("--who", "ann", "--why", "seen him")
DOUBTED = "statsbomb:player/111"
SECOND = player_id("soccer", "statsbomb", "111")


class Sent:
    """An outlet that hands decisions to a log in memory."""

    worker: Worker
    decisions: list[IdentityDecision]

    def __init__(self, _address: str, _security: dict[str, str]) -> None:
        pass

    def send(self, topic: str, event: Event) -> None:
        assert topic == topics.IDENTITY_DECISIONS.name
        assert isinstance(event, IdentityDecision)
        self.decisions.append(event)
        self.worker.hand_on(event)

    def flush(self) -> None:
        pass


@pytest.fixture
def worker(environment: pytest.MonkeyPatch) -> Worker:
    """Return a worker whose log is the broker: one provider has two numbers for one name, another's was found."""
    made = Worker()
    made.take("opta", "f24.xml", GAME)
    made.take("statsbomb", "a_lineups.json", statsbomb_lineup())
    made.take("opta", "f7.xml", RESULT)
    made.take("statsbomb", "b_lineups.json", statsbomb_lineup().replace(b"110", b"111"))

    def read(_bootstrap: str, names: Sequence[str], _security: Any = None) -> Iterator[Record]:
        for name in names:
            yield from made.log.records(name)

    environment.setenv("BOOKSTREAM_KAFKA", "memory:1")
    environment.setattr(identity, "read", read)
    environment.setattr(identity, "Outlet", Sent)
    Sent.worker, Sent.decisions = made, []
    return made


def test_an_unsure_player_is_listed_with_both_names_the_score_and_the_team(run: Run, worker: Worker) -> None:
    shown = run("identity", "review")
    assert shown.code == 0
    for part in (DOUBTED, SECOND, "Paul Rover", STATSBOMB, "1.000", "soccer, Rovers", "1 of 1"):
        assert part in shown.out
    assert run("identity", "review", "--json").json == {"total": 1, "reviews": [{
        "subject": DOUBTED, "subject_id": SECOND, "provider_name": "Paul Rover", "candidate_id": STATSBOMB,
        "candidate_name": "Paul Rover", "score": 1.0, "reason": "a player of this team may be meant",
        "context": "soccer, Rovers",
    }]}  # fmt: skip
    assert not worker.reasons


@pytest.mark.parametrize("answer", ["accept", "reject"])
def test_an_answered_review_of_a_player_is_not_open_any_more(run: Run, worker: Worker, answer: str) -> None:
    ran = run("identity", answer, DOUBTED, *WORD, "--json")
    assert (ran.code, ran.json["fixture_id"]) == (0, STATSBOMB)
    assert run("identity", "review", "--json").json == {"total": 0, "reviews": []}
    assert worker.newest(SECOND).successor_id == (STATSBOMB if answer == "accept" else None)
    again = run("identity", answer, DOUBTED, *WORD)
    assert (again.code, again.out) == (2, "")
    assert f"no open review of {DOUBTED}" in again.sentence


def test_a_merge_of_players_says_who_and_why_and_takes_effect(run: Run, worker: Worker) -> None:
    ran = run("identity", "merge", SECOND, STATSBOMB, *WORD)
    assert ran.code == 0
    assert f"{STATSBOMB} is {SECOND}, Paul Rover" in ran.out
    (decision,) = Sent.decisions
    assert (decision.actor, decision.reason, decision.names) == ("ann", "seen him", ("Paul Rover", "Pauly", "Paulo 11"))
    assert worker.directory.squads.who("opta", "110") == SECOND
    assert worker.newest(OPTA).successor_id == SECOND
    assert run("identity", "review", "--json").json["total"] == 0
    assert not worker.reasons


def test_a_player_of_another_provider_is_split_off_and_merged_again(run: Run, worker: Worker) -> None:
    ran = run("identity", "split", "opta:player/110", *WORD, "--json")
    assert (ran.code, ran.json["fixture_id"], ran.json["retired_id"]) == (0, OPTA, STATSBOMB)
    assert worker.directory.squads.who("opta", "110") == OPTA
    assert run("identity", "merge", STATSBOMB, OPTA, *WORD).code == 0
    assert worker.directory.squads.who("opta", "110") == STATSBOMB
    assert not worker.reasons


def test_who_may_be_two_is_merged_into_one_of_them_by_name(run: Run, worker: Worker) -> None:
    run("identity", "split", "opta:player/110", *WORD)
    worker.take("statsbomb", "c_lineups.json", statsbomb_lineup().replace(b"110", b"112"))
    ran = run("identity", "accept", "statsbomb:player/112", *WORD)
    assert ran.code == 2
    third = player_id("soccer", "statsbomb", "112")
    meant = " or ".join(sorted((STATSBOMB, OPTA, SECOND)))
    assert f"statsbomb:player/112, {third}, may be {meant}: merge it into one of them" in ran.sentence
    assert run("identity", "merge", OPTA, third, *WORD).code == 0
    assert worker.directory.squads.who("statsbomb", "112") == OPTA
    assert [each["subject"] for each in run("identity", "review", "--json").json["reviews"]] == [DOUBTED]


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("merge", "pt-never", STATSBOMB), "nobody has told of player pt-never"),
        (("merge", STATSBOMB, "pt-never"), "nobody has told of player pt-never"),
        (("merge", STATSBOMB, OPTA), f"{OPTA} was found to be {STATSBOMB}"),
        (("merge", STATSBOMB, STATSBOMB), f"{STATSBOMB} is one player with itself"),
        (("merge", STATSBOMB, "TEAM"), "Rovers, is no team's player"),
        (("merge", STATSBOMB, "FIXTURE"), "they are never one"),
        (("merge", "FIXTURE", STATSBOMB), f"is a fixture, {STATSBOMB} a player: they are never one"),
        (("merge", STATSBOMB, SECOND, "--turned"), "players have no home and away to turn"),
        (("split", "opta:player/999"), "nobody has told of opta:player/999"),
        (("split", "statsbomb:player/110"), f"statsbomb:player/110 is {STATSBOMB} by himself"),
        (("split", "opta:player/110", "--fixture", SECOND), f"opta:player/110 is {STATSBOMB}, not {SECOND}"),
        (("accept", "opta:player/110"), "no open review of opta:player/110"),
    ],
    ids=lambda each: each if isinstance(each, str) else " ".join(each),
)
def test_what_cannot_be_decided_on_players_is_not_sent(
    run: Run, worker: Worker, argv: tuple[str, ...], said: str
) -> None:
    (fixture,) = {each.fixture_id for each in worker.said(topics.FIXTURES, Fixture)}
    names = {"FIXTURE": fixture, "TEAM": worker.newest(STATSBOMB).team_id or ""}
    ran = run("identity", *(names.get(each, each) for each in argv), *WORD)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.sentence
    assert not Sent.decisions
