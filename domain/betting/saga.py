"""The account's side of a bet: reserve the stake, ask the book about each leg, decide once, confirm or release.

Pure functions over the rows of one customer. Each returns a `Step`: the rows that changed and the events that follow.
A bet is named by its `bet_id`, made by the client; the first request under it counts, and every repetition is answered
with the same decision. The token is looked at once and kept nowhere.
"""

from collections.abc import Callable

import msgspec

from domain.betting.checks.authentication import TokenClaims, TokenFailure, authentication
from domain.betting.checks.balance import balance
from domain.betting.checks.limits import limits
from domain.betting.codes import Code
from domain.betting.decision import Answer, decision_event, refuse, weigh
from domain.betting.journal import BetIdReused, BetState, Open, Step
from domain.betting.legs import hold_to, leg_events, leg_index
from domain.betting.rules import AccountRules
from domain.betting.slip import Slip, fault, fingerprint, slip_of
from domain.errors import ContractViolation
from domain.events.betting import BetRequest, CheckVerdict, LegVerdict
from domain.events.head import Event
from domain.money import account as accounts
from domain.money.account import AccountState
from domain.money.cause import Cause

Authenticate = Callable[[str, int], TokenClaims | TokenFailure]
"""Verify a token's signature, and its times at the given microsecond: `bookstream.tokens.TokenVerifier.check`."""


def on_request(
    account: AccountState | None,
    bet: BetState | None,
    request: BetRequest,
    *,
    authenticate: Authenticate,
    rules: AccountRules,
    cause: Cause,
) -> Step:
    """Check a request and hold its stake, or refuse it; `cause.at` is the log's time, never behind the request's.

    Idempotent by `bet_id`: again, it says the decision again, or nothing while there is none.

    Raises:
        BetIdReused: the bet_id was used for another bet.
        ContractViolation: an id cannot be carried on, or the request is older than the journal remembers.
    """
    slip = slip_of(request)
    mark = fingerprint(slip)
    if bet is not None:
        if bet.fingerprint != mark:
            raise BetIdReused(slip.bet_id, bet.decision)
        return Step(events=(bet.decision,) if bet.decision else ())
    if cause.at - request.occurred_at > rules.request_max_age_us:
        # Its decision may have been forgotten; deciding it anew could take the stake twice.
        raise ContractViolation(f"bet {slip.bet_id} was placed longer ago than requests are taken")
    checks, held_minor = _account_checks(account, slip, request, authenticate, rules)
    last = checks[-1]
    if last.outcome == "REFUSE" or (held_minor < slip.stake_minor and not slip.accept_partial):
        return _refused(slip, mark, last.code, checks, cause)
    deadline_at = request.received_at + rules.answer_within_us
    if cause.at >= deadline_at:
        return _refused(slip, mark, Code.TIMEOUT.value, checks, cause)
    asked = Open(
        slip=slip,
        held_minor=held_minor,
        held_code=last.code,
        deadline_at=deadline_at,
        checks=checks,
        verdicts=(None,) * len(slip.legs),
    )
    assert account is not None, "the balance was checked"
    return _held(account, mark, asked, cause)


def _account_checks(
    account: AccountState | None, slip: Slip, request: BetRequest, authenticate: Authenticate, rules: AccountRules
) -> tuple[tuple[CheckVerdict, ...], int]:
    """Run the account's checks up to the first refusal; return them and the stake that they let pass."""
    who = authentication(authenticate(request.token, request.received_at), slip.customer_id, request.received_at)
    if who.outcome == "REFUSE":
        return (who,), 0
    wrong = fault(slip, rules)
    if wrong is not None:
        return (who, wrong), 0
    money = balance(account, slip.currency, slip.stake_minor)
    if money.outcome == "REFUSE":
        return (who, money), 0
    within = limits(rules.limits_of(slip.customer_id), slip.bet_type, slip.stake_minor, slip.odds)
    return (who, money, within), within.figures.get("allowed_minor", slip.stake_minor)


def _refused(slip: Slip, mark: bytes, code: str, checks: tuple[CheckVerdict, ...], cause: Cause) -> Step:
    decision = decision_event(slip, refuse(slip, code), (), checks, cause)
    return Step(bet=BetState(fingerprint=mark, decision=decision), events=(decision,))


def _held(account: AccountState, mark: bytes, asked: Open, cause: Cause) -> Step:
    slip, held_minor = asked.slip, asked.held_minor
    account, entry = accounts.reserve(account, held_minor, slip.bet_id, cause)
    account, standing = accounts.publish(account, cause)
    return Step(
        account=account,
        bet=BetState(fingerprint=mark, open=asked),
        events=(entry, standing, *leg_events(slip, "HOLD", held_minor, slip.odds, cause)),
    )


def on_verdict(
    account: AccountState | None, bet: BetState | None, verdict: LegVerdict, *, rules: AccountRules, cause: Cause
) -> Step:
    """Take the book's word about a leg; when it is the last, decide.

    Idempotent by leg: a second verdict on a leg, or one after the decision (its hold was released), changes nothing.

    Raises:
        ContractViolation: the verdict is not about a leg of this bet, or breaks what the customer allowed.
    """
    if bet is None:
        raise ContractViolation(f"a verdict on leg {verdict.leg_id}, but no such bet is known")
    if bet.open is None:
        return Step()
    asked = bet.open
    index = leg_index(asked.slip, verdict)
    if asked.verdicts[index] is not None:
        return Step()
    hold_to(asked, index, verdict)
    verdicts = (*asked.verdicts[:index], verdict, *asked.verdicts[index + 1 :])
    asked = msgspec.structs.replace(asked, verdicts=verdicts)
    complete = tuple(each for each in verdicts if each is not None)
    if len(complete) < len(verdicts):
        return Step(bet=msgspec.structs.replace(bet, open=asked))
    answer = weigh(asked.slip, asked.held_minor, asked.held_code, complete, rules.limits_of(asked.slip.customer_id))
    return _decided(account, bet.fingerprint, asked, answer, cause)


def on_clock(account: AccountState | None, bet: BetState | None, *, cause: Cause) -> Step:
    """Reject a bet whose deadline has come; one that was decided meanwhile is left alone."""
    if bet is None or bet.open is None or cause.at < bet.open.deadline_at:
        return Step()
    return _decided(account, bet.fingerprint, bet.open, refuse(bet.open.slip, Code.TIMEOUT.value), cause)


def _decided(account: AccountState | None, mark: bytes, asked: Open, answer: Answer, cause: Cause) -> Step:
    assert account is not None, "an open bet has its account"
    slip, taken = asked.slip, answer.stake_minor
    money: list[Event] = []
    if taken:
        account, entry = accounts.stake(account, taken, slip.bet_id, cause)
        money.append(entry)
    if asked.held_minor > taken:
        account, entry = accounts.release(account, asked.held_minor - taken, slip.bet_id, cause)
        money.append(entry)
    account, standing = accounts.publish(account, cause)
    decision = decision_event(slip, answer, asked.verdicts, asked.checks, cause)
    legs = (
        leg_events(slip, "CONFIRM", taken, answer.odds, cause)
        if taken
        else leg_events(slip, "RELEASE", asked.held_minor, slip.odds, cause)
    )
    return Step(
        account=account,
        bet=BetState(fingerprint=mark, decision=decision),
        events=(*money, standing, decision, *legs),
    )
