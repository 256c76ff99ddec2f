"""BetsAPI's answers in, canonical events out."""

import json
from typing import Any, TypeVar

import pytest

from agents.ingest import ingest_context
from bookstream import topics
from bookstream.codecs import decode, encode
from bookstream.delivery.memory import MemoryLog
from connectors.raw import RawStream
from domain.events.canonical import Fixture, IdentityReview, Incident, MarketOdds, Statistic
from domain.events.feeds import ClockTick
from domain.events.head import Event
from tables.betsapi import BETSAPI_MERGES
from tests.unit.connectors import betsapi_samples as samples

SECOND = 1_000_000
START = samples.BEGAN * SECOND
HOUR = 3_600 * SECOND

E = TypeVar("E", bound=Event)


class Trial:
    """Polls of one key through the ingest context, in memory."""

    def __init__(self) -> None:
        self.log = MemoryLog([ingest_context()])
        self.stream = RawStream(provider="betsapi", endpoint="test", stream_id="polls", recorded=True)
        self.at = START + 2 * HOUR

    def poll(self, payload: bytes, endpoint: str = "/v1/events/inplay?sport_id=1") -> None:
        self.at += 10 * SECOND
        message = self.stream.message(payload, received_at=self.at, endpoint=endpoint)
        self.log.send(topics.raw_topic("betsapi"), b"polls", encode(message))
        self.log.run()

    def history(self, payload: bytes, event_id: str = "1500") -> None:
        self.poll(payload, f"/v1/event/odds?event_id={event_id}")

    def wait(self, days: int) -> None:
        self.at += days * 24 * HOUR
        tick = encode(ClockTick(event_id=f"t{self.at}", occurred_at=self.at, received_at=self.at, provider="clock"))
        for partition in range(topics.PARTITIONS):
            self.log.send(topics.CLOCK.name, b"clock", tick, partition=partition)
        self.log.run()

    def said(self, topic: topics.Topic, kind: type[E]) -> list[E]:
        return [decode(kind, record.value or b"") for record in self.log.records(topic.name)]

    @property
    def odds(self) -> list[MarketOdds]:
        return self.said(topics.ODDS, MarketOdds)

    @property
    def incidents(self) -> list[tuple[str, int | None, int | None, int | None]]:
        told = self.said(topics.INCIDENTS, Incident)
        return [(each.kind, each.minute, each.home_score, each.away_score) for each in told]

    @property
    def fixtures(self) -> dict[tuple[str, str], Fixture]:
        """Return the newest record of each provider's fixture."""
        told = self.said(topics.FIXTURES, Fixture)
        return {(each.provider, each.provider_fixture_id): each for each in told}

    @property
    def figures(self) -> dict[str, float]:
        return {each.name: each.value for each in self.said(topics.STATISTICS, Statistic)}

    @property
    def reasons(self) -> list[str]:
        name = "__connect.errors.exception.message"
        return [dict(record.headers)[name].decode() for record in self.log.records(topics.DEAD_LETTERS.name)]


@pytest.fixture
def trial() -> Trial:
    return Trial()


def merge(from_id: str, to_id: str, at: int = 0) -> dict[str, str]:
    return {"from_id": from_id, "to_id": to_id, "created_at": str(samples.BEGAN + at)}


def prices(odds: MarketOdds) -> dict[str, int | None]:
    return {each.selection_id: each.back_odds for each in odds.selections}


def test_a_match_is_told_from_its_announcement_to_its_result(trial: Trial) -> None:
    trial.poll(samples.answer([samples.event(time_status="0", ss=None, timer=None)]))
    trial.poll(samples.answer([samples.event(ss="0-0")]))
    trial.poll(samples.answer([samples.event(ss="1-0")]))
    trial.poll(samples.answer([samples.event(time_status="3", ss="1-1", timer=None)]))
    fixture = trial.fixtures["betsapi", "1500"]
    assert (fixture.home, fixture.away, fixture.competition) == (
        "Redtown Rovers", "Bluefield United", "Someland Division 1",
    )  # fmt: skip
    assert (fixture.kick_off_at, fixture.status) == (START, "FINISHED")
    assert trial.incidents == [
        ("SCORE", None, 0, 0), ("GOAL", None, 1, 0), ("GOAL", None, 1, 1), ("FULL_TIME", None, 1, 1),
    ]  # fmt: skip
    assert trial.figures["match_clock_minutes"] == 41
    assert trial.reasons == []


