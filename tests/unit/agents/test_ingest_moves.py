"""What an exchange and a feed of lines offer goes with their fixture when a person splits it off."""

import pytest

from bookstream import topics
from bookstream.codecs import encode
from bookstream.delivery.memory import MemoryLog
from domain.events.canonical import IdentityDecision, MarketOdds
from tests.unit.agents import test_ingest_betfair as exchange
from tests.unit.agents import test_ingest_uof as lines

NEW = "fx-new"


def split(
    log: MemoryLog, at: int, left: str, provider: str, theirs: str, *, fixture_id: str = NEW, event_id: str = "d1"
) -> None:
    decision = IdentityDecision(
        event_id=event_id, occurred_at=at, received_at=at, provider="cli", action="SPLIT", fixture_id=fixture_id,
        retired_id=left,
        subject_provider=provider, subject_fixture_id=theirs, turned=False, sport="soccer", competition_id="c",
        competition="", name="?", home_id=None, away_id=None, home=None, away=None, kick_off_at=at, actor="ann",
        reason="the reserves",
    )  # fmt: skip
    for partition in range(topics.PARTITIONS):
        log.send(topics.IDENTITY_DECISIONS.name, fixture_id.encode(), encode(decision), partition=partition)
    log.run()


def same_but_its_fixture(before: MarketOdds, moved: MarketOdds) -> bool:
    market = NEW + before.market_id.removeprefix(before.fixture_id)
    names = ("selections", "status", "occurred_at", "received_at", "provider", "bookmaker", "in_play", "bet_delay_s")
    same = all(getattr(before, name) == getattr(moved, name) for name in names)
    return same and (moved.fixture_id, moved.market_id) == (NEW, market)


def test_a_book_of_the_exchange_goes_on_under_its_new_fixture() -> None:
    trial = exchange.Trial()
    trial.take(exchange.image() | {"rc": [{"id": 63907, "atb": [[5.1, 20.5]], "atl": [[5.3, 3]]}]})
    before = trial.odds[-1]
    split(trial.log, trial.at, before.fixture_id, "betfair", "28202626")
    left, moved = trial.odds[-2:]
    assert same_but_its_fixture(before, moved)
    assert (left.fixture_id, left.status) == (before.fixture_id, "OPEN")
    assert all(each.back_odds is None and each.lay_odds is None for each in left.selections)
    trial.take(exchange.delta(atb=[[5.1, 0], [5.0, 4]]))
    assert (trial.odds[-1].fixture_id, trial.odds[-1].market_id) == (NEW, moved.market_id)
    assert trial.odds[-1].selections[0].back_odds == 5000
    assert trial.odds[-1].selections[0].lay_odds == 5300


def test_a_market_that_was_settled_is_not_told_again() -> None:
    trial = exchange.Trial()
    trial.take(exchange.image() | {"rc": [{"id": 63907, "atb": [[5.1, 20.5]]}]})
    trial.take(exchange.definition(status="CLOSED", statuses=("WINNER", "LOSER", "LOSER")))
    said = len(trial.odds)
    split(trial.log, trial.at, trial.odds[-1].fixture_id, "betfair", "28202626")
    assert len(trial.odds) == said


@pytest.mark.parametrize("state", [1, -1])
def test_a_line_of_the_feed_goes_on_under_its_new_fixture(state: int) -> None:
    trial = lines.Trial()
    trial.say(lines.DESCRIPTIONS)
    trial.say(lines.FIXTURE)
    trial.odds_change(lines.line(1, status=state))
    before = trial.odds[-1]
    split(trial.log, trial.at, before.fixture_id, "uof", lines.URN)
    assert same_but_its_fixture(before, trial.odds[-1])
    trial.odds_change(lines.line(1, lines.RESULT.format(2.3), status=1))
    assert trial.odds[-1].fixture_id == NEW
    assert trial.odds[-1].market_id == NEW + before.market_id.removeprefix(before.fixture_id)
    assert trial.odds[-1].selections[0].back_odds == 2300


def test_a_split_of_what_another_word_has_moved_is_a_dead_letter() -> None:
    trial = lines.Trial()
    trial.say(lines.FIXTURE)
    split(trial.log, trial.at, "fx-elsewhere", "uof", lines.URN)
    (reason,) = trial.reasons
    assert "not fx-elsewhere" in reason
