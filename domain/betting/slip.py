"""A bet slip: what the customer meant, and whether it can be a bet at all, before anything is known about money."""

from hashlib import blake2b

import msgspec

from domain.betting.checks.verdict import refused
from domain.betting.codes import Code
from domain.betting.payout import valid_odds
from domain.betting.returns import LegState, Wager, refusal
from domain.betting.rules import MOST_LEG_ODDS, MOST_ODDS, AccountRules
from domain.betting.shares import mean_odds
from domain.betting.systems import BetType, asked
from domain.errors import ContractViolation
from domain.events.betting import BetRequest, CheckVerdict, PricePolicy, SlipLeg, bet_key
from domain.money.ids import LONGEST_ID, plain_id


class Slip(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A bet request without its token: what the journal keeps until the bet is decided.

    What has a default is left out where it has it: a slip of before keeps its fingerprint when another is added.
    """

    bet_id: str
    customer_id: str
    currency: str
    stake_minor: int
    price_policy: PricePolicy
    accept_partial: bool
    legs: tuple[SlipLeg, ...]
    requested_at: int
    folds: tuple[int, ...] = ()
    bankers: tuple[int, ...] = ()
    each_way: bool = False
    free: bool = False

    @property
    def bet_type(self) -> BetType:
        """Return which lines the legs make; it may be one that these legs cannot be."""
        return asked(len(self.legs), self.folds, self.bankers)

    @property
    def odds(self) -> tuple[int, ...]:
        """Return the odds asked, leg by leg."""
        return tuple([leg.odds for leg in self.legs])

    def leg_id(self, index: int) -> str:
        """Name a leg; the customer is part of the name, so that no two customers' legs can share one."""
        return f"{bet_key(self.customer_id, self.bet_id)}/{index}"


def slip_of(request: BetRequest) -> Slip:
    """Take the token off a request.

    Raises:
        ContractViolation: an id is empty, too long to be carried on, or holds a separator.
    """
    plain_id("customer_id", request.customer_id)
    plain_id("bet_id", request.bet_id)
    plain_id("currency", request.currency)
    for leg in request.legs:
        for name in (leg.fixture_id, leg.market_id, leg.selection_id):
            if len(name) > LONGEST_ID:
                raise ContractViolation(f"bet {request.bet_id}: an id of a leg is longer than {LONGEST_ID} characters")
    return Slip(
        bet_id=request.bet_id,
        customer_id=request.customer_id,
        currency=request.currency,
        stake_minor=request.stake_minor,
        price_policy=request.price_policy,
        accept_partial=request.accept_partial,
        legs=request.legs,
        requested_at=request.received_at,
        folds=request.folds,
        bankers=request.bankers,
        each_way=request.each_way,
        free=request.free,
    )


def fingerprint(slip: Slip) -> bytes:
    """Return what two requests under one bet_id must share: all that the customer meant, nothing of the delivery."""
    meant = msgspec.structs.replace(slip, requested_at=0)
    return blake2b(msgspec.msgpack.encode(meant), digest_size=16).digest()


def fault(slip: Slip, rules: AccountRules) -> CheckVerdict | None:
    """Return the refusal of a slip that cannot be a bet, or None."""
    most = rules.limits_of(slip.customer_id).max_legs
    if not slip.legs:
        return refused("limits", Code.NO_LEGS, legs=0)
    if len(slip.legs) > most:
        return refused("limits", Code.TOO_MANY_LEGS, legs=len(slip.legs), max_legs=most)
    if slip.stake_minor <= 0:
        return refused("limits", Code.STAKE_NOT_POSITIVE, stake_minor=slip.stake_minor)
    most_lines = rules.limits_of(slip.customer_id).max_lines
    return _type_fault(slip, most_lines) or _odds_fault(slip) or _legs_fault(slip, related=rules.related_legs)


def _type_fault(slip: Slip, most_lines: int) -> CheckVerdict | None:
    """Refuse a type that does not fit the legs, a line without a stake, and what the house does not offer.

    No quote has place terms, and no account a bonus.
    """
    wager = Wager(bet_type=slip.bet_type, stake_minor=slip.stake_minor)
    code = refusal(wager, [LegState(odds=each) for each in slip.odds], most_lines=most_lines)
    if code is not None:
        shape = {"folds": len(slip.folds), "bankers": len(slip.bankers), "max_lines": most_lines}
        return refused("limits", code, stake_minor=slip.stake_minor, legs=len(slip.legs), **shape)
    if slip.each_way:
        return refused("availability", Code.EACH_WAY_NOT_OFFERED, legs=len(slip.legs))
    if slip.free:
        return refused("balance", Code.BONUS_INSUFFICIENT, stake_minor=slip.stake_minor, bonus_minor=0)
    return None


def _odds_fault(slip: Slip) -> CheckVerdict | None:
    if not valid_odds(slip.odds, most=MOST_LEG_ODDS):
        return refused("odds", Code.ODDS_INVALID, lowest=min(slip.odds), highest=max(slip.odds), max_odds=MOST_LEG_ODDS)
    combined = mean_odds(slip.bet_type, slip.odds)
    if combined > MOST_ODDS:
        return refused("odds", Code.ODDS_INVALID, odds=combined, max_odds=MOST_ODDS)
    return None


def _legs_fault(slip: Slip, *, related: bool) -> CheckVerdict | None:
    """Refuse a market that is not of its fixture, and legs that depend on each other.

    Two legs in one market always do; two in one fixture do unless the house prices them as if they did not.
    """
    fixtures: set[str] = set()
    markets: set[str] = set()
    for index, leg in enumerate(slip.legs):
        if not leg.market_id.startswith(f"{leg.fixture_id}/"):
            return refused("availability", Code.MARKET_UNKNOWN, leg=index)
        if leg.market_id in markets or (leg.fixture_id in fixtures and not related):
            return refused("risk", Code.LEGS_RELATED, leg=index)
        fixtures.add(leg.fixture_id)
        markets.add(leg.market_id)
    return None