def test_goals_and_cards_have_the_minutes_of_the_lines_that_tell_them(trial: Trial) -> None:
    lines = [
        {"id": "1", "text": "12' - 1st Goal -   (Bluefield United) -"},
        {"id": "2", "text": "20' - 1st Corner - Redtown Rovers"},
        {"id": "3", "text": "33' - 1st Yellow Card -  (Redtown Rovers)"},
    ]
    view = samples.event(ss="0-1", events=lines, stats={"corners": ["1", "0"], "yellowcards": ["1", "0"]})
    trial.poll(samples.answer([view]))
    later = [*lines, {"id": "4", "text": "40' - 2nd Goal -   (Redtown Rovers) -"}]
    trial.poll(samples.answer([view | {"ss": "1-1", "events": later}]))
    assert trial.incidents == [
        ("YELLOW_CARD", 33, None, None), ("SCORE", None, 0, 0), ("GOAL", 12, 0, 1), ("GOAL", 40, 1, 1),
    ]  # fmt: skip
    assert trial.figures["home_corners_count"] == 1
    assert trial.figures["left_out_text_count"] == 1


def test_lines_that_tell_another_score_are_reported_and_the_score_holds(trial: Trial) -> None:
    line = {"id": "1", "text": "12' - 1st Goal -   (Bluefield United) -"}
    trial.poll(samples.answer([samples.event(ss="2-0", events=[line])]))
    assert trial.incidents == [("SCORE", None, 2, 0)]
    assert trial.reasons == ["event 1500: the score is 2-0, its lines tell of 0-1"]


def test_a_card_that_only_the_count_tells_is_told_and_withdrawn_with_it(trial: Trial) -> None:
    for count in ("0", "1", "0"):
        trial.poll(samples.answer([samples.event(stats={"redcards": [count, "0"]})]))
    assert [kind for kind, *_ in trial.incidents] == ["SCORE", "RED_CARD", "RED_CARD_CANCELLED"]


def test_each_state_of_a_history_is_told_at_its_time_the_oldest_first(trial: Trial) -> None:
    trial.poll(samples.answer([samples.event(time_status="0", ss=None, timer=None)]))
    trial.history(samples.odds(m1_1=[
        samples.row(0, ss=None, time_str=None), samples.row(1), samples.row(9, home_od="1.300"),
        samples.row(10, home_od="1.310", ss="1-0"), samples.row(11, home_od="-", draw_od=None, away_od="", ss="1-0"),
    ]))  # fmt: skip
    told = [(each.occurred_at, each.status, each.in_play, prices(each)["home"]) for each in trial.odds]
    minute = 60 * SECOND
    assert told == [
        (START, "OPEN", False, 1800), (START + minute, "OPEN", True, 1800), (START + 9 * minute, "OPEN", True, 1300),
        (START + 10 * minute, "OPEN", True, 1310), (START + 11 * minute, "SUSPENDED", True, None),
    ]  # fmt: skip
    assert {each.fixture_id for each in trial.odds} == {trial.fixtures["betsapi", "1500"].fixture_id}
    assert trial.incidents == [("KICK_OFF", None, None, None), ("SCORE", None, 0, 0), ("GOAL", 10, 1, 0)]


def test_a_history_that_is_told_again_says_only_what_came_since(trial: Trial) -> None:
    rows = [samples.row(n, ss=f"{n // 3}-0") for n in range(1, 7)]
    trial.history(samples.odds(m1_1=rows[:4]))
    before = len(trial.odds), len(trial.incidents)
    trial.history(samples.odds(m1_1=rows[:4], m1_3=[]))
    assert (len(trial.odds), len(trial.incidents)) == before
    trial.history(samples.odds(m1_1=rows))
    assert len(trial.odds) == 6
    assert trial.incidents[-2:] == [("GOAL", 3, 1, 0), ("GOAL", 6, 2, 0)]
    assert not any(each.late for each in trial.odds)


def test_a_history_that_is_behind_the_list_takes_no_goal_back(trial: Trial) -> None:
    trial.poll(samples.answer([samples.event(ss="2-0")]))
    trial.history(samples.odds(m1_1=[samples.row(1), samples.row(5, ss="1-0")]))
    assert trial.incidents == [("SCORE", None, 2, 0)]


