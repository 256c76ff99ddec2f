"""The ledger's side of a reconciliation: payment moves as lines."""

from collections.abc import Iterable
from typing import Final

from domain.money.payment_terms import LedgerMove, MoveKind
from domain.money.reconcile import Movement, PaymentLine, Settled

_STATUS: Final = {
    MoveKind.CREDIT: Settled.SETTLED,
    MoveKind.HOLD: Settled.PENDING,
    MoveKind.POST: Settled.SETTLED,
    MoveKind.RELEASE: Settled.FAILED,
    MoveKind.RETURN: Settled.SETTLED,
}


def ledger_lines(moves: Iterable[tuple[LedgerMove, int]]) -> list[PaymentLine]:
    """Return what the ledger says of payments, by moves in their order, each with its time.

    A hold and what became of it are one line. Moves that were refused must not be given.
    """
    lines: dict[tuple[str, Movement], PaymentLine] = {}
    for move, at in moves:
        status = _STATUS.get(move.kind)
        if status is not None:
            line = PaymentLine(
                line_id=move.move_id, key=move.key, movement=movement_of(move), amount_minor=move.amount_minor,
                currency=move.currency, status=status, at=at,
            )  # fmt: skip
            lines[move.key, line.movement] = line
    return list(lines.values())


def movement_of(move: LedgerMove) -> Movement:
    """Return how a move's money goes between house and bank; its key ends with what was asked of the provider."""
    return Movement.RETURN if move.kind is MoveKind.RETURN else Movement(move.key.rpartition("/")[2].upper())
