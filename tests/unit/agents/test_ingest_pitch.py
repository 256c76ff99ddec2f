"""Match events in, canonical events out: StatsBomb's in order, Opta's with their corrections."""

import json
from collections import Counter
from typing import Any, TypeVar

import pytest

from agents.ingest import ingest_context
from bookstream import topics
from bookstream.codecs import decode, encode
from bookstream.delivery.api import Rows
from bookstream.delivery.memory import MemoryLog
from connectors.raw import RawStream
from domain.events.canonical import Fixture, Incident, Participant, Statistic
from domain.events.feeds import ClockTick
from domain.events.head import Event
from tables.ingest import LINKS
from tables.pitch import PITCH_FACTS, PITCH_MATCHES
from tests.unit.connectors.pitch_samples import (
    AWAY,
    FILE,
    HOME,
    opta_event,
    opta_game,
    opta_result,
    shot,
    statsbomb_event,
    statsbomb_lineup,
    statsbomb_start,
)

DAY = 1_709_942_400_000_000
SECOND = 1_000_000
E = TypeVar("E", bound=Event)
Said = tuple[str, int | None, str | None, int | None, int | None]


class Trial:
    """One file of a provider through the ingest context, in memory."""

    def __init__(self, provider: str, content_type: str = "application/json", name: str = FILE) -> None:
        self.log = MemoryLog([ingest_context()])
        self.stream = RawStream(
            provider=provider, endpoint=f"file:{name}", stream_id="file", content_type=content_type, recorded=True
        )
        self.at = DAY

    def say(self, *payloads: bytes, skip: int = 0) -> None:
        self.stream.next_sequence += skip
        for payload in payloads:
            message = self.stream.message(payload, received_at=self.at)
            self.log.send(topics.raw_topic(message.provider), b"file", encode(message))
        self.log.run()

    def events(self, topic: topics.Topic, kind: type[E]) -> list[E]:
        return [decode(kind, record.value or b"") for record in self.log.records(topic.name)]

    def count(self, rows: Rows[Any]) -> int:
        shards = [self.log.shard("ingest", partition) for partition in range(topics.PARTITIONS)]
        return sum(1 for shard in shards for _ in shard.scan(rows))

    def days(self, number: int) -> None:
        """Let days pass for the clock."""
        for _ in range(number * 4):
            self.at += 6 * 3600 * SECOND
            tick = ClockTick(event_id=f"t{self.at}", occurred_at=self.at, received_at=self.at, provider="clock")
            for partition in range(topics.PARTITIONS):
                self.log.send(topics.CLOCK.name, b"clock", encode(tick), partition=partition)
            self.log.run()

    @property
    def told(self) -> list[Said]:
        incidents = self.events(topics.INCIDENTS, Incident)
        return [(each.kind, each.minute, each.side, each.home_score, each.away_score) for each in incidents]

    @property
    def figures(self) -> dict[str, float]:
        return {each.name: each.value for each in self.events(topics.STATISTICS, Statistic)}

    @property
    def reasons(self) -> list[str]:
        name = "__connect.errors.exception.message"
        return [dict(each.headers)[name].decode() for each in self.log.records(topics.DEAD_LETTERS.name)]


def begun() -> Trial:
    trial = Trial("statsbomb")
    trial.say(*statsbomb_start())
    return trial


def opta() -> Trial:
    return Trial("opta", "application/xml")


BEGUN: list[Said] = [("SCORE", None, None, 0, 0), ("KICK_OFF", None, None, None, None)]


def test_a_match_is_known_by_its_two_elevens_and_begins_once() -> None:
    trial = begun()
    assert trial.told == BEGUN
    fixture = trial.events(topics.FIXTURES, Fixture)[-1]
    assert (fixture.name, fixture.kick_off_at, fixture.status) == ("Rovers v Wanderers", DAY, "IN_PLAY")
    assert fixture.provider_fixture_id == "4711"
    kinds = Counter(each.kind for each in trial.events(topics.PARTICIPANTS, Participant))
    assert kinds == {"TEAM": 2, "PLAYER": 2}


def test_goals_own_goals_and_cards_are_told_with_their_minute_side_and_score() -> None:
    trial = begun()
    trial.say(
        statsbomb_event(65, "Shot", shot=shot(97, xg=0.4)),
        statsbomb_event(70, "Shot", shot=shot(100, xg=0.2)),
        statsbomb_event(130, "Own Goal For", team=AWAY),
        statsbomb_event(131, "Own Goal Against", team=HOME),
        statsbomb_event(190, "Foul Committed", team=AWAY, foul_committed={"card": {"id": 7}}),
        statsbomb_event(191, "Foul Committed", team=AWAY),
        statsbomb_event(250, "Bad Behaviour", team=AWAY, bad_behaviour={"card": {"id": 6}}),
    )
    assert trial.told[2:] == [
        ("GOAL", 1, "HOME", 1, 0),
        ("GOAL", 2, "AWAY", 1, 1),
        ("YELLOW_CARD", 3, "AWAY", 1, 1),
        ("RED_CARD", 4, "AWAY", 1, 1),
    ]
    assert trial.figures == {
        "home_shots_count": 2, "home_shots_on_target_count": 2, "home_expected_goals": 0.6, "away_fouls_count": 2,
        "away_yellow_cards_count": 1, "away_red_cards_count": 1,
    }  # fmt: skip
    assert trial.reasons == []


