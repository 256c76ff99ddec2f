"""The words of payments: what a provider is asked and says, what the ledger is asked and says."""

from enum import StrEnum
from typing import Generic, TypeVar

import msgspec

from domain.money.payment_codes import PaymentCode

SECOND_US = 1_000_000


class Verb(StrEnum):
    """What a provider can be asked to do; all but AUTHORISE move money."""

    AUTHORISE = "AUTHORISE"
    CAPTURE = "CAPTURE"
    REFUND = "REFUND"
    PAYOUT = "PAYOUT"


class Outcome(StrEnum):
    """What a provider says of a request: DONE, DECLINED and RETURNED are for good, save that DONE may be RETURNED.

    RETURNED: it was done, and the money came back. UNHEARD_OF: the provider knows no request of that key, which does
    not mean that none is on its way.
    """

    UNHEARD_OF = "UNHEARD_OF"
    PENDING = "PENDING"
    DONE = "DONE"
    DECLINED = "DECLINED"
    RETURNED = "RETURNED"


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """The provider's word about one request, by its idempotency key; amounts in minor units.

    `reference` is the provider's own name for it, `reason` why it declined.
    """

    key: str
    outcome: Outcome
    amount_minor: int = 0
    currency: str = ""
    reason: str = ""
    reference: str = ""


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """What to ask the provider now, any number of times: one `key` is done once.

    `query` asks only what became of it. `of` is the key of the authorisation to capture or of the capture to refund.
    """

    verb: Verb
    key: str
    customer_id: str
    currency: str
    amount_minor: int
    of: str = ""
    query: bool = False


class MoveKind(StrEnum):
    """What the ledger is to do.

    ADMIT takes room in the customer's limits for a deposit and HOLD holds money: the ledger may refuse these two, and
    answers each with `LedgerAnswered`. The others always succeed: RESCIND gives the room back, CREDIT moves clearing to
    cash, POST what was held to clearing, RELEASE what was held to cash, RETURN clearing to cash.
    """

    ADMIT = "ADMIT"
    RESCIND = "RESCIND"
    CREDIT = "CREDIT"
    HOLD = "HOLD"
    POST = "POST"
    RELEASE = "RELEASE"
    RETURN = "RETURN"


class LedgerMove(msgspec.Struct, frozen=True, kw_only=True):
    """One move of money, done once by its `move_id`: `<customer_id>/<payment_id>[/<refund_id>]/<kind>`.

    `key` is the provider's request behind it, empty where there is none yet; reconciliation pairs by it.
    """

    kind: MoveKind
    move_id: str
    customer_id: str
    currency: str
    amount_minor: int
    key: str = ""


class DepositAsked(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A customer's command to pay in; `payment_id` is made by the client and names the command."""

    payment_id: str
    customer_id: str
    currency: str
    amount_minor: int


class WithdrawalAsked(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A customer's command to pay out; `payment_id` is made by the client and names the command."""

    payment_id: str
    customer_id: str
    currency: str
    amount_minor: int


class RefundAsked(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A command to give back a captured deposit, whole or in part; `refund_id` names the command."""

    refund_id: str
    amount_minor: int


class LedgerAnswered(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The ledger has done (`code` None) or refused a move of kind ADMIT or HOLD."""

    move_id: str
    code: PaymentCode | None = None


class Answered(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The provider has spoken, in an answer, to a query or by a verified webhook: which of them makes no difference."""

    said: Said


class Unanswered(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A request or query ended without an answer: whether it was done is not known."""

    key: str


class Tick(msgspec.Struct, frozen=True, tag=True):
    """Time has passed."""


def key_of(said: Answered | Unanswered) -> str:
    """Return the key of the request that is spoken of."""
    return said.said.key if isinstance(said, Answered) else said.key


Event = LedgerAnswered | Answered | Unanswered | Tick
DepositInput = DepositAsked | RefundAsked | Event
WithdrawalInput = WithdrawalAsked | Event

S = TypeVar("S")


class Step(msgspec.Struct, Generic[S], frozen=True, kw_only=True):
    """What an input changes (None: nothing), what it asks for, and why it was refused, if it was."""

    state: S | None = None
    asks: tuple[Ask, ...] = ()
    moves: tuple[LedgerMove, ...] = ()
    code: PaymentCode | None = None


class Patience(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long to wait for a provider, in microseconds.

    A request that is not answered in `answer_us` is asked after, then again after `first_us`, doubling to `most_us`,
    for ever: what moves money is never given up. A deposit that nobody authorised in `authorise_us` is.
    """

    answer_us: int = 30 * SECOND_US
    first_us: int = 5 * SECOND_US
    most_us: int = 900 * SECOND_US
    authorise_us: int = 1800 * SECOND_US

    def wait_us(self, tries: int) -> int:
        """Return how long to wait before asking again, after so many tries."""
        return int(min(self.first_us << min(tries, 32), self.most_us))


PATIENCE = Patience()
