"""What the ledger remembers: rows of accounts and transfers, and the draft in which a command is tried."""

from collections.abc import Iterable, Mapping

import msgspec

from domain.money.commands import Expire, Identified, Reserve, TransferStatus
from domain.money.entry import Entry
from domain.money.transfer_codes import Result


class AccountRow(msgspec.Struct, frozen=True):
    """An account: its balance and, within limits that nothing breaks, what is pending; minor units.

    `outgoing_minor` is held out of the balance and may come back, `incoming_minor` may be posted to it: whatever
    becomes of them, the balance stays within its limits. `holds` marks an account that only pending transfers move.
    """

    currency: str
    customer_id: str
    least_minor: int
    most_minor: int
    balance_minor: int = 0
    outgoing_minor: int = 0
    incoming_minor: int = 0
    holds: bool = False

    def __post_init__(self) -> None:
        assert self.outgoing_minor >= 0 <= self.incoming_minor, self
        assert self.least_minor <= self.balance_minor, self
        assert self.balance_minor + self.outgoing_minor + self.incoming_minor <= self.most_minor, self

    def moved(self, balance: int, outgoing: int = 0, incoming: int = 0) -> "AccountRow":
        """Add to what it has and to what is pending, in minor units."""
        return AccountRow(
            self.currency, self.customer_id, self.least_minor, self.most_minor,
            self.balance_minor + balance, self.outgoing_minor + outgoing, self.incoming_minor + incoming, self.holds,
        )  # fmt: skip

    def bears_debit(self, amount_minor: int) -> bool:
        """Tell whether so much can be taken."""
        return self.balance_minor - amount_minor >= self.least_minor

    def bears_credit(self, amount_minor: int) -> bool:
        """Tell whether so much can be given, even if all that is pending comes as well."""
        pending = self.outgoing_minor + self.incoming_minor
        return self.balance_minor + pending + amount_minor <= self.most_minor


class TransferRow(msgspec.Struct, frozen=True):
    """A command by its id, kept for ever: what was asked, when, and what became of it.

    `moved_minor` is what a transfer, a post or a reversal moved for good; `code` says why a failed one was refused.
    """

    command: Identified
    at: int
    status: TransferStatus
    moved_minor: int = 0
    code: str = ""


class Books(msgspec.Struct, frozen=True):
    """The state of a ledger: its accounts by name and its transfers by id."""

    accounts: Mapping[str, AccountRow]
    transfers: Mapping[str, TransferRow]


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What commands came to: an answer to each, entries, and the rows of the new state that differ from the old."""

    results: tuple[Result, ...]
    entries: tuple[Entry, ...] = ()
    accounts: Mapping[str, AccountRow] = {}
    transfers: Mapping[str, TransferRow] = {}

    @property
    def result(self) -> Result:
        """Return the answer to them all: CREATED, EXISTS, or why the chain failed."""
        if len(set(self.results)) == 1:
            return self.results[0]
        own = [each for each in self.results if not each.done and each is not Result.LINKED_COMMAND_FAILED]
        return own[0] if own else Result.LINKED_COMMAND_FAILED


class Draft:
    """A state in the making: reads through to the books, keeps what it changes to itself."""

    __slots__ = ("_books", "accounts", "entries", "transfers")

    def __init__(self, books: Books) -> None:
        self._books = books
        self.accounts: dict[str, AccountRow] = {}
        self.transfers: dict[str, TransferRow] = {}
        self.entries: list[Entry] = []

    def account(self, name: str) -> AccountRow | None:
        """Return an account, None if it was never opened."""
        return self.accounts.get(name) or self._books.accounts.get(name)

    def transfer(self, transfer_id: str) -> TransferRow | None:
        """Return what was asked under an id, None if nothing was."""
        return self.transfers.get(transfer_id) or self._books.transfers.get(transfer_id)

    def opened(self, name: str) -> AccountRow:
        """Return an account that must be there."""
        row = self.account(name)
        assert row is not None, name
        return row


def put(books: Books, step: Step) -> Books:
    """Return the new state, a copy; a table puts `step.accounts` and `step.transfers` over its rows instead."""
    return Books({**books.accounts, **step.accounts}, {**books.transfers, **step.transfers})


def due(transfers: Iterable[tuple[str, TransferRow]], at: int) -> tuple[Expire, ...]:
    """Return the commands that expire what is pending past its time (microseconds), the earliest first."""
    late = []
    for transfer_id, row in transfers:
        if row.status == "PENDING" and isinstance(row.command, Reserve) and 0 < row.command.expires_at <= at:
            late.append((row.command.expires_at, transfer_id))
    return tuple(Expire(pending_id=transfer_id) for _, transfer_id in sorted(late))
