"""The exchange's messages in, canonical events out: one handmade stream at a time."""

from typing import Any, TypeVar

import msgspec
import pytest

from agents.ingest import ingest_context
from bookstream import topics
from bookstream.codecs import decode, encode
from bookstream.delivery.memory import MemoryLog
from connectors.raw import RawStream
from domain.events.canonical import Fixture, Incident, MarketOdds, Participant, Statistic
from domain.events.feeds import ClockTick, FeedStatus, RawMessage
from domain.events.head import Event

SECOND = 1_000_000
KICK_OFF = 1_493_557_500 * SECOND
START = KICK_OFF - 3600 * SECOND
RUNNERS = ((63907, "Middlesbrough"), (47999, "Man City"), (58805, "The Draw"))

E = TypeVar("E", bound=Event)


class Trial:
    """One stream through the ingest context, in memory."""

    def __init__(self, *, recorded: bool = True) -> None:
        self.log = MemoryLog([ingest_context()])
        self.stream = RawStream(provider="betfair", endpoint="test", stream_id="s", recorded=recorded)
        self.at = START

    def message(self, *changes: dict[str, Any], **fields: Any) -> RawMessage:
        self.at += SECOND
        body = {"op": "mcm", "clk": f"c{self.stream.next_sequence}", "pt": self.at // 1000, "mc": list(changes)}
        return self.raw(msgspec.json.encode(body | fields))

    def raw(self, payload: bytes) -> RawMessage:
        return self.stream.message(payload, received_at=self.at)

    def send(self, *messages: RawMessage) -> None:
        for message in messages:
            self.log.send(topics.raw_topic("betfair"), message.stream_id.encode(), encode(message))
        self.log.run()

    def take(self, *changes: dict[str, Any], **fields: Any) -> None:
        self.send(self.message(*changes, **fields))

    def said(self, topic: topics.Topic, kind: type[E]) -> list[E]:
        return [decode(kind, record.value or b"") for record in self.log.records(topic.name)]

    @property
    def odds(self) -> list[MarketOdds]:
        return self.said(topics.ODDS, MarketOdds)

    @property
    def incidents(self) -> list[str]:
        return [incident.kind for incident in self.said(topics.INCIDENTS, Incident)]

    @property
    def statuses(self) -> list[tuple[str, str]]:
        every = [decode(FeedStatus, record.value or b"") for record in self.log.topics[topics.FEED_STATUS.name][3]]
        return [(status.state, status.reason) for status in every]

    @property
    def reasons(self) -> list[str]:
        name = "__connect.errors.exception.message"
        return [dict(record.headers)[name].decode() for record in self.log.records(topics.DEAD_LETTERS.name)]


def definition(market: str = "1.1", *, statuses: tuple[str, ...] = ("ACTIVE",) * 3, **changes: Any) -> dict[str, Any]:
    runners = [
        {"id": number, "name": name, "sortPriority": place, "status": status}
        for place, ((number, name), status) in enumerate(zip(RUNNERS, statuses, strict=False), 1)
    ]
    made = {
        "status": "OPEN", "inPlay": False, "betDelay": 0, "version": 1, "eventId": "28202626", "eventTypeId": "1",
        "bettingType": "ODDS", "marketType": "MATCH_ODDS", "marketTime": "2017-04-30T13:05:00.000Z",
        "openDate": "2017-04-30T13:05:00.000Z", "eventName": "Middlesbrough v Man City", "regulators": ["MR_INT"],
        "runners": runners,
    }  # fmt: skip
    return {"id": market, "marketDefinition": made | changes}


def delta(market: str = "1.1", runner: int = 63907, **ladders: Any) -> dict[str, Any]:
    return {"id": market, "rc": [{"id": runner, **ladders}]}


def image(market: str = "1.1", **changes: Any) -> dict[str, Any]:
    return definition(market, **changes) | {"img": True}


@pytest.fixture
def trial() -> Trial:
    return Trial()


def test_an_image_becomes_a_fixture_its_teams_and_its_market(trial: Trial) -> None:
    trial.take(image() | {"rc": [{"id": 63907, "atb": [[5.1, 20.5]], "atl": [[5.3, 3]], "ltp": 5.2, "tv": 100.25}]})
    (fixture,) = trial.said(topics.FIXTURES, Fixture)
    assert (fixture.name, fixture.status, fixture.kick_off_at) == (
        "Middlesbrough v Manchester City", "SCHEDULED", KICK_OFF,
    )  # fmt: skip
    teams = trial.said(topics.PARTICIPANTS, Participant)
    assert {(team.name, team.provider_participant_id) for team in teams} == {
        ("Middlesbrough", "63907"), ("Manchester City", "47999"),
    }  # fmt: skip
    (odds,) = trial.odds
    assert odds.market_id == f"{fixture.fixture_id}/MATCH_ODDS/FT"
    assert [selection.selection_id for selection in odds.selections] == ["home", "away", "draw"]
    home = odds.selections[0]
    assert (home.back_odds, home.back_size_minor, home.lay_odds, home.lay_size_minor) == (5100, 2050, 5300, 300)
    assert (home.last_traded_odds, home.traded_minor) == (5200, 10025)
    assert odds.selections[1].back_odds is None


def test_only_a_change_of_what_is_published_is_said(trial: Trial) -> None:
    trial.take(image() | {"rc": [{"id": 63907, "atb": [[5.1, 20], [5.0, 10]]}]})
    trial.take(delta(atb=[[5.0, 11]]))
    trial.take(delta(atb=[[5.1, 20]]))
    trial.take(definition(version=2))
    assert len(trial.odds) == 1
    trial.take(delta(atb=[[5.1, 0]]))
    assert [odds.selections[0].back_odds for odds in trial.odds] == [5100, 5000]


def test_a_message_that_comes_twice_causes_nothing_twice(trial: Trial) -> None:
    first, second = trial.message(image()), trial.message(delta(atb=[[5.1, 20]]))
    trial.send(first, second, first, second, second)
    assert len(trial.odds) == 2
    assert len({odds.event_id for odds in trial.odds}) == 2
    assert trial.reasons == []


def test_bytes_that_repeat_at_the_next_place_of_the_stream_cause_nothing(trial: Trial) -> None:
    trial.take(image())
    again = trial.message(delta(atb=[[5.1, 20]]))
    trial.send(again)
    trial.take(delta(atb=[[5.1, 0]]))
    trial.send(trial.raw(again.payload))
    assert [odds.selections[0].back_odds for odds in trial.odds] == [None, 5100, None]


def test_a_gap_suspends_the_stream_s_markets_until_their_images(trial: Trial) -> None:
    trial.take(image("1.1"), image("1.2", marketType="DRAW_NO_BET"))
    trial.message(delta(atb=[[2.0, 1]]))  # lost on its way
    trial.take(delta(atb=[[5.1, 20]]))
    assert {odds.market_id.split("/")[1] for odds in trial.odds if odds.status == "SUSPENDED"} == {
        "MATCH_ODDS", "DRAW_NO_BET",
    }  # fmt: skip
    assert trial.statuses == [("UP", "connected"), ("DELAYED", "gap")]
    trial.take(image("1.1"))
    assert trial.odds[-1].status == "OPEN"
    assert trial.statuses[-1] == ("DELAYED", "gap")
    trial.take(image("1.2", marketType="DRAW_NO_BET"))
    assert trial.statuses[-1] == ("UP", "connected")


def test_what_was_missing_and_comes_too_late_is_a_dead_letter(trial: Trial) -> None:
    trial.take(image())
    lost = trial.message(delta(atb=[[2.0, 1]]))
    trial.take(delta(atb=[[5.1, 20]]))
    trial.send(lost)
    assert trial.reasons == ["the message came after those that follow it: its deltas no longer fit"]


def test_bytes_that_cannot_be_read_are_a_dead_letter_and_count_as_a_gap(trial: Trial) -> None:
    trial.take(image())
    trial.send(trial.raw(b'{"op":"mcm"'))
    assert trial.reasons[0].startswith("not JSON")
    assert trial.odds[-1].status == "SUSPENDED"
    assert trial.statuses[-1] == ("DELAYED", "gap")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"runners": []}, "runners"),
        ({"eventId": "a/b"}, "event_id"),
        ({"marketTime": "1817-04-30T13:05:00.000Z"}, "market_time"),
        ({"marketTime": "tomorrow"}, "ISO 8601"),
        ({"runners": [{"id": 1, "status": "ACTIVE"}, {"id": 1, "status": "ACTIVE"}]}, "defined twice"),
    ],
)
def test_a_definition_that_cannot_be_true_is_refused_and_the_rest_of_its_message_is_taken(
    trial: Trial, changes: dict[str, Any], reason: str
) -> None:
    trial.take(image("1.1", **changes), image("1.2"))
    assert len(trial.odds) == 1
    assert len(trial.reasons) == 1
    assert "market 1.1" in trial.reasons[0]
    assert reason in trial.reasons[0]


