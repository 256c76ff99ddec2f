"""The ledger as a pure function: a state, commands and the log's time give answers, entries and a new state.

In TigerBeetle's meaning (docs: two-phase transfers, linked events, reliable submission): what is pending is held out of
the debit account and kept free in the credit account, so that nothing that comes later can break a limit; a client's
id is answered once and repeated for ever; an id that failed for want of money, of an account or of time stays failed.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from domain.money.commands import Command, Expire, Identified, Open
from domain.money.ids import LONGEST_ID
from domain.money.moves import RULES
from domain.money.rows import Books, Draft, Step, TransferRow
from domain.money.transfer_codes import STICKY, Result

LONGEST_TRANSFER_ID: Final = 4 * LONGEST_ID
"""A transfer's id is made of those of the customer, the bet and the cause."""

_DIFFERENT: Final = {
    "debit_account": Result.EXISTS_WITH_DIFFERENT_DEBIT_ACCOUNT,
    "credit_account": Result.EXISTS_WITH_DIFFERENT_CREDIT_ACCOUNT,
    "amount_minor": Result.EXISTS_WITH_DIFFERENT_AMOUNT,
    "currency": Result.EXISTS_WITH_DIFFERENT_CURRENCY,
    "expires_at": Result.EXISTS_WITH_DIFFERENT_EXPIRY,
    "pending_id": Result.EXISTS_WITH_DIFFERENT_PENDING_ID,
    "transfer_id": Result.EXISTS_WITH_DIFFERENT_TRANSFER_ID,
}


def execute(books: Books, command: Command, at: int) -> Step:
    """Do one command at `at`, the log's time in microseconds; a refusal changes no account.

    Idempotent by the command's id: again, it answers EXISTS and changes nothing.
    """
    draft = Draft(books)
    result = _try(draft, command, at)
    if result is not Result.CREATED:
        return Step(results=(result,), transfers=_failed(command, result, at))
    return Step(results=(result,), entries=tuple(draft.entries), accounts=draft.accounts, transfers=draft.transfers)


def execute_linked(books: Books, commands: Sequence[Command], at: int) -> Step:
    """Do all the commands of a chain in their order, each seeing those before it, or none of them.

    The first that is refused says why, the others answer LINKED_COMMAND_FAILED. A chain that was done before answers
    EXISTS for each; one of which only some were done before fails.
    """
    assert commands, "a chain has at least one command"
    draft, results = Draft(books), list[Result]()
    for command in commands:
        results.append(_try(draft, command, at))
        if not results[-1].done or results[-1] is not results[0]:
            return _broken(commands, results, at)
    if results[0] is Result.EXISTS:
        return Step(results=tuple(results))
    return Step(
        results=tuple(results), entries=tuple(draft.entries), accounts=draft.accounts, transfers=draft.transfers
    )


def execute_all(books: Books, commands: Iterable[Command], at: int) -> Step:
    """Do commands one after the other, each on its own; the step has the answers and entries of all."""
    draft, results = Draft(books), list[Result]()
    for command in commands:
        result = _try(draft, command, at)
        draft.transfers.update(_failed(command, result, at))
        results.append(result)
    return Step(
        results=tuple(results), entries=tuple(draft.entries), accounts=draft.accounts, transfers=draft.transfers
    )


def _try(draft: Draft, command: Command, at: int) -> Result:
    if not isinstance(command, Open | Expire):
        if not 0 < len(command.id) <= LONGEST_TRANSFER_ID or not command.id.isprintable():
            return Result.ID_INVALID
        row = draft.transfer(command.id)
        if row is not None:
            return _repeated(row, command)
    return RULES[type(command)](draft, command, at)


def _repeated(row: TransferRow, command: Identified) -> Result:
    if row.status == "FAILED":
        return Result.ID_ALREADY_FAILED
    if row.command == command:
        return Result.EXISTS
    if type(row.command) is not type(command):
        return Result.EXISTS_WITH_DIFFERENT_KIND
    differing = [name for name in _DIFFERENT if getattr(row.command, name, None) != getattr(command, name, None)]
    return _DIFFERENT[differing[0]]


def _failed(command: Command, result: Result, at: int) -> dict[str, TransferRow]:
    """Remember a refusal that must stay one."""
    if result not in STICKY or isinstance(command, Open | Expire):
        return {}
    return {command.id: TransferRow(command, at, "FAILED", 0, result)}


def _broken(commands: Sequence[Command], results: Sequence[Result], at: int) -> Step:
    """Answer for a chain that failed at its last result; one done only in part fails where it was done."""
    blamed = 0 if results[-1] is Result.CREATED else len(results) - 1
    answers = [Result.LINKED_COMMAND_FAILED] * len(commands)
    answers[blamed] = results[blamed]
    return Step(results=tuple(answers), transfers=_failed(commands[blamed], results[blamed], at))
