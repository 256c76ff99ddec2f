"""Who scored or was booked by those who tell no line-ups: known as himself where a line-up tells who played."""

from bookstream import topics
from connectors.tables import CONTENT_TYPE
from domain.events.canonical import Incident
from domain.identity.ids import player_id
from tests.unit.agents.player_samples import RESULT, STATSBOMB, Worker
from tests.unit.connectors.goaltimes_samples import Row, goals
from tests.unit.connectors.pitch_samples import AWAY, FILE, statsbomb_lineup, statsbomb_start

XML = "application/xml"
PAUL, BRUNO = STATSBOMB, player_id("soccer", "statsbomb", "220")


def told_line_ups(*, away: str = "Bruno Wanderer") -> Worker:
    """Return a worker who knows who plays: Paul Rover for the home side, one more for the other."""
    worker = Worker()
    other = statsbomb_lineup(AWAY).replace(b"110", b"220").replace(b"Paul Rover", away.encode())
    worker.take("statsbomb", FILE, *statsbomb_start())
    worker.take("statsbomb", "4711_lineups.json", statsbomb_lineup(), other.replace(b"Pauly", b"Nobody Else"))
    return worker


def timeline(*events: str, at: str = "2024-03-09T15:30:00+00:00") -> bytes:
    """Write the timeline of the match."""
    return (
        f'<match_timeline generated_at="{at}"><sport_event id="sr:match:42" scheduled="2024-03-09T15:00:00+00:00">'
        '<tournament id="sr:tournament:1" name="Cup"><sport id="sr:sport:1" name="Soccer"/></tournament><competitors>'
        '<competitor id="sr:competitor:1" name="Rovers" qualifier="home"/><competitor id="sr:competitor:2" '
        'name="Wanderers" qualifier="away"/></competitors></sport_event><sport_event_status status="1" '
        f'match_status="7"/><timeline>{"".join(events)}</timeline></match_timeline>'
    ).encode()


def goal(n: int, score: tuple[int, int], number: int, name: str, team: str = "home") -> str:
    """Write the n-th event: a goal that leads to a score."""
    return (
        f'<event id="{n}" type="score_change" match_time="{n}" team="{team}" home_score="{score[0]}" '
        f'away_score="{score[1]}"><goal_scorer id="sr:player:{number}" name="{name}"/></event>'
    )


def card(n: int, number: int, name: str, team: str) -> str:
    """Write the n-th event: a yellow card."""
    player = f'<player id="sr:player:{number}" name="{name}"/>'
    return f'<event id="{n}" type="yellow_card" match_time="{n}" team="{team}">{player}</event>'


def uof(number: int) -> str:
    """Return the id that the feed's number gives a player."""
    return player_id("soccer", "uof", f"sr:player:{number}")


def told(worker: Worker, provider: str) -> list[tuple[str, str | None]]:
    """Return the goals and cards of a provider and whom they name."""
    said = [each for each in worker.said(topics.INCIDENTS, Incident) if each.provider == provider]
    return [(each.kind, each.participant_id) for each in said if each.kind in {"GOAL", "YELLOW_CARD"}]


def test_a_timeline_s_players_are_those_of_the_line_ups() -> None:
    worker = told_line_ups()
    events = (goal(10, (1, 0), 7, "Rover, Paul"), card(20, 8, "Wanderer, Bruno", "away"))
    worker.take("uof", "feed", timeline(*events), kind=XML)
    assert told(worker, "uof") == [("GOAL", PAUL), ("YELLOW_CARD", BRUNO)]
    assert (worker.newest(uof(7)).successor_id, worker.newest(uof(8)).successor_id) == (PAUL, BRUNO)
    assert worker.newest(PAUL).team_id == worker.newest(uof(7)).team_id
    assert not worker.reasons


def test_an_own_goal_s_scorer_stays_with_his_side() -> None:
    worker = told_line_ups()
    worker.take("uof", "feed", timeline(goal(10, (0, 1), 7, "Rover, Paul", "away")), kind=XML)
    rows: list[Row] = [("Bruno Wanderer", "Rovers", "12", 1, 0)]
    worker.take("goaltimes", "goals_time_x.csv", goals(rows, game="Rovers vs. Wanderers 1:0", date="2024-03-09"),
                kind=CONTENT_TYPE)  # fmt: skip
    assert (told(worker, "uof"), told(worker, "goaltimes")) == ([("GOAL", PAUL)], [("GOAL", BRUNO)])
    home, away = (worker.newest(each).team_id for each in (PAUL, BRUNO))
    assert home != away


def test_a_name_that_both_sides_or_neither_have_is_nobody_s() -> None:
    worker = told_line_ups(away="Paul Rover")
    events = (goal(10, (1, 0), 7, "Rover, Paul"), goal(11, (2, 0), 9, "Zed, Zoltan"))
    worker.take("uof", "feed", timeline(*events), kind=XML)
    assert told(worker, "uof") == [("GOAL", uof(7)), ("GOAL", uof(9))]
    assert [(worker.newest(uof(each)).team_id, worker.newest(uof(each)).successor_id) for each in (7, 9)] == [
        (None, None), (None, None),
    ]  # fmt: skip
    assert not worker.reviews


def test_a_scorer_is_not_looked_for_among_players_of_another_match() -> None:
    worker = Worker()
    worker.take("statsbomb", "4711_lineups.json", statsbomb_lineup())
    worker.take("uof", "feed", timeline(goal(10, (1, 0), 7, "Rover, Paul")), kind=XML)
    assert told(worker, "uof") == [("GOAL", uof(7))]


def test_who_is_booked_for_a_side_is_known_when_he_scores_and_is_told_once() -> None:
    worker = Worker()
    worker.take("opta", "f7.xml", RESULT.replace(b"Paulo 11", b"Paolo"))
    first = timeline(card(20, 7, "Rover, Paul", "home"))
    later = timeline(card(20, 7, "Rover, Paul", "home"), goal(30, (1, 0), 7, "Rover"), at="2024-03-09T15:31:00+00:00")
    worker.take("uof", "feed", first, later, kind=XML)
    paul = player_id("soccer", "opta", "110")
    assert told(worker, "uof") == [("YELLOW_CARD", paul), ("GOAL", paul)]
    assert [each.participant_id for each in worker.players if each.provider == "uof"] == [paul, uof(7)]


def test_a_player_without_a_name_is_not_told() -> None:
    worker = told_line_ups()
    before = len(worker.players)
    worker.take("uof", "feed", timeline(goal(10, (1, 0), 7, "")), kind=XML)
    assert (told(worker, "uof"), len(worker.players)) == ([("GOAL", None)], before)


def test_a_goal_list_s_scorer_is_a_player_of_the_line_up_and_leads_to_him() -> None:
    worker = told_line_ups()
    rows: list[Row] = [("Paul Rover", "Rovers", "12", 1, 0), ("Carl Wanderer", "Wanderers", "13", 1, 1)]
    worker.take("goaltimes", "goals_time_x.csv", goals(rows, game="Rovers vs. Wanderers 1:1", date="2024-03-09"),
                kind=CONTENT_TYPE)  # fmt: skip
    (_, first), (_, second) = told(worker, "goaltimes")
    assert first == PAUL
    assert worker.newest(second or "").name == "Carl Wanderer"
    assert worker.newest(player_id("soccer", "goaltimes", "rovers-paul_rover")).successor_id == PAUL
    assert worker.desk().split(("goaltimes", "player/rovers-paul_rover"), worker.word()).retired_id == PAUL
