"""A person merges and splits fixtures: their links, prices and markets follow, and what was said twice is done once."""

import pytest

from bookstream import topics
from connectors.raw import RawStream
from domain.events.canonical import Fixture
from domain.identity.ids import market_id
from tests.unit.agents.identity_samples import Round


@pytest.fixture
def played() -> Round:
    """Return a round in which one match is two fixtures."""
    made = Round()
    made.poll("pinnacle", 2.0)
    made.poll("williamhill", 2.1)
    assert made.fixture_of("pinnacle") != made.fixture_of("williamhill")
    return made


def test_a_merge_tells_the_retired_ones_prices_again_under_the_one_that_stays(played: Round) -> None:
    kept, retired = played.fixture_of("pinnacle"), played.fixture_of("williamhill")
    (before,) = played.odds(retired, "williamhill")
    played.decide("MERGE", kept, retired)
    (moved,) = played.odds(kept, "williamhill")
    assert (moved.selections, moved.occurred_at, moved.received_at) == (
        before.selections, before.occurred_at, before.received_at,
    )  # fmt: skip
    assert moved.market_id == market_id(kept, "MATCH_ODDS", "FT")
    gone = played.odds(retired, "williamhill")[-1]
    assert gone.status == "CLOSED"
    assert all(each.back_odds is None for each in gone.selections)
    assert played.fixture_of("williamhill") == kept
    assert not played.reasons


def test_a_retired_fixture_names_its_successor_and_its_markets_close(played: Round) -> None:
    kept, retired = played.fixture_of("pinnacle"), played.fixture_of("williamhill")
    played.decide("MERGE", kept, retired)
    (told,) = [each for each in played.said(topics.FIXTURES, Fixture) if each.successor_id]
    assert (told.fixture_id, told.successor_id) == (retired, kept)
    assert played.newest(market_id(retired, "MATCH_ODDS", "FT")).status == "CLOSED"
    assert played.newest(market_id(kept, "MATCH_ODDS", "FT")).status != "CLOSED"


def test_what_a_provider_says_after_a_merge_goes_to_the_fixture_that_stays(played: Round) -> None:
    kept, retired = played.fixture_of("pinnacle"), played.fixture_of("williamhill")
    played.decide("MERGE", kept, retired)
    said = len(played.odds(retired, "williamhill"))
    played.poll("williamhill", 2.3)
    assert played.odds(kept, "williamhill")[-1].selections[0].back_odds == 2300
    assert len(played.odds(retired, "williamhill")) == said


def test_the_same_merge_again_says_nothing(played: Round) -> None:
    kept, retired = played.fixture_of("pinnacle"), played.fixture_of("williamhill")
    played.decide("MERGE", kept, retired)
    before = [len(played.log.records(topic.name)) for topic in (topics.ODDS, topics.FIXTURES, topics.QUOTES)]
    played.decide("MERGE", kept, retired)
    played.decide("MERGE", kept, retired, "d2")
    after = [len(played.log.records(topic.name)) for topic in (topics.ODDS, topics.FIXTURES, topics.QUOTES)]
    assert after == before
    assert not played.reasons


def test_a_worker_that_has_not_heard_of_a_merge_obeys_it_all_the_same(played: Round) -> None:
    kept, retired = played.fixture_of("pinnacle"), played.fixture_of("williamhill")
    stale = played.directory.get(retired)
    assert stale
    played.decide("MERGE", kept, retired)
    played.directory.add(stale, "theoddsapi", "two")
    said = len(played.odds(retired, "williamhill"))
    played.streams["williamhill"] = RawStream(
        provider="theoddsapi", endpoint="test", stream_id="elsewhere", recorded=True
    )
    played.poll("williamhill", 2.4)
    assert played.odds(kept, "williamhill")[-1].selections[0].back_odds == 2400
    assert len(played.odds(retired, "williamhill")) == said


