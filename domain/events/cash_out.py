"""Cash-out: what a customer asks of an open bet, and what the house answers."""

from typing import Literal

import msgspec

from domain.events.head import Event
from domain.events.settlement import SelectionResult

CashOutAction = Literal["QUOTE", "TAKE"]
CashOutOutcome = Literal["QUOTED", "TAKEN", "REFUSED"]


class CashOutRequest(Event, frozen=True, kw_only=True):
    """What a customer asks (`bets.cash-outs`, keyed by customer_id); `request_id` is the client's, and names it.

    QUOTE asks what `part_minor` of the bet's stake is worth, 0 for all that is left of it; TAKE takes the quote that
    was the answer to request `quote_id`. `token` is the customer's signed JWT; it never reaches history.
    """

    request_id: str
    customer_id: str
    token: str
    bet_id: str
    action: CashOutAction
    part_minor: int = 0
    quote_id: str = ""


class CashOutLeg(msgspec.Struct, frozen=True, kw_only=True):
    """A leg as it stood: its result, or the odds at which the book offered it, 0 with the reason where it did not."""

    leg_id: str
    odds_now: int
    code: str
    result: SelectionResult


class CashOutAnswer(Event, frozen=True, kw_only=True):
    """The house's answer (`bets.cash-out-answers`, keyed by customer_id): made once, repeated when asked.

    A quote holds until `expires_at` and as long as the bet is of `bet_version`. TAKEN has paid `amount_minor` for
    `part_minor` of the stake, which is no more of the bet. A refusal has its `code`, and no amounts.
    """

    request_id: str
    customer_id: str
    bet_id: str
    action: CashOutAction
    outcome: CashOutOutcome
    code: str
    quote_id: str
    part_minor: int
    amount_minor: int
    expires_at: int
    bet_version: int
    legs: tuple[CashOutLeg, ...]
