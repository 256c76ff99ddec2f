"""Cash-out: never worth more than the bet can return, never less for better news, and the same in parts as whole."""

import msgspec
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from domain.betting.cash_out import CashedOut, CashOutQuote, CashOutRules, LegPrice, OpenBet, quote, split, take, worth
from domain.betting.codes import Code
from domain.betting.each_way import PlaceTerms
from domain.betting.returns import LegState, Wager, parts_of, returns
from domain.betting.systems import NAMED
from domain.settlement.result import HALF_LOSE, HALF_WIN, LOSE, VOID, WIN

FAIR = CashOutRules(margin_bps=0)
results = st.sampled_from([None, None, None, WIN, WIN, LOSE, VOID, HALF_WIN, HALF_LOSE])
prices = st.builds(LegPrice, odds=st.integers(1001, 50_000))


@st.composite
def open_bets(draw: st.DrawFn) -> tuple[OpenBet, list[LegPrice | None]]:
    bet_type = draw(st.sampled_from([named.bet_type for named in NAMED.values()][:9]))
    each_way = draw(st.booleans())
    legs = tuple(
        LegState(
            odds=draw(st.integers(1001, 50_000)),
            result=draw(results),
            terms=PlaceTerms((1, draw(st.integers(1, 5))), 3) if each_way else None,
            placed=draw(results) if each_way else None,
        )
        for _ in range(bet_type.selections)
    )
    wager = Wager(
        bet_type=bet_type, stake_minor=draw(st.integers(1, 10**7)), each_way=each_way, free=draw(st.booleans()),
        max_payout_minor=draw(st.one_of(st.none(), st.integers(1, 10**8))),
    )  # fmt: skip
    offered: list[LegPrice | None] = [draw(prices) for _ in legs]
    return OpenBet(bet="ann/b-1", version=1, wager=wager, legs=legs), offered


def amount(bet: OpenBet, part: int, offered: list[LegPrice | None], rules: CashOutRules = FAIR) -> int:
    said = worth(bet, part, offered, rules)
    return 0 if isinstance(said, Code) else said


@settings(deadline=None)
@given(of=open_bets(), margin=st.integers(0, 10_000))
def test_a_bet_is_worth_between_what_it_returned_and_what_it_can_return(
    of: tuple[OpenBet, list[LegPrice | None]], margin: int
) -> None:
    bet, offered = of
    said = worth(bet, bet.wager.stake_minor, offered, CashOutRules(margin_bps=margin))
    known = returns(bet.wager, bet.legs)
    if isinstance(said, Code):
        assert said is Code.CASH_OUT_UNAVAILABLE
        assert known.open_lines == 0 or known.returned_minor == 0
    else:
        assert known.returned_minor <= said <= known.most_minor
        assert said <= amount(bet, bet.wager.stake_minor, offered)


@settings(deadline=None)
@given(of=open_bets(), at=st.integers(0, 7), shorter=st.integers(1, 40_000))
def test_a_bet_is_worth_no_less_when_a_selection_shortens(
    of: tuple[OpenBet, list[LegPrice | None]], at: int, shorter: int
) -> None:
    bet, offered = of
    before = amount(bet, bet.wager.stake_minor, offered)
    price = offered[at % len(offered)]
    assert price is not None
    offered[at % len(offered)] = LegPrice(odds=max(1001, price.odds - shorter))
    assert amount(bet, bet.wager.stake_minor, offered) >= before


@settings(deadline=None)
@given(of=open_bets(), units=st.integers(1, 10**6))
def test_a_part_and_the_rest_are_never_worth_or_paid_more_than_the_whole(
    of: tuple[OpenBet, list[LegPrice | None]], units: int
) -> None:
    bet, offered = of
    part = units % max(1, bet.wager.stake_minor // parts_of(bet.wager)) * parts_of(bet.wager)
    assume(0 < part < bet.wager.stake_minor)
    cashed, rest = split(bet.wager, part)
    assert rest is not None
    left = msgspec.structs.replace(bet, wager=rest)
    assert amount(bet, part, offered) + amount(left, rest.stake_minor, offered) <= amount(
        bet, bet.wager.stake_minor, offered
    )
    whole, one, other = (returns(wager, bet.legs).most_minor for wager in (bet.wager, cashed, rest))
    assert one + other <= whole
    if bet.wager.max_payout_minor is None:
        assert whole - one - other < parts_of(bet.wager) + 1


@settings(deadline=None)
@given(of=open_bets(), move=prices, later=st.integers(0, 20_000_000), version=st.integers(1, 2))
def test_a_taken_quote_pays_what_was_quoted_or_changes_nothing(
    of: tuple[OpenBet, list[LegPrice | None]], move: LegPrice, later: int, version: int
) -> None:
    bet, offered = of
    rules = CashOutRules()
    offer = quote(bet, bet.wager.stake_minor, offered, rules, quote_id="q", now=0)
    assume(isinstance(offer, CashOutQuote))
    assert isinstance(offer, CashOutQuote)
    standing = msgspec.structs.replace(bet, version=version)
    offered[0] = move
    taken = take(offer, standing, offered, rules, now=later)
    if later >= rules.life_us:
        assert taken is Code.CASH_OUT_EXPIRED
    elif version != bet.version:
        assert taken is Code.CASH_OUT_BET_CHANGED
    elif amount(standing, offer.part_minor, offered, rules) * 100 < offer.amount_minor * 99:
        assert taken in (Code.CASH_OUT_MOVED, Code.CASH_OUT_UNAVAILABLE)
    else:
        assert taken == CashedOut(amount_minor=offer.amount_minor, rest=None)
