"""Payments: what customers command, what the cashier asks the provider, what that says, and how a payment stands."""

from typing import Literal

from domain.events.head import Event

PaymentKind = Literal["DEPOSIT", "WITHDRAWAL"]
PaymentVerb = Literal["AUTHORISE", "CAPTURE", "REFUND", "PAYOUT"]
PaymentOutcome = Literal["UNANSWERED", "UNHEARD_OF", "PENDING", "DONE", "DECLINED", "RETURNED"]
PaymentStatus = Literal[
    "REFUSED", "AUTHORISING", "CAPTURING", "CAPTURED", "DECLINED", "LAPSED", "PAYING", "PAID", "RETURNED"
]
AnswerChannel = Literal["CALL", "QUERY", "WEBHOOK"]
RefusedInput = Literal["REQUEST", "ASK", "ANSWER", "WEBHOOK"]


class PaymentRequest(Event, frozen=True, kw_only=True):
    """A customer's command to pay in or out (`payments.requests`, keyed by customer_id).

    `payment_id` is made by the client and names the command. `token` is the customer's signed JWT; it never reaches
    history.
    """

    payment_id: str
    customer_id: str
    token: str
    kind: PaymentKind
    currency: str
    amount_minor: int


class PaymentAsk(Event, frozen=True, kw_only=True):
    """What the cashier is to ask the payment provider (`payments.asks`, keyed by customer_id).

    It may be asked any number of times: what has one `request_key` is done once. `query` asks only what became of it.
    `of_key` is the key of the authorisation to capture or of the capture to refund.
    """

    payment_id: str
    customer_id: str
    request_key: str
    verb: PaymentVerb
    query: bool
    of_key: str
    currency: str
    amount_minor: int


class PaymentAnswer(Event, frozen=True, kw_only=True):
    """What the payment provider said of a request (`payments.answers`, keyed by customer_id).

    UNANSWERED: it said nothing, so whether the request was done is not known. `channel` makes no difference.
    """

    payment_id: str
    customer_id: str
    request_key: str
    outcome: PaymentOutcome
    channel: AnswerChannel
    currency: str
    amount_minor: int
    reason: str
    reference: str


class Payment(Event, frozen=True, kw_only=True):
    """A payment as it stands (`payments`, compacted, keyed by customer_id/payment_id).

    `version` counts its published changes. `code` is why it was refused, or declined with the provider's `reason`.
    `unknown_since_at` is since when a request to the provider has no final outcome.
    """

    payment_id: str
    customer_id: str
    version: int
    kind: PaymentKind
    status: PaymentStatus
    currency: str
    amount_minor: int
    code: str
    reason: str
    opened_at: int
    unknown_since_at: int | None = None


class PaymentRefusal(Event, frozen=True, kw_only=True):
    """What was said of payments and changed nothing (`payments.refusals`, keyed by customer_id).

    Of a webhook whose signature is not the provider's nothing but the `code` is known.
    """

    payment_id: str
    customer_id: str
    refused: RefusedInput
    code: str
    request_key: str
    currency: str
    amount_minor: int