def test_a_delta_to_a_market_that_was_never_defined_waits_for_its_image(trial: Trial) -> None:
    trial.take(delta("1.9", atb=[[5.1, 20]]))
    assert trial.odds == []
    assert trial.statuses[-1] == ("DELAYED", "gap")
    trial.take(definition("1.9"))
    assert trial.odds[-1].selections[0].back_odds == 5100
    assert trial.statuses[-1] == ("UP", "connected")
    assert trial.reasons == []


def test_a_market_s_life_is_told_as_incidents(trial: Trial) -> None:
    trial.take(image())
    trial.take(definition(status="SUSPENDED"))
    trial.take(definition(inPlay=True, betDelay=5))
    trial.take(definition(inPlay=True, betDelay=5, statuses=("ACTIVE", "ACTIVE", "REMOVED")))
    trial.take(definition(status="CLOSED", inPlay=True, statuses=("LOSER", "WINNER", "REMOVED")))
    assert trial.incidents == ["SUSPENSION", "KICK_OFF", "RESUMPTION", "RUNNER_REMOVED", "FULL_TIME"]
    assert [odds.status for odds in trial.odds] == ["OPEN", "SUSPENDED", "OPEN", "OPEN", "CLOSED"]
    assert [selection.status for selection in trial.odds[-1].selections] == ["LOSER", "WINNER", "REMOVED"]
    assert (trial.odds[2].in_play, trial.odds[2].bet_delay_s) == (True, 5)
    assert [fixture.status for fixture in trial.said(topics.FIXTURES, Fixture)] == ["SCHEDULED", "IN_PLAY", "FINISHED"]


