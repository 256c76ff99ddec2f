"""Cash-out: what the house pays for a bet, or a part of it, before its legs are decided."""

from collections.abc import Sequence

import msgspec

from domain.betting.codes import Code
from domain.betting.factors import LOST, Factor, won_factor
from domain.betting.payout import EVEN
from domain.betting.returns import LegState, Wager, capped, part_factors, parts_of, returns, total_minor
from domain.errors import Misconfigured

WHOLE_BPS = 10_000


class CashOutRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the house quotes a cash-out; shares in hundredths of a percent, time in microseconds.

    Attributes:
        margin_bps: what the house keeps of the worth of the open lines.
        life_us: how long a quote holds.
        tolerance_bps: by how much of the quoted amount the worth may have fallen when the quote is taken.
    """

    margin_bps: int = 500
    life_us: int = 10_000_000
    tolerance_bps: int = 100

    def __post_init__(self) -> None:
        if not (0 <= self.margin_bps <= WHOLE_BPS and 0 <= self.tolerance_bps <= WHOLE_BPS and self.life_us > 0):
            raise Misconfigured(f"cash-out: shares are 0 to {WHOLE_BPS} and life_us is above 0, not {self}")


class LegPrice(msgspec.Struct, frozen=True, kw_only=True):
    """The odds at which the house offers a leg now, in thousandths.

    `place_odds` are of the place part; None where none are quoted, which takes the terms' fraction of `odds`.
    """

    odds: int
    place_odds: int | None = None

    def __post_init__(self) -> None:
        assert self.odds >= EVEN, self
        assert self.place_odds is None or self.place_odds >= EVEN, self


class CashOutQuote(msgspec.Struct, frozen=True, kw_only=True):
    """The house's offer for `part_minor` of a bet's stake; `bet` is its key, `bet_version` the state it was made on."""

    quote_id: str
    bet: str
    bet_version: int
    part_minor: int
    amount_minor: int
    expires_at: int


class CashedOut(msgspec.Struct, frozen=True, kw_only=True):
    """What is paid, and the bet that stays; None if all of it was cashed out."""

    amount_minor: int
    rest: Wager | None


class OpenBet(msgspec.Struct, frozen=True, kw_only=True):
    """A bet as it stands: its version grows when a leg is settled or rolled back, and when a part is cashed out."""

    bet: str
    version: int
    wager: Wager
    legs: tuple[LegState, ...]


def quote(
    bet: OpenBet, part_minor: int, prices: Sequence[LegPrice | None], rules: CashOutRules, *, quote_id: str, now: int
) -> CashOutQuote | Code:
    """Offer an amount for so much of the stake, at the odds of each leg now; None for a leg that is not offered."""
    amount = worth(bet, part_minor, prices, rules)
    if isinstance(amount, Code):
        return amount
    return CashOutQuote(
        quote_id=quote_id,
        bet=bet.bet,
        bet_version=bet.version,
        part_minor=part_minor,
        amount_minor=amount,
        expires_at=now + rules.life_us,
    )


def take(
    offer: CashOutQuote, bet: OpenBet, prices: Sequence[LegPrice | None], rules: CashOutRules, *, now: int
) -> CashedOut | Code:
    """Take an offer, checked again: it is still its bet's, in time, and worth what it said within the tolerance.

    The quoted amount is paid, also where the bet is worth more by now.
    """
    if offer.bet != bet.bet:
        return Code.CASH_OUT_UNKNOWN
    if now >= offer.expires_at:
        return Code.CASH_OUT_EXPIRED
    if offer.bet_version != bet.version:
        return Code.CASH_OUT_BET_CHANGED
    amount = worth(bet, offer.part_minor, prices, rules)
    if isinstance(amount, Code):
        return amount
    if amount * WHOLE_BPS < offer.amount_minor * (WHOLE_BPS - rules.tolerance_bps):
        return Code.CASH_OUT_MOVED
    _, rest = split(bet.wager, offer.part_minor)
    return CashedOut(amount_minor=offer.amount_minor, rest=rest)


def worth(bet: OpenBet, part_minor: int, prices: Sequence[LegPrice | None], rules: CashOutRules) -> int | Code:
    """Return what so much of the stake is worth now, or why it cannot be cashed out.

    A line is worth its stake × what its settled legs made of it × odds taken / odds now of each open leg, rounded down
    by line; the margin is taken from the open lines' sum and rounded against the customer once; the maximum payout
    caps it.
    """
    wager = bet.wager
    if not 0 < part_minor <= wager.stake_minor or (part_minor != wager.stake_minor and part_minor % parts_of(wager)):
        return Code.CASH_OUT_PART_INVALID
    part, _ = split(wager, part_minor)
    if not returns(part, bet.legs).open_lines:
        return Code.CASH_OUT_UNAVAILABLE
    decided, expected = list[list[Factor]](), list[list[Factor]]()
    for place in (False, True) if wager.each_way else (False,):
        known = part_factors(bet.legs, place=place)
        if any(factor is None and price is None for factor, price in zip(known, prices, strict=True)):
            return Code.CASH_OUT_UNAVAILABLE
        decided.append([factor or LOST for factor in known])
        expected.append(
            [
                factor or _expected(leg, price, place=place)
                for factor, leg, price in zip(known, bet.legs, prices, strict=True)
            ]
        )
    sure = total_minor(part, decided)
    hoped = total_minor(part, expected) - sure
    return capped(part, sure + hoped * (WHOLE_BPS - rules.margin_bps) // WHOLE_BPS) or Code.CASH_OUT_UNAVAILABLE


def split(wager: Wager, part_minor: int) -> tuple[Wager, Wager | None]:
    """Divide a bet into the part that is cashed out and the rest; the maximum payout divides with the stake."""
    rest_minor = wager.stake_minor - part_minor
    if not rest_minor:
        return wager, None
    most = wager.max_payout_minor
    if most is None:
        part_most = rest_most = None
    else:
        part_most = most * part_minor // wager.stake_minor
        rest_most = most - part_most
    return (
        msgspec.structs.replace(wager, stake_minor=part_minor, max_payout_minor=part_most),
        msgspec.structs.replace(wager, stake_minor=rest_minor, max_payout_minor=rest_most),
    )


def _expected(leg: LegState, price: LegPrice | None, *, place: bool) -> Factor:
    """Return what an open leg is worth: the odds taken over those now, of which 1 over those now is stake."""
    assert price is not None, leg
    taken, now = won_factor(leg.odds), won_factor(price.odds)
    if place:
        assert leg.terms is not None, leg
        taken, now = won_factor(leg.odds, leg.terms.fraction), won_factor(price.odds, leg.terms.fraction)
        if price.place_odds is not None:
            now = won_factor(price.place_odds)
    return Factor(taken.total * now.scale, taken.scale * now.scale, taken.scale * now.total)
