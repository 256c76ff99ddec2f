"""A bet decided once more: by the rules themselves, from the request, what the account saw, and the book's verdicts."""

from collections.abc import Sequence

import msgspec

from domain.betting.checks.authentication import TokenClaims, authentication
from domain.betting.checks.balance import balance
from domain.betting.checks.limits import limits
from domain.betting.checks.verdict import refused
from domain.betting.codes import Code
from domain.betting.decision import decision_event, refuse, weigh
from domain.betting.rules import AccountRules
from domain.betting.slip import Slip, fault, slip_of
from domain.events.betting import BetDecision, BetRequest, CheckVerdict, LegVerdict
from domain.money.account import AccountState
from domain.money.cause import Cause


class Anew(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules make of a bet: the stake that the book was to be asked about (0: none), and the decision.

    `decision` is None when the book had to be asked, and was not about this stake or has not spoken of every leg.
    """

    held_minor: int
    decision: BetDecision | None


def decide_anew(
    request: BetRequest,
    published: BetDecision,
    verdicts: Sequence[LegVerdict | None],
    rules: AccountRules,
    *,
    held_minor: int,
) -> Anew:
    """Decide a bet as the account must have, at the time and by the record that the published decision names.

    Two things cannot be seen from outside and are taken from the decision: whether the token's signature was good, and
    what the account held at that moment (the ledger's audit looks at that). All else is worked out again. `held_minor`
    is the stake that the book was asked about, 0 when it was not: so it is of a bet whose time was up when it came.

    Raises:
        ContractViolation: the request cannot be a bet at all, and so has no decision.
    """
    slip, cause = slip_of(request), Cause(published.occurred_at, published.source)
    checks = _account_checks(slip, request, published.checks, rules)
    last, due = checks[-1], published.occurred_at >= request.received_at + rules.answer_within_us
    allowed_minor = last.figures.get("allowed_minor", slip.stake_minor)
    if last.outcome == "REFUSE" or (allowed_minor < slip.stake_minor and not slip.accept_partial):
        answer = refuse(slip, last.code)
        return Anew(held_minor=0, decision=decision_event(slip, answer, (), checks, cause))
    unheard = {index for index, leg in enumerate(published.legs) if leg.code == Code.TIMEOUT}
    if published.code == Code.TIMEOUT and due and unheard:
        # A verdict may have come later than the decision; then the decision does not show it.
        heard = [None if index in unheard else verdict for index, verdict in enumerate(verdicts)]
        answer = refuse(slip, Code.TIMEOUT.value)
        decision = decision_event(slip, answer, heard, checks, cause)
        return Anew(held_minor=allowed_minor if held_minor else 0, decision=decision)
    known = [verdict for verdict in verdicts if verdict is not None]
    if len(known) < len(verdicts) or held_minor != allowed_minor:
        return Anew(held_minor=allowed_minor, decision=None)
    answer = weigh(slip, held_minor, last.code, known, rules.limits_of(slip.customer_id))
    return Anew(held_minor=held_minor, decision=decision_event(slip, answer, known, checks, cause))


def _account_checks(
    slip: Slip, request: BetRequest, seen: Sequence[CheckVerdict], rules: AccountRules
) -> tuple[CheckVerdict, ...]:
    """Run the account's checks up to the first refusal."""
    who = _who(slip, request, seen)
    if who.outcome == "REFUSE":
        return (who,)
    wrong = fault(slip, rules)
    if wrong is not None:
        return who, wrong
    money = _money(slip, seen)
    if money.outcome == "REFUSE":
        return who, money
    return who, money, limits(rules.limits_of(slip.customer_id), slip.bet_type, slip.stake_minor, slip.odds)


def _who(slip: Slip, request: BetRequest, seen: Sequence[CheckVerdict]) -> CheckVerdict:
    found = next((check for check in seen if check.check == "authentication"), None)
    if found is None:
        return refused("authentication", Code.TOKEN_MISSING, at=request.received_at)
    if found.outcome == "PASS":
        claims = TokenClaims(customer_id=slip.customer_id, expires_at=found.figures.get("expires_at", 0))
        return authentication(claims, slip.customer_id, request.received_at)
    return msgspec.structs.replace(found, figures={**found.figures, "at": request.received_at})


def _money(slip: Slip, seen: Sequence[CheckVerdict]) -> CheckVerdict:
    found = next((check for check in seen if check.check == "balance"), None)
    figures = found.figures if found else {}
    held, reserved = figures.get("balance_minor", -1), figures.get("reserved_minor", -1)
    if found is None or not 0 <= reserved <= held:
        return balance(None, slip.currency, slip.stake_minor)
    currency = "" if found.code == Code.CURRENCY_MISMATCH else slip.currency
    account = AccountState(customer_id=slip.customer_id, currency=currency, balance_minor=held, reserved_minor=reserved)
    return balance(account, slip.currency, slip.stake_minor)


def differing(expected: BetDecision, found: BetDecision) -> str:
    """Name the fields in which two decisions differ, with both values; empty when they are the same."""
    pairs = ((name, getattr(expected, name), getattr(found, name)) for name in BetDecision.__struct_fields__)
    return "; ".join(f"{name}: expected {wanted}, found {shown}" for name, wanted, shown in pairs if wanted != shown)
