"""Players of one team by their whole names and by what they are called: none is taken for another."""

import json
import os
from pathlib import Path

import pytest

from bookstream import topics
from domain.events.canonical import Participant
from domain.identity.players import Squads
from tests.realdata.pitch_truth import Replay

DATA = Path(os.environ.get("BOOKSTREAM_REALDATA") or Path(__file__).parents[3] / "shared" / "data")
LINEUPS = DATA / "statsbomb"

pytestmark = [pytest.mark.realdata, pytest.mark.skipif(not LINEUPS.is_dir(), reason="the recorded files are absent")]


def _players() -> dict[tuple[str, int], tuple[str, str | None]]:
    """Return (name, nickname) of each player by his team and his number at the provider."""
    return {
        (team["team_name"], player["player_id"]): (player["player_name"], player["player_nickname"])
        for path in sorted(LINEUPS.glob("*_lineups.json"))
        for team in json.loads(path.read_bytes())
        for player in team["lineup"]
    }


def test_what_a_player_is_called_finds_him_by_his_whole_name_and_nobody_else() -> None:
    players, squads = _players(), Squads("soccer")
    ids = {key: squads.resolve("whole", str(key[1]), key[0], name).id for key, (name, _) in players.items()}
    assert len(set(ids.values())) == len(players)
    nicknames = {key: nickname for key, (_, nickname) in players.items() if nickname}
    found = {key: squads.resolve("short", None, key[0], nickname).id for key, nickname in nicknames.items()}
    right = sum(1 for key, player in found.items() if player == ids[key])
    said = sum(1 for player in found.values() if player in set(ids.values()))
    unlike = sorted(nicknames[key] for key, player in found.items() if player != ids[key])
    print(f"precision {right}/{said}, recall {right}/{len(nicknames)}; not found: {unlike}")
    assert right == said
    # Whom nothing of his whole name tells: they are linked by a provider's number, or by nobody.
    assert unlike == [
        "Borja Bastón", "Burgui", "Jony", "Juanpe", "Manu García", "Portu", "Rafinha", "Ximo Navarro", "Álex Granell",
    ]  # fmt: skip


def test_a_provider_s_own_number_keeps_its_player_whatever_he_is_called() -> None:
    squads = Squads("soccer")
    first = squads.resolve("a", "9", "pt-team", "Jorge Franco Alviz")
    assert squads.resolve("a", "9", "pt-team", "Burgui").id == first.id
    assert squads.resolve("b", None, "pt-team", "Burgui").id == first.id
    assert squads.resolve("b", None, "pt-other", "Burgui").id != first.id


def _result(sides: list[tuple[str, list[tuple[int, str]]]]) -> bytes:
    """Write a result as Opta would, with numbers of its own: each side is (team, its players' numbers and names)."""
    teams = "".join(
        f'<Team uID="t{place}"><Name>{team}</Name>'
        + "".join(
            f'<Player uID="p{number}"><PersonName><First></First><Last>{name}</Last></PersonName></Player>'
            for number, name in players
        )
        + "</Team>"
        for place, (team, players) in enumerate(sides)
    )
    line_ups = "".join(
        f'<TeamData Side="{"Away" if place else "Home"}" TeamRef="t{place}" Score="0"><PlayerLineUp>'
        + "".join(f'<MatchPlayer PlayerRef="p{number}"/>' for number, _ in players)
        + "</PlayerLineUp></TeamData>"
        for place, (_, players) in enumerate(sides)
    )
    return (
        '<SoccerFeed TimeStamp="20180923T220000+0000"><SoccerDocument Type="Result" uID="f99"><Competition uID="c23">'
        '<Name>Spanish La Liga</Name></Competition><MatchData><MatchInfo Period="FullTime" '
        'TimeStamp="20180923T203000+0000"><Date>20180923T184500+0000</Date></MatchInfo>'
        f"{line_ups}</MatchData>{teams}</SoccerDocument></SoccerFeed>"
    ).encode()


def test_players_whom_two_providers_tell_through_ingest_are_one_or_two_but_never_another(tmp_path: Path) -> None:
    replay, lists = Replay(), [json.loads(path.read_bytes()) for path in sorted(LINEUPS.glob("*_lineups.json"))]
    for path in sorted(LINEUPS.glob("*_lineups.json")):
        replay.file("statsbomb", path)
    truth = {
        (100_000 + each["player_id"]): (team["team_name"], each) for team in lists[-1] for each in team["lineup"]
    }  # fmt: skip
    sides = [
        (team["team_name"], [
            (100_000 + each["player_id"], each["player_nickname"] or each["player_name"]) for each in team["lineup"]
        ])
        for team in lists[-1]
    ]  # fmt: skip
    file = tmp_path / "99_f7_matchresults.xml"
    file.write_bytes(_result(sides))
    replay.file("opta", file)
    told = [each for each in replay.said(topics.PARTICIPANTS, Participant) if each.kind == "PLAYER"]
    numbers = {int(each.provider_participant_id): each for each in told if each.provider == "statsbomb"}
    assert len({each.participant_id for each in numbers.values()}) == len(numbers)
    ours = {each.participant_id for each in numbers.values()}
    found = {
        int(each.provider_participant_id): each.participant_id
        for each in told
        if each.provider == "opta" and each.successor_id is None
    }
    right = sum(found[number] == numbers[number - 100_000].participant_id for number in truth)
    said = sum(player in ours for player in found.values())
    print(f"precision {right}/{said}, recall {right}/{len(truth)}")
    assert right == said
    assert right >= 0.75 * len(truth) > 0
    leading = {each.participant_id: each.successor_id for each in told if each.successor_id is not None}
    assert len(leading) == right
    assert set(leading.values()) <= ours


def test_two_of_one_name_in_two_teams_are_two() -> None:
    replay = Replay()
    replay.file("opta", next((DATA / "opta_f24").glob("*f7*.xml")))
    told = [each for each in replay.said(topics.PARTICIPANTS, Participant) if each.name == "Raúl García"]
    assert len(told) == len({each.participant_id for each in told}) == len({each.team_id for each in told}) == 2
