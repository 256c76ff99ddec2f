"""What the house allows a customer, and how long the account waits: configuration, frozen."""

from collections.abc import Mapping
from typing import Any

import msgspec

from domain.betting.cash_out import CashOutRules
from domain.betting.systems import MOST_LINES
from domain.errors import Misconfigured

SECOND_US = 1_000_000
HOUR_US = 3600 * SECOND_US

MOST_LEG_ODDS = 10_000_000
"""The highest odds of one leg that a slip may ask, in thousandths: 10,000."""

MOST_ODDS = 2_000_000_000
"""The highest combined odds that a slip may ask, in thousandths: two million, within 32 bits."""

MOST_LEGS = 30
"""No customer's limits allow more legs in one bet: what 256 such bets change and say fits into one unit of delivery."""


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one bet may be; money in minor units."""

    min_stake_minor: int = 10
    max_stake_minor: int = 5_000_00
    max_payout_minor: int = 250_000_00
    max_legs: int = 20
    max_lines: int = 1_000

    def __post_init__(self) -> None:
        if not 0 < self.min_stake_minor <= self.max_stake_minor:
            raise Misconfigured(f"limits: 0 < min_stake_minor <= max_stake_minor does not hold in {self}")
        if not self.max_stake_minor <= self.max_payout_minor <= 10**15:
            raise Misconfigured(f"limits: max_stake_minor <= max_payout_minor <= 10^15 does not hold in {self}")
        if not 1 <= self.max_legs <= MOST_LEGS:
            raise Misconfigured(f"limits: max_legs is 1 to {MOST_LEGS}, not {self.max_legs}")
        if not 1 <= self.max_lines <= MOST_LINES:
            raise Misconfigured(f"limits: max_lines is 1 to {MOST_LINES}, not {self.max_lines}")


class AccountRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The account's configuration; times in microseconds of the log's time.

    `answer_within_us` must exceed the longest in-play delay by what the book needs to answer after it.
    `request_max_age_us` lies well below `journal_keep_us`: a retry is either in the journal or too old to be taken.
    `bets_per_tick` bounds how many bets one tick of the clock ends, and how many it forgets. A settlement that was
    confirmed is corrected for `corrections_us` after its last change. The ledger is signed every
    `checkpoint_every_us`, if anything was booked since.
    """

    currency: str = "GBP"
    limits: Limits = Limits()
    customers: Mapping[str, Limits] = {}
    cash_out: CashOutRules = CashOutRules()
    related_legs: bool = False
    answer_within_us: int = 15 * SECOND_US
    request_max_age_us: int = 12 * HOUR_US
    journal_keep_us: int = 24 * HOUR_US
    bets_per_tick: int = 256
    corrections_us: int = 90 * 24 * HOUR_US
    checkpoint_every_us: int = 60 * SECOND_US

    def __post_init__(self) -> None:
        if not 0 < self.answer_within_us < self.request_max_age_us < self.journal_keep_us:
            raise Misconfigured("rules: 0 < answer_within_us < request_max_age_us < journal_keep_us does not hold")
        if self.corrections_us <= 0:
            raise Misconfigured(f"rules: corrections_us is above 0, not {self.corrections_us}")
        if self.checkpoint_every_us <= 0:
            raise Misconfigured(f"rules: checkpoint_every_us is above 0, not {self.checkpoint_every_us}")
        if self.bets_per_tick < 1:
            raise Misconfigured(f"rules: bets_per_tick is at least 1, not {self.bets_per_tick}")

    def limits_of(self, customer_id: str) -> Limits:
        """Return the customer's own limits, or everybody's."""
        return self.customers.get(customer_id, self.limits)


def rules_from(values: Mapping[str, Any]) -> AccountRules:
    """Read rules from plain values, as of a JSON or TOML file.

    Raises:
        Misconfigured: a key is unknown, a value is not of its kind, or the rules contradict each other.
    """
    try:
        return msgspec.convert(dict(values), AccountRules)
    except msgspec.ValidationError as error:
        raise Misconfigured(f"rules: {error}") from error
