"""A customer's payments: deposits and withdrawals as state machines, (state, input, at) → `Step`.

Nothing here reads a clock, asks anybody or moves money: a `Step` says what is to be asked of the provider and moved in
the ledger, and doing that again does nothing. Time is microseconds, amounts are minor units.

The hook for limits: each `Step` may hold moves of kind ADMIT and HOLD. The ledger decides them (`payment_limits` has
the rules as functions of data) and its answers are the next input, `LedgerAnswered`; nobody is asked before.
"""

from domain.money.payment_deposit import Deposit, DepositStatus, on_deposit
from domain.money.payment_terms import PATIENCE, Ask, Patience
from domain.money.payment_withdrawal import Withdrawal, on_withdrawal

__all__ = [
    "Deposit",
    "DepositStatus",
    "Withdrawal",
    "ask_after",
    "due_at",
    "on_deposit",
    "on_withdrawal",
    "payment_of",
    "unresolved_since",
]


def due_at(payment: Deposit | Withdrawal, patience: Patience = PATIENCE) -> int | None:
    """Return when the next `Tick` is wanted, None when nothing is waited for."""
    times = [request.due_at for request in payment.open_requests]
    if isinstance(payment, Deposit) and payment.status is DepositStatus.AUTHORISING:
        times.append(payment.opened_at + patience.authorise_us)
    return min(times, default=None)


def unresolved_since(payment: Deposit | Withdrawal) -> int | None:
    """Return since when a request's outcome is not known: too long is a case for a person, None is none."""
    return min((request.asked_at for request in payment.open_requests), default=None)


def payment_of(key: str) -> tuple[str, str] | None:
    """Return the customer_id and payment_id of a request's key, None where it is no key of ours."""
    customer_id, _, rest = key.partition("/")
    payment_id, _, verb = rest.partition("/")
    return (customer_id, payment_id) if customer_id and payment_id and verb else None


def ask_after(payment: Deposit | Withdrawal, key: str) -> Ask | None:
    """Return how to ask what became of a request, also of one that was thought to be over.

    What reconciliation finds MISSING_IN_LEDGER is asked after so: the provider's word is then an input like any other.
    """
    return next((request.ask(query=True) for request in payment.requests if request.key == key), None)
