"""A person merges and splits players: who is named from then on, in every partition, once, and after a restart."""

import pytest

from agents.ingest_fixtures import Fixtures
from agents.ingest_past import KEEPERS
from agents.ingest_player_rulings import learn_rulings
from agents.ingest_players import KEPT_US, learn_players
from bookstream import topics
from domain.events.canonical import IdentityDecision
from domain.identity.catalogue import catalogue
from domain.identity.directory import FixtureDirectory
from domain.identity.ids import player_id
from tables.pitch import PLAYER_RULINGS
from tests.unit.agents.player_samples import DAY, GAME, OPTA, RESULT, STATSBOMB, Worker
from tests.unit.connectors.pitch_samples import statsbomb_lineup

OTHERS = statsbomb_lineup().replace(b"Paul Rover", b"Ramon Wood").replace(b"Pauly", b"Moncho")
"""A line-up with another man under the number that has the other provider's."""
LINK = ("opta", "player/110")


@pytest.fixture
def apart() -> Worker:
    """Return a worker to whom two providers' numbers are two players."""
    worker = Worker()
    worker.take("statsbomb", "a_lineups.json", OTHERS)
    worker.take("opta", "f7.xml", RESULT)
    assert not [each for each in worker.players if each.successor_id]
    return worker


@pytest.fixture
def joined() -> Worker:
    """Return a worker who took two providers' numbers for one player."""
    worker = Worker()
    worker.take("statsbomb", "a_lineups.json", statsbomb_lineup())
    worker.take("opta", "f7.xml", RESULT)
    assert worker.newest(OPTA).successor_id == STATSBOMB
    return worker


def merged(worker: Worker, kept: str = STATSBOMB, retired: str = OPTA) -> IdentityDecision:
    """Decide that two players are one, and return the decision."""
    decision = worker.desk().merge(kept, retired, worker.word(), turned=None)
    worker.hand_on(decision)
    return decision


def split(worker: Worker) -> IdentityDecision:
    """Decide that Opta's number is a player of his own, and return the decision."""
    decision = worker.desk().split(LINK, worker.word())
    worker.hand_on(decision)
    return decision


def restarted(worker: Worker) -> Fixtures:
    """Return what another process knows that takes all partitions over, and that the topics told nothing."""
    again = Fixtures(FixtureDirectory(), catalogue())
    for partition in range(topics.PARTITIONS):
        learn_rulings(again, worker.log.shard("ingest", partition))
        learn_players(again, worker.log.shard("ingest", partition))
    return again


def test_a_merge_leads_the_retired_player_to_the_one_who_stays(apart: Worker) -> None:
    merged(apart)
    gone = apart.newest(OPTA)
    assert (gone.successor_id, gone.name, gone.team_id) == (STATSBOMB, "Paul Rover", apart.newest(STATSBOMB).team_id)
    stays = apart.newest(STATSBOMB)
    assert (stays.name, stays.successor_id) == ("Ramon Wood", None)
    assert {"Paulo 11", "Paul Rover", "Moncho"} <= set(stays.aliases)
    assert not apart.reasons


def test_what_is_told_after_a_merge_names_the_one_who_stays(apart: Worker) -> None:
    merged(apart)
    apart.take("opta", "f24.xml", GAME)
    apart.take("opta", "elsewhere.xml", RESULT)
    assert apart.scorers == [STATSBOMB]
    told = [each for each in apart.players if each.provider == "opta" and each.provider_participant_id == "110"]
    assert [(each.participant_id, each.successor_id) for each in told[-2:]] == [(STATSBOMB, None), (OPTA, STATSBOMB)]


def test_a_split_gives_a_providers_player_the_id_of_its_number(joined: Worker) -> None:
    split(joined)
    own = joined.newest(OPTA)
    assert (own.successor_id, own.provider, own.provider_participant_id) == (None, "opta", "110")
    assert joined.newest(STATSBOMB).provider_participant_id == ""
    joined.take("opta", "f24.xml", GAME)
    joined.take("opta", "elsewhere.xml", RESULT)
    assert joined.scorers == [OPTA]
    assert joined.newest(OPTA).successor_id is None
    assert joined.directory.squads.who("statsbomb", "110") == STATSBOMB
    assert not joined.reasons


