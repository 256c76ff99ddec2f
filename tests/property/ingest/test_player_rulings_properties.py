"""Line-ups, merges and splits of players in any order: rows, topics and desk agree on who each number is."""

from hypothesis import given, settings
from hypothesis import strategies as st

from agents.ingest_fixtures import Fixtures
from agents.ingest_player_rulings import learn_rulings
from agents.ingest_players import learn_players
from bookstream import topics
from domain.errors import UnknownReference
from domain.events.canonical import IdentityDecision
from domain.identity.catalogue import catalogue
from domain.identity.directory import FixtureDirectory
from domain.identity.ids import player_id
from tests.unit.agents.player_samples import RESULT, Worker
from tests.unit.connectors.pitch_samples import statsbomb_lineup

LINKS = (("statsbomb", "110"), ("opta", "110"), ("statsbomb", "111"), ("statsbomb", "112"))
OWN = {link: player_id("soccer", *link) for link in LINKS}
PLACES = st.integers(0, len(LINKS) - 1)
STEPS = st.one_of(
    st.tuples(st.just("merge"), PLACES, PLACES),
    st.tuples(st.just("split"), PLACES, st.just(0)),
    st.tuples(st.just("tell"), PLACES, st.integers(0, 2)),
    st.tuples(st.just("again"), st.integers(0, 9), st.just(0)),
)


def tell(worker: Worker, place: int, stream: int) -> None:
    """Tell of a player in one of a few streams: each lies in a partition of its own."""
    provider, number = LINKS[place]
    if provider == "opta":
        worker.take(provider, f"{stream}.xml", RESULT)
    else:
        payload = statsbomb_lineup().replace(b"110", number.encode())
        worker.take(provider, f"{number}-{stream}_lineups.json", payload)


def play(steps: list[tuple[str, int, int]]) -> Worker:
    """Play steps; what the desk refuses is not sent."""
    worker = Worker()
    for place in range(len(LINKS)):
        tell(worker, place, 0)
    for step, first, second in steps:
        desk, word = worker.desk(), worker.word()
        try:
            if step == "tell":
                tell(worker, first, second)
            elif step == "again":
                said = list(dict.fromkeys(worker.said(topics.IDENTITY_DECISIONS, IdentityDecision)))
                if said:
                    worker.hand_on(said[first % len(said)])
            elif step == "merge":
                worker.hand_on(desk.merge(OWN[LINKS[first]], OWN[LINKS[second]], word, turned=None))
            else:
                provider, number = LINKS[first]
                worker.hand_on(desk.split((provider, f"player/{number}"), word))
        except UnknownReference:
            continue
    return worker


def last(worker: Worker, player: str) -> str:
    """Follow the newest words on a player."""
    successor = worker.newest(player).successor_id
    return player if successor is None else last(worker, successor)


@settings(max_examples=60, deadline=None)
@given(st.lists(STEPS, max_size=12))
def test_rows_topics_and_desk_agree_on_who_each_number_is(steps: list[tuple[str, int, int]]) -> None:
    worker = play(steps)
    again = Fixtures(FixtureDirectory(), catalogue())
    for event in worker.players:
        again.directory.feed(event)
    for partition in range(topics.PARTITIONS):
        learn_rulings(again, worker.log.shard("ingest", partition))
        learn_players(again, worker.log.shard("ingest", partition))
    live = {link: worker.directory.squads.who(*link) for link in LINKS}
    assert {link: again.directory.squads.who(*link) for link in LINKS} == live
    assert {link: last(worker, own) for link, own in OWN.items()} == live
    told = {each.participant_id: each for each in worker.players}
    squad = {each: worker.directory.squads.names_of(told[each].team_id or "", each) for each in OWN.values()}
    assert {each for each, names in squad.items() if names} == set(live.values())