def test_periods_are_told_once_and_penalties_of_a_shoot_out_are_no_goals() -> None:
    trial = begun()
    for place, (kind, period) in enumerate(
        [("Half End", 1), ("Half End", 1), ("Half Start", 2), ("Half Start", 2), ("Half End", 2), ("Half End", 2)]
    ):
        trial.say(statsbomb_event(100 + place, kind, period=period, team=(HOME, AWAY)[place % 2]))
    trial.say(statsbomb_event(110, "Shot", period=5, shot=shot(97)))
    assert [each[0] for each in trial.told[2:]] == ["HALF_TIME", "SECOND_HALF", "FULL_TIME"]
    assert trial.events(topics.FIXTURES, Fixture)[-1].status == "FINISHED"
    assert trial.reasons == []


def test_passes_are_told_at_the_end_of_a_half_as_possession() -> None:
    trial = begun()
    trial.say(*(statsbomb_event(n, "Pass", **{"pass": {}}) for n in (10, 11, 12)))
    trial.say(statsbomb_event(13, "Pass", team=AWAY, **{"pass": {"type": {"id": 61}, "outcome": {"id": 76}}}))
    assert trial.figures == {"away_corners_count": 1, "away_offsides_count": 1}
    trial.say(statsbomb_event(14, "Half End"))
    assert (trial.figures["home_possession_percent"], trial.figures["away_possession_percent"]) == (75, 25)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"index": 4}, "comes after 4"),
        ({"id": "f942c5b5-df4b-4ee4-9e90-ed5f5"}, "regex"),
        ({"team": {"id": 33, "name": "Others"}}, "'Others' does not play"),
    ],
)
def test_what_does_not_belong_is_refused_with_its_reason_and_the_match_goes_on(
    more: dict[str, Any], reason: str
) -> None:
    trial = begun()
    odd = json.loads(statsbomb_event(60, "Shot", shot=shot(97))) | more
    trial.say(json.dumps(odd).encode(), statsbomb_event(120, "Shot", shot=shot(97)))
    assert [each[0] for each in trial.told[2:]] == ["GOAL"]
    assert len(trial.reasons) == 1
    assert reason in trial.reasons[0]


def test_events_before_the_elevens_and_a_third_side_are_refused() -> None:
    trial = Trial("statsbomb")
    trial.say(statsbomb_event(1, "Shot", shot=shot(97)))
    trial.say(*statsbomb_start()[1:2], statsbomb_event(3, "Starting XI"))
    trial.say(statsbomb_event(4, "Starting XI", team={"id": 33, "name": "Others"}))
    assert ["sides of match 4711 are not known" in trial.reasons[0], "a third side" in trial.reasons[1]] == [True, True]


def test_an_event_that_is_sent_again_or_is_of_a_new_type_says_nothing() -> None:
    trial = begun()
    goal = statsbomb_event(60, "Shot", shot=shot(97))
    trial.say(goal, goal, statsbomb_event(61, "New"))
    assert [each[0] for each in trial.told[2:]] == ["GOAL"]
    assert trial.reasons == []


def test_players_of_a_line_up_have_the_names_that_people_use_as_aliases() -> None:
    trial = Trial("statsbomb", name="4711_lineups.json")
    trial.say(statsbomb_lineup())
    (player,) = trial.events(topics.PARTICIPANTS, Participant)
    assert (player.kind, player.name, player.aliases) == ("PLAYER", "Paul Rover", ("Pauly",))


def test_opta_s_events_are_told_by_type_and_qualifier() -> None:
    trial = opta()
    trial.say(opta_game(opta_event(0, 32, player_id=None), opta_event(1, 32, team_id=22, player_id=None)))
    trial.say(
        *(
            opta_game(each)
            for each in (
                opta_event(60, 16),
                opta_event(121, 16, 28, team_id=11, player_id=111),
                opta_event(180, 17, 31),
                opta_event(181, 17, 33, team_id=22, player_id=220),
                opta_event(182, 17, 31, player_id=None),
                opta_event(183, 15, 82),
                opta_event(184, 15),
                opta_event(185, 6),
                opta_event(186, 6, outcome=0, team_id=22),
                opta_event(187, 4, outcome=0, team_id=22),
                opta_event(188, 200),
            )
        )
    )
    assert trial.told == [
        *BEGUN,
        ("GOAL", 1, "HOME", 1, 0),
        ("GOAL", 2, "AWAY", 1, 1),
        ("YELLOW_CARD", 3, "HOME", 1, 1),
        ("RED_CARD", 3, "AWAY", 1, 1),
    ]
    assert trial.figures == {
        "home_shots_count": 3, "home_shots_on_target_count": 2, "home_yellow_cards_count": 1, "home_corners_count": 1,
        "away_red_cards_count": 1, "home_coach_cards_count": 1, "away_fouls_count": 1,
    }  # fmt: skip
    assert trial.reasons == []


