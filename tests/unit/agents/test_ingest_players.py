"""One person is one participant, whichever provider names him, and in whichever process."""

import msgspec

from agents.ingest_fixtures import Fixtures
from agents.ingest_past import KEEPERS
from agents.ingest_players import KEPT_US, learn_players
from bookstream import topics
from domain.identity.catalogue import catalogue
from domain.identity.desk import Desk
from domain.identity.directory import FixtureDirectory
from tables.pitch import PLAYERS
from tests.unit.agents.player_samples import DAY, GAME, OPTA, RESULT, STATSBOMB, Worker
from tests.unit.connectors.pitch_samples import FILE, statsbomb_lineup, statsbomb_start


def test_a_player_of_two_providers_is_one_and_his_other_id_leads_to_him() -> None:
    worker = Worker()
    worker.take("statsbomb", FILE, *statsbomb_start())
    worker.take("statsbomb", "4711_lineups.json", statsbomb_lineup())
    worker.take("opta", "f7.xml", RESULT)
    told = [each for each in worker.players if each.provider == "opta" and each.provider_participant_id == "110"]
    assert [(each.participant_id, each.successor_id) for each in told] == [(STATSBOMB, None), (OPTA, STATSBOMB)]
    worker.take("opta", "f24.xml", GAME)
    assert worker.scorers == [STATSBOMB]


def test_another_worker_learns_the_players_from_what_is_published() -> None:
    first, second = Worker(), Worker()
    first.take("statsbomb", "4711_lineups.json", statsbomb_lineup())
    for event in first.players:
        second.directory.feed(event)
    second.take("opta", "f7.xml", RESULT)
    third = Worker()
    for event in second.players:
        third.directory.feed(event)
    third.take("opta", "f24.xml", GAME)
    assert third.scorers == [STATSBOMB]


def test_whom_nobody_has_named_is_known_by_his_provider_s_id() -> None:
    worker = Worker()
    worker.take("opta", "f24.xml", GAME)
    worker.take("opta", "f7.xml", RESULT)
    assert worker.scorers == [OPTA]
    assert OPTA in {each.participant_id for each in worker.players if each.successor_id is None}


def test_a_partition_remembers_whom_a_player_was_found_to_be_until_he_is_long_gone() -> None:
    worker = Worker()
    worker.take("statsbomb", "4711_lineups.json", statsbomb_lineup())
    worker.take("opta", "f7.xml", RESULT)
    again = Fixtures(FixtureDirectory(), catalogue())
    for partition in range(topics.PARTITIONS):
        learn_players(again, worker.log.shard("ingest", partition))
    assert again.directory.squads.who("opta", "110") == STATSBOMB
    (shard,) = (
        each for each in (worker.log.shard("ingest", partition) for partition in range(topics.PARTITIONS))
        if each.get(PLAYERS, "opta/110") is not None
    )  # fmt: skip
    keep = KEEPERS[PLAYERS.name]
    assert keep(shard, "opta/110", DAY + KEPT_US)
    assert not keep(shard, "opta/110", DAY + KEPT_US + 1)
    assert shard.get(PLAYERS, "opta/110") is None


def test_two_of_a_provider_are_never_one_and_a_person_is_asked() -> None:
    worker = Worker()
    worker.take("statsbomb", "a_lineups.json", statsbomb_lineup())
    worker.take("statsbomb", "b_lineups.json", statsbomb_lineup().replace(b"110", b"111"))
    assert len({each.participant_id for each in worker.players}) == 2
    (review,) = worker.reviews
    assert (review.provider_fixture_id, review.candidate_id) == ("player/111", STATSBOMB)
    assert (review.provider_name, review.candidate_name, review.score) == ("Paul Rover", "Paul Rover", 1.0)
    desk = Desk()
    desk.feed(msgspec.structs.replace(review, provider_fixture_id="player 111"))
    assert desk.open_reviews() == []
    desk.feed(review)
    assert desk.open_reviews() == [review]
