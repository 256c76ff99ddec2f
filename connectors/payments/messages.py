"""What the sandbox provider says, in JSON: operations, statements, refusals and webhooks."""

from typing import Annotated, Final, Literal

import msgspec

from connectors.payments.contract import Notice
from domain.money.bounds import MOST_MINOR
from domain.money.payment_terms import Outcome, Said
from domain.money.reconcile import Movement, PaymentLine, Settled

SIGNATURE_HEADER: Final = "x-sandbox-signature"
NO_SUCH_KEY: Final = "no_such_key"
KEY_REUSED: Final = "key_reused"

Amount = Annotated[int, msgspec.Meta(ge=0, le=MOST_MINOR)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=512)]
Currency = Annotated[str, msgspec.Meta(min_length=1, max_length=16)]
Status = Literal["pending", "succeeded", "declined", "returned"]

OUTCOMES: Final[dict[Status, Outcome]] = {
    "pending": Outcome.PENDING,
    "succeeded": Outcome.DONE,
    "declined": Outcome.DECLINED,
    "returned": Outcome.RETURNED,
}
STATUSES: Final[dict[Outcome, Status]] = {outcome: status for status, outcome in OUTCOMES.items()}


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What the provider is asked to do, in the body of a POST whose header holds the same key."""

    key: Name
    customer: Name
    currency: Currency
    amount: Amount
    of: str = ""


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an order."""

    key: Name
    status: Status
    amount: Amount
    currency: Currency
    reason: Annotated[str, msgspec.Meta(max_length=128)] = ""
    reference: Annotated[str, msgspec.Meta(max_length=128)] = ""

    def said(self) -> Said:
        """Return it as the provider's word."""
        return Said(
            key=self.key, outcome=OUTCOMES[self.status], amount_minor=self.amount, currency=self.currency,
            reason=self.reason, reference=self.reference,
        )  # fmt: skip


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a statement."""

    id: Name
    key: Name
    movement: Movement
    amount: Amount
    currency: Currency
    status: Settled
    at: int

    def line(self) -> PaymentLine:
        """Return it as reconciliation takes it."""
        return PaymentLine(
            line_id=self.id, key=self.key, movement=self.movement, amount_minor=self.amount, currency=self.currency,
            status=self.status, at=self.at,
        )  # fmt: skip


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """A day's statement; `count` lines make it whole."""

    day: str
    count: int
    lines: tuple[Line, ...]


class Refusal(msgspec.Struct, frozen=True):
    """Why a request was not taken."""

    error: str = ""
    message: str = ""


class Webhook(msgspec.Struct, frozen=True, kw_only=True):
    """What the provider says by itself."""

    id: Name
    data: Operation


def read_webhook(body: bytes) -> Notice:
    """Read a webhook's body.

    Raises:
        ValueError: it is none.
    """
    webhook = msgspec.json.decode(body, type=Webhook)
    return Notice(webhook.id, webhook.data.said())


def refusal_of(body: bytes) -> Refusal | None:
    """Read a refusal; None where a server between us and the provider has spoken."""
    try:
        refusal = msgspec.json.decode(body, type=Refusal)
    except (ValueError, RecursionError):
        return None
    return refusal if refusal.error else None
