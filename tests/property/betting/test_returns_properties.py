"""The payout function against its definition, line by line in fractions, and what must hold of any bet."""

from fractions import Fraction
from math import floor, prod

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.betting.each_way import PlaceTerms
from domain.betting.factors import factor_of
from domain.betting.payout import payout_minor
from domain.betting.returns import LegState, Wager, returns
from domain.betting.systems import NAMED, BetType, accumulator, lines
from domain.settlement.result import HALF_LOSE, HALF_WIN, LOSE, VOID, WIN, LegResult, Ratio

odds_of_legs = st.integers(1001, 10_000_000)


@st.composite
def ratios(draw: st.DrawFn, least: int = 0) -> Ratio:
    whole = draw(st.integers(1, 12))
    return draw(st.integers(least, whole)), whole


results = st.one_of(
    st.sampled_from([WIN, WIN, LOSE, VOID, HALF_WIN, HALF_LOSE]),
    st.builds(LegResult, win=st.integers(0, 1), void=ratios(), dead_heat=ratios(least=1), deduction=st.integers(0, 90)),
)
terms_of_races = st.builds(PlaceTerms, ratios(least=1), st.integers(1, 4))


@st.composite
def bet_types(draw: st.DrawFn, most: int = 6) -> BetType:
    selections = draw(st.integers(1, most))
    bankers = draw(st.lists(st.integers(0, selections - 1), max_size=selections - 1, unique=True))
    sizes = st.integers(1, selections - len(bankers))
    folds = draw(st.lists(sizes, min_size=1, unique=True))
    return BetType(selections, tuple(sorted(folds)), tuple(sorted(bankers)))


@st.composite
def bets(draw: st.DrawFn, *, settled: bool = False) -> tuple[Wager, list[LegState]]:
    """Any bet, any of its legs open unless it is settled."""
    bet_type = draw(st.one_of(bet_types(), st.sampled_from([named.bet_type for named in NAMED.values()][:8])))
    each_way = draw(st.booleans())
    known = results if settled else st.one_of(st.none(), results)
    legs = [
        LegState(
            odds=draw(odds_of_legs),
            result=draw(known),
            terms=draw(terms_of_races) if each_way else None,
            placed=draw(known) if each_way else None,
        )
        for _ in range(bet_type.selections)
    ]
    stake = draw(st.one_of(st.integers(1, 5000), st.integers(1, 10**24)))
    most = draw(st.one_of(st.none(), st.integers(0, 10**7)))
    return Wager(
        bet_type=bet_type, stake_minor=stake, each_way=each_way, free=draw(st.booleans()), max_payout_minor=most
    ), legs


