"""Cash-out of a bet: ask the book at which odds its open legs are offered, then quote an amount, or pay one quoted.

Pure functions over the rows of one customer. A request is named by its `request_id`; the first under it counts, and
every repetition is answered with the same answer. A quote is taken with a request of its own, for which the legs are
priced anew. The token is looked at once and kept nowhere.
"""

from hashlib import blake2b

import msgspec

from domain.betting import cash_out
from domain.betting.cash_out_journal import (
    Asking,
    CashOutState,
    answer_of,
    asking_of,
    heard,
    leg_index,
    offered,
    open_bet,
    price_legs,
    prices,
)
from domain.betting.checks.authentication import authentication
from domain.betting.codes import Code
from domain.betting.rules import AccountRules
from domain.betting.saga import Authenticate
from domain.betting.settling import SettlingBet, pay_cash_out
from domain.errors import ContractViolation
from domain.events.betting import LegVerdict, bet_key
from domain.events.cash_out import CashOutAnswer, CashOutLeg, CashOutRequest
from domain.events.head import Event
from domain.money.account import AccountState
from domain.money.cause import Cause
from domain.money.ids import plain_id
from domain.settlement.telling import selection_result


class CashOutStep(msgspec.Struct, frozen=True, kw_only=True):
    """What an input changes (None: nothing) and what follows from it, in order."""

    account: AccountState | None = None
    settling: SettlingBet | None = None
    state: CashOutState | None = None
    events: tuple[Event, ...] = ()


def on_cash_out(
    settling: SettlingBet | None,
    known: CashOutState | None,
    offer: CashOutAnswer | None,
    request: CashOutRequest,
    *,
    authenticate: Authenticate,
    rules: AccountRules,
    cause: Cause,
) -> CashOutStep:
    """Ask the book for the prices of the open legs, or refuse; `offer` is the answer to the request's `quote_id`.

    Idempotent by `request_id`: again, it says the answer again, or nothing while there is none.

    Raises:
        ContractViolation: an id cannot be carried on, the request_id was used for another request, or the request is
            older than the journal remembers.
    """
    for name in ("customer_id", "bet_id", "request_id"):
        plain_id(name, getattr(request, name))
    mark = fingerprint(request)
    if known is not None:
        if known.fingerprint != mark:
            raise ContractViolation(f"request_id {request.request_id} was used for another cash-out")
        return CashOutStep(events=(known.answer,) if known.answer else ())
    if cause.at - request.occurred_at > rules.request_max_age_us:
        raise ContractViolation(f"cash-out {request.request_id} was asked longer ago than requests are taken")
    asking = asking_of(settling, offer, request)
    who = authentication(authenticate(request.token, request.received_at), request.customer_id, request.received_at)
    due_at = request.received_at + rules.answer_within_us
    code = who.code or _fault(settling, offer, request) or (Code.TIMEOUT if cause.at >= due_at else None)
    if code or settling is None:
        return _refused(mark, asking, code or Code.CASH_OUT_UNAVAILABLE, rules, cause)
    return CashOutStep(
        state=CashOutState(fingerprint=mark, due_at=due_at, asking=asking), events=price_legs(settling, asking, cause)
    )


def on_price(
    account: AccountState | None,
    settling: SettlingBet | None,
    state: CashOutState | None,
    offer: CashOutAnswer | None,
    verdict: LegVerdict,
    *,
    rules: AccountRules,
    cause: Cause,
) -> CashOutStep:
    """Take the price of a leg; when it is the last, answer, and pay what is taken.

    Idempotent by leg: a second price of it, or one after the answer, changes nothing.

    Raises:
        ContractViolation: the price is not of a leg of this bet.
    """
    if state is None or state.asking is None:
        return CashOutStep()
    asking = state.asking
    index = leg_index(asking, settling, verdict)
    if asking.legs[index] is not None:
        return CashOutStep()
    passed = verdict.outcome == "PASS"
    priced = CashOutLeg(
        leg_id=f"{bet_key(asking.customer_id, asking.bet_id)}/{index}", odds_now=verdict.odds if passed else 0,
        code=verdict.code, result=selection_result(verdict.selection_id, None),
    )  # fmt: skip
    asking = msgspec.structs.replace(asking, legs=(*asking.legs[:index], priced, *asking.legs[index + 1 :]))
    if None in asking.legs:
        return CashOutStep(state=msgspec.structs.replace(state, asking=asking))
    if account is None or settling is None or settling.bet.version != asking.bet_version:
        return _refused(state.fingerprint, asking, Code.CASH_OUT_BET_CHANGED, rules, cause)
    if asking.action == "QUOTE":
        return _quoted(settling, state.fingerprint, asking, rules, cause)
    return _taken(account, settling, state.fingerprint, asking, offer=offer, rules=rules, cause=cause)


