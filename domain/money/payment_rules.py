"""What the house allows in payments, and how long it waits for its provider: configuration, frozen."""

from collections.abc import Mapping
from typing import Any

import msgspec

from domain.errors import Misconfigured
from domain.money.payment_limits import PaymentLimits
from domain.money.payment_terms import Patience


class PaymentRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The payments' configuration.

    Without a provider (`has_provider`) new payments are refused; those under way go on. `payments_per_tick` bounds how
    many payments one tick of the clock asks after.
    """

    currency: str = "GBP"
    has_provider: bool = False
    limits: PaymentLimits = PaymentLimits()
    customers: Mapping[str, PaymentLimits] = {}
    patience: Patience = Patience()
    payments_per_tick: int = 128

    def __post_init__(self) -> None:
        if self.payments_per_tick < 1:
            raise Misconfigured(f"payments: payments_per_tick is at least 1, not {self.payments_per_tick}")

    def limits_of(self, customer_id: str) -> PaymentLimits:
        """Return the customer's own limits, or everybody's."""
        return self.customers.get(customer_id, self.limits)


def rules_from(values: Mapping[str, Any]) -> PaymentRules:
    """Read rules from plain values, as of a TOML file.

    Raises:
        Misconfigured: a key is unknown, a value is not of its kind, or is not possible.
    """
    try:
        return msgspec.convert(dict(values), PaymentRules)
    except msgspec.ValidationError as error:
        raise Misconfigured(f"payments: {error}") from error
