"""The Unified Odds Feed's documents in, canonical events out."""

from typing import Any, TypeVar

import pytest

from agents.ingest import ingest_context
from bookstream import topics
from bookstream.codecs import decode, encode
from bookstream.delivery.memory import MemoryLog
from connectors.raw import RawStream
from connectors.uof.parser import CONTENT_TYPE
from domain.events.canonical import Fixture, Incident, MarketOdds, Participant, Statistic
from domain.events.feeds import ClockTick, FeedStatus
from domain.events.head import Event

SECOND = 1_000_000
START = 1_776_510_000 * SECOND
URN = "sr:match:42"
E = TypeVar("E", bound=Event)

FIXTURE = """
<fixtures_fixture xmlns="http://schemas.sportradar.com/sportsapi/v1/unified" generated_at="2026-04-18T10:00:00+00:00">
<fixture id="sr:match:42" start_time="2026-04-18T11:30:00+00:00" status="not_started">
<tournament id="sr:tournament:17" name="Premier League"><sport id="sr:sport:1" name="Soccer"/></tournament>
<competitors><competitor id="sr:competitor:30" name="Brighton &amp; Hove Albion" qualifier="home"/>
<competitor id="sr:competitor:14" name="Nottingham Forest" qualifier="away"/></competitors></fixture>
</fixtures_fixture>"""
DESCRIPTIONS = """<market_descriptions response_code="OK">
<market id="1" name="1x2" groups="all|score"/>
<market id="21" name="Exact goals" groups="all|goals"><specifiers><specifier name="variant"/></specifiers></market>
<market id="21" name="Exact goals" variant="sr:exact_goals:6+"><outcomes>
<outcome id="sr:exact_goals:6+:68" name="0"/></outcomes></market>
<market id="29" name="Something else now" groups="all"/></market_descriptions>"""

RESULT = '<outcome id="1" odds="{}" active="1"/><outcome id="2" odds="3.4" active="1"/><outcome id="3" odds="3.9"/>'
WON = '<outcomes><market id="1"><outcome id="1" result="1"/></market></outcomes>'


