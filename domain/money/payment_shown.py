"""How a payment is published: where it stands, and since when something is waited for."""

import msgspec

from domain.events.payments import Payment
from domain.money.cause import PROVIDER, Cause
from domain.money.payments import Deposit, Withdrawal, unresolved_since

_PUBLISHED = ("status", "code", "reason", "unknown_since_at")


def shown(payment: Deposit | Withdrawal, before: Payment | None, cause: Cause) -> Payment:
    """Return how a payment stands now; the same object where nothing changed that others may know."""
    asked = payment.asked
    version = before.version + 1 if before is not None else 1
    is_deposit = isinstance(payment, Deposit)
    status = payment.status if isinstance(payment, Deposit) else payment.outflow.status
    refusal = payment.refusal if isinstance(payment, Deposit) else payment.outflow.refusal
    reasons = [request.reason for request in payment.requests if request.reason]
    now = Payment(
        event_id=f"{asked.customer_id}/{asked.payment_id}.v{version}", occurred_at=cause.at, received_at=cause.at,
        provider=PROVIDER, source=cause.source, payment_id=asked.payment_id, customer_id=asked.customer_id,
        version=version, kind="DEPOSIT" if is_deposit else "WITHDRAWAL",
        status=status.value,  # type: ignore[arg-type] # those that only last within a unit are never published
        currency=asked.currency, amount_minor=asked.amount_minor, code=refusal.value if refusal else "",
        reason=reasons[-1] if reasons else "", opened_at=payment.opened_at,
        unknown_since_at=unresolved_since(payment),
    )  # fmt: skip
    if before is not None and _public(now) == _public(before):
        return before
    return now


def _public(payment: Payment) -> tuple[object, ...]:
    said = msgspec.structs.asdict(payment)
    return tuple(said[name] for name in _PUBLISHED)
