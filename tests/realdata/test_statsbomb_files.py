"""Both matches of StatsBomb: each event is read, and the facts are those that other sources tell."""

import gzip
import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bookstream import topics
from domain.events.canonical import Participant
from tests.realdata.pitch_truth import DATA, Replay, result

FOLDER = DATA / "statsbomb"
ALAVES = FOLDER / "15946_barcelona_alaves_2018-08-18_events.json.gz"
GIRONA = FOLDER / "15986_barcelona_girona_2018-09-23_events.json.gz"
LINEUPS = sorted(FOLDER.glob("*_lineups.json"))
EDITED = range(4000, 4005)
"""What a test suite put into the file of the first match; it is refused."""
DIFFERENT = {
    ALAVES: {"HC": (7, 6), "HF": (6, 7), "AF": (13, 16)},
    GIRONA: {"HS": (22, 20), "AST": (6, 5), "HF": (9, 12)},
}
"""What the two sources count differently: (football-data.co.uk, StatsBomb)."""
COLUMNS = {
    "HS": "home_shots_count", "AS": "away_shots_count", "HST": "home_shots_on_target_count",
    "AST": "away_shots_on_target_count", "HC": "home_corners_count", "AC": "away_corners_count",
    "HF": "home_fouls_count", "AF": "away_fouls_count", "HY": "home_yellow_cards_count",
    "AY": "away_yellow_cards_count", "HR": "home_red_cards_count", "AR": "away_red_cards_count",
}  # fmt: skip

pytestmark = [pytest.mark.realdata, pytest.mark.skipif(not FOLDER.is_dir(), reason="the recorded files are absent")]


def plain(path: Path) -> list[dict[str, Any]]:
    content = path.read_bytes()
    found: list[dict[str, Any]] = json.loads(gzip.decompress(content) if path.suffix == ".gz" else content)
    return found


def replayed(path: Path, received_at: int | None = None) -> Replay:
    replay = Replay()
    assert replay.file("statsbomb", path, received_at) == len(plain(path))
    return replay


@pytest.mark.parametrize(("path", "away"), [(ALAVES, "Alaves"), (GIRONA, "Girona")], ids=lambda each: str(each)[-40:])
def test_a_match_has_the_goals_and_cards_that_football_data_has(path: Path, away: str) -> None:
    replay, wanted = replayed(path), result("SP1_1819", "Barcelona", away)
    (over,) = replay.incidents("FULL_TIME")
    (half,) = replay.incidents("HALF_TIME")
    assert (over.home_score, over.away_score) == (int(wanted["FTHG"]), int(wanted["FTAG"]))
    assert (half.home_score, half.away_score) == (int(wanted["HTHG"]), int(wanted["HTAG"]))
    assert replay.count("GOAL", "HOME") == int(wanted["FTHG"])
    assert replay.count("GOAL", "AWAY") == int(wanted["FTAG"])
    assert (replay.count("YELLOW_CARD", "HOME"), replay.count("YELLOW_CARD", "AWAY")) == (
        int(wanted["HY"]), int(wanted["AY"]),
    )  # fmt: skip
    assert (replay.count("RED_CARD", "HOME"), replay.count("RED_CARD", "AWAY")) == (
        int(wanted["HR"]), int(wanted["AR"]),
    )  # fmt: skip
    assert [len(replay.incidents(kind)) for kind in ("KICK_OFF", "SECOND_HALF")] == [1, 1]
    assert replay.fixture.status == "FINISHED"


@pytest.mark.parametrize(("path", "away"), [(ALAVES, "Alaves"), (GIRONA, "Girona")], ids=lambda each: str(each)[-40:])
def test_what_the_two_sources_count_differently_is_known(path: Path, away: str) -> None:
    figures, wanted = replayed(path).figures, result("SP1_1819", "Barcelona", away)
    told = {column: (int(wanted[column]), int(figures.get(name, 0))) for column, name in COLUMNS.items()}
    assert {column: pair for column, pair in told.items() if pair[0] != pair[1]} == DIFFERENT[path]


