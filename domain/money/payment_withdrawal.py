"""A withdrawal: the money is held first, then paid out, and comes back if the bank returns it."""

import msgspec

from domain.money import payment_outflow as outflows
from domain.money.payment_codes import PaymentCode
from domain.money.payment_commands import fault_of, repeat_of
from domain.money.payment_outflow import Outflow
from domain.money.payment_request import Request
from domain.money.payment_terms import PATIENCE, Patience, Step, Verb, WithdrawalAsked, WithdrawalInput


class Withdrawal(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A withdrawal; all that happens to it happens to its outflow."""

    asked: WithdrawalAsked
    opened_at: int
    outflow: Outflow

    @property
    def requests(self) -> tuple[Request, ...]:
        """Return the request that was made for it, if one was."""
        return () if self.outflow.request is None else (self.outflow.request,)

    @property
    def open_requests(self) -> tuple[Request, ...]:
        """Return the request whose outcome is still to be found out, if one is."""
        return tuple(each for each in self.requests if each.is_open)


def on_withdrawal(
    state: Withdrawal | None, said: WithdrawalInput, at: int, patience: Patience = PATIENCE
) -> Step[Withdrawal]:
    """Take one input of a withdrawal; idempotent and refusing as `on_deposit`.

    Raises:
        ContractViolation: an id cannot be carried on.
    """
    if isinstance(said, WithdrawalAsked):
        return _begin(state, said, at)
    if state is None:
        return Step(code=PaymentCode.PAYMENT_UNKNOWN)
    flow = outflows.take(state.outflow, said, at, patience)
    after = None if flow.outflow is state.outflow else msgspec.structs.replace(state, outflow=flow.outflow)
    return Step(state=after, asks=flow.asks, moves=flow.moves, code=flow.code)


def _begin(state: Withdrawal | None, asked: WithdrawalAsked, at: int) -> Step[Withdrawal]:
    if state is not None:
        return Step(code=repeat_of(state.asked, asked))
    if (fault := fault_of(asked)) is not None:
        return Step(code=fault)
    flow = outflows.begin(
        Outflow(
            name=f"{asked.customer_id}/{asked.payment_id}", verb=Verb.PAYOUT, customer_id=asked.customer_id,
            currency=asked.currency, amount_minor=asked.amount_minor,
        )
    )  # fmt: skip
    return Step(state=Withdrawal(asked=asked, opened_at=at, outflow=flow.outflow), moves=flow.moves)
