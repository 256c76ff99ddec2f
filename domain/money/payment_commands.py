"""What commands of customers have in common: what is wrong with one, and how it stands to one taken before."""

from domain.money.bounds import MOST_MINOR
from domain.money.ids import plain_id
from domain.money.payment_codes import PaymentCode
from domain.money.payment_terms import DepositAsked, WithdrawalAsked


def fault_of(asked: DepositAsked | WithdrawalAsked) -> PaymentCode | None:
    """Return what is wrong with a command.

    Raises:
        ContractViolation: an id cannot be carried on.
    """
    plain_id("customer_id", asked.customer_id)
    plain_id("payment_id", asked.payment_id)
    plain_id("currency", asked.currency)
    return amount_fault(asked.amount_minor)


def amount_fault(amount_minor: int) -> PaymentCode | None:
    """Return what is wrong with an amount of minor units."""
    if amount_minor <= 0:
        return PaymentCode.AMOUNT_NOT_POSITIVE
    return PaymentCode.AMOUNT_ABOVE_LIMIT if amount_minor > MOST_MINOR else None


def repeat_of(known: DepositAsked | WithdrawalAsked, asked: DepositAsked | WithdrawalAsked) -> PaymentCode:
    """Say how a command stands to the one that was taken under its id."""
    if known.customer_id != asked.customer_id:
        return PaymentCode.EXISTS_WITH_DIFFERENT_CUSTOMER
    if known.currency != asked.currency:
        return PaymentCode.EXISTS_WITH_DIFFERENT_CURRENCY
    if known.amount_minor != asked.amount_minor:
        return PaymentCode.EXISTS_WITH_DIFFERENT_AMOUNT
    return PaymentCode.EXISTS
