"""Payments in the ledger: what each move of a payment is as a command, and what the ledger's answer means to it."""

from typing import Final

from domain.money import chart
from domain.money.commands import Post, Reserve, Transfer, Void
from domain.money.payment_codes import PaymentCode
from domain.money.payment_terms import LedgerMove, MoveKind
from domain.money.transfer_codes import Result

_CODES: Final = {
    Result.EXCEEDS_BALANCE: PaymentCode.INSUFFICIENT_BALANCE,
    # The first refusal was lost on its way; whichever it was, there was no money to hold.
    Result.ID_ALREADY_FAILED: PaymentCode.INSUFFICIENT_BALANCE,
    Result.DEBIT_ACCOUNT_UNKNOWN: PaymentCode.ACCOUNT_UNKNOWN,
    Result.CURRENCY_MISMATCH: PaymentCode.CURRENCY_MISMATCH,
    Result.AMOUNT_TOO_LARGE: PaymentCode.AMOUNT_ABOVE_LIMIT,
}


def command_of(move: LedgerMove) -> Transfer | Reserve | Post | Void | None:
    """Return a move as a command under its own id; None for ADMIT and RESCIND, which move no money.

    What is held for a payout never expires: while its outcome is not known, the money must stay.
    """
    cash = chart.cash(move.customer_id)
    match move.kind:
        case MoveKind.CREDIT | MoveKind.RETURN:
            return Transfer(
                id=move.move_id, debit_account=chart.CLEARING, credit_account=cash, amount_minor=move.amount_minor,
                currency=move.currency,
            )  # fmt: skip
        case MoveKind.HOLD:
            return Reserve(
                id=move.move_id, debit_account=cash, credit_account=chart.CLEARING, amount_minor=move.amount_minor,
                currency=move.currency,
            )  # fmt: skip
        case MoveKind.POST:
            return Post(id=move.move_id, pending_id=_hold(move))
        case MoveKind.RELEASE:
            return Void(id=move.move_id, pending_id=_hold(move))
        case MoveKind.ADMIT | MoveKind.RESCIND:
            return None


def code_of(move: LedgerMove, result: Result) -> PaymentCode | None:
    """Return why the ledger refused a move, None if it is done; only a HOLD may be refused.

    Raises:
        AssertionError: the ledger refused what it must not: its accounts were not opened, or this code is wrong.
    """
    if result.done:
        return None
    assert move.kind is MoveKind.HOLD, f"the ledger refused {move}: {result}"
    assert result in _CODES, f"the ledger refused {move}: {result}"
    return _CODES[result]


def _hold(move: LedgerMove) -> str:
    return f"{move.move_id.rpartition('/')[0]}/{MoveKind.HOLD.lower()}"
