"""What rides on a leg: never less than its lines can pay, exact for one line, and never more confirmed than held."""

from fractions import Fraction
from math import prod

from hypothesis import given
from hypothesis import strategies as st

from domain.betting.checks.limits import limits, most_payout
from domain.betting.payout import combined_odds, liability_minor, other_odds, payout_minor
from domain.betting.rules import Limits
from domain.betting.shares import held_shares, leg_lines, leg_stakes, mean_odds, shares
from domain.betting.systems import BetType, accumulator, line_count, lines

a_leg = st.one_of(st.sampled_from([1001, 1500, 2000, 3333, 10_000_000]), st.integers(1001, 60_000))


@st.composite
def bet_types(draw: st.DrawFn) -> BetType:
    legs = draw(st.integers(1, 6))
    bankers = draw(st.sets(st.integers(0, legs - 1), max_size=legs - 1))
    folds = draw(st.sets(st.integers(1, legs - len(bankers)), min_size=1))
    return BetType(legs, tuple(sorted(folds)), tuple(sorted(bankers)))


@st.composite
def bets(draw: st.DrawFn) -> tuple[BetType, int, list[int]]:
    bet_type = draw(bet_types())
    odds = draw(st.lists(a_leg, min_size=bet_type.selections, max_size=bet_type.selections))
    least = line_count(bet_type)
    return bet_type, draw(st.one_of(st.integers(least, least + 9), st.integers(least, 10**9))), odds


def by_line(bet_type: BetType, stake_minor: int, odds: list[int]) -> list[tuple[tuple[int, ...], int, int]]:
    """Write each line out with its stake and what it pays."""
    every = lines(bet_type)
    unit, more = divmod(stake_minor, len(every))
    stakes = [unit + (at < more) for at in range(len(every))]
    return [
        (line, stake, payout_minor(stake, [odds[i] for i in line])) for line, stake in zip(every, stakes, strict=True)
    ]


@given(bets())
def test_no_market_counts_with_less_than_the_lines_of_its_leg_can_cost(bet: tuple[BetType, int, list[int]]) -> None:
    bet_type, _, odds = bet
    written = by_line(*bet)
    for index, share in enumerate(shares(*bet)):
        mine = [(stake, pays) for line, stake, pays in written if index in line]
        assert share.stake_minor == sum(stake for stake, _ in mine)
        assert payout_minor(share.stake_minor, (odds[index], share.other_odds)) >= sum(pays for _, pays in mine)
    assert leg_stakes(bet_type, bet[1]) == [share.stake_minor for share in shares(*bet)]


@given(bets())
def test_the_covering_odds_are_a_thousandth_at_most_above_the_mean_of_the_other_legs(
    bet: tuple[BetType, int, list[int]],
) -> None:
    written = by_line(*bet)
    for index, share in enumerate(shares(*bet)):
        weighed = [
            (stake, prod((Fraction(bet[2][i], 1000) for i in line if i != index), start=Fraction(1)))
            for line, stake, _ in written if index in line
        ]  # fmt: skip
        exact = sum(stake * others for stake, others in weighed) / share.stake_minor * 1000
        assert exact <= share.other_odds < exact + 1


@given(st.lists(a_leg, min_size=1, max_size=6), st.integers(1, 10**9))
def test_of_one_line_the_stake_rides_on_every_leg_at_the_product_of_the_others(odds: list[int], stake: int) -> None:
    one = accumulator(len(odds))
    expected = [(stake, other_odds(odds, index)) for index in range(len(odds))]
    assert [(share.stake_minor, share.other_odds) for share in shares(one, stake, odds)] == expected
    assert held_shares(one, stake, odds) == shares(one, stake, odds)
    assert mean_odds(one, odds) == combined_odds(odds)
    assert most_payout(one, stake, odds) == payout_minor(stake, odds)


@given(bets(), st.data())
def test_what_is_held_covers_the_whole_stake_and_any_that_is_the_same_on_every_line(
    bet: tuple[BetType, int, list[int]], data: st.DataObject
) -> None:
    bet_type, stake, odds = bet
    count = line_count(bet_type)
    even = count * data.draw(st.integers(1, stake // count))
    # A leg of several is never taken longer than asked.
    taken = [data.draw(st.integers(1001, each)) for each in odds] if len(odds) > 1 else odds
    for confirmed in (stake, even):
        for held, said in zip(held_shares(bet_type, stake, odds), shares(bet_type, confirmed, taken), strict=True):
            assert said.stake_minor <= held.stake_minor
            assert said.other_odds <= held.other_odds


@given(bets())
def test_a_bet_costs_no_market_less_than_its_share_of_the_whole(bet: tuple[BetType, int, list[int]]) -> None:
    """Of a bet whose lines all hold a leg, the house's loss is what that leg's market counts with, or less."""
    bet_type, stake, odds = bet
    whole = most_payout(*bet) - stake
    for index, share in enumerate(shares(*bet)):
        if leg_lines(bet_type)[index] == line_count(bet_type):
            assert share.stake_minor == stake
            assert liability_minor(stake, (odds[index], share.other_odds)) >= whole


@given(bets(), st.integers(10, 10**6), st.integers(0, 10**7))
def test_limits_allow_the_largest_stake_that_is_the_same_on_every_line(
    bet: tuple[BetType, int, list[int]], most: int, more: int
) -> None:
    bet_type, stake, odds = bet
    rules = Limits(max_stake_minor=most, max_payout_minor=most + more)
    verdict, count = limits(rules, bet_type, stake, odds), line_count(bet_type)

    def fits(amount: int) -> bool:
        return amount <= most and most_payout(bet_type, amount, odds) <= most + more

    if verdict.outcome == "PASS":
        assert fits(stake)
    elif verdict.outcome == "REDUCE":
        allowed = verdict.figures["allowed_minor"]
        assert fits(allowed)
        assert not fits(allowed + count)
        assert allowed % count == 0
        assert 10 <= allowed < stake
    else:
        assert stake < 10 or not fits(max(10, count) + (-max(10, count)) % count)