def stakes_of(wager: Wager) -> list[int]:
    """One stake for each line and part, written without the function's own division."""
    parts = len(lines(wager.bet_type)) * (2 if wager.each_way else 1)
    return [wager.stake_minor // parts + (at < wager.stake_minor % parts) for at in range(parts)]


def share_of_stake(result: LegResult) -> Fraction:
    void = Fraction(*result.void)
    return void + (1 - void) * result.win * Fraction(*result.dead_heat)


def factor(result: LegResult, odds: int, fraction: Ratio) -> Fraction:
    """A leg's definition: `LegResult.factor` is linear in the odds, so that of fractional odds lies between two."""
    whole = 1000 + Fraction(odds - 1000) * Fraction(*fraction)
    at_even, slope = result.factor(1000), result.factor(2000) - result.factor(1000)
    return at_even + slope * (whole - 1000) / 1000


def by_definition(wager: Wager, legs: list[LegState], *, winning: bool) -> int:
    """Enumerate the lines in fractions: open legs win, or else their lines return nothing yet."""
    total, stakes = 0, iter(stakes_of(wager))
    for place in (False, True)[: 2 if wager.each_way else 1]:
        for line in lines(wager.bet_type):
            stake, both, back = next(stakes), Fraction(1), Fraction(1)
            for index in line:
                leg = legs[index]
                result = leg.placed if place else leg.result
                fraction = leg.terms.fraction if place and leg.terms else (1, 1)
                if result is None:
                    result = WIN if winning else LOSE
                both *= factor(result, leg.odds, fraction)
                back *= share_of_stake(result)
            total += floor(stake * (both - back if wager.free else both))
    return total if wager.max_payout_minor is None else min(total, wager.max_payout_minor)


@settings(max_examples=400, deadline=None)
@given(bet=bets())
def test_the_function_is_the_enumeration_of_its_lines_in_fractions(bet: tuple[Wager, list[LegState]]) -> None:
    wager, legs = bet
    done = returns(wager, legs)
    assert done.returned_minor == by_definition(wager, legs, winning=False)
    assert done.most_minor == by_definition(wager, legs, winning=True)


@settings(max_examples=400, deadline=None)
@given(result=results, odds=odds_of_legs)
def test_a_factor_is_the_result_s_own(result: LegResult, odds: int) -> None:
    made = factor_of(result, odds)
    assert Fraction(made.total, made.scale) == result.factor(odds)
    assert Fraction(made.stake, made.scale) == share_of_stake(result)


@settings(deadline=None)
@given(odds=st.lists(odds_of_legs, min_size=1, max_size=30), stake=st.integers(1, 10**40), lost=st.booleans())
def test_an_accumulator_pays_what_payout_says_at_any_size(odds: list[int], stake: int, *, lost: bool) -> None:
    legs = [LegState(odds=each, result=WIN) for each in odds]
    wager = Wager(bet_type=accumulator(len(odds)), stake_minor=stake)
    assert returns(wager, legs).returned_minor == payout_minor(stake, odds)
    assert returns(wager, [*legs[1:], LegState(odds=2000, result=LOSE)]).returned_minor == 0
    assert returns(msgspec.structs.replace(wager, free=True), legs).returned_minor == payout_minor(stake, odds) - stake


@settings(deadline=None)
@given(bet=bets(settled=True), at=st.integers(0, 7))
def test_a_void_leg_is_the_bet_without_it(bet: tuple[Wager, list[LegState]], at: int) -> None:
    """Each line loses the leg; where that leaves nothing of a line, its stake comes back."""
    wager, legs = bet
    at %= len(legs)
    legs[at] = msgspec.structs.replace(legs[at], result=VOID, placed=VOID if wager.each_way else None)
    total, stakes = 0, iter(stakes_of(wager))
    for place in (False, True)[: 2 if wager.each_way else 1]:
        for line in lines(wager.bet_type):
            left = [legs[index] for index in line if index != at]
            stake = next(stakes)
            if not left:
                total += 0 if wager.free else stake
                continue
            shown = [
                LegState(odds=leg.odds, result=leg.result)
                if not place
                else LegState(odds=leg.odds, result=LOSE, terms=leg.terms, placed=leg.placed)
                for leg in left
            ]
            one = Wager(bet_type=accumulator(len(left)), stake_minor=2 * stake if place else stake, each_way=place,
                        free=wager.free)  # fmt: skip
            total += returns(one, shown).returned_minor
    capped = total if wager.max_payout_minor is None else min(total, wager.max_payout_minor)
    assert returns(wager, legs).returned_minor == capped


@settings(deadline=None)
@given(bet=bets(), at=st.integers(0, 7), more=st.integers(1, 1_000_000))
def test_longer_odds_never_return_less(bet: tuple[Wager, list[LegState]], at: int, more: int) -> None:
    wager, legs = bet
    before = returns(wager, legs)
    at %= len(legs)
    legs[at] = msgspec.structs.replace(legs[at], odds=legs[at].odds + more)
    after = returns(wager, legs)
    assert after.returned_minor >= before.returned_minor
    assert after.most_minor >= before.most_minor


@settings(deadline=None)
@given(bet=bets(), at=st.integers(0, 7), result=results)
def test_a_leg_that_is_settled_returns_no_less_and_can_return_no_more(
    bet: tuple[Wager, list[LegState]], at: int, result: LegResult
) -> None:
    wager, legs = bet
    at %= len(legs)
    legs[at] = msgspec.structs.replace(legs[at], result=None, placed=None)
    before = returns(wager, legs)
    legs[at] = msgspec.structs.replace(legs[at], result=result, placed=result if wager.each_way else None)
    after = returns(wager, legs)
    assert before.returned_minor <= after.returned_minor <= after.most_minor <= before.most_minor
    assert after.open_lines <= before.open_lines
    assert after.void_minor >= before.void_minor


@settings(deadline=None)
@given(bet=bets(settled=True))
def test_a_bet_whose_legs_are_all_settled_is_decided_and_pays_at_most_its_cap(
    bet: tuple[Wager, list[LegState]],
) -> None:
    wager, legs = bet
    done = returns(wager, legs)
    assert done.open_lines == 0
    assert done.most_minor == done.returned_minor >= 0
    assert 0 <= done.void_minor <= wager.stake_minor == sum(stakes_of(wager))
    if wager.max_payout_minor is not None:
        assert done.returned_minor <= wager.max_payout_minor
        uncapped = returns(msgspec.structs.replace(wager, max_payout_minor=None), legs)
        assert done.returned_minor == min(uncapped.returned_minor, wager.max_payout_minor)


@settings(deadline=None)
@given(
    bet_type=bet_types(),
    odds=st.lists(odds_of_legs, min_size=6, max_size=6),
    won=st.lists(st.sampled_from([WIN, LOSE]), min_size=6, max_size=6),
    unit=st.integers(1, 10**12),
)
def test_a_free_bet_returns_its_winning_lines_stakes_less(
    bet_type: BetType, odds: list[int], won: list[LegResult], unit: int
) -> None:
    written = lines(bet_type)
    legs = [LegState(odds=each, result=result) for each, result in zip(odds, won, strict=True)][: bet_type.selections]
    paid = Wager(bet_type=bet_type, stake_minor=unit * len(written))
    winners = sum(all(won[index] is WIN for index in line) for line in written)
    free = returns(msgspec.structs.replace(paid, free=True), legs).returned_minor
    assert free == returns(paid, legs).returned_minor - unit * winners


@settings(deadline=None)
@given(odds=st.lists(odds_of_legs, min_size=2, max_size=7), unit=st.integers(1, 1000))
def test_a_full_cover_of_even_odds_is_the_sums_of_its_products(odds: list[int], unit: int) -> None:
    """At whole odds nothing is rounded: the lines' sum is unit × (Π(1 + O) − 1)."""
    whole = [each // 1000 + 1 for each in odds]
    bet_type = BetType(len(whole), tuple(range(1, len(whole) + 1)))
    count = 2 ** len(whole) - 1
    legs = [LegState(odds=1000 * each, result=WIN) for each in whole]
    done = returns(Wager(bet_type=bet_type, stake_minor=unit * count), legs)
    assert done.returned_minor == unit * (prod(each + 1 for each in whole) - 1)
