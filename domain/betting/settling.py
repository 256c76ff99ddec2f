"""An accepted bet until long after it is settled: what became of its legs, what was paid, what is still to be moved."""

from collections.abc import Sequence

import msgspec

from domain.betting.cash_out import split
from domain.betting.returns import LegState, Returns, Wager, returns
from domain.betting.systems import asked
from domain.errors import ContractViolation
from domain.events.betting import BetDecision, bet_key
from domain.events.head import Event
from domain.events.settlement import BetSettlement, LegSettlement, SettledLeg
from domain.money import account as accounts
from domain.money.account import AccountState
from domain.money.cause import PROVIDER, Cause
from domain.settlement.bet import Move, SettledBet, accepted, take
from domain.settlement.result import LegResult
from domain.settlement.telling import result_of, selection_result
from domain.settlement.truth import LegOutcome


class SettlingBet(msgspec.Struct, frozen=True, kw_only=True):
    """A bet with the odds at which its legs were taken, in thousandths; `changed_at` is when it changed last.

    `wager` and `bet` are of what is left after cash-outs: `cashed_out_minor` of the stake, for which `cash_paid_minor`
    were paid. It is `closed` when nothing is left. Rows of before cash-outs have no `markets`.
    """

    currency: str
    wager: Wager
    odds: tuple[int, ...]
    selections: tuple[str, ...]
    bet: SettledBet
    changed_at: int
    cashed_out_minor: int = 0
    cash_paid_minor: int = 0
    closed: bool = False
    markets: tuple[str, ...] = ()

    @property
    def is_final(self) -> bool:
        """Tell whether only a correction can change it."""
        return self.closed or self.bet.settlement.status == "CONFIRMED"

    def payout(self, results: Sequence[LegResult | None]) -> Returns:
        """Return what the bet returns by its legs' results."""
        legs = [LegState(odds=odds, result=result) for odds, result in zip(self.odds, results, strict=True)]
        return returns(self.wager, legs)


class SettlingStep(msgspec.Struct, frozen=True, kw_only=True):
    """What an outcome changes (None: nothing) and what follows from it, in order."""

    account: AccountState | None = None
    settling: SettlingBet | None = None
    events: tuple[Event, ...] = ()


def settling_bet(decision: BetDecision) -> SettlingBet:
    """Return the row of a bet that was just accepted, in whole or in part."""
    assert decision.stake_minor > 0, f"{decision.event_id} took no stake"
    legs, free = len(decision.legs), decision.free
    bet_type = asked(legs, decision.folds, decision.bankers)
    wager = Wager(bet_type=bet_type, stake_minor=decision.stake_minor, free=free)
    bet = accepted(decision.bet_id, decision.customer_id, stake_minor=decision.stake_minor, free=free, legs=legs)
    return SettlingBet(
        currency=decision.currency, wager=wager, odds=tuple(leg.odds for leg in decision.legs),
        selections=tuple(leg.selection_id for leg in decision.legs), bet=bet, changed_at=decision.occurred_at,
        markets=tuple(leg.market_id for leg in decision.legs),
    )  # fmt: skip


def on_leg_result(account: AccountState, settling: SettlingBet, said: LegSettlement, cause: Cause) -> SettlingStep:
    """Take what became of a leg: pay, or take back, the difference to what was paid before.

    Idempotent by the version of the leg's market: an older or repeated one changes and says nothing. What was cashed
    out is no more of the bet, and its results move nothing of it.

    Raises:
        ContractViolation: the bet has no such leg, or its result is none.
    """
    index = _leg_index(settling, said)
    if settling.closed:
        return SettlingStep()
    outcome = LegOutcome(version=said.version, status=said.status, result=result_of(said.result), reason=said.code)
    bet, move = take(settling.bet, index, outcome, settling.payout)
    if bet == settling.bet:
        return SettlingStep()
    now = msgspec.structs.replace(settling, bet=bet, changed_at=max(cause.at, settling.changed_at))
    if bet.version == settling.bet.version:
        return SettlingStep(settling=now)
    if not move:
        return SettlingStep(settling=now, events=(_settlement(now, cause),))
    account, entry = accounts.settle(account, move, bet.bet_id, bet.version, cause)
    account, standing = accounts.publish(account, cause)
    return SettlingStep(account=account, settling=now, events=(entry, standing, _settlement(now, cause)))


def cashed_out(settling: SettlingBet, part_minor: int, amount_minor: int, at: int) -> SettlingBet:
    """Return what is left of an unsettled bet when so much of its stake is cashed out for an amount, minor units."""
    assert not settling.closed, settling
    assert not settling.bet.settlement.settled, settling
    _, rest = split(settling.wager, part_minor)
    bet = msgspec.structs.replace(
        settling.bet, version=settling.bet.version + 1, stake_minor=(rest or settling.wager).stake_minor
    )
    return msgspec.structs.replace(
        settling, wager=rest or settling.wager, bet=bet, changed_at=max(at, settling.changed_at), closed=rest is None,
        cashed_out_minor=settling.cashed_out_minor + part_minor,
        cash_paid_minor=settling.cash_paid_minor + amount_minor,
    )  # fmt: skip


def pay_cash_out(
    account: AccountState, settling: SettlingBet, part_minor: int, amount_minor: int, cause: Cause
) -> SettlingStep:
    """Pay a cash-out: its part of the stake leaves the open stakes, the amount is cash, the house bears the rest."""
    now = cashed_out(settling, part_minor, amount_minor, cause.at)
    move = Move(
        stakes_minor=-part_minor, cash_minor=amount_minor, bonus_minor=0, profit_minor=part_minor - amount_minor
    )
    account, entry = accounts.settle(account, move, now.bet.bet_id, now.bet.version, cause)
    account, standing = accounts.publish(account, cause)
    return SettlingStep(account=account, settling=now, events=(entry, standing, _settlement(now, cause)))


def _leg_index(settling: SettlingBet, said: LegSettlement) -> int:
    bet = settling.bet
    name, _, index = said.leg_id.rpartition("/")
    known = name == bet_key(bet.customer_id, bet.bet_id) and index.isdecimal() and int(index) < len(bet.legs)
    if not known or settling.selections[int(index)] != said.selection_id:
        raise ContractViolation(f"a result of leg {said.leg_id[:64]!r}, which is no leg of bet {bet.bet_id}")
    return int(index)


def _settlement(settling: SettlingBet, cause: Cause) -> BetSettlement:
    """Say how a bet is settled now; `event_id` is `<customer_id>/<bet_id>.settled.v<version>`."""
    bet = settling.bet
    key = bet_key(bet.customer_id, bet.bet_id)
    return BetSettlement(
        event_id=f"{key}.settled.v{bet.version}", occurred_at=cause.at, received_at=cause.at, provider=PROVIDER,
        source=cause.source, bet_id=bet.bet_id, customer_id=bet.customer_id, version=bet.version,
        status="CONFIRMED" if settling.closed else bet.settlement.status, currency=settling.currency,
        stake_minor=settling.cashed_out_minor + (0 if settling.closed else bet.stake_minor),
        returned_minor=bet.settlement.returned_minor + settling.cash_paid_minor,
        cashed_out_minor=settling.cashed_out_minor,
        legs=tuple(
            SettledLeg(
                leg_id=f"{key}/{index}", version=leg.version, status=leg.status, code=leg.reason,
                result=selection_result(settling.selections[index], leg.result),
            )
            for index, leg in enumerate(bet.legs)
        ),
    )  # fmt: skip
