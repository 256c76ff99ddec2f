"""Limits: what this customer may stake on one bet, and what one bet may pay."""

from collections.abc import Sequence

from domain.betting.checks.verdict import passed, reduced, refused
from domain.betting.codes import Code
from domain.betting.payout import payout_minor, stake_for_payout
from domain.betting.rules import Limits
from domain.events.betting import CheckVerdict


def limits(rules: Limits, stake_minor: int, odds: Sequence[int]) -> CheckVerdict:
    """Check a stake (minor units) at these odds against the customer's limits; reduce it to what they allow.

    What could only be reduced below the minimum is refused.
    """
    figures = {
        "stake_minor": stake_minor,
        "min_stake_minor": rules.min_stake_minor,
        "max_stake_minor": rules.max_stake_minor,
        "payout_minor": payout_minor(stake_minor, odds),
        "max_payout_minor": rules.max_payout_minor,
    }
    if stake_minor < rules.min_stake_minor:
        return refused("limits", Code.STAKE_BELOW_MINIMUM, **figures)
    by_payout = stake_for_payout(rules.max_payout_minor, odds)
    allowed = min(rules.max_stake_minor, by_payout)
    if stake_minor <= allowed:
        return passed("limits", **figures)
    code = Code.PAYOUT_ABOVE_LIMIT if by_payout <= rules.max_stake_minor else Code.STAKE_ABOVE_LIMIT
    if allowed < rules.min_stake_minor:
        return refused("limits", code, **figures)
    return reduced("limits", code, allowed_minor=allowed, **figures)
