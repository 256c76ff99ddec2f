"""The ledger against a simple model: any commands in any order, repeated, linked, late."""

from collections import Counter

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from domain.money import chart
from domain.money.book import execute, execute_linked
from domain.money.chain import link, start
from domain.money.chart import Limits
from domain.money.commands import Command, Expire, Identified, Open, Post, Reserve, Reverse, Transfer, Void
from domain.money.entry import Entry, as_of
from domain.money.rows import Books, Step, due, put
from domain.money.transfer_codes import Result
from domain.money.verifying import verify
from tests.property.money.ledger_model import Model

ACCOUNTS = (chart.cash("ann"), chart.bonus("ann"), chart.open_stakes("ann"), chart.CLEARING, chart.PROFIT)
UNKNOWN = "ann/unknown"

accounts = st.sampled_from(ACCOUNTS)
amounts = st.integers(1, 60)
kinds = st.sampled_from((Transfer, Reserve, Reserve, Post, Post, Void, Expire, Reverse))


class LedgerMachine(RuleBasedStateMachine):
    """Books, their entries and the model, told the same commands."""

    def __init__(self) -> None:
        super().__init__()
        self.books = Books({}, {})
        self.entries: list[Entry] = []
        self.at = 1
        self.count = 0
        self.past: dict[int, dict[str, int]] = {}
        self.model = Model({})

    @initialize(most=st.lists(st.integers(20, 120), min_size=3, max_size=3))
    def open(self, most: list[int]) -> None:
        tight = {name: Limits(0, ceiling) for name, ceiling in zip(ACCOUNTS, most, strict=False)}
        for name in ACCOUNTS:
            step = execute(self.books, Open(account=name, currency="GBP", limits=tight.get(name)), self.at)
            assert step.result is Result.CREATED
            self.keep(step)
        self.model = Model({name: (row.least_minor, row.most_minor) for name, row in self.books.accounts.items()})
        for name, minor in ((ACCOUNTS[0], most[0]), (ACCOUNTS[1], most[1] // 2)):
            assert self.tell(self.between(f"{name} at first", chart.PROFIT, name, minor)) is Result.CREATED

    def between(self, own: str, from_: str, to: str, minor: int) -> Transfer:
        return Transfer(id=own, debit_account=from_, credit_account=to, amount_minor=minor, currency="GBP")

    def keep(self, step: Step) -> None:
        self.books = put(self.books, step)
        self.entries += step.entries

    def tell(self, command: Command) -> Result:
        before = self.books
        step = execute(self.books, command, self.at)
        self.keep(step)
        if not isinstance(command, Open | Expire) and self.used(command):
            assert step.result.startswith("EXISTS_WITH_DIFFERENT_")
        else:
            assert step.result is self.model.answer(command, self.at)
        if step.result is not Result.CREATED:
            assert (self.books.accounts, step.entries) == (before.accounts, ())
        return step.result

    def used(self, command: Identified) -> bool:
        """Tell whether the id was used for another command."""
        return command.id in self.model.done and self.model.done[command.id] != command

    def command(self, data: st.DataObject, new_id: str) -> Command:
        """Draw a command, most often under a new id, and about something that was asked before."""
        kind = data.draw(kinds)
        own = data.draw(st.sampled_from([new_id] * 9 + self.model.failed[-2:] + list(self.model.done)[-2:]))
        about = data.draw(st.sampled_from([UNKNOWN, *list(self.model.done)[-9:]]))
        if kind in (Transfer, Reserve):
            from_, to, minor = data.draw(accounts), data.draw(accounts), data.draw(amounts)
            if kind is Transfer:
                return self.between(own, from_, to, minor)
            expires_at = data.draw(st.sampled_from([0, self.at, self.at + 1, self.at + 9]))
            return Reserve(
                id=own,
                debit_account=from_,
                credit_account=to,
                amount_minor=minor,
                currency="GBP",
                expires_at=expires_at,
            )
        about = data.draw(st.sampled_from([about, *self.model.pending][-9:])) if kind is not Reverse else about
        if kind is Expire:
            return Expire(pending_id=about)
        if kind is Post:
            return Post(id=own, pending_id=about, amount_minor=data.draw(st.none() | amounts))
        return Void(id=own, pending_id=about) if kind is Void else Reverse(id=own, transfer_id=about)

    def new_id(self) -> str:
        self.count += 1
        return f"ann/{self.count}"

    @rule(data=st.data())
    def one(self, data: st.DataObject) -> None:
        self.tell(self.command(data, self.new_id()))

    @rule(data=st.data(), size=st.integers(2, 4))
    def linked(self, data: st.DataObject, size: int) -> None:
        chain = [self.command(data, self.new_id()) for _ in range(size)]
        sole: dict[str, Command] = {}
        for each in chain:
            # One id is one command: different repeats have their own rule.
            if isinstance(each, Open | Expire) or not (self.used(each) or sole.setdefault(each.id, each) != each):
                continue
            return
        before = self.books
        step = execute_linked(self.books, chain, self.at)
        self.keep(step)
        assert step.result is self.model.answer_linked(chain, self.at)
        if step.result is Result.CREATED:
            assert len(step.entries) == len(chain)
        else:
            assert (self.books.accounts, step.entries) == (before.accounts, ())

    @precondition(lambda self: self.model.done)
    @rule(data=st.data())
    def again(self, data: st.DataObject) -> None:
        command = self.model.done[data.draw(st.sampled_from(sorted(self.model.done)))]
        assert self.tell(command) is Result.EXISTS

    @precondition(lambda self: self.model.failed)
    @rule(data=st.data())
    def again_what_failed(self, data: st.DataObject) -> None:
        failed = data.draw(st.sampled_from(self.model.failed))
        assert self.tell(self.between(failed, chart.PROFIT, chart.CLEARING, 1)) is Result.ID_ALREADY_FAILED

    @rule(name=st.sampled_from(ACCOUNTS[:3]))
    def fill_to_the_brim(self, name: str) -> None:
        room = self.model.limits[name][1] - self.model.posted(name) - self.model.waiting("credit_account", name)
        assert self.tell(self.between(self.new_id(), chart.PROFIT, name, room + 1)) is Result.EXCEEDS_MOST
        if room:
            assert self.tell(self.between(self.new_id(), chart.PROFIT, name, room)) is Result.CREATED

    @rule(name=st.sampled_from(ACCOUNTS[:3]))
    def drain_to_the_last(self, name: str) -> None:
        there = self.model.posted(name) - self.model.waiting("debit_account", name)
        assert self.tell(self.between(self.new_id(), name, chart.PROFIT, there + 1)) is Result.EXCEEDS_BALANCE
        if there:
            assert self.tell(self.between(self.new_id(), name, chart.PROFIT, there)) is Result.CREATED

    @rule(by=st.integers(1, 9))
    def wait(self, by: int) -> None:
        self.past[self.at] = as_of(self.entries, self.at)
        self.at += by

    @rule()
    def expire_what_is_due(self) -> None:
        for command in due(self.books.transfers.items(), self.at):
            assert self.tell(command) is Result.CREATED
        assert due(self.books.transfers.items(), self.at) == ()

    @invariant()
    def every_entry_and_all_accounts_sum_to_zero(self) -> None:
        assert all(sum(posting.amount_minor for posting in entry.postings) == 0 for entry in self.entries)
        assert sum(row.balance_minor for row in self.books.accounts.values()) == 0

    @invariant()
    def no_limit_is_broken_and_balances_are_those_of_the_entries_and_of_the_model(self) -> None:
        by_entries = as_of(self.entries, self.at)
        for name, row in self.books.accounts.items():
            assert row.least_minor <= row.balance_minor <= row.most_minor
            assert row.balance_minor == by_entries.get(name, 0)
        for name in self.model.limits:
            row, held = self.books.accounts[name], self.model.waiting("debit_account", name)
            assert row.balance_minor == self.model.posted(name) - held
            assert (row.outgoing_minor, row.incoming_minor) == (held, self.model.waiting("credit_account", name))
            assert by_entries.get(chart.held(name), 0) == held

    @invariant()
    def each_pending_transfer_is_resolved_at_most_once_and_each_entry_is_written_once(self) -> None:
        ended = Counter(entry.reference for entry in self.entries if entry.kind in ("POST", "VOID", "EXPIRE"))
        assert max(ended.values(), default=0) <= 1
        assert len({entry.entry_id for entry in self.entries}) == len(self.entries)

    @invariant()
    def the_past_does_not_change(self) -> None:
        assert all(as_of(self.entries, at) == then for at, then in self.past.items())

    def teardown(self) -> None:
        tip, chain = start(0), []
        for entry in self.entries:
            linked, tip = link(entry, tip)
            chain.append(linked)
        verdict = verify(chain, 0)
        assert (verdict.fault, verdict.tip) == (None, tip)


TestLedger = pytest.mark.timeout(170)(LedgerMachine.TestCase)
TestLedger.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
