"""The ladders hold the ticks they claim, and every look-up keeps to its side."""

import pytest

from domain.errors import ContractViolation
from domain.odds.ladder import BETFAIR, BOOKMAKER, Ladder, OffLadder


def test_the_exchange_ladder_has_its_350_ticks_from_1_01_to_1000() -> None:
    assert len(BETFAIR.ticks) == 350
    assert (BETFAIR.lowest, BETFAIR.highest) == (1_010, 1_000_000)


@pytest.mark.parametrize(
    ("odds", "following"),
    [
        (1_010, 1_020),
        (1_990, 2_000),
        (2_000, 2_020),
        (2_980, 3_000),
        (3_000, 3_050),
        (4_000, 4_100),
        (6_000, 6_200),
        (10_000, 10_500),
        (20_000, 21_000),
        (30_000, 32_000),
        (50_000, 55_000),
        (100_000, 110_000),
        (990_000, 1_000_000),
    ],
)
def test_each_band_of_the_exchange_steps_by_its_increment(odds: int, following: int) -> None:
    assert BETFAIR.step(odds, 1) == following
    assert BETFAIR.step(following, -1) == odds
    assert BETFAIR.ticks_between(odds, following) == 1
    assert BETFAIR.ticks_between(following, odds) == -1


def test_the_bookmakers_ladder_is_finer_at_short_prices_and_ends_at_1001() -> None:
    assert BOOKMAKER.lowest == 1_001
    assert BOOKMAKER.highest == 1_001_000
    assert BOOKMAKER.step(1_010, 1) == 1_011


def test_odds_between_ticks_round_to_the_side_asked_for() -> None:
    assert BETFAIR.floor(2_019) == 2_000
    assert BETFAIR.ceil(2_001) == 2_020
    assert BETFAIR.nearest(2_010) == 2_000
    assert BETFAIR.nearest(2_011) == 2_020
    assert BETFAIR.step(2_010, 1) == 2_020
    assert BETFAIR.step(2_010, -1) == 2_000
    assert BETFAIR.step(2_011, 0) == 2_020


def test_steps_stop_at_the_ends() -> None:
    assert BETFAIR.step(1_020, -5) == 1_010
    assert BETFAIR.step(990_000, 9) == 1_000_000
    assert BETFAIR.step(1_000, 1) == 1_010
    assert BETFAIR.nearest(1) == 1_010
    assert BETFAIR.nearest(9_999_999) == 1_000_000


def test_no_tick_is_invented_on_the_wrong_side() -> None:
    with pytest.raises(OffLadder):
        BETFAIR.floor(1_009)
    with pytest.raises(OffLadder):
        BETFAIR.ceil(1_000_001)
    assert BETFAIR.floor(5_000_000) == 1_000_000
    assert BETFAIR.ceil(1) == 1_010


def test_only_ticks_are_members() -> None:
    assert 2_020 in BETFAIR
    assert 2_010 not in BETFAIR
    assert 1_000 not in BETFAIR
    assert "2020" not in BETFAIR


@pytest.mark.parametrize("ticks", [(), (1_000, 1_010), (1_020, 1_010), (1_010, 1_010)])
def test_a_table_that_does_not_ascend_from_above_one_is_refused(ticks: tuple[int, ...]) -> None:
    with pytest.raises(ContractViolation):
        Ladder("broken", ticks)
