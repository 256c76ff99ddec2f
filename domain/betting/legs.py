"""What the account and the book say to each other about a leg."""

from domain.betting.journal import Open
from domain.betting.shares import held_shares, leg_stakes, shares
from domain.betting.slip import Slip
from domain.errors import ContractViolation
from domain.events.betting import BetLeg, LegAction, LegVerdict
from domain.money.cause import PROVIDER, Cause


def leg_events(
    slip: Slip, action: LegAction, stake_minor: int, odds: tuple[int, ...], cause: Cause
) -> tuple[BetLeg, ...]:
    """Write the word to the book about every leg; `event_id` is `<leg_id>.<action>`.

    `stake_minor` is the bet's; each leg is told of what rides on it (`domain.betting.shares`).
    """
    of = shares if action == "CONFIRM" else held_shares
    riding = of(slip.bet_type, stake_minor, odds)
    return tuple(
        [
            BetLeg(
                event_id=f"{slip.leg_id(index)}.{action.lower()}",
                occurred_at=cause.at,
                received_at=cause.at,
                provider=PROVIDER,
                source=cause.source,
                leg_id=slip.leg_id(index),
                bet_id=slip.bet_id,
                customer_id=slip.customer_id,
                action=action,
                fixture_id=leg.fixture_id,
                market_id=leg.market_id,
                selection_id=leg.selection_id,
                odds=odds[index],
                quote_version=leg.quote_version,
                price_policy=slip.price_policy,
                currency=slip.currency,
                stake_minor=riding[index].stake_minor,
                other_odds=riding[index].other_odds,
            )
            for index, leg in enumerate(slip.legs)
        ]
    )


def leg_index(slip: Slip, verdict: LegVerdict) -> int:
    """Find the leg that a verdict is about.

    Raises:
        ContractViolation: the bet has no such leg, or the leg is on another selection.
    """
    for index, leg in enumerate(slip.legs):
        if verdict.leg_id == slip.leg_id(index):
            if (verdict.market_id, verdict.selection_id) != (leg.market_id, leg.selection_id):
                raise ContractViolation(f"the verdict on leg {verdict.leg_id} is about another selection")
            return index
    raise ContractViolation(f"a verdict on leg {verdict.leg_id}, but the bet has no such leg")


def taken_odds(asked: int, now: int, legs: int) -> int:
    """Return the odds at which a leg is taken, in thousandths, of those asked and those now, in a bet of so many legs.

    A single is taken at the odds now. A leg of several is not taken longer than asked: what the books hold for
    the other legs counts on it at the odds asked, and no more may be confirmed to them than they held.
    """
    return now if legs == 1 else min(asked, now)


def hold_to(asked: Open, index: int, verdict: LegVerdict) -> None:
    """Hold the book to the customer's price policy and to the stake that was held.

    Raises:
        ContractViolation: the verdict's stake, odds or code do not go with its outcome.
    """
    if verdict.outcome == "REFUSE":
        if not verdict.code:
            raise ContractViolation(f"the verdict on leg {verdict.leg_id} refuses without a code")
        return
    held_minor = leg_stakes(asked.slip.bet_type, asked.held_minor)[index]
    stakes = {"PASS": verdict.stake_minor == held_minor, "REDUCE": 0 < verdict.stake_minor < held_minor}
    if not stakes[verdict.outcome] or (verdict.outcome == "REDUCE" and not verdict.code):
        raise ContractViolation(
            f"the verdict on leg {verdict.leg_id} is {verdict.outcome} {verdict.code} with a stake of "
            f"{verdict.stake_minor} of {held_minor} held"
        )
    odds, policy = asked.slip.legs[index].odds, asked.slip.price_policy
    kept = {"exact": verdict.odds == odds, "better": verdict.odds >= odds, "any": verdict.odds > 1000}
    if not kept[policy]:
        raise ContractViolation(f"the verdict on leg {verdict.leg_id} takes {verdict.odds} for {odds} under {policy}")
