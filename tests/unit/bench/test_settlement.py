"""The bench of settlement opens the bets it says, and all candidates pay the same."""

import pytest

from bench.settlement import BareLoop, Market, in_memory
from bench.settlement_load import MARKET, SortedStore, World
from bookstream.topics import BET_DECISIONS, DEAD_LETTERS, PARTITIONS
from domain.errors import BookstreamError
from tables.accounts import SETTLING
from tables.settlement import LEGS, MARKETS


def test_every_bet_is_accepted_and_open_on_one_market() -> None:
    log = World(300).opened()
    assert log.records(BET_DECISIONS.name) == log.records(DEAD_LETTERS.name) == []
    open_bets = [bet for n in range(PARTITIONS) for _, bet in log.shard("accounts", n).scan(SETTLING)]
    assert [bet.bet.settlement.status for bet in open_bets] == ["OPEN"] * 300
    legs = [key for n in range(PARTITIONS) for key, _ in log.shard("settlement", n).scan(LEGS)]
    assert len(legs) == 300
    (market,) = [row for n in range(PARTITIONS) for _, row in log.shard("settlement", n).scan(MARKETS)]
    assert (market.words.truth.market_id, market.legs) == (MARKET, 300)


def test_the_agents_pay_what_the_loop_pays_and_say_so_if_not() -> None:
    market, bare = Market(World(300)), BareLoop(300)
    assert bare.returned("home") == 100 * 2_00
    for winner in ("home", "away", "draw"):
        assert market.say(winner, bare.returned(winner)) > 0
    with pytest.raises(BookstreamError, match=f"the agents paid {bare.returned('home')} for home, the loop 1"):
        market.say("home", 1)


def test_each_candidate_is_measured_in_every_round() -> None:
    measured = in_memory(World(150), 2)
    assert {name: len(values) for name, values in measured.items()} == dict.fromkeys(
        ("encoded", "resident", "agents", "corrected", "bare", "records"), 2
    )
    assert all(value > 0 for name, values in measured.items() if name != "resident" for value in values)


def test_sorted_rows_are_found_by_their_beginning_after_any_change() -> None:
    store = SortedStore()
    store.apply([(b"a1", b"x"), (b"b1", b"y"), (b"a2", b"z")])
    assert list(store.scan(b"a")) == [(b"a1", b"x"), (b"a2", b"z")]
    store.apply([(b"a1", b"new"), (b"a0", b"w"), (b"a2", None)])
    assert list(store.scan(b"a")) == [(b"a0", b"w"), (b"a1", b"new")]
    store.apply([(b"a1", b"newer")])
    assert list(store.scan(b"a1")) == [(b"a1", b"newer")]
    store.apply([(b"a1", None)])
    assert list(store.scan(b"a1")) == []
