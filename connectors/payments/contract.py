"""What a payment provider must be: another one is a class that passes tests/unit/connectors/payments_suite.py.

BookstreamError
├── RejectedInput
│   ├── ContractViolation
│   │   └── KeyReused       the key was used for something else: a fault of ours
│   └── WebhookRefused      see connectors.payments.webhooks
├── Unavailable
│   └── OutcomeUnknown      asked, and not answered: it may have been done
└── Misconfigured           the provider refuses our key
"""

import datetime as dt
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Protocol, Self

import msgspec

from domain.errors import ContractViolation, Unavailable
from domain.money.payment_terms import Answered, Ask, Said, Unanswered, Verb
from domain.money.reconcile import PaymentLine


class OutcomeUnknown(Unavailable):
    """The provider was asked and did not answer so that it can be understood; whether it did it is not known."""

    code = "outcome_unknown"


class KeyReused(ContractViolation):
    """The idempotency key was used before, for something else."""

    code = "key_reused"


class Notice(msgspec.Struct, frozen=True):
    """A webhook whose signature is right: the provider's word, and its own id of the event."""

    event_id: str
    said: Said


class PaymentProvider(Protocol):
    """A payment provider's client. Use it as a context; it retries with back-off, always with the key it was given.

    Each of the four verbs does what its `Ask` says, once for its key however often it is asked, and returns the
    provider's word. They, `query` and `statement` raise:
        OutcomeUnknown: the last try was not answered.
        Unavailable: the last try did not reach the provider, or it wants to be left alone; of the tries before nothing
            is known.
        Misconfigured: it refuses our access.
        KeyReused: the key was used for something else.
    """

    async def __aenter__(self) -> Self:
        """Open connections when they are needed."""
        ...

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        ...

    async def authorise(self, ask: Ask) -> Said:
        """Reserve money on the customer's card."""
        ...

    async def capture(self, ask: Ask) -> Said:
        """Take what the authorisation `ask.of` reserved."""
        ...

    async def refund(self, ask: Ask) -> Said:
        """Give back money of the capture `ask.of`."""
        ...

    async def payout(self, ask: Ask) -> Said:
        """Pay money to the customer's bank."""
        ...

    async def query(self, key: str) -> Said:
        """Say what became of a request; UNHEARD_OF if the provider itself says that it knows of none."""
        ...

    async def statement(self, day: dt.date) -> tuple[PaymentLine, ...]:
        """Return every movement of money of a day, UTC."""
        ...

    def webhook(self, headers: Mapping[str, str], body: bytes, at: int) -> AbstractContextManager[Notice]:
        """Verify a webhook that came at a time (microseconds UTC); its event is seen once the block ends well.

        Raises:
            WebhookRefused: it is forged, replayed, too old or cannot be read.
        """
        ...


async def carry_out(provider: PaymentProvider, ask: Ask) -> Answered | Unanswered:
    """Ask the provider, and return what the payment's next input is.

    Raises:
        Misconfigured: our access is refused.
        KeyReused: the key was used for something else.
    """
    try:
        if ask.query:
            return Answered(said=await provider.query(ask.key))
        match ask.verb:
            case Verb.AUTHORISE:
                return Answered(said=await provider.authorise(ask))
            case Verb.CAPTURE:
                return Answered(said=await provider.capture(ask))
            case Verb.REFUND:
                return Answered(said=await provider.refund(ask))
            case Verb.PAYOUT:
                return Answered(said=await provider.payout(ask))
    except Unavailable:
        return Unanswered(key=ask.key)