def test_a_match_whose_every_runner_is_void_is_cancelled(trial: Trial) -> None:
    trial.take(image())
    trial.take(definition(status="CLOSED", statuses=("REMOVED",) * 3))
    assert trial.said(topics.FIXTURES, Fixture)[-1].status == "CANCELLED"
    assert trial.incidents == []


def test_a_handicap_market_is_a_market_for_each_line_that_anyone_priced(trial: Trial) -> None:
    runners = [
        {"id": number, "name": name, "hc": line if number == 63907 else -line, "status": "ACTIVE", "sortPriority": 1}
        for line in (-0.5, 0, 0.5)
        for number, name in RUNNERS[:2]
    ]
    trial.take(image(marketType="ASIAN_HANDICAP", bettingType="ASIAN_HANDICAP_DOUBLE_LINE", runners=runners))
    assert trial.odds == []
    trial.take({"id": "1.1", "rc": [{"id": 47999, "hc": 0.5, "atb": [[1.9, 10]]}, {"id": 63907, "atb": [[2.1, 10]]}]})
    assert [(odds.market_id.split("/", 1)[1], odds.line_milli) for odds in trial.odds] == [
        ("ASIAN_HANDICAP/FT/-500", -500), ("ASIAN_HANDICAP/FT/0", 0),
    ]  # fmt: skip
    assert [(each.selection_id, each.back_odds) for each in trial.odds[0].selections] == [
        ("home", None),
        ("away", 1900),
    ]


