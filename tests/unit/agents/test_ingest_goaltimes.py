"""Goal-minute lists in, canonical events out."""

from datetime import UTC, datetime
from typing import TypeVar

from agents.ingest import ingest_context
from bookstream import topics
from bookstream.codecs import decode, encode
from bookstream.delivery.memory import MemoryLog
from connectors.raw import RawStream
from connectors.tables import CONTENT_TYPE
from domain.events.canonical import Fixture, Incident, Participant, Statistic
from domain.events.head import Event
from tests.unit.connectors.goaltimes_samples import FILE, THREE, Row, goals

DAY = int(datetime(2019, 8, 10, tzinfo=UTC).timestamp()) * 1_000_000
MINUTE = 60_000_000
E = TypeVar("E", bound=Event)


class Trial:
    """Lists through the ingest context, in memory."""

    def __init__(self) -> None:
        self.log = MemoryLog([ingest_context()])

    def say(self, *payloads: bytes, name: str = FILE) -> None:
        stream = RawStream(
            provider="goaltimes", endpoint=f"file:{name}", stream_id="list", content_type=CONTENT_TYPE, recorded=True
        )
        stream.next_sequence = len(self.log.records(topics.raw_topic("goaltimes")))
        for payload in payloads:
            message = stream.message(payload, received_at=DAY + 1_440 * MINUTE)
            self.log.send(topics.raw_topic("goaltimes"), b"list", encode(message))
        self.log.run()

    def events(self, topic: topics.Topic, kind: type[E]) -> list[E]:
        return [decode(kind, record.value or b"") for record in self.log.records(topic.name)]

    @property
    def incidents(self) -> list[Incident]:
        return self.events(topics.INCIDENTS, Incident)


def told(payload: bytes) -> Trial:
    trial = Trial()
    trial.say(payload)
    return trial


def test_goals_are_told_at_their_own_times_with_their_scorers_and_then_the_end() -> None:
    trial = told(goals())
    assert [(each.kind, each.minute, each.side, each.home_score, each.away_score) for each in trial.incidents] == [
        ("GOAL", 11, "HOME", 1, 0),
        ("GOAL", 46, "AWAY", 1, 1),
        ("GOAL", 96, "HOME", 2, 1),
        ("FULL_TIME", None, None, 2, 1),
    ]
    assert [(each.occurred_at - DAY) // MINUTE for each in trial.incidents[:3]] == [11, 46, 111]
    players = {
        each.participant_id: each.name for each in trial.events(topics.PARTICIPANTS, Participant) if each.kind != "TEAM"
    }
    assert [players[each.participant_id or ""] for each in trial.incidents[:3]] == ["A Rover", "B Wanderer", "A Rover"]
    fixture = trial.events(topics.FIXTURES, Fixture)[-1]
    assert (fixture.kick_off_at, fixture.status, fixture.competition) == (DAY, "FINISHED", "Premier League")


def test_a_match_that_is_told_again_says_only_what_differs() -> None:
    trial = told(goals())
    before = len(trial.incidents)
    trial.say(goals(), goals(date="2019-08-11"), goals())
    assert len(trial.incidents) == before + 4
    later: list[Row] = [*THREE, ("C", "Wanderers", "90+9", 2, 2)]
    trial.say(goals(later, game="Rovers vs. Wanderers 2:2"))
    assert [(each.kind, each.home_score, each.away_score) for each in trial.incidents[before + 4 :]] == [("GOAL", 2, 2)]


def test_an_annulled_match_is_cancelled() -> None:
    trial = told(goals(game="Rovers vs. Wanderers 2:1 annull."))
    assert [each.kind for each in trial.incidents] == ["GOAL"] * 3
    assert trial.events(topics.FIXTURES, Fixture)[-1].status == "CANCELLED"


def test_a_verdict_and_a_shoot_out_are_no_goals() -> None:
    awarded = told(goals(game="Rovers vs. Wanderers 5:0 Wert."))
    assert [each.kind for each in awarded.incidents] == ["GOAL"] * 3
    figures = {each.name: each.value for each in awarded.events(topics.STATISTICS, Statistic)}
    assert figures == {"home_awarded_goals_count": 5, "away_awarded_goals_count": 0}
    decided = told(goals(game="Rovers vs. Wanderers 7:6 i.E."))
    last = decided.incidents[-1]
    assert (last.kind, last.home_score, last.away_score) == ("FULL_TIME", 2, 1)


def test_what_contradicts_itself_is_a_dead_letter_with_its_reason() -> None:
    trial = told(goals(game="Rovers vs. Wanderers 3:1"))
    (letter,) = trial.log.records(topics.DEAD_LETTERS.name)
    reason = dict(letter.headers)["__connect.errors.exception.message"].decode()
    assert reason == "Rovers v Wanderers, 2019-08-10: its goals lead to 2:1, its result is 3:1"
    assert trial.incidents == []


def test_scorers_of_one_name_for_two_clubs_are_two() -> None:
    trial = told(goals([("A Smith", "Rovers", "12", 1, 0)], game="Rovers vs. Wanderers 1:0"))
    trial.say(goals([("A Smith", "Albion", "12", 1, 0)], game="Albion vs. Wanderers 1:0", date="2019-08-17"))
    first, second = (each.participant_id for each in trial.incidents if each.kind == "GOAL")
    assert first != second
    told_of = {each.participant_id: each for each in trial.events(topics.PARTICIPANTS, Participant)}
    for who in (first, second):
        assert (told_of[who or ""].name, told_of[who or ""].team_id) == ("A Smith", None)