def test_after_a_split_the_next_of_that_name_is_in_doubt_between_both(joined: Worker) -> None:
    split(joined)
    joined.take("statsbomb", "b_lineups.json", statsbomb_lineup().replace(b"110", b"111"))
    assert {each.candidate_id for each in joined.reviews} == {STATSBOMB, OPTA}
    assert joined.newest(player_id("soccer", "statsbomb", "111")).successor_id is None


def test_a_merge_and_its_split_hold_in_a_process_that_starts_anew(apart: Worker) -> None:
    merged(apart)
    assert restarted(apart).directory.squads.who("opta", "110") == STATSBOMB
    split(apart)
    assert restarted(apart).directory.squads.who("opta", "110") == OPTA
    merged(apart)
    assert restarted(apart).directory.squads.who("opta", "110") == STATSBOMB
    assert not apart.reasons


def test_what_was_told_before_a_split_does_not_undo_it(joined: Worker) -> None:
    (stale,) = (each for each in joined.players if (each.provider, each.participant_id) == ("opta", STATSBOMB))
    split(joined)
    again = restarted(joined)
    for event in (joined.newest(OPTA), joined.newest(STATSBOMB), stale):
        again.directory.feed(event)
    assert again.directory.squads.who("opta", "110") == OPTA
    team = joined.newest(STATSBOMB).team_id or ""
    assert "Paulo 11" in again.directory.squads.names_of(team, OPTA)


def test_decisions_that_come_again_say_nothing(apart: Worker) -> None:
    decisions = [merged(apart), split(apart), merged(apart)]
    before = len(apart.players)
    for each in decisions:
        apart.hand_on(each)
    assert len(apart.players) == before
    assert apart.directory.squads.who("opta", "110") == STATSBOMB
    assert not apart.reasons


def test_a_player_who_was_merged_twice_is_the_last_one(apart: Worker) -> None:
    third = player_id("soccer", "statsbomb", "111")
    apart.take("statsbomb", "b_lineups.json", OTHERS.replace(b"110", b"111").replace(b"Ramon", b"Jorge"))
    merged(apart)
    merged(apart, third, STATSBOMB)
    assert apart.directory.squads.who("opta", "110") == third
    assert restarted(apart).directory.squads.who("opta", "110") == third
    apart.take("opta", "f24.xml", GAME)
    assert apart.scorers == [third]


def test_decisions_that_contradict_an_earlier_one_are_refused_once(apart: Worker) -> None:
    desk = apart.desk()
    first, second = (desk.merge(*pair, apart.word(), turned=None) for pair in ((STATSBOMB, OPTA), (OPTA, STATSBOMB)))
    apart.hand_on(first)
    apart.hand_on(second)
    assert apart.reasons == [f"{OPTA} was merged into {STATSBOMB} before"]


def test_a_ruling_is_forgotten_as_a_player_is(apart: Worker) -> None:
    merged(apart)
    shard = apart.log.shard("ingest", 0)
    (row,) = [key for key, ruling in shard.scan(PLAYER_RULINGS) if ruling.retired]
    keep = KEEPERS[PLAYER_RULINGS.name]
    assert keep(shard, row, DAY + KEPT_US)
    assert not keep(shard, row, DAY + KEPT_US + 2)
    assert shard.get(PLAYER_RULINGS, row) is None


@pytest.mark.parametrize("number", range(8))
def test_a_number_that_is_told_first_after_two_merges_is_the_last_one(apart: Worker, number: int) -> None:
    """A process that has the rulings alone obeys them, in whichever order it finds them."""
    third, fourth = (player_id("soccer", "statsbomb", each) for each in (f"20{number}", f"30{number}"))
    for own, name in ((third, b"Jorge"), (fourth, b"Nuno")):
        other = (b"20%d" if own == third else b"30%d") % number
        apart.take("statsbomb", f"{own}_lineups.json", OTHERS.replace(b"110", other).replace(b"Ramon", name))
    merged(apart, fourth, third)
    merged(apart, STATSBOMB, fourth)
    again = Fixtures(FixtureDirectory(), catalogue())
    learn_rulings(again, apart.log.shard("ingest", 0))
    assert again.directory.squads.who("statsbomb", f"20{number}") == STATSBOMB