def test_a_market_of_one_country_is_a_source_of_its_own(trial: Trial) -> None:
    trial.take(image("1.1"), image("1.2", regulators=["MR_ESP"]))
    assert [odds.bookmaker for odds in trial.odds] == ["betfair", "betfair_esp"]
    assert len({odds.market_id for odds in trial.odds}) == 1


def test_a_type_without_a_canonical_word_keeps_its_own_and_never_meets_another(trial: Trial) -> None:
    trial.take(image("1.1", marketType="CLEAN_SHEET"), image("1.2", marketType="CLEAN_SHEET"))
    assert len({odds.market_id for odds in trial.odds}) == 2
    assert {odds.market_type for odds in trial.odds} == {"BETFAIR_CLEAN_SHEET"}


def test_the_away_side_comes_first_where_the_event_says_at(trial: Trial) -> None:
    trial.take(image(eventName="Middlesbrough @ Man City", eventTypeId="7522"))
    assert [(each.name, each.selection_id) for each in trial.odds[0].selections[:2]] == [
        ("Middlesbrough", "away"), ("Man City", "home"),
    ]  # fmt: skip
    assert trial.said(topics.FIXTURES, Fixture)[0].home == "Man City"


def test_a_stream_without_names_has_its_provider_s_ids(trial: Trial) -> None:
    bare = image()
    del bare["marketDefinition"]["eventName"]
    for runner in bare["marketDefinition"]["runners"]:
        del runner["name"]
    trial.take(bare)
    assert [each.selection_id for each in trial.odds[0].selections] == ["home", "away", "draw"]
    assert trial.said(topics.FIXTURES, Fixture)[0].name == "betfair 28202626"


def test_a_meeting_s_races_are_fixtures_of_their_own_and_horses_are_participants(trial: Trial) -> None:
    horses = [
        {"id": 1, "name": "1. Palentino", "status": "ACTIVE"},
        {"id": 2, "name": "2. Hauraki", "status": "ACTIVE"},
    ]
    race = {"eventTypeId": "7", "marketType": "WIN", "runners": horses, "eventName": "Rand (AUS) 1st Oct"}
    trial.take(image("1.1", **race), image("1.2", **race, marketTime="2017-04-30T13:45:00.000Z"))
    assert len(trial.said(topics.FIXTURES, Fixture)) == 2
    runners = {runner.name: runner for runner in trial.said(topics.PARTICIPANTS, Participant)}
    assert runners.keys() == {"Palentino", "Hauraki"}
    assert runners["Palentino"].kind == "RUNNER"
    assert trial.odds[0].selections[0].selection_id == runners["Palentino"].participant_id


def test_the_traded_volume_is_told_once_a_minute(trial: Trial) -> None:
    trial.take(image() | {"tv": 10})
    for n in range(120):
        trial.take({"id": "1.1", "tv": 10 + n, "rc": []})
    volumes = [statistic.value for statistic in trial.said(topics.STATISTICS, Statistic)]
    assert volumes == [1000.0, 6900.0, 12900.0]


def test_a_stream_that_is_behind_says_so_until_it_has_caught_up(trial: Trial) -> None:
    trial.take(image())
    trial.take(status=503)
    trial.take(status=503)
    trial.take(ct="HEARTBEAT")
    assert trial.statuses == [("UP", "connected"), ("DELAYED", "latency"), ("UP", "connected")]


def test_a_refusal_is_told(trial: Trial) -> None:
    refusal = {"op": "status", "statusCode": "FAILURE", "errorCode": "NO_SESSION", "connectionClosed": True}
    trial.send(trial.raw(msgspec.json.encode(refusal)))
    assert trial.statuses[-1] == ("DOWN", "refused")


