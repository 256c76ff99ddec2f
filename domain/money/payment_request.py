"""One request to a provider: asked until its outcome is known, with one idempotency key.

What is known only grows, so answers, queries and webhooks may come in any order and any number of times.
"""

from enum import StrEnum
from typing import Final

import msgspec

from domain.money.payment_codes import PaymentCode
from domain.money.payment_terms import Answered, Ask, Outcome, Patience, Said, Unanswered, Verb


class Known(StrEnum):
    """What is known of a request: ASKED and UNKNOWN may or may not have been done."""

    ASKED = "ASKED"
    UNKNOWN = "UNKNOWN"
    PENDING = "PENDING"
    DONE = "DONE"
    DECLINED = "DECLINED"
    RETURNED = "RETURNED"


FINAL: Final = frozenset({Known.DONE, Known.DECLINED, Known.RETURNED})
RETURNABLE: Final = frozenset({Verb.PAYOUT, Verb.REFUND})
_OPPOSITES: Final = frozenset({
    (Known.DONE, Outcome.DECLINED), (Known.RETURNED, Outcome.DECLINED),
    (Known.DECLINED, Outcome.DONE), (Known.DECLINED, Outcome.RETURNED),
})  # fmt: skip


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A request and what is known of it; times in microseconds, `due_at` is when to ask after it."""

    verb: Verb
    key: str
    customer_id: str
    currency: str
    amount_minor: int
    of: str = ""
    known: Known = Known.ASKED
    asked_at: int
    due_at: int
    tries: int = 0
    reason: str = ""
    reference: str = ""

    @property
    def is_open(self) -> bool:
        """Say whether its outcome is still to be found out."""
        return self.known not in FINAL

    def ask(self, *, query: bool = False) -> Ask:
        """Return what to ask the provider: to do it, or what became of it."""
        return Ask(
            verb=self.verb, key=self.key, customer_id=self.customer_id, currency=self.currency,
            amount_minor=self.amount_minor, of=self.of, query=query,
        )  # fmt: skip


class Heard(msgspec.Struct, frozen=True):
    """A request after something happened to it; the same object where nothing changed."""

    request: Request
    asks: tuple[Ask, ...] = ()
    code: PaymentCode | None = None


def take(request: Request, said: Answered | Unanswered, at: int, patience: Patience) -> Heard:
    """Take the provider's word, or that there was none."""
    return hear(request, said.said) if isinstance(said, Answered) else miss(request, at, patience)


def hear(request: Request, said: Said) -> Heard:
    """Take the provider's word.

    One that knows of no such request is asked again with the same key. Words that come late change nothing, also that
    it had not heard of what is done by now; words about another amount or currency, and words that take back an
    outcome, are refused.
    """
    if said.outcome is Outcome.UNHEARD_OF:
        if not request.is_open:
            return Heard(request)
        return Heard(msgspec.structs.replace(request, known=_doubted(request)), (request.ask(),))
    if (fault := _fault(request, said)) is not None:
        return Heard(request, code=fault)
    told = Known(said.outcome.value)
    if told is request.known or (told is Known.PENDING and not request.is_open) or request.known is Known.RETURNED:
        return Heard(request)
    reference = said.reference or request.reference
    return Heard(msgspec.structs.replace(request, known=told, reason=said.reason, reference=reference))


def _fault(request: Request, said: Said) -> PaymentCode | None:
    """Return what is wrong with the provider's word."""
    if said.currency != request.currency:
        return PaymentCode.CURRENCY_DIFFERS
    if said.amount_minor != request.amount_minor:
        return PaymentCode.AMOUNT_DIFFERS
    never = said.outcome is Outcome.RETURNED and request.verb not in RETURNABLE
    return PaymentCode.CONTRADICTS if never or (request.known, said.outcome) in _OPPOSITES else None


def miss(request: Request, at: int, patience: Patience) -> Heard:
    """Note that a request or a query was not answered: it is asked after when the wait is over."""
    if not request.is_open:
        return Heard(request)
    due_at = min(request.due_at, at + patience.wait_us(request.tries))
    return Heard(msgspec.structs.replace(request, known=_doubted(request), due_at=due_at))


def remind(request: Request, at: int, patience: Patience) -> Heard:
    """Ask what became of a request whose time has come."""
    if not request.is_open or at < request.due_at:
        return Heard(request)
    due_at = at + patience.answer_us + patience.wait_us(request.tries)
    later = msgspec.structs.replace(request, known=_doubted(request), due_at=due_at, tries=request.tries + 1)
    return Heard(later, (request.ask(query=True),))


def _doubted(request: Request) -> Known:
    """Return what is known of an open request whose answer has not come."""
    return Known.PENDING if request.known is Known.PENDING else Known.UNKNOWN
