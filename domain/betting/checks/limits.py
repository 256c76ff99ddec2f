"""Limits: what this customer may stake on one bet, and what one bet may pay."""

from bisect import bisect_right
from collections.abc import Sequence

from domain.betting.checks.verdict import passed, reduced, refused
from domain.betting.codes import Code
from domain.betting.returns import LegState, Wager, returns
from domain.betting.rules import Limits
from domain.betting.systems import BetType, line_count
from domain.events.betting import CheckVerdict


def limits(rules: Limits, bet_type: BetType, stake_minor: int, odds: Sequence[int]) -> CheckVerdict:
    """Check a stake (minor units) at these odds against the customer's limits; reduce it to what they allow.

    A reduced stake is the same on every line. What could only be reduced below the minimum is refused.
    """
    figures = {
        "stake_minor": stake_minor,
        "min_stake_minor": rules.min_stake_minor,
        "max_stake_minor": rules.max_stake_minor,
        "payout_minor": most_payout(bet_type, stake_minor, odds),
        "max_payout_minor": rules.max_payout_minor,
    }
    if stake_minor < rules.min_stake_minor:
        return refused("limits", Code.STAKE_BELOW_MINIMUM, **figures)
    if stake_minor <= rules.max_stake_minor and figures["payout_minor"] <= rules.max_payout_minor:
        return passed("limits", **figures)
    lines = line_count(bet_type)
    by_stake = rules.max_stake_minor // lines

    def payout(unit: int) -> int:
        return most_payout(bet_type, unit * lines, odds)

    # The most of them that pays no more than may be paid, looked for to one above what may be staked.
    by_payout = bisect_right(range(1, by_stake + 2), rules.max_payout_minor, key=payout)
    allowed = min(by_stake, by_payout) * lines
    code = Code.PAYOUT_ABOVE_LIMIT if by_payout <= by_stake else Code.STAKE_ABOVE_LIMIT
    if allowed < rules.min_stake_minor:
        return refused("limits", code, **figures)
    return reduced("limits", code, allowed_minor=allowed, **figures)


def most_payout(bet_type: BetType, stake_minor: int, odds: Sequence[int]) -> int:
    """Return the most that a bet can pay, in minor units: what it returns if every leg wins."""
    wager = Wager(bet_type=bet_type, stake_minor=stake_minor)
    return returns(wager, [LegState(odds=each) for each in odds]).most_minor