def test_sides_listed_the_other_way_round_are_turned_with_the_merge(played: Round) -> None:
    kept, retired = played.fixture_of("pinnacle"), played.fixture_of("williamhill")
    played.decide("MERGE", kept, retired, turned=True)
    (moved,) = played.odds(kept, "williamhill")
    prices = {each.selection_id: each.back_odds for each in moved.selections}
    assert (prices["home"], prices["away"]) == (4000, 2100)
    played.poll("williamhill", 2.3)
    prices = {each.selection_id: each.back_odds for each in played.odds(kept, "williamhill")[-1].selections}
    assert (prices["home"], prices["away"]) == (4000, 2300)


def test_a_split_gives_a_providers_match_an_id_and_its_prices_with_it(played: Round) -> None:
    kept, retired = played.fixture_of("pinnacle"), played.fixture_of("williamhill")
    played.decide("MERGE", kept, retired)
    played.decide("SPLIT", "fx-new", kept, "d2", subject_provider="theoddsapi", subject_fixture_id="two")
    assert played.fixture_of("williamhill") == "fx-new"
    (moved,) = played.odds("fx-new", "williamhill")
    assert moved.selections[0].back_odds == 2100
    left = played.odds(kept, "williamhill")[-1]
    assert left.status == "OPEN"
    assert all(each.back_odds is None for each in left.selections)
    assert played.odds(kept, "pinnacle")[-1].selections[0].back_odds == 2000
    said = len(played.odds(kept, "williamhill"))
    played.poll("williamhill", 2.5)
    assert played.odds("fx-new", "williamhill")[-1].selections[0].back_odds == 2500
    assert len(played.odds(kept, "williamhill")) == said


def test_a_decision_that_comes_again_after_later_ones_does_not_undo_them(played: Round) -> None:
    kept, retired = played.fixture_of("pinnacle"), played.fixture_of("williamhill")
    subject = {"subject_provider": "theoddsapi", "subject_fixture_id": "two"}
    played.decide("MERGE", kept, retired)
    played.decide("SPLIT", "fx-new", kept, "d2", **subject)
    played.decide("MERGE", kept, "fx-new", "d3")
    before = [len(played.log.records(topic.name)) for topic in (topics.ODDS, topics.FIXTURES)]
    played.decide("SPLIT", "fx-new", kept, "d2", **subject)
    played.decide("MERGE", kept, retired)
    assert played.fixture_of("williamhill") == kept
    assert [len(played.log.records(topic.name)) for topic in (topics.ODDS, topics.FIXTURES)] == before
    assert not played.reasons


def test_what_nobody_told_of_is_one_dead_letter(played: Round) -> None:
    kept = played.fixture_of("pinnacle")
    played.decide("MERGE", kept, "fx-never")
    assert played.reasons == ["nobody has told of fixture 'fx-never'"]
    played.decide("SPLIT", "fx-new", kept, "d2", subject_provider="theoddsapi", subject_fixture_id="never")
    assert played.reasons[1:] == ["nobody has told of 'theoddsapi/never'"]


def test_decisions_that_contradict_an_earlier_one_are_refused_once(played: Round) -> None:
    kept, retired = played.fixture_of("pinnacle"), played.fixture_of("williamhill")
    played.decide("MERGE", kept, retired)
    played.decide("MERGE", retired, kept, "d2")
    played.decide("MERGE", "fx-other", retired, "d3")
    assert sorted(played.reasons) == sorted([f"{retired} was merged into {kept} before"] * 2)
    played.decide("MERGE", kept, kept, "d4")
    assert f"{kept} is one fixture with itself" in played.reasons


def test_a_refused_match_changes_nothing(played: Round) -> None:
    before = len(played.log.records(topics.ODDS.name))
    kept = played.fixture_of("pinnacle")
    played.decide("REJECT", kept, None, subject_provider="theoddsapi", subject_fixture_id="two")
    assert len(played.log.records(topics.ODDS.name)) == before
    assert not played.reasons
