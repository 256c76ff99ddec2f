"""Settle, void, roll back, resettle and cancel in any order: balances are those of the last truth alone.

Sources' words about three markets reach their rows in any order and again; what rows make of legs reaches the bets in
any order and again, between bets, deposits and withdrawals. After every step the books balance and each bet lies in one
place; whenever all has arrived, every bet and every balance is what the oracle works out from the words themselves.
"""

from collections import defaultdict
from collections.abc import Sequence
from math import comb
from typing import TypeVar

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from domain.betting.returns import LegState, Returns, Wager, returns
from domain.betting.systems import BetType
from domain.events.betting import Posting
from domain.settlement.bet import SettledBet, accepted, take
from domain.settlement.debt import Purse, bonus_postings, cash_postings
from domain.settlement.postings import postings, transfers
from domain.settlement.result import LegResult
from domain.settlement.truth import LegOutcome, MarketWords, hear, leg_outcome, unheard
from domain.settlement.words import Word
from tests.property.settlement.oracle import Leg, Slip, leg_of, worth_of
from tests.property.settlement.sayings import LATEST, SELECTIONS, markets_settled, place, words

MARKETS = ("fx-1/MATCH_ODDS/FT", "fx-2/MATCH_ODDS/FT", "fx-3/MATCH_ODDS/FT")
CUSTOMERS = ("ada", "bob")
FOLDS: dict[int, list[tuple[int, ...]]] = {1: [(1,)], 2: [(2,), (1, 2)], 3: [(3,), (2, 3), (1, 2, 3)]}
LEAST_UNIT = 100
"""Stakes of a line so large that no rounding makes a return of nothing."""


ARRIVALS = st.lists(st.tuples(st.integers(0, 1_000), st.booleans()), min_size=1, max_size=8)
Sent = TypeVar("Sent")


def _picked(under_way: list[Sent], draw: int, *, again: bool) -> Sent:
    at = draw % len(under_way)
    return under_way[at] if again else under_way.pop(at)


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """A bet as placed: what the oracle needs of it."""

    slip: Slip
    legs: tuple[tuple[int, str], ...]
    placed_at: int

    def payout(self, results: Sequence[LegResult | None]) -> Returns:
        """Return what the bet returns by the house's own function."""
        slip = self.slip
        wager = Wager(bet_type=BetType(len(slip.odds), slip.folds), stake_minor=slip.stake_minor, free=slip.free)
        legs = [LegState(odds=odds, result=result) for odds, result in zip(slip.odds, results, strict=True)]
        return returns(wager, legs)


@st.composite
def slips(draw: st.DrawFn) -> Placed:
    """Draw a bet: a single, a multiple or a system on different markets."""
    count = draw(st.integers(1, 3))
    folds = draw(st.sampled_from(FOLDS[count]))
    lines = sum(comb(count, fold) for fold in folds)
    selections = draw(st.lists(st.sampled_from(SELECTIONS), min_size=count, max_size=count))
    slip = Slip(
        customer=draw(st.sampled_from(CUSTOMERS)),
        stake_minor=lines * draw(st.integers(LEAST_UNIT, 4_000)),
        free=draw(st.sampled_from([False, False, True])),
        folds=folds,
        odds=tuple(draw(st.lists(st.integers(1_010, 9_000), min_size=count, max_size=count))),
    )
    legs = tuple(zip(draw(st.permutations(range(3))), selections, strict=False))
    return Placed(slip=slip, legs=legs, placed_at=draw(st.integers(0, LATEST)))