@pytest.mark.parametrize(
    ("newer", "wanted"),
    [
        (opta_event(60, 43, version=2), [("GOAL_CANCELLED", 1, "HOME", 0, 0)]),
        (opta_event(60, 15, version=2), [("GOAL_CANCELLED", 1, "HOME", 0, 0)]),
        (
            opta_event(60, 16, 28, version=2),
            [("GOAL_CANCELLED", 1, "HOME", 0, 0), ("GOAL", 1, "AWAY", 0, 1)],
        ),
        (opta_event(60, 16, version=2, player_id=111), []),
        (opta_event(60, 43, version=1), []),
        (opta_event(60, 43, version=0), []),
    ],
)
def test_a_newer_version_of_a_goal_takes_back_what_the_older_one_meant(newer: bytes, wanted: list[Said]) -> None:
    trial = opta()
    trial.say(opta_game(opta_event(60, 16)), opta_game(newer))
    assert trial.told == [("GOAL", 1, "HOME", 1, 0), *wanted]
    shots = 0 if b'type_id="43" ' in newer and b'version="2"' in newer else 1
    if b'qualifier_id="28"' not in newer:
        assert trial.figures["home_shots_count"] == shots


def test_a_card_that_is_rescinded_is_taken_back_and_an_older_version_does_not_bring_it_back() -> None:
    trial = opta()
    first, rescinded = opta_event(60, 17, 33), opta_event(60, 17, 33, 171, version=3)
    trial.say(opta_game(first), opta_game(rescinded), opta_game(opta_event(60, 17, 33, version=2)))
    assert [each[0] for each in trial.told] == ["RED_CARD", "RED_CARD_CANCELLED"]
    assert trial.figures["home_red_cards_count"] == 0


def test_a_withdrawn_event_that_comes_before_what_it_withdraws_keeps_it_from_being_told() -> None:
    trial = opta()
    trial.say(opta_game(opta_event(60, 43, version=2)), opta_game(opta_event(60, 16, version=1)))
    assert trial.told == []


def test_a_side_that_does_not_play_is_refused_and_the_other_events_are_taken() -> None:
    trial = opta()
    trial.say(opta_game(opta_event(60, 16, team_id=33), opta_event(61, 16)))
    assert [each[0] for each in trial.told] == ["GOAL"]
    assert trial.reasons == ["event 1060: its side 33 does not play"]


def test_a_result_tells_the_score_the_players_and_the_end() -> None:
    trial = opta()
    trial.say(opta_result())
    assert trial.told == [("SCORE", None, None, 2, 1)]
    assert trial.events(topics.FIXTURES, Fixture)[-1].status == "FINISHED"
    players = [each for each in trial.events(topics.PARTICIPANTS, Participant) if each.kind == "PLAYER"]
    assert [(each.name, each.aliases) for each in players] == [
        ("Paul Roversman", ("Paulo 11",)),
        ("Paul Wanderersman", ("Paulo 22",)),
    ]
    assert trial.figures == {"attendance_count": 1234}


def test_a_result_tells_no_goals_of_its_own() -> None:
    trial = opta()
    trial.say(opta_game(opta_event(60, 16)), opta_result(score=(1, 0)), opta_result(), opta_game(opta_event(65, 16)))
    assert trial.told == [
        ("GOAL", 1, "HOME", 1, 0),
        ("SCORE", None, None, 2, 1),
        ("GOAL", 1, "HOME", 2, 0),
    ]


def test_a_line_up_with_a_player_that_nobody_names_is_refused() -> None:
    trial = opta()
    trial.say(opta_result(player="p999"))
    assert trial.reasons == ["match f4711: player p999 is not named"]


def test_a_gap_leaves_the_feed_delayed_and_the_match_goes_on() -> None:
    trial = begun()
    trial.say(statsbomb_event(60, "Shot", shot=shot(97)), skip=3)
    assert trial.told[-1][0] == "GOAL"


def test_a_match_long_past_is_forgotten_with_its_events() -> None:
    trial = opta()
    trial.say(opta_game(opta_event(60, 16), opta_event(61, 17, 31)))
    assert (trial.count(PITCH_FACTS), trial.count(PITCH_MATCHES)) == (2, 1)
    trial.days(6)
    assert (trial.count(PITCH_FACTS), trial.count(PITCH_MATCHES)) == (2, 1)
    trial.days(12)
    assert (trial.count(PITCH_FACTS), trial.count(PITCH_MATCHES), trial.count(LINKS)) == (0, 0, 0)


def test_a_match_that_never_had_sides_is_forgotten_with_its_stream() -> None:
    trial = Trial("statsbomb")
    trial.say(statsbomb_start()[0])
    assert trial.count(PITCH_MATCHES) == 1
    trial.days(18)
    assert trial.count(PITCH_MATCHES) == 0