def on_cash_out_clock(state: CashOutState, *, rules: AccountRules, cause: Cause) -> CashOutStep:
    """Refuse a request whose prices did not come in time; one that was answered is left alone."""
    if state.asking is None or cause.at < state.due_at:
        return CashOutStep()
    return _refused(state.fingerprint, state.asking, Code.TIMEOUT, rules, cause)


def fingerprint(request: CashOutRequest) -> bytes:
    """Return what two requests under one id must share: all that the customer meant, nothing of the delivery."""
    meant = (request.customer_id, request.bet_id, request.action, request.part_minor, request.quote_id)
    return blake2b(msgspec.msgpack.encode(meant), digest_size=16).digest()


def _fault(settling: SettlingBet | None, offer: CashOutAnswer | None, request: CashOutRequest) -> Code | None:
    """Say why the book need not be asked."""
    if request.action == "TAKE" and (
        offer is None or offer.outcome != "QUOTED" or (offer.bet_id, request.part_minor) != (request.bet_id, 0)
    ):
        return Code.CASH_OUT_UNKNOWN
    if settling is None or settling.closed or settling.bet.settlement.settled or not settling.markets:
        return Code.CASH_OUT_UNAVAILABLE
    if request.action == "TAKE" and offer is not None:
        if request.received_at >= offer.expires_at:
            return Code.CASH_OUT_EXPIRED
        return None if offer.bet_version == settling.bet.version else Code.CASH_OUT_BET_CHANGED
    if all(leg.result is not None for leg in settling.bet.legs):
        return Code.CASH_OUT_UNAVAILABLE
    return None if 0 <= request.part_minor <= settling.wager.stake_minor else Code.CASH_OUT_PART_INVALID


def _quoted(settling: SettlingBet, mark: bytes, asking: Asking, rules: AccountRules, cause: Cause) -> CashOutStep:
    legs = heard(asking)
    quote = cash_out.quote(
        open_bet(settling), asking.part_minor, prices(legs), rules.cash_out, quote_id=asking.request_id, now=cause.at
    )
    if isinstance(quote, Code):
        return _refused(mark, asking, quote, rules, cause)
    answer = answer_of(asking, cause, outcome="QUOTED", amount_minor=quote.amount_minor, expires_at=quote.expires_at)
    return CashOutStep(state=_answered(mark, answer, rules, cause), events=(answer,))


def _taken(
    account: AccountState,
    settling: SettlingBet,
    mark: bytes,
    asking: Asking,
    *,
    offer: CashOutAnswer | None,
    rules: AccountRules,
    cause: Cause,
) -> CashOutStep:
    if offer is None:
        return _refused(mark, asking, Code.CASH_OUT_UNKNOWN, rules, cause)
    # The quote is held for whoever took it in time, however long the book needed to speak.
    taken = cash_out.take(
        offered(offer), open_bet(settling), prices(heard(asking)), rules.cash_out, now=asking.received_at
    )
    if isinstance(taken, Code):
        return _refused(mark, asking, taken, rules, cause)
    paid = pay_cash_out(account, settling, asking.part_minor, taken.amount_minor, cause)
    answer = answer_of(asking, cause, outcome="TAKEN", amount_minor=taken.amount_minor, expires_at=offer.expires_at)
    return CashOutStep(
        account=paid.account, settling=paid.settling, state=_answered(mark, answer, rules, cause),
        events=(*paid.events, answer),
    )  # fmt: skip


def _answered(mark: bytes, answer: CashOutAnswer, rules: AccountRules, cause: Cause) -> CashOutState:
    return CashOutState(fingerprint=mark, due_at=cause.at + rules.journal_keep_us, answer=answer)


def _refused(mark: bytes, asking: Asking, code: str, rules: AccountRules, cause: Cause) -> CashOutStep:
    answer = answer_of(asking, cause, outcome="REFUSED", code=str(code))
    return CashOutStep(state=_answered(mark, answer, rules, cause), events=(answer,))
