"""One person is one participant, whichever provider names him, and in whichever process."""

from agents.ingest import ingest_context
from agents.ingest_fixtures import Fixtures
from agents.ingest_past import KEEPERS
from agents.ingest_players import KEPT_US, learn_players
from bookstream import topics
from bookstream.codecs import decode, encode
from bookstream.delivery.memory import MemoryLog
from connectors.raw import RawStream
from domain.events.canonical import IdentityReview, Incident, Participant
from domain.identity.catalogue import catalogue
from domain.identity.desk import Desk
from domain.identity.directory import FixtureDirectory
from domain.identity.ids import player_id
from tables.pitch import PLAYERS
from tests.unit.connectors.pitch_samples import (
    FILE,
    opta_event,
    opta_game,
    opta_result,
    statsbomb_lineup,
    statsbomb_start,
)

DAY = 1_709_942_400_000_000


class Worker:
    """A worker that takes both providers' files; what it publishes can be fed to another's directory."""

    def __init__(self) -> None:
        self.directory = FixtureDirectory()
        self.log = MemoryLog([ingest_context(self.directory)])

    def take(self, provider: str, name: str, *payloads: bytes) -> None:
        kind = "application/xml" if provider == "opta" else "application/json"
        stream = RawStream(
            provider=provider, endpoint=f"file:{name}", stream_id=name, content_type=kind, recorded=True
        )  # fmt: skip
        for payload in payloads:
            message = stream.message(payload, received_at=DAY)
            self.log.send(topics.raw_topic(provider), name.encode(), encode(message))
        self.log.run()

    @property
    def players(self) -> list[Participant]:
        said = [decode(Participant, record.value or b"") for record in self.log.records(topics.PARTICIPANTS.name)]
        return [each for each in said if each.kind == "PLAYER"]

    @property
    def scorers(self) -> list[str | None]:
        said = [decode(Incident, record.value or b"") for record in self.log.records(topics.INCIDENTS.name)]
        return [each.participant_id for each in said if each.kind == "GOAL"]


RESULT = opta_result().replace(b"Roversman", b"Rover")
GAME = opta_game(opta_event(0, 32), opta_event(60, 16))
STATSBOMB, OPTA = player_id("soccer", "statsbomb", "110"), player_id("soccer", "opta", "110")


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
    (review,) = (decode(IdentityReview, each.value or b"") for each in worker.log.records("identity.reviews"))
    assert (review.provider_fixture_id, review.candidate_id) == ("player 111", STATSBOMB)
    desk = Desk()
    desk.feed(review)
    assert desk.open_reviews() == []
