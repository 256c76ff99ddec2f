"""Why a payment, or what was said of one, was refused: a closed set.

A code is a contract: it never changes its meaning.
"""

from domain.coded import Coded


class PaymentCode(Coded):
    """A coded reason; its value is what events and audit records carry in `code` (empty when all is well)."""

    AMOUNT_NOT_POSITIVE = "AMOUNT_NOT_POSITIVE", "the amount is zero or below"
    AMOUNT_ABOVE_LIMIT = "AMOUNT_ABOVE_LIMIT", "the amount is above what any one payment may move"

    ACCOUNT_UNKNOWN = "ACCOUNT_UNKNOWN", "this customer has no account"
    CURRENCY_MISMATCH = "CURRENCY_MISMATCH", "the payment is not in the account's currency"
    INSUFFICIENT_BALANCE = "INSUFFICIENT_BALANCE", "the amount is above what is free to withdraw"
    DEPOSIT_DAY_LIMIT = "DEPOSIT_DAY_LIMIT", "the deposits of 24 hours would pass the customer's limit"
    DEPOSIT_WEEK_LIMIT = "DEPOSIT_WEEK_LIMIT", "the deposits of seven days would pass the customer's limit"
    TOO_MANY_DEPOSITS = "TOO_MANY_DEPOSITS", "the customer has begun as many deposits as seven days may have"
    BALANCE_LIMIT = "BALANCE_LIMIT", "the account would hold more than it may"

    EXISTS = "EXISTS", "the same command was taken before; nothing more is done"
    EXISTS_WITH_DIFFERENT_CUSTOMER = "EXISTS_WITH_DIFFERENT_CUSTOMER", "the id was used for another customer"
    EXISTS_WITH_DIFFERENT_AMOUNT = "EXISTS_WITH_DIFFERENT_AMOUNT", "the id was used for another amount"
    EXISTS_WITH_DIFFERENT_CURRENCY = "EXISTS_WITH_DIFFERENT_CURRENCY", "the id was used for another currency"

    EXISTS_WITH_DIFFERENT_KIND = "EXISTS_WITH_DIFFERENT_KIND", "the id was used for a payment the other way"
    NO_PROVIDER = "NO_PROVIDER", "no payment provider is set, so no payment is begun"

    PAYMENT_UNKNOWN = "PAYMENT_UNKNOWN", "no such payment was begun"
    NOT_CAPTURED = "NOT_CAPTURED", "the deposit holds no captured money that could be refunded"
    REFUND_ABOVE_CAPTURE = "REFUND_ABOVE_CAPTURE", "the refunds would be more than was captured"
    TOO_MANY_REFUNDS = "TOO_MANY_REFUNDS", "the deposit has as many refunds as it may have"
    DECLINED = "DECLINED", "the provider declined"
    LAPSED = "LAPSED", "the deposit was given up before the provider authorised it"

    ASK_UNREADABLE = "ASK_UNREADABLE", "what the cashier was to ask cannot be read"
    KEY_REUSED = "KEY_REUSED", "the provider knows the request's key for something else"
    REQUEST_UNKNOWN = "REQUEST_UNKNOWN", "the provider speaks of a request that was never made"
    MOVE_UNKNOWN = "MOVE_UNKNOWN", "the ledger answers a move that was never asked of it"
    AMOUNT_DIFFERS = "AMOUNT_DIFFERS", "the provider speaks of another amount than was asked"
    CURRENCY_DIFFERS = "CURRENCY_DIFFERS", "the provider speaks of another currency than was asked"
    CONTRADICTS = "CONTRADICTS", "the provider takes back what it had said for good"