def test_a_handicap_moves_with_the_score_and_its_old_line_is_withdrawn(trial: Trial) -> None:
    trial.history(samples.odds(m1_2=[
        samples.handicap_row(1, "-0.5"), samples.handicap_row(2, "0.0,-0.5"),
        samples.handicap_row(3, "0.0,-0.5", ss="1-0"),
    ]))  # fmt: skip
    assert [(each.line_milli, each.status) for each in trial.odds] == [
        (-500, "OPEN"), (-500, "SUSPENDED"), (-250, "OPEN"), (-250, "SUSPENDED"), (-1250, "OPEN"),
    ]  # fmt: skip


def test_states_of_one_second_keep_their_order(trial: Trial) -> None:
    rows = [samples.total_row(1, "2.5"), samples.total_row(1, "2.5", id="9999", over_od="1.900")]
    trial.history(samples.odds(m1_3=rows))
    assert [(each.occurred_at, prices(each)["over"]) for each in trial.odds] == [
        (START + 60 * SECOND, 1850), (START + 60 * SECOND + 1, 1900),
    ]  # fmt: skip


def test_what_of_a_history_is_wrong_is_rejected_and_the_rest_is_taken(trial: Trial) -> None:
    trial.history(samples.odds(
        m1_1=[samples.row(1, home_od="free"), samples.row(2), samples.row(3, ss="x"), samples.row(4, over_od="1.5")],
        m1_3=[samples.total_row(5, "lots"), samples.total_row(6, ""), samples.total_row(7, "2.5")],
        m18_1=[samples.row(8)],
    ))  # fmt: skip
    assert [(each.market_type, each.status) for each in trial.odds] == [("MATCH_ODDS", "OPEN"), ("TOTAL_GOALS", "OPEN")]
    (reason,) = trial.reasons
    for word in (
        "row 9001: not odds: 'free'",
        "row 9003: not a score",
        "row 9004",
        "not a line: 'lots'",
        "without a line",
    ):
        assert word in reason
    assert trial.figures["left_out_unknown_count"] == 1


def test_a_summary_that_lists_the_sides_the_other_way_round_is_turned(trial: Trial) -> None:
    rows = {"1_1": samples.row(1), "1_2": samples.handicap_row(1, "-0.5", ss="1-0")}
    maker = {"matching_dir": "-1", "odds": {"start": rows, "end": {"1_1": rows["1_1"], "1_2": None}}}
    trial.poll(samples.answer({"Some Maker": maker}), "/v2/event/odds/summary?event_id=1500")
    match, handicap = trial.odds
    assert (match.bookmaker, prices(match)) == ("some maker", {"home": 4500, "draw": 3400, "away": 1800})
    assert (handicap.line_milli, prices(handicap)) == (1500, {"home": 1950, "away": 1900})


def test_a_timeline_told_again_says_only_what_came_since(trial: Trial) -> None:
    whole = samples.timeline()
    begun = whole | {
        "updateDetails": whole["updateDetails"][:2],
        "score": {side: each | {"score": "0"} for side, each in whole["score"].items()},
    }
    trial.poll(samples.answer([begun]))
    trial.poll(samples.answer([whole]))
    assert trial.incidents == [
        ("KICK_OFF", None, None, None), ("SCORE", None, 0, 0), ("YELLOW_CARD", 14, None, None),
        ("HALF_TIME", None, 0, 0), ("SECOND_HALF", None, 0, 0), ("GOAL", 67, 1, 0), ("FULL_TIME", None, 1, 0),
    ]  # fmt: skip
    assert trial.reasons == []


def test_a_timeline_s_totals_that_differ_from_its_updates_are_reported(trial: Trial) -> None:
    match = samples.timeline()
    match["score"]["home"]["numberOfRedCards"] = 2
    trial.poll(samples.answer([match]))
    assert trial.reasons == ["timeline 300: 2 red cards of the home side, its updates tell of 0"]


