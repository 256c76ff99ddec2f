"""What a request for a cash-out is while the book is asked, how its legs are priced, and how it is answered."""

import msgspec

from domain.betting.cash_out import CashOutQuote, LegPrice, OpenBet
from domain.betting.returns import LegState
from domain.betting.settling import SettlingBet
from domain.errors import ContractViolation
from domain.events.betting import BetLeg, LegVerdict, bet_key
from domain.events.cash_out import CashOutAction, CashOutAnswer, CashOutLeg, CashOutOutcome, CashOutRequest
from domain.money.cause import PROVIDER, Cause
from domain.settlement.telling import selection_result

ASKED = "@"
"""Between the leg and the request in the `leg_id` of a leg that is to be priced."""


class Asking(msgspec.Struct, frozen=True, kw_only=True):
    """A request whose legs the book is asked about; None for a leg of which it has not spoken yet."""

    request_id: str
    customer_id: str
    bet_id: str
    action: CashOutAction
    part_minor: int
    quote_id: str
    received_at: int
    bet_version: int
    legs: tuple[CashOutLeg | None, ...]


class CashOutState(msgspec.Struct, frozen=True, kw_only=True):
    """The journal of one request: `asking` until it is answered, `answer` from then on.

    `due_at` is when it is refused for want of an answer, or forgotten.
    """

    fingerprint: bytes
    due_at: int
    asking: Asking | None = None
    answer: CashOutAnswer | None = None

    def __post_init__(self) -> None:
        assert (self.asking is None) != (self.answer is None), "a request is either open or answered"


def request_of(leg_id: str) -> str | None:
    """Return the request that a verdict's leg was priced for; None for a leg of a bet that is being decided."""
    _, asked, request_id = leg_id.rpartition("/")[2].partition(ASKED)
    return request_id if asked else None


def open_bet(settling: SettlingBet) -> OpenBet:
    """Return a bet as cash-out sees it."""
    legs = [LegState(odds=odds, result=leg.result) for odds, leg in zip(settling.odds, settling.bet.legs, strict=True)]
    key = bet_key(settling.bet.customer_id, settling.bet.bet_id)
    return OpenBet(bet=key, version=settling.bet.version, wager=settling.wager, legs=tuple(legs))


def prices(legs: tuple[CashOutLeg, ...]) -> list[LegPrice | None]:
    """Return the legs' odds as cash-out counts with them."""
    return [LegPrice(odds=leg.odds_now) if leg.odds_now else None for leg in legs]


def offered(answer: CashOutAnswer) -> CashOutQuote:
    """Return a quote as it was answered."""
    return CashOutQuote(
        quote_id=answer.quote_id, bet=bet_key(answer.customer_id, answer.bet_id), bet_version=answer.bet_version,
        part_minor=answer.part_minor, amount_minor=answer.amount_minor, expires_at=answer.expires_at,
    )  # fmt: skip


def asking_of(settling: SettlingBet | None, offer: CashOutAnswer | None, request: CashOutRequest) -> Asking:
    """Return a request as the bet stands; what is settled of it is known."""
    legs: tuple[CashOutLeg | None, ...] = ()
    part_minor, version = request.part_minor, 0
    if settling is not None:
        part_minor, version = request.part_minor or settling.wager.stake_minor, settling.bet.version
        key = bet_key(request.customer_id, request.bet_id)
        legs = tuple(
            None if leg.result is None else CashOutLeg(
                leg_id=f"{key}/{index}", odds_now=0, code="",
                result=selection_result(settling.selections[index], leg.result),
            )
            for index, leg in enumerate(settling.bet.legs)
        )  # fmt: skip
    if request.action == "TAKE" and offer is not None:
        part_minor = offer.part_minor
    return Asking(
        request_id=request.request_id, customer_id=request.customer_id, bet_id=request.bet_id, action=request.action,
        part_minor=part_minor, quote_id=request.quote_id if request.action == "TAKE" else request.request_id,
        received_at=request.received_at, bet_version=version, legs=legs,
    )  # fmt: skip


def price_legs(settling: SettlingBet, asking: Asking, cause: Cause) -> tuple[BetLeg, ...]:
    """Ask the book about every open leg; `event_id` is `<leg_id>.price`."""
    key = bet_key(asking.customer_id, asking.bet_id)
    asked = []
    for index, leg in enumerate(asking.legs):
        if leg is None:
            leg_id = f"{key}/{index}{ASKED}{asking.request_id}"
            market_id = settling.markets[index]
            asked.append(BetLeg(
                event_id=f"{leg_id}.price", occurred_at=cause.at, received_at=cause.at, provider=PROVIDER,
                source=cause.source, leg_id=leg_id, bet_id=asking.bet_id, customer_id=asking.customer_id,
                action="PRICE", fixture_id=market_id.partition("/")[0], market_id=market_id,
                selection_id=settling.selections[index], odds=settling.odds[index], quote_version=0,
                price_policy="any", currency=settling.currency, stake_minor=0, other_odds=1000,
            ))  # fmt: skip
    return tuple(asked)


def leg_index(asking: Asking, settling: SettlingBet | None, verdict: LegVerdict) -> int:
    """Find the leg that a price is of.

    Raises:
        ContractViolation: the bet has no such leg, or it is on another selection.
    """
    name, _, last = verdict.leg_id.rpartition("/")
    index = last.partition(ASKED)[0]
    known = name == bet_key(asking.customer_id, asking.bet_id) and index.isdecimal() and int(index) < len(asking.legs)
    if not known or (settling is not None and settling.selections[int(index)] != verdict.selection_id):
        raise ContractViolation(f"a price of leg {verdict.leg_id[:64]!r}, which is no leg of bet {asking.bet_id}")
    return int(index)


def heard(asking: Asking) -> tuple[CashOutLeg, ...]:
    """Return what is known of the legs by now."""
    return tuple(leg for leg in asking.legs if leg is not None)


def answer_of(
    asking: Asking,
    cause: Cause,
    *,
    outcome: CashOutOutcome,
    code: str = "",
    amount_minor: int = 0,
    expires_at: int = 0,
) -> CashOutAnswer:
    """Write the answer; `event_id` is `<customer_id>/<request_id>.cash-out`."""
    given, known = outcome != "REFUSED", heard(asking)
    return CashOutAnswer(
        event_id=f"{asking.customer_id}/{asking.request_id}.cash-out", occurred_at=cause.at, received_at=cause.at,
        provider=PROVIDER, source=cause.source, request_id=asking.request_id, customer_id=asking.customer_id,
        bet_id=asking.bet_id, action=asking.action, outcome=outcome, code=code,
        quote_id=asking.quote_id if given else "", part_minor=asking.part_minor if given else 0,
        amount_minor=amount_minor, expires_at=expires_at, bet_version=asking.bet_version if given else 0,
        legs=known if len(known) == len(asking.legs) else (),
    )  # fmt: skip
