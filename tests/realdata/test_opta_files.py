"""Athletic against Leganés as Opta tells it: each event is read, and the facts are those that other sources tell."""

import gzip
from collections import Counter
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest

import connectors
from bookstream import topics
from connectors.opta.parser import parse_message
from domain.events.canonical import Fixture, Participant
from tests.realdata.pitch_truth import DATA, Replay, result

FOLDER = DATA / "opta_f24"
F24 = FOLDER / "1009316_athletic_leganes_2018-08-20_f24.xml.gz"
F7 = FOLDER / "1009316_f7_matchresults.xml"
HOME, AWAY = "174", "957"
FOOT = b"</Game>\n</Games>\n"
COLUMNS = {
    "HS": "home_shots_count", "AS": "away_shots_count", "HST": "home_shots_on_target_count",
    "AST": "away_shots_on_target_count", "HC": "home_corners_count", "AC": "away_corners_count",
    "HF": "home_fouls_count", "AF": "away_fouls_count", "HY": "home_yellow_cards_count",
    "AY": "away_yellow_cards_count", "HR": "home_red_cards_count", "AR": "away_red_cards_count",
}  # fmt: skip

pytestmark = [pytest.mark.realdata, pytest.mark.skipif(not FOLDER.is_dir(), reason="the recorded files are absent")]


def plain() -> list[ET.Element]:
    return list(ET.fromstring(gzip.decompress(F24.read_bytes()))[0])  # noqa: S314 - a file of known content


@pytest.fixture(scope="module")
def replay() -> Replay:
    replay = Replay()
    assert replay.file("opta", F24) == len(plain()) == 1665
    return replay


def test_every_event_is_a_message_that_parses() -> None:
    messages = list(connectors.by_name("opta").recorded(F24))
    found = [parse_message(each).game.events for each in messages]  # type: ignore[union-attr]
    assert [[(str(event.id), event.type_id) for event in events] for events in found] == [
        [(str(each.get("id")), int(each.get("type_id", "")))] for each in plain()
    ]
    document = gzip.decompress(F24.read_bytes())
    head = document[: document.index(b"<Event ")]
    assert all(each.payload.startswith(head) for each in messages)
    assert head + b"".join(each.payload[len(head) : -len(FOOT)] for each in messages) + FOOT == document


def test_no_event_is_refused(replay: Replay) -> None:
    assert replay.reasons == Counter()
    assert replay.fixture.status == "FINISHED"


def test_the_match_has_the_goals_and_cards_that_football_data_has(replay: Replay) -> None:
    wanted = result("SP1_1819", "Ath Bilbao", "Leganes")
    (over,) = replay.incidents("FULL_TIME")
    (half,) = replay.incidents("HALF_TIME")
    assert (over.home_score, over.away_score) == (int(wanted["FTHG"]), int(wanted["FTAG"]))
    assert (half.home_score, half.away_score) == (int(wanted["HTHG"]), int(wanted["HTAG"]))
    assert [(each.minute, each.side) for each in replay.incidents("GOAL")] == [(26, "HOME"), (32, "AWAY"), (92, "HOME")]
    assert replay.count("YELLOW_CARD", "HOME") == int(wanted["HY"])
    assert replay.count("YELLOW_CARD", "AWAY") == int(wanted["AY"])
    assert len(replay.incidents("RED_CARD")) == int(wanted["HR"]) + int(wanted["AR"]) == 0


def test_what_the_two_sources_count_differently_is_known(replay: Replay) -> None:
    figures, wanted = replay.figures, result("SP1_1819", "Ath Bilbao", "Leganes")
    told = {column: (int(wanted[column]), int(figures.get(name, 0))) for column, name in COLUMNS.items()}
    assert {column: pair for column, pair in told.items() if pair[0] != pair[1]} == {"AS": (12, 11)}


def test_the_figures_are_those_of_a_plain_count(replay: Replay) -> None:
    kinds = Counter((each.get("team_id"), each.get("type_id")) for each in plain())
    for side, team in (("home", HOME), ("away", AWAY)):
        assert replay.figures[f"{side}_shots_count"] == sum(kinds[team, kind] for kind in ("13", "14", "15", "16"))
        assert replay.figures[f"{side}_passes_count"] == kinds[team, "1"]
        assert replay.figures[f"{side}_substitutions_count"] == kinds[team, "18"]
    share = kinds[HOME, "1"] / (kinds[HOME, "1"] + kinds[AWAY, "1"])
    assert replay.figures["home_possession_percent"] == pytest.approx(100 * share, abs=0.1)


def test_times_are_utc(replay: Replay) -> None:
    begins = int(datetime(2018, 8, 20, 20, tzinfo=UTC).timestamp()) * 1_000_000
    assert replay.fixture.kick_off_at == begins
    (kick_off,) = replay.incidents("KICK_OFF")
    assert kick_off.occurred_at - begins == 23_635_000


def test_the_result_is_of_the_same_fixture_and_names_the_players_that_score() -> None:
    replay = Replay()
    assert replay.file("opta", F7) == 1
    replay.file("opta", F24)
    assert replay.reasons == Counter()
    assert len({each.fixture_id for each in replay.said(topics.FIXTURES, Fixture)}) == 1
    (score,) = [each for each in replay.incidents("SCORE") if each.home_score]
    assert (score.home_score, score.away_score) == (2, 1)
    named = {each.participant_id: each.name for each in replay.said(topics.PARTICIPANTS, Participant)}
    people = {each.get("uID"): each for each in ET.fromstring(F7.read_bytes()).iter("Player")}  # noqa: S314
    assert sum(each.kind == "PLAYER" for each in replay.said(topics.PARTICIPANTS, Participant)) == len(people) == 36
    scorers = [f"p{each.get('player_id')}" for each in plain() if each.get("type_id") == "16"]
    assert [named[goal.participant_id or ""] for goal in replay.incidents("GOAL")] == [
        f"{people[each].findtext('PersonName/First')} {people[each].findtext('PersonName/Last')}" for each in scorers
    ]
    assert replay.figures["attendance_count"] == 38_575


def test_what_was_deleted_is_told_by_nobody(replay: Replay) -> None:
    deleted = [each for each in plain() if each.get("type_id") == "43"]
    assert len(deleted) == 23
    assert not replay.incidents("GOAL_CANCELLED", "YELLOW_CARD_CANCELLED", "RED_CARD_CANCELLED")