class Settlements(RuleBasedStateMachine):
    """Two customers' bets on three markets."""

    def __init__(self) -> None:
        super().__init__()
        self.markets: list[MarketWords] = [unheard(name) for name in MARKETS]
        self.said: list[list[Word]] = [[] for _ in MARKETS]
        self.under_way: list[tuple[int, Word]] = []
        self.results: list[tuple[int, int, LegOutcome]] = []
        self.bets: list[tuple[Placed, SettledBet]] = []
        self.balances: dict[str, int] = defaultdict(int)
        self.cash = {name: Purse(free_minor=0) for name in CUSTOMERS}
        self.bonus = {name: Purse(free_minor=0) for name in CUSTOMERS}
        self.paid_in: dict[str, int] = defaultdict(int)
        self.given: dict[str, int] = defaultdict(int)

    @initialize()
    def open_accounts(self) -> None:
        """Give every customer something to bet with."""
        for name in CUSTOMERS:
            self._pay_in(name, 50_000)
            self._give(name, 20_000)

    @rule(market=st.integers(0, 2), told=st.lists(markets_settled() | words(), min_size=1, max_size=3))
    def sources_speak(self, market: int, told: list[Word]) -> None:
        """Words set out; a source does not contradict itself at one instant."""
        for word in told:
            if place(word) not in [place(each) for each in self.said[market]]:
                self.said[market].append(word)
                self.under_way.append((market, word))

    @precondition(lambda self: self.under_way)
    @rule(draws=ARRIVALS)
    def words_arrive(self, draws: list[tuple[int, bool]]) -> None:
        """Any words that are under way arrive, and may stay to arrive again."""
        for draw, again in draws:
            if self.under_way:
                self._hear(*_picked(self.under_way, draw, again=again))

    @precondition(lambda self: self.results)
    @rule(draws=ARRIVALS)
    def leg_results_arrive(self, draws: list[tuple[int, bool]]) -> None:
        """Any outcomes of legs that are under way arrive, and may stay to arrive again."""
        for draw, again in draws:
            if self.results:
                self._take(*_picked(self.results, draw, again=again))

    @rule(slips=st.lists(slips(), min_size=1, max_size=4))
    def bets_are_placed(self, slips: list[Placed]) -> None:
        """Bets whose stakes are there; their legs are told what is already known."""
        for placed in slips:
            slip = placed.slip
            purse = (self.bonus if slip.free else self.cash)[slip.customer]
            if slip.stake_minor > purse.free_minor:
                continue
            self._change(slip.customer, -slip.stake_minor, free=slip.free)
            stake = Posting(ledger_account=f"house:stakes:{slip.customer}", amount_minor=slip.stake_minor)
            self._post([stake])
            bet_id = f"b-{len(self.bets)}"
            row = accepted(bet_id, slip.customer, stake_minor=slip.stake_minor, free=slip.free, legs=len(placed.legs))
            self.bets.append((placed, row))
            self._tell(len(self.bets) - 1, {market for market, _ in placed.legs})

    @rule(customer=st.sampled_from(CUSTOMERS), amount=st.integers(1, 20_000))
    def a_deposit(self, customer: str, amount: int) -> None:
        """Money comes in, and pays debts first."""
        self._pay_in(customer, amount)

    @rule(customer=st.sampled_from(CUSTOMERS), part=st.integers(1, 4))
    def a_withdrawal(self, customer: str, part: int) -> None:
        """A customer takes out what is free, also winnings that may be corrected later."""
        self._pay_in(customer, -(self.cash[customer].free_minor // part))

    @rule()
    def all_arrives(self) -> None:
        """Nothing is under way any more: the truth is the oracle's."""
        while self.under_way:
            self._hear(*self.under_way.pop())
        while self.results:
            self._take(*self.results.pop())
        self._agrees_with_the_oracle()

    @invariant()
    def the_books_balance(self) -> None:
        """Entries sum to zero, no purse is below its limit, and nobody holds and owes at once."""
        assert sum(self.balances.values()) == 0
        for name in CUSTOMERS:
            for purse, free, owed in ((self.cash[name], "cash", "owed"), (self.bonus[name], "bonus", "bonus-owed")):
                assert self.balances[f"customer:{name}:{free}"] == purse.free_minor >= 0
                assert self.balances[f"customer:{name}:{owed}"] == -purse.owed_minor <= 0
                assert not (purse.free_minor and purse.owed_minor)

    @invariant()
    def every_bet_lies_in_one_place(self) -> None:
        """A stake is in the open stakes, or the bet is settled and has returned what it returns."""
        for name in CUSTOMERS:
            rows = [row for placed, row in self.bets if placed.slip.customer == name]
            unsettled = sum(row.stake_minor for row in rows if not row.settlement.settled)
            assert self.balances[f"house:stakes:{name}"] == unsettled
        done = [row for _, row in self.bets if row.settlement.settled]
        kept = sum(row.stake_minor - row.settlement.returned_minor - row.settlement.void_minor for row in done)
        assert self.balances["house:profit"] == kept - sum(self.given.values())
        assert all(row.settlement.settled or not row.settlement.returned_minor for _, row in self.bets)

    def teardown(self) -> None:
        """Whatever happened: in the end all arrives."""
        self.all_arrives()

    def _agrees_with_the_oracle(self) -> None:
        returned: dict[str, int] = defaultdict(int)
        backed: dict[str, int] = defaultdict(int)
        for placed, row in self.bets:
            legs: list[Leg] = [leg_of(self.said[market], name, placed.placed_at) for market, name in placed.legs]
            worth, settlement, slip = worth_of(placed.slip, legs), row.settlement, placed.slip
            found = (settlement.status, settlement.returned_minor, settlement.void_minor)
            assert found == (worth.status, worth.cash_minor, worth.bonus_minor), (placed, legs)
            returned[slip.customer] += worth.cash_minor - (0 if slip.free else slip.stake_minor)
            backed[slip.customer] += worth.bonus_minor - (slip.stake_minor if slip.free else 0)
        for name in CUSTOMERS:
            cash, bonus = self.paid_in[name] + returned[name], self.given[name] + backed[name]
            assert (self.cash[name].free_minor, self.cash[name].owed_minor) == (max(cash, 0), max(-cash, 0))
            assert (self.bonus[name].free_minor, self.bonus[name].owed_minor) == (max(bonus, 0), max(-bonus, 0))

    def _hear(self, market: int, word: Word) -> None:
        before = self.markets[market].truth
        self.markets[market] = hear(self.markets[market], word)
        if self.markets[market].truth != before:
            for bet in range(len(self.bets)):
                self._tell(bet, {market})

    def _tell(self, bet: int, markets: set[int]) -> None:
        """Send a bet's legs on some markets what their truths make of them."""
        placed, _ = self.bets[bet]
        for leg, (market, selection) in enumerate(placed.legs):
            truth = self.markets[market].truth
            if market in markets and truth.version:
                self.results.append((bet, leg, leg_outcome(truth, selection, placed.placed_at)))

    def _take(self, at: int, leg: int, outcome: LegOutcome) -> None:
        placed, row = self.bets[at]
        name = row.customer_id
        now, move = take(row, leg, outcome, placed.payout)
        self.bets[at] = placed, msgspec.msgpack.decode(msgspec.msgpack.encode(now), type=SettledBet)
        lines, self.cash[name], self.bonus[name] = postings(name, move, self.cash[name], self.bonus[name])
        for debit, credit, amount in transfers(lines):
            assert amount > 0
            self.balances[debit] -= amount
            self.balances[credit] += amount

    def _change(self, customer: str, amount: int, *, free: bool) -> None:
        purses, write = (self.bonus, bonus_postings) if free else (self.cash, cash_postings)
        lines, purses[customer] = write(customer, purses[customer], amount)
        self._post(lines)

    def _pay_in(self, customer: str, amount: int) -> None:
        self.paid_in[customer] += amount
        self._change(customer, amount, free=False)
        self._post([Posting(ledger_account="house:bank", amount_minor=-amount)])

    def _give(self, customer: str, amount: int) -> None:
        self.given[customer] += amount
        self._change(customer, amount, free=True)
        self._post([Posting(ledger_account="house:profit", amount_minor=-amount)])

    def _post(self, lines: Sequence[Posting]) -> None:
        for line in lines:
            self.balances[line.ledger_account] += line.amount_minor


TestSettlements = Settlements.TestCase
TestSettlements.settings = settings(max_examples=150, stateful_step_count=50, deadline=None)
