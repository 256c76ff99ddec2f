"""The ledger as a person would keep it: a list of what was moved, a list of what is pending, and sums over both.

It knows no holding accounts and no rows: what an account may still take or give is summed anew each time, by
TigerBeetle's rule (debits posted and pending must not exceed the credits posted, and the other way round for credits).
"""

from copy import deepcopy
from dataclasses import dataclass, field

from domain.money.commands import Command, Expire, Open, Post, Reserve, Reverse, Transfer, Void
from domain.money.transfer_codes import Result

FAILS_FOR_EVER = {
    Result.EXPIRY_PAST, Result.EXCEEDS_BALANCE, Result.EXCEEDS_MOST, Result.PENDING_UNKNOWN, Result.PENDING_EXPIRED,
    Result.TRANSFER_UNKNOWN,
}  # fmt: skip
LATE = {
    "posted": Result.PENDING_ALREADY_POSTED,
    "voided": Result.PENDING_ALREADY_VOIDED,
    "expired": Result.PENDING_EXPIRED,
}


@dataclass
class Model:
    """What was moved, what is pending, and which ids were used or failed."""

    limits: dict[str, tuple[int, int]]
    moved: dict[str, tuple[str, str, int]] = field(default_factory=dict)
    """By id, what a transfer, a post or a reversal moved: from, to, how much."""
    pending: dict[str, tuple[Reserve, str]] = field(default_factory=dict)
    done: dict[str, Command] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    reversed: set[str] = field(default_factory=set)

    def posted(self, account: str) -> int:
        return sum(minor * ((to == account) - (from_ == account)) for from_, to, minor in self.moved.values())

    def waiting(self, side: str, account: str) -> int:
        held = [asked for asked, state in self.pending.values() if state == "pending"]
        return sum(asked.amount_minor for asked in held if getattr(asked, side) == account)

    def broken(self, debit: str, credit: str, minor: int) -> Result | None:
        if self.posted(debit) - self.waiting("debit_account", debit) - minor < self.limits[debit][0]:
            return Result.EXCEEDS_BALANCE
        if self.posted(credit) + self.waiting("credit_account", credit) + minor > self.limits[credit][1]:
            return Result.EXCEEDS_MOST
        return None

    def answer(self, command: Command, at: int) -> Result:
        """Return what the ledger must answer, and do it."""
        if isinstance(command, Expire):
            return self.expire(command, at)
        assert not isinstance(command, Open)
        if command.id in self.failed:
            return Result.ID_ALREADY_FAILED
        if command.id in self.done:
            assert self.done[command.id] == command, "different repeats are another test's"
            return Result.EXISTS
        if isinstance(command, Transfer | Reserve):
            result = self.begin(command, at)
        elif isinstance(command, Reverse):
            result = self.reverse(command)
        else:
            result = self.resolve(command, at)
        if result is Result.CREATED:
            self.done[command.id] = command
        elif result in FAILS_FOR_EVER:
            self.failed.append(command.id)
        return result

    def begin(self, command: Transfer | Reserve, at: int) -> Result:
        if isinstance(command, Reserve) and 0 < command.expires_at <= at:
            return Result.EXPIRY_PAST
        if command.debit_account == command.credit_account:
            return Result.ACCOUNTS_THE_SAME
        fault = self.broken(command.debit_account, command.credit_account, command.amount_minor)
        if fault is not None:
            return fault
        if isinstance(command, Reserve):
            self.pending[command.id] = command, "pending"
        else:
            self.moved[command.id] = command.debit_account, command.credit_account, command.amount_minor
        return Result.CREATED

    def resolve(self, command: Post | Void, at: int) -> Result:
        if command.pending_id not in self.pending:
            known = command.pending_id in self.done
            return Result.PENDING_NOT_PENDING if known else Result.PENDING_UNKNOWN
        asked, state = self.pending[command.pending_id]
        if state != "pending":
            return LATE[state]
        if 0 < asked.expires_at <= at:
            return Result.PENDING_EXPIRED
        if isinstance(command, Void):
            self.pending[command.pending_id] = asked, "voided"
            return Result.CREATED
        minor = asked.amount_minor if command.amount_minor is None else command.amount_minor
        if minor > asked.amount_minor:
            return Result.EXCEEDS_PENDING
        self.pending[command.pending_id] = asked, "posted"
        self.moved[command.id] = asked.debit_account, asked.credit_account, minor
        return Result.CREATED

    def expire(self, command: Expire, at: int) -> Result:
        if command.pending_id not in self.pending:
            known = command.pending_id in self.done
            return Result.PENDING_NOT_PENDING if known else Result.PENDING_UNKNOWN
        asked, state = self.pending[command.pending_id]
        if state == "expired":
            return Result.EXISTS
        if state != "pending":
            return LATE[state]
        if not 0 < asked.expires_at <= at:
            return Result.PENDING_NOT_DUE
        self.pending[command.pending_id] = asked, "expired"
        return Result.CREATED

    def reverse(self, command: Reverse) -> Result:
        if command.transfer_id not in self.done:
            return Result.TRANSFER_UNKNOWN
        if command.transfer_id in self.reversed:
            return Result.TRANSFER_ALREADY_REVERSED
        if not isinstance(self.done[command.transfer_id], Transfer | Post):
            return Result.TRANSFER_NOT_POSTED
        from_, to, minor = self.moved[command.transfer_id]
        fault = self.broken(to, from_, minor)
        if fault is not None:
            return fault
        self.reversed.add(command.transfer_id)
        self.moved[command.id] = to, from_, minor
        return Result.CREATED

    def answer_linked(self, chain: list[Command], at: int) -> Result:
        """Return what a chain must come to: all of it done, all done before, or nothing but the first failure kept."""
        tried, answers = deepcopy(self), list[Result]()
        for command in chain:
            answers.append(tried.answer(command, at))
            if not answers[-1].done or answers[-1] != answers[0]:
                break
        else:
            self.__dict__.update(tried.__dict__)
            return answers[0]
        if answers[-1] in FAILS_FOR_EVER:
            command = chain[len(answers) - 1]
            self.failed += [command.id] if not isinstance(command, Open | Expire) else []
        return Result.LINKED_COMMAND_FAILED if answers[-1].done else answers[-1]