class Trial:
    """One stream of the feed through the ingest context, in memory."""

    def __init__(self, *, recorded: bool = True) -> None:
        self.log = MemoryLog([ingest_context()])
        self.stream = RawStream(
            provider="uof", endpoint="test", stream_id="feed", content_type=CONTENT_TYPE, recorded=recorded
        )
        self.at = START

    def say(self, document: str | bytes, *, after: int = SECOND, restores: bool | None = None) -> None:
        self.at += after
        payload = document if isinstance(document, bytes) else document.encode()
        message = self.stream.message(payload, received_at=self.at, restores=restores)
        self.log.send(topics.raw_topic("uof"), b"feed", encode(message))
        self.log.run()

    def odds_change(self, markets: str, *, status: str = "", product: int = 1, ago: int = 0) -> None:
        """Say an odds change; it is as old as told."""
        head = f'product="{product}" event_id="{URN}" timestamp="{(self.at - ago) // 1000}"'
        self.say(f"<odds_change {head}>{status}<odds>{markets}</odds></odds_change>")

    def about(self, tag: str, inner: str = "", **head: object) -> None:
        """Say a message about the event."""
        told = {"product": 1, "event_id": URN, "timestamp": self.at // 1000} | head
        attributes = " ".join(f'{name}="{value}"' for name, value in told.items())
        self.say(f"<{tag} {attributes}>{inner}</{tag}>")

    def pulse(self, product: int, *, subscribed: int = 1, after: int = SECOND) -> None:
        """Let a producer say that it is alive."""
        head = f'product="{product}" timestamp="{self.at // 1000}" subscribed="{subscribed}"'
        self.say(f"<alive {head}/>", after=after)

    def complete(self, product: int, request: int, *, restores: bool | None = None) -> None:
        """Say that a recovery is complete, and what the connector knows of that."""
        head = f'product="{product}" request_id="{request}" timestamp="{self.at // 1000}"'
        self.say(f"<snapshot_complete {head}/>", restores=restores)

    def restart(self) -> None:
        """Go on with the rows that were written, and nothing else."""
        for place, shard in list(self.log.shards.items()):
            self.log.shards[place] = shard.reopened()

    def tick(self, *, after: int) -> None:
        """Let the log's time pass."""
        self.at += after
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
    def incidents(self) -> list[tuple[Any, ...]]:
        return [(each.kind, each.side, each.minute) for each in self.said(topics.INCIDENTS, Incident)]

    @property
    def states(self) -> list[tuple[str, str]]:
        said = {each.event_id: each for each in self.said(topics.FEED_STATUS, FeedStatus)}
        return [(each.state, each.reason) for each in said.values() if each.reason != "heartbeat"]

    @property
    def reasons(self) -> list[str]:
        name = "__connect.errors.exception.message"
        return [dict(record.headers)[name].decode() for record in self.log.records(topics.DEAD_LETTERS.name)]


def line(market: int, outcomes: str = RESULT.format(2.1), specifiers: str = "", **more: object) -> str:
    attributes = " ".join(f'{name}="{value}"' for name, value in more.items())
    return f'<market id="{market}" specifiers="{specifiers}" {attributes}>{outcomes}</market>'


def pair(first: str, second: str, *, odds: float = 1.9) -> str:
    return f'<outcome id="{first}" odds="{odds}" active="1"/><outcome id="{second}" odds="2.02" active="1"/>'


def status(home: int, away: int, period: int = 6, inner: str = "", code: int = 1) -> str:
    head = f'status="{code}" match_status="{period}" home_score="{home}" away_score="{away}"'
    return f'<sport_event_status {head}><clock match_time="25:10"/>{inner}</sport_event_status>'


def cards(yellow: int, red: int = 0) -> str:
    inner = f'<yellow_cards home="{yellow}" away="0"/><red_cards home="0" away="{red}"/>'
    return f"<statistics>{inner}</statistics>"


@pytest.fixture
def trial() -> Trial:
    trial = Trial()
    trial.say(FIXTURE)
    return trial


def test_a_fixture_is_told_with_its_sides_and_their_references(trial: Trial) -> None:
    (fixture,) = trial.said(topics.FIXTURES, Fixture)
    assert (fixture.name, fixture.competition) == ("Brighton & Hove Albion v Nottingham Forest", "Premier League")
    assert (fixture.status, fixture.provider_fixture_id) == ("SCHEDULED", URN)
    sides = trial.said(topics.PARTICIPANTS, Participant)
    assert [each.provider_participant_id for each in sides] == ["sr:competitor:30", "sr:competitor:14"]


def test_lines_are_priced_in_canonical_words(trial: Trial) -> None:
    trial.odds_change(
        line(1) + line(18, pair("12", "13"), "total=2.5") + line(16, pair("1714", "1715"), "hcp=-0.25")
        + line(60) + line(29, pair("74", "76"))
    )  # fmt: skip
    fixture = trial.odds[0].fixture_id
    found = {each.market_id.removeprefix(fixture): each for each in trial.odds}
    assert found.keys() == {
        "/MATCH_ODDS/FT", "/TOTAL_GOALS/FT/2500", "/ASIAN_HANDICAP/FT/-250", "/HALF_TIME/1H", "/BOTH_TO_SCORE/FT",
    }  # fmt: skip
    match = found["/MATCH_ODDS/FT"]
    assert [(each.selection_id, each.back_odds) for each in match.selections] == [
        ("home", 2100), ("draw", 3400), ("away", 3900),
    ]  # fmt: skip
    assert [each.name for each in match.selections] == ["Brighton & Hove Albion", "Draw", "Nottingham Forest"]
    assert (match.bookmaker, match.status, match.in_play) == ("uof", "OPEN", False)
    assert [each.selection_id for each in found["/ASIAN_HANDICAP/FT/-250"].selections] == ["home", "away"]


def test_a_line_s_specifiers_name_it_in_any_order(trial: Trial) -> None:
    trial.odds_change(line(204, pair("12", "13"), "setnr=1|total=9.5"))
    trial.odds_change(line(204, pair("12", "13", odds=1.8), "total=9.5|setnr=1"))
    first, second = trial.odds
    assert first.market_id == second.market_id
    assert first.market_id.endswith("/UOF_204/FT/setnr=1|total=9.5")
    assert second.selections[0].selection_id == "r-12"


def test_what_is_not_active_has_no_price(trial: Trial) -> None:
    outcomes = (
        '<outcome id="1" odds="2.1" active="0"/><outcome id="2" probabilities="NaN"/><outcome id="3" odds="1.0"/>'
    )
    trial.odds_change(line(1, outcomes))
    assert [each.back_odds for each in trial.odds[0].selections] == [None, None, None]


def test_lines_of_an_unknown_event_are_held_until_it_is_known() -> None:
    trial = Trial()
    trial.odds_change(line(1))
    trial.odds_change(line(1, RESULT.format(2.2)))
    assert (trial.odds, trial.reasons) == ([], [])
    trial.say(FIXTURE)
    assert [each.selections[0].back_odds for each in trial.odds] == [2200]


def test_an_unchanged_line_is_told_again_only_to_show_its_age(trial: Trial) -> None:
    for _ in range(12):
        trial.odds_change(line(1))
    assert len(trial.odds) == 2


def test_an_older_message_of_a_producer_is_told_as_late_and_changes_nothing(trial: Trial) -> None:
    trial.odds_change(line(1, RESULT.format(2.0)))
    trial.odds_change(line(1, RESULT.format(3.0)), ago=60 * SECOND)
    trial.odds_change(line(1, RESULT.format(2.4)))
    assert [(each.selections[0].back_odds, each.late) for each in trial.odds] == [
        (2000, False), (3000, True), (2400, False),
    ]  # fmt: skip


@pytest.mark.parametrize(("code", "told"), [(0, "SUSPENDED"), (-1, "SUSPENDED"), (-2, "SUSPENDED"), (-3, "CLOSED")])
def test_a_line_that_is_not_active_is_not_open_and_has_no_price(trial: Trial, code: int, told: str) -> None:
    trial.odds_change(line(1))
    trial.odds_change(line(1, "", status=code))
    assert trial.odds[-1].status == told
    assert {each.back_odds for each in trial.odds[-1].selections} == {None}


def test_handing_over_suspends_until_the_live_producer_has_spoken(trial: Trial) -> None:
    trial.odds_change(line(1), product=3)
    trial.odds_change(line(1, "", status=-2), product=3)
    trial.odds_change(line(1, RESULT.format(2.3)), product=1)
    assert [each.status for each in trial.odds] == ["OPEN", "SUSPENDED", "OPEN"]
    trial.odds_change(line(1, "", status=-2), product=3)
    assert len(trial.odds) == 3


def test_a_bet_stop_suspends_the_active_lines_of_its_groups(trial: Trial) -> None:
    trial.say(DESCRIPTIONS)
    trial.odds_change(line(1) + line(21, pair("a", "b")) + line(18, pair("12", "13"), "total=2.5", status=0))
    trial.about("bet_stop", groups="score")
    assert [(each.market_type, each.status) for each in trial.odds[3:]] == [("MATCH_ODDS", "SUSPENDED")]
    trial.about("bet_stop", groups="all")
    assert [(each.market_type, each.status) for each in trial.odds[4:]] == [("UOF_21", "SUSPENDED")]


def test_a_bet_stop_does_not_stop_what_was_priced_since_or_by_another_producer(trial: Trial) -> None:
    trial.odds_change(line(1), product=1)
    trial.odds_change(line(60), product=3)
    trial.about("bet_stop", groups="all", timestamp=START // 1000)
    assert {each.status for each in trial.odds} == {"OPEN"}


def test_a_settlement_closes_a_line_with_the_results_that_words_can_tell(trial: Trial) -> None:
    trial.odds_change(line(1) + line(16, pair("1714", "1715"), "hcp=-0.25"))
    won = '<outcome id="1" result="1"/><outcome id="2" result="0"/><outcome id="3" result="0" void_factor="1"/>'
    half = '<outcome id="1714" result="1" void_factor="0.5"/><outcome id="1715" result="0" void_factor="0.5"/>'
    inner = f'<outcomes><market id="1">{won}</market><market id="16" specifiers="hcp=-0.25">{half}</market></outcomes>'
    trial.about("bet_settlement", inner, certainty=2)
    match, handicap = trial.odds[2:]
    assert [each.status for each in match.selections] == ["WINNER", "LOSER", "REMOVED"]
    assert [each.status for each in handicap.selections] == ["ACTIVE", "ACTIVE"]
    assert {match.status, handicap.status} == {"CLOSED"}
    trial.about("bet_settlement", inner.replace('result="1"/>', 'result="0"/>'), certainty=1)
    assert len(trial.odds) == 4


def test_what_is_rolled_back_is_suspended_until_it_is_priced_again(trial: Trial) -> None:
    trial.odds_change(line(1))
    trial.about("bet_settlement", WON, certainty=1)
    trial.about("rollback_bet_settlement", '<market id="1"/>')
    trial.odds_change(line(1))
    assert [each.status for each in trial.odds] == ["OPEN", "CLOSED", "SUSPENDED", "OPEN"]


def test_a_cancelled_line_is_closed_and_a_cancelled_window_is_not(trial: Trial) -> None:
    trial.odds_change(line(1))
    trial.about("bet_cancel", '<market id="1"/>', start_time=1)
    assert len(trial.odds) == 1
    trial.about("bet_cancel", '<market id="1"/>')
    assert {each.status for each in trial.odds[-1].selections} == {"REMOVED"}
    trial.about("rollback_bet_cancel", '<market id="1"/>')
    assert [each.status for each in trial.odds] == ["OPEN", "CLOSED", "SUSPENDED"]


def test_goals_cards_and_periods_are_told_as_they_happen(trial: Trial) -> None:
    trial.odds_change("", status=status(0, 0, 0, code=0))
    trial.odds_change("", status=status(0, 0, 6, cards(0)))
    trial.odds_change("", status=status(1, 0, 6, cards(1)))
    trial.odds_change("", status=status(1, 0, 31, cards(1, 1)))
    trial.odds_change("", status=status(0, 0, 7, cards(0, 1)))
    trial.odds_change("", status=status(0, 0, 100, code=3))
    assert [kind for kind, _, _ in trial.incidents] == [
        "KICK_OFF", "SCORE", "GOAL", "YELLOW_CARD", "HALF_TIME", "RED_CARD", "SECOND_HALF", "GOAL_CANCELLED",
        "YELLOW_CARD_CANCELLED", "FULL_TIME",
    ]  # fmt: skip
    assert ("RED_CARD", "AWAY", 25) in trial.incidents
    figures = {each.name: each.value for each in trial.said(topics.STATISTICS, Statistic)}
    assert figures == {"home_yellow_cards_count": 0.0, "away_red_cards_count": 1.0}
    assert [each.status for each in trial.said(topics.FIXTURES, Fixture)] == ["SCHEDULED", "IN_PLAY", "FINISHED"]


def test_a_card_that_only_an_older_word_of_another_producer_lacks_is_not_withdrawn(trial: Trial) -> None:
    trial.odds_change("", status=status(0, 0, 6, cards(0)), product=1)
    trial.odds_change("", status=status(0, 0, 6, cards(1)), product=1)
    trial.odds_change("", status=status(0, 0, 6, cards(0)), product=3, ago=60 * SECOND)
    trial.odds_change("", status=status(0, 0, 6, cards(1)), product=1)
    assert [kind for kind, _, _ in trial.incidents].count("YELLOW_CARD") == 1
    assert "YELLOW_CARD_CANCELLED" not in {kind for kind, _, _ in trial.incidents}


def test_what_was_counted_before_we_listened_is_no_incident(trial: Trial) -> None:
    trial.odds_change("", status=status(2, 1, 7, cards(3, 1)))
    assert trial.incidents == [("SCORE", None, None)]


def test_a_timeline_tells_only_what_is_not_known_yet(trial: Trial) -> None:
    events = (
        '<event id="1" type="score_change" match_time="10" team="home" home_score="1" away_score="0"/>'
        '<event id="2" type="yellow_card" match_time="20" team="away"/>'
        '<event id="3" type="score_change" match_time="30" team="away" home_score="1" away_score="1"/>'
        '<event id="4" type="video_assistant_referee" match_time="31"/>'
    )
    told = FIXTURE.replace("fixtures_fixture", "match_timeline").replace("<fixture ", "<sport_event ")
    told = told.replace("</fixture>", f"</sport_event>{status(1, 1)}<timeline>{events}</timeline>")
    trial.say(told)
    assert [kind for kind, _, _ in trial.incidents] == ["SCORE", "GOAL", "GOAL", "YELLOW_CARD", "VAR_REVIEW"]
    assert ("YELLOW_CARD", "AWAY", 20) in trial.incidents
    trial.say(told.replace("2026-04-18T10:00:00", "2026-04-18T10:00:01"))
    assert len(trial.incidents) == 5


def test_a_change_of_a_fixture_moves_or_cancels_it(trial: Trial) -> None:
    trial.about("fixture_change", change_type=2, start_time=1_776_515_400_000)
    trial.about("fixture_change", change_type=3)
    told = trial.said(topics.FIXTURES, Fixture)
    assert (told[-1].kick_off_at, told[-1].status) == (1_776_515_400 * SECOND, "CANCELLED")


def test_names_come_from_the_descriptions_and_an_id_that_means_something_else_is_the_feed_s_own(trial: Trial) -> None:
    trial.say(DESCRIPTIONS)
    outcomes = '<outcome id="sr:exact_goals:6+:68" odds="9.0"/>'
    trial.odds_change(line(21, outcomes, "variant=sr:exact_goals:6+") + line(29, pair("74", "76")))
    exact, other = trial.odds
    assert [(each.selection_id, each.name) for each in exact.selections] == [("r-sr:exact_goals:6+:68", "0")]
    assert other.market_type == "UOF_29"


def test_one_wrong_line_is_rejected_and_the_others_are_told(trial: Trial) -> None:
    twice = pair("1", "1")
    trial.odds_change(
        line(1) + line(29, twice) + line(18, pair("12", "13"), "total") + line(60, pair("1", "2", odds=0))
    )
    assert [each.market_type for each in trial.odds] == ["MATCH_ODDS"]
    (reason,) = trial.reasons
    assert all(text in reason for text in ("an outcome stands twice", "specifiers 'total'", "odds of 0.0"))


@pytest.mark.parametrize(("document", "reason"), [
    ("{}", "not XML"), ("<rss/>", "no document 'rss'"), ("<alive product='1'/>", "missing required field `timestamp`"),
    (f"<bet_stop product='1' timestamp='1' event_id='{URN}/x'/>", "event_id"),
    (f"<bet_stop product='1' timestamp='5102444800000' event_id='{URN}'/>", "timestamp"),
    (FIXTURE.replace("2026-04-18T11", "1926-04-18T11"), "not in this century"),
    (FIXTURE.replace("sr:competitor:14", "sr:competitor:30"), "a competitor stands twice"),
])  # fmt: skip
def test_what_cannot_be_taken_is_dead_lettered_with_its_reason(document: str, reason: str) -> None:
    trial = Trial()
    trial.say(document)
    (said,) = trial.reasons
    assert reason in said


def test_a_producer_that_lost_messages_delays_the_feed_until_it_is_whole() -> None:
    trial = Trial(recorded=False)
    trial.pulse(1)
    trial.pulse(1, subscribed=0)
    trial.pulse(1)
    assert trial.states == [("UP", "connected"), ("DELAYED", "gap")]
    trial.say('<snapshot_complete request_id="7" product="1" timestamp="1776510003000"/>')
    assert trial.states[2:] == [("UP", "connected")]


def test_a_producer_that_falls_silent_takes_the_feed_down_until_it_has_recovered() -> None:
    trial = Trial(recorded=False)
    trial.pulse(1)
    for _ in range(3):
        trial.pulse(3, after=10 * SECOND)
    assert trial.states[-1] == ("DOWN", "silent")
    trial.pulse(1)
    assert trial.states[-1] == ("DELAYED", "gap")
    trial.say('<snapshot_complete request_id="7" product="1" timestamp="1776510003000"/>')
    assert trial.states[-1] == ("UP", "connected")


def test_a_new_connection_delays_the_feed_until_each_producer_is_whole() -> None:
    trial = Trial(recorded=False)
    for connection in ("amqps://x:1#1", "amqps://x:1#2"):
        trial.stream.endpoint = connection
        trial.pulse(1)
        trial.pulse(3)
        assert trial.states[-1] == ("DELAYED", "gap")
        trial.say(f'<snapshot_complete request_id="7" product="1" timestamp="{trial.at // 1000}"/>')
        assert trial.states[-1] == ("DELAYED", "gap")
        trial.say(f'<snapshot_complete request_id="8" product="3" timestamp="{trial.at // 1000}"/>')
        assert trial.states[-1] == ("UP", "connected")


def test_an_interrupted_recovery_s_end_leaves_a_producer_behind_and_the_next_one_s_does_not() -> None:
    trial = Trial(recorded=False)
    trial.stream.endpoint = "amqps://x:1#1"
    trial.pulse(1)
    trial.about("bet_stop", request_id=7)
    trial.pulse(1, subscribed=0)
    trial.complete(1, 7, restores=False)
    assert trial.states[-1] == ("DELAYED", "gap")
    trial.complete(1, 8, restores=True)
    assert trial.states[-1] == ("UP", "connected")


def test_another_s_recovery_and_one_of_before_a_restart_leave_a_producer_behind() -> None:
    trial = Trial(recorded=False)
    trial.stream.endpoint = "amqps://x:1#1"
    trial.pulse(1)
    trial.complete(1, 7, restores=True)
    trial.restart()
    trial.stream.endpoint = "amqps://x:1#2"
    trial.pulse(1)
    for request in (6, 7, 999):
        trial.complete(1, request, restores=False)
    assert trial.states[-1] == ("DELAYED", "gap")
    trial.restart()
    trial.complete(1, 8, restores=True)
    assert trial.states[-1] == ("UP", "connected")


def test_where_nobody_kept_account_a_recovery_that_ran_when_messages_were_lost_does_not_make_whole() -> None:
    trial = Trial()
    trial.pulse(1)
    trial.pulse(1, subscribed=0)
    trial.about("bet_stop", request_id=7)
    trial.pulse(1, subscribed=0)
    trial.pulse(1)
    trial.complete(1, 7)
    assert trial.states[-1] == ("DELAYED", "gap")
    trial.about("bet_stop", request_id=3)
    trial.complete(1, 3)
    assert trial.states[-1] == ("UP", "connected")


def test_where_nobody_kept_account_a_recovery_that_was_complete_before_is_not_interrupted() -> None:
    trial = Trial()
    for _ in range(2):
        trial.pulse(1, subscribed=0)
        trial.about("bet_stop", request_id=7)
        trial.complete(1, 7)
        assert trial.states[-1] == ("UP", "connected")


def test_a_pulse_after_a_silence_that_nothing_else_told_of_delays_the_feed() -> None:
    trial = Trial(recorded=False)
    trial.pulse(1)
    trial.pulse(1, after=21 * SECOND)
    assert trial.states[-1] == ("DELAYED", "gap")


def test_lines_are_forgotten_when_they_are_long_past(trial: Trial) -> None:
    trial.odds_change(line(1))
    trial.odds_change(line(1, "", status=-4))
    before = len(trial.log.records(topics.ODDS.name))
    for _ in range(4):
        trial.tick(after=12 * 3600 * SECOND)
    trial.odds_change(line(1, "", status=-1))
    assert len(trial.log.records(topics.ODDS.name)) == before


@pytest.mark.parametrize("request_id", [2**63, 10**30, -1])
def test_a_request_that_fits_into_no_row_is_a_dead_letter(trial: Trial, request_id: int) -> None:
    trial.pulse(1)
    trial.about("bet_stop", request_id=request_id)
    (letter,) = trial.log.records(topics.DEAD_LETTERS.name)
    assert b"request_id" in dict(letter.headers)["__connect.errors.exception.message"]
    trial.pulse(3)