@pytest.mark.parametrize("path", [ALAVES, GIRONA], ids=lambda path: path.name)
def test_the_figures_are_those_of_a_plain_count(path: Path) -> None:
    figures = replayed(path).figures
    events = [each for place, each in enumerate(plain(path)) if path != ALAVES or place not in EDITED]
    for side, team in (("home", events[0]["team"]["id"]), ("away", events[1]["team"]["id"])):
        own = [each for each in events if each["team"]["id"] == team]
        shots = [each["shot"] for each in own if each["type"]["name"] == "Shot"]
        passes = [each["pass"] for each in own if each["type"]["name"] == "Pass"]
        assert figures[f"{side}_shots_count"] == len(shots)
        assert figures[f"{side}_expected_goals"] == pytest.approx(sum(each["statsbomb_xg"] for each in shots), abs=1e-4)
        assert figures[f"{side}_passes_count"] == len(passes)
        assert figures[f"{side}_corners_count"] == sum(each.get("type", {}).get("name") == "Corner" for each in passes)
        assert figures[f"{side}_substitutions_count"] == 3
    assert figures["home_possession_percent"] + figures["away_possession_percent"] == pytest.approx(100)


def test_only_what_was_put_into_the_file_is_refused() -> None:
    ids = [each["id"] for each in plain(ALAVES)]
    reasons = replayed(ALAVES).reasons
    assert sum(reasons.values()) == len(EDITED)
    malformed = [reason for reason in reasons.elements() if "regex" in reason and "$.id" in reason]
    assert len(malformed) == 2
    for place in EDITED[:3]:
        assert sum(f"event {ids[place]}: its index" in reason for reason in reasons) == 1
    assert replayed(GIRONA).reasons == Counter()


def test_minutes_are_those_of_the_events() -> None:
    goals = [(each.minute, each.side, each.home_score, each.away_score) for each in replayed(GIRONA).incidents("GOAL")]
    assert goals == [(18, "HOME", 1, 0), (44, "AWAY", 1, 1), (50, "AWAY", 1, 2), (62, "HOME", 2, 2)]
    (red,) = replayed(GIRONA).incidents("RED_CARD")
    assert (red.minute, red.side) == (32, "HOME")


def test_a_known_kick_off_sets_the_clock_and_else_it_is_the_day_s_midnight() -> None:
    at = int(datetime(2018, 8, 18, 20, 15, tzinfo=UTC).timestamp()) * 1_000_000
    known, unknown = replayed(ALAVES, at), replayed(ALAVES)
    assert known.fixture.kick_off_at == at
    (half,) = known.incidents("SECOND_HALF")
    assert half.occurred_at == at + 3_600_000_000
    assert unknown.fixture.kick_off_at == int(datetime(2018, 8, 18, tzinfo=UTC).timestamp()) * 1_000_000
    assert [each.kind for each in known.incidents("GOAL")] == [each.kind for each in unknown.incidents("GOAL")]


def test_every_player_of_a_line_up_is_told_under_the_id_that_events_name() -> None:
    replay = Replay()
    for path in LINEUPS:
        assert replay.file("statsbomb", path, 1_534_550_400_000_000) == 2
    wanted = {str(player["player_id"]): player for path in LINEUPS for team in plain(path) for player in team["lineup"]}
    told = {each.provider_participant_id: each for each in replay.said(topics.PARTICIPANTS, Participant)}
    assert told.keys() == wanted.keys()
    assert {key: each.name for key, each in told.items()} == {key: each["player_name"] for key, each in wanted.items()}
    assert told["5503"].aliases == ("Lionel Messi",)
    scorers = [each.participant_id for each in replayed(ALAVES).incidents("GOAL")]
    assert scorers.count(told["5503"].participant_id) == 2
    assert replay.reasons == Counter()