def test_a_trend_is_told_at_the_times_of_its_minutes(trial: Trial) -> None:
    trial.poll(samples.answer([samples.event()]))
    trend = {"attacks": {"home": [{"time_str": "0", "val": "1"}, {"time_str": "7", "val": "4"}], "away": []}}
    for _ in range(2):
        trial.poll(samples.answer(trend), "/v1/event/stats_trend?event_id=1500")
        trial.poll(samples.answer([samples.event()]))
    told = [each for each in trial.said(topics.STATISTICS, Statistic) if each.name == "home_attacks_count"]
    assert [(each.occurred_at, each.value) for each in told] == [(START, 1), (START + 420 * SECOND, 4)]


def test_a_merged_id_keeps_its_canonical_fixture(trial: Trial) -> None:
    trial.poll(samples.answer([samples.event(ss="1-0")]))
    trial.poll(samples.answer([merge("1500", "1600")]), "/v1/event/merge_history")
    trial.poll(samples.answer([samples.event(id="1600", ss="2-0")]))
    trial.poll(samples.answer([samples.event(ss="3-0")]))
    ids = {key: each.fixture_id for key, each in trial.fixtures.items()}
    assert ids["betsapi", "1500"] == ids["betsapi", "1600"]
    assert trial.incidents == [("SCORE", None, 1, 0), ("GOAL", None, 2, 0), ("GOAL", None, 3, 0)]
    assert trial.said(topics.IDENTITY_REVIEWS, IdentityReview) == []


def test_two_fixtures_that_turn_out_to_be_one_are_one_from_then_on_and_a_person_is_asked(trial: Trial) -> None:
    other = samples.event(id="1600", home={"id": "1", "name": "Greenham Town"}, away={"id": "2", "name": "Whitby"})
    trial.poll(samples.answer([samples.event(), other]))
    before = {key: each.fixture_id for key, each in trial.fixtures.items()}
    trial.history(samples.odds(m1_1=[samples.row(1)]))
    trial.poll(samples.answer([merge("1500", "1600")]), "/v1/event/merge_history")
    trial.history(samples.odds(m1_1=[samples.row(1), samples.row(2)]))
    after = {key: each.fixture_id for key, each in trial.fixtures.items()}
    assert after["betsapi", "1500"] == after["betsapi", "1600"] == before["betsapi", "1600"]
    (review,) = trial.said(topics.IDENTITY_REVIEWS, IdentityReview)
    assert (review.provider_fixture_id, review.candidate_id) == ("1500", before["betsapi", "1600"])
    assert trial.odds[-1].fixture_id == before["betsapi", "1600"]


def test_merges_go_on_in_chains_and_a_circle_ends(trial: Trial) -> None:
    trial.poll(samples.answer([merge("3", "1"), merge("2", "3", -1), merge("1", "2", 1)]), "/v1/event/merge_history")
    trial.poll(samples.answer([merge("1500", "1600", 1), merge("1400", "1500")]), "/v1/event/merge_history")
    trial.poll(samples.answer([samples.event(id="1400")]))
    trial.poll(samples.answer([samples.event(id="2", home={"name": "Greenham Town"})]))
    assert ("betsapi", "1600") in trial.fixtures
    assert len(trial.fixtures) == 2
    assert trial.reasons == []


def test_a_merge_into_itself_is_rejected_and_the_others_are_taken(trial: Trial) -> None:
    trial.poll(samples.answer([merge("1", "1"), merge("1500", "1600")]), "/v1/event/merge_history")
    (reason,) = trial.reasons
    assert "merged into itself" in reason
    trial.poll(samples.answer([samples.event()]))
    assert list(trial.fixtures) == [("betsapi", "1600")]


def test_merges_are_forgotten_after_their_time(trial: Trial) -> None:
    trial.poll(samples.answer([merge("1500", "1600")]), "/v1/event/merge_history")
    for days in (1, 31, 1):
        trial.wait(days)
    shards = [trial.log.shard("ingest", partition) for partition in range(topics.PARTITIONS)]
    assert [key for shard in shards for key, _ in shard.scan(BETSAPI_MERGES)] == []


def test_bet365_s_view_prices_the_match_under_both_ids(trial: Trial) -> None:
    trial.poll(samples.answer([samples.event()]))
    trial.poll(samples.bet365(), "/v1/bet365/event?FI=700")
    ids = {key: each.fixture_id for key, each in trial.fixtures.items()}
    assert ids["betsapi/bet365", "700"] == ids["betsapi", "1500"]
    told = {(each.market_type, each.line_milli): prices(each) for each in trial.odds}
    assert told == {
        ("MATCH_ODDS", None): {"home": 1400, "draw": 4000, "away": 7500},
        ("TOTAL_GOALS", 2500): {"over": 1571, "under": 2250},
    }