def test_a_live_stream_that_falls_silent_is_down_until_it_is_heard_again() -> None:
    trial = Trial(recorded=False)
    trial.take(image())
    for n in range(1, 40):
        tick = ClockTick(event_id=f"t{n}", occurred_at=1, received_at=trial.at + n * SECOND, provider="clock")
        for partition in range(topics.PARTITIONS):
            trial.log.send(topics.CLOCK.name, b"clock", encode(tick), partition=partition)
    trial.log.run()
    assert trial.statuses == [("UP", "connected"), ("DOWN", "silent")]
    trial.at += 60 * SECOND
    trial.take(ct="HEARTBEAT")
    assert trial.statuses[-1] == ("UP", "connected")


def test_a_quiet_recording_is_not_down(trial: Trial) -> None:
    trial.take(image())
    tick = ClockTick(event_id="t", occurred_at=1, received_at=trial.at + 3600 * SECOND, provider="clock")
    for partition in range(topics.PARTITIONS):
        trial.log.send(topics.CLOCK.name, b"clock", encode(tick), partition=partition)
    trial.log.run()
    assert trial.statuses == [("UP", "connected")]


def test_a_heartbeat_keeps_the_feed_alive(trial: Trial) -> None:
    for _ in range(25):
        trial.take(ct="HEARTBEAT")
    assert trial.statuses == [("UP", "connected"), ("UP", "heartbeat"), ("UP", "heartbeat")]


def test_a_message_out_of_event_time_is_taken_and_marked_late(trial: Trial) -> None:
    trial.take(image())
    trial.at += 60 * SECOND
    trial.take(delta(atb=[[5.1, 20]]))
    payload = msgspec.json.encode({"op": "mcm", "clk": "x", "pt": 1, "mc": [delta(atb=[[5.2, 20]])]})
    trial.send(trial.stream.message(payload, received_at=trial.at, occurred_at=trial.at - 50 * SECOND))
    assert [odds.late for odds in trial.odds] == [False, False, True]
    assert trial.odds[-1].selections[0].back_odds == 5200


def test_a_message_on_another_provider_s_topic_or_key_is_a_dead_letter(trial: Trial) -> None:
    message = trial.message(image())
    trial.log.send(topics.raw_topic("theoddsapi"), b"s", encode(message))
    trial.log.send(topics.raw_topic("betfair"), b"other", encode(message))
    trial.log.send(topics.raw_topic("betfair"), b"s", b"\x00nonsense")
    trial.log.send(topics.raw_topic("betfair"), b"s", None)
    trial.log.run()
    assert len(trial.reasons) == 4
    assert trial.odds == []


def test_a_scoreboard_names_the_fixture_and_counts_runs(trial: Trial) -> None:
    info = {
        "homeTeam": "Netherlands", "awayTeam": "Papua New Guinea", "expectedStartTime": KICK_OFF // 1000,
        "fixtureStatus": "IN_RUNNING",
    }  # fmt: skip

    def score(runs: int, wickets: int) -> dict[str, Any]:
        innings = [{"inningsNum": 1, "battingTeam": "Netherlands", "inningsRuns": runs, "inningsWickets": wickets}]
        change = {"eventId": "7", "marketId": "1.7", "fixtureInfo": info, "matchStats": {"inningsStats": innings}}
        return {"op": "ccm", "clk": str(runs), "pt": trial.at // 1000, "cc": [change]}

    for runs, wickets in ((0, 0), (4, 0), (4, 1)):
        trial.send(trial.raw(msgspec.json.encode(score(runs, wickets))))
    assert trial.incidents == ["KICK_OFF", "SCORE"]
    assert [each.name for each in trial.said(topics.STATISTICS, Statistic)] == ["home_wickets_count"]
    assert trial.said(topics.FIXTURES, Fixture)[-1].status == "IN_PLAY"


def test_the_rows_of_a_restart_go_on_where_the_stream_stood(trial: Trial) -> None:
    trial.take(image() | {"rc": [{"id": 63907, "atb": [[5.1, 20], [5.0, 10]]}]})
    for place, shard in list(trial.log.shards.items()):
        trial.log.shards[place] = shard.reopened()
    trial.take(delta(atb=[[5.1, 0]]))
    assert trial.odds[-1].selections[0].back_odds == 5000
    assert len(trial.said(topics.FIXTURES, Fixture)) == 1
