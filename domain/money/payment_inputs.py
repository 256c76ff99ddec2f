"""What arrives about payments, made an input of the machine or refused with its code."""

from domain.betting.checks.authentication import authentication
from domain.betting.saga import Authenticate
from domain.errors import ContractViolation
from domain.events.payments import PaymentAnswer, PaymentRequest
from domain.money.cause import Cause
from domain.money.ids import plain_id
from domain.money.payment_codes import PaymentCode
from domain.money.payment_rules import PaymentRules
from domain.money.payment_terms import (
    Answered,
    DepositAsked,
    Outcome,
    Said,
    Tick,
    Unanswered,
    WithdrawalAsked,
)
from domain.money.payment_unit import Papers, PaymentStep, refusal, take
from domain.money.payments import payment_of


def on_request(
    before: Papers, request: PaymentRequest, *, authenticate: Authenticate, rules: PaymentRules, cause: Cause
) -> PaymentStep:
    """Begin a payment, answer a command that comes again with what became of it, or refuse it.

    A token that is not this customer's, an amount that cannot be, a payment_id used for something else and a new
    payment without a provider are refused and change nothing. Idempotent by `payment_id`.

    Raises:
        ContractViolation: an id cannot be carried on.
    """
    for name in ("customer_id", "payment_id", "currency"):
        plain_id(name, getattr(request, name))
    who = authentication(authenticate(request.token, request.received_at), request.customer_id, request.received_at)
    if who.outcome == "REFUSE":
        return _refused(before, request, who.code, cause)
    if before.payment is None and not rules.has_provider:
        return _refused(before, request, PaymentCode.NO_PROVIDER, cause)
    kind = DepositAsked if request.kind == "DEPOSIT" else WithdrawalAsked
    asked = kind(
        payment_id=request.payment_id, customer_id=request.customer_id, currency=request.currency,
        amount_minor=request.amount_minor,
    )  # fmt: skip
    return _judged(take(before, asked, rules, cause), request, "REQUEST", cause)


def on_answer(before: Papers, answer: PaymentAnswer, *, rules: PaymentRules, cause: Cause) -> PaymentStep:
    """Take the provider's word; what cannot be true is refused and changes nothing.

    Raises:
        ContractViolation: the key is no key of this payment, or an id cannot be carried on.
    """
    if payment_of(answer.request_key) != (answer.customer_id, answer.payment_id):
        raise ContractViolation(f"an answer to {answer.request_key[:64]!r} is none of payment {answer.payment_id[:64]}")
    if before.payment is None:
        return _refused(before, answer, PaymentCode.PAYMENT_UNKNOWN, cause, refused="ANSWER")
    said = Unanswered(key=answer.request_key) if answer.outcome == "UNANSWERED" else _said(answer)
    return _judged(take(before, said, rules, cause), answer, "ANSWER", cause)


def on_tick(before: Papers, *, rules: PaymentRules, cause: Cause) -> PaymentStep:
    """Ask after what is due, and give up what nobody authorised."""
    return take(before, Tick(), rules, cause)


def _said(answer: PaymentAnswer) -> Answered:
    return Answered(
        said=Said(
            key=answer.request_key, outcome=Outcome(answer.outcome), amount_minor=answer.amount_minor,
            currency=answer.currency, reason=answer.reason, reference=answer.reference,
        )
    )  # fmt: skip


def _judged(step: PaymentStep, about: PaymentRequest | PaymentAnswer, refused: str, cause: Cause) -> PaymentStep:
    """Add the refusal, unless the payment itself says it."""
    row, code = step.papers.payment, step.code
    if code is None or code is PaymentCode.EXISTS or (row is not None and row.said.code == code):
        return step
    told = refusal(code, cause, refused=refused, about=about)
    return PaymentStep(papers=step.papers, events=(*step.events, told), code=code)


def _refused(
    before: Papers, about: PaymentRequest | PaymentAnswer, code: str, cause: Cause, *, refused: str = "REQUEST"
) -> PaymentStep:
    return PaymentStep(papers=before, events=(refusal(code, cause, refused=refused, about=about),))