def bet365_list(*prices_of_home: str, suspended: str = "0") -> bytes:
    """Write bet365's list in play: of each match only its result."""
    records: list[dict[str, str]] = [{"type": "CL", "ID": "1", "NA": "Soccer"}]
    for n, odds in enumerate(prices_of_home):
        records += [
            {"type": "EV", "FI": str(700 + n), "NA": "Redtown Rovers v Bluefield United" if n == 0 else f"A{n} v B{n}"},
            {"type": "MA", "ID": "1777", "NA": "Fulltime Result", "SU": suspended},
            {"type": "PA", "NA": "Redtown Rovers" if n == 0 else f"A{n}", "OD": odds, "SU": "0"},
        ]
    return samples.answer([records], stats={"update_at": str(samples.BEGAN + 3_100)})


def test_bet365_s_list_leaves_the_other_markets_of_a_match_as_they_were(trial: Trial) -> None:
    trial.poll(samples.bet365(), "/v1/bet365/event?FI=700")
    trial.poll(bet365_list("1/2"), "/v1/bet365/inplay")
    trial.poll(bet365_list("1/2", suspended="1"), "/v1/bet365/inplay")
    told = [(each.market_type, each.status, prices(each)[next(iter(prices(each)))]) for each in trial.odds]
    assert told == [
        ("MATCH_ODDS", "OPEN", 1400), ("TOTAL_GOALS", "OPEN", 1571), ("MATCH_ODDS", "OPEN", 1500),
        ("MATCH_ODDS", "SUSPENDED", None),
    ]  # fmt: skip
    trial.poll(bet365_list(), "/v1/bet365/inplay")
    assert (trial.odds[-1].market_type, trial.odds[-1].status) == ("TOTAL_GOALS", "SUSPENDED")


@pytest.mark.parametrize(
    "changes",
    [
        {"time": "1"}, {"time_status": "42"}, {"home": {"name": ""}}, {"home": {"name": "Bluefield United"}},
        {"ss": "many"}, {"ss": "500-0"}, {"id": "a b"}, {"stats": {"corners": ["1"]}}, {"stats": {"x y": ["1", "2"]}},
        {"stats": {"corners": ["-1", "²"]}},
    ],
)  # fmt: skip
def test_a_match_that_cannot_be_is_rejected_and_the_others_are_taken(trial: Trial, changes: dict[str, Any]) -> None:
    good = samples.event(id="1600", home={"name": "Greenham Town"}, away={"name": "Whitby"})
    trial.poll(samples.answer([good]))
    trial.poll(samples.answer([samples.event(**changes), good | {"ss": "2-0"}]))
    assert len(trial.reasons) == 1
    if "id" not in changes:  # an id that is none breaks the answer itself
        assert ("GOAL", None, 2, 0) in trial.incidents


@pytest.mark.parametrize(
    "payload",
    [
        b"", b"{", b"[]", b'{"success":1}', b'{"success":0,"error":"TOO_MANY_REQUESTS"}', b"[" * 20_000,
        samples.answer({"9" * 5_000 + "_1": [samples.row(1)], "1_1": 3}),
        samples.answer([[
            {"type": "EV", "CL": "1", "NA": "A v B", "FI": "1"}, {"type": "MA"}, {"type": "PA", "OD": "1//2"},
        ]]),
        samples.answer([samples.timeline(updateDetails=[
            {"updateId": 1, "updateType": "Goal", "updateTime": "then"},
        ])]),
        json.dumps({"success": 1, "results": [{"Markets": []}]}).encode(),
    ],
)  # fmt: skip
def test_bytes_that_are_no_answer_are_dead_lettered_and_the_next_is_taken(trial: Trial, payload: bytes) -> None:
    trial.poll(payload)
    trial.poll(samples.answer([samples.event()]))
    assert len(trial.reasons) == 1
    assert ("betsapi", "1500") in trial.fixtures


def test_a_market_with_a_giant_number_is_left_out(trial: Trial) -> None:
    trial.history(samples.odds(**{"m" + "9" * 5_000 + "_1": [samples.row(1)]}))
    assert trial.reasons == []
    assert trial.figures["left_out_unknown_count"] == 1
