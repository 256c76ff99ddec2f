"""Players of one team by their whole names and by what they are called: none is taken for another."""

import json
import os
from pathlib import Path

import pytest

from domain.identity.players import Squads

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
