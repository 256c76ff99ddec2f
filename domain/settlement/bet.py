"""The settlement of one bet: a fold of what became of its legs, and the money that each change of it moves.

Each leg counts by the latest version of its market's truth, so outcomes may come in any order and again. From the legs
follows what the bet returns, from that where its stake lies, and what is posted is the difference to where it lay
before: after any sequence the balances are those of the last truth alone. A correction is a new move, never an edit.

A bet is settled when no open leg can change what it returns: an accumulator with a lost leg is, whatever the others
do. It is CONFIRMED when the confirmed legs alone settle it, PROVISIONAL when it takes a provisional one, and paid
either way. PARTLY is a bet with results that do not settle it yet; its stake lies open, and so does that of a bet
whose results were taken back.
"""

from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from domain.betting.returns import Returns
from domain.errors import ContractViolation
from domain.money.bounds import MOST_MINOR
from domain.settlement.result import LegResult
from domain.settlement.truth import UNSETTLED, LegOutcome

BetStatus = Literal["OPEN", "PARTLY", "PROVISIONAL", "CONFIRMED"]
Payout = Callable[[Sequence[LegResult | None]], Returns]
"""What a bet returns by its legs' results in their order, None for an open leg (`domain.betting.returns`)."""


class Settlement(msgspec.Struct, frozen=True, kw_only=True):
    """A bet as it is settled now, in minor units.

    `returned_minor` is paid as cash; `void_minor` is given back as bonus, of a free bet alone. Both are 0 until the bet
    is settled.
    """

    status: BetStatus = "OPEN"
    returned_minor: int = 0
    void_minor: int = 0

    @property
    def settled(self) -> bool:
        """Tell whether the stake has left the open stakes."""
        return self.status in ("PROVISIONAL", "CONFIRMED")


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """What a change of a bet adds to the open stakes, the customer's cash and bonus, and the house's profit.

    Minor units; they sum to zero.
    """

    stakes_minor: int
    cash_minor: int
    bonus_minor: int
    profit_minor: int

    def __post_init__(self) -> None:
        assert self.stakes_minor + self.cash_minor + self.bonus_minor + self.profit_minor == 0, self

    def __bool__(self) -> bool:
        """Tell whether it moves anything."""
        return bool(self.stakes_minor or self.cash_minor or self.bonus_minor or self.profit_minor)


class SettledBet(msgspec.Struct, frozen=True, kw_only=True):
    """An accepted bet's row: its stake (minor units), its legs, and how it is settled; `version` counts its changes.

    The stake of a `free` bet came out of the bonus: winnings are cash, what is void of it is bonus again.
    """

    bet_id: str
    customer_id: str
    stake_minor: int
    free: bool
    legs: tuple[LegOutcome, ...]
    settlement: Settlement = Settlement()
    version: int = 0

    def __post_init__(self) -> None:
        assert 0 < self.stake_minor <= MOST_MINOR, self
        assert self.legs, self


def accepted(bet_id: str, customer_id: str, *, stake_minor: int, free: bool, legs: int) -> SettledBet:
    """Return the row of a bet whose stake has just gone to the open stakes, with so many open legs."""
    return SettledBet(
        bet_id=bet_id, customer_id=customer_id, stake_minor=stake_minor, free=free, legs=(UNSETTLED,) * legs
    )


def take(bet: SettledBet, leg: int, outcome: LegOutcome, payout: Payout) -> tuple[SettledBet, Move]:
    """Return the bet after what became of one leg, and the money that moves; an old or repeated outcome moves none.

    Raises:
        ContractViolation: the bet has no such leg, or the version was said before with another outcome.
    """
    if not 0 <= leg < len(bet.legs):
        raise ContractViolation(f"bet {bet.customer_id}/{bet.bet_id} has no leg {leg}")
    held = bet.legs[leg]
    if outcome.version == held.version and outcome != held:
        raise ContractViolation(
            f"bet {bet.customer_id}/{bet.bet_id} heard two outcomes of leg {leg} under version {outcome.version}"
        )
    if outcome.version <= held.version:
        return bet, _move(bet, bet.settlement, bet.settlement)
    legs = (*bet.legs[:leg], outcome, *bet.legs[leg + 1 :])
    settlement = settle(legs, payout, free=bet.free)
    same = msgspec.structs.replace(outcome, version=held.version) == held
    now = msgspec.structs.replace(
        bet, legs=legs, settlement=settlement, version=bet.version if same else bet.version + 1
    )
    return now, _move(bet, bet.settlement, settlement)


def settle(legs: Sequence[LegOutcome], payout: Payout, *, free: bool) -> Settlement:
    """Return how a bet is settled by what became of its legs."""
    results = [leg.result for leg in legs]
    if not any(results):
        return Settlement()
    worth = payout(results)
    if not _decided(worth, free=free):
        return Settlement(status="PARTLY")
    confirmed = [leg.result if leg.status == "CONFIRMED" else None for leg in legs]
    sure = confirmed == results or _decided(payout(confirmed), free=free)
    return Settlement(
        status="CONFIRMED" if sure else "PROVISIONAL",
        returned_minor=worth.returned_minor,
        void_minor=worth.void_minor if free else 0,
    )


def _decided(worth: Returns, *, free: bool) -> bool:
    """Tell whether no open leg can change what the bet returns.

    A bet that returns all that it can is decided, though legs are open. What is void of a free bet can still change
    then, so that takes that no line is open.
    """
    return worth.open_lines == 0 or (not free and worth.returned_minor == worth.most_minor)


def _move(bet: SettledBet, before: Settlement, after: Settlement) -> Move:
    """Return the difference between where the stake lay and where it lies: in the open stakes, or where it went."""
    gone = (bet.stake_minor if after.settled else 0) - (bet.stake_minor if before.settled else 0)
    cash = after.returned_minor - before.returned_minor
    bonus = after.void_minor - before.void_minor
    return Move(stakes_minor=-gone, cash_minor=cash, bonus_minor=bonus, profit_minor=gone - cash - bonus)
