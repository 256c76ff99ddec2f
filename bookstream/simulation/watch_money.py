"""The money after every unit of the accounts: rows against entries, entries against commands, bets against both."""

from collections import defaultdict
from collections.abc import Sequence

import msgspec

from bookstream.delivery.producer import Change
from bookstream.simulation.violation import equal, violated
from domain.betting.journal import BetState
from domain.betting.settling import SettlingBet
from domain.errors import ContractViolation
from domain.events.betting import LedgerEntry, WalletTransfer, bet_key
from domain.events.settlement import BetSettlement
from domain.money.account import AccountState
from domain.money.ledger import HOUSE_BANK, HOUSE_PROFIT, Figures, Ledger
from tables.accounts import ACCOUNTS, BETS, SETTLING


class _Customer(msgspec.Struct):
    """What is durable of one customer; bets that were forgotten stay."""

    account: AccountState | None = None
    bets: dict[str, BetState] = msgspec.field(default_factory=dict)
    settling: dict[str, SettlingBet] = msgspec.field(default_factory=dict)
    paid_in_minor: int = 0
    profit_minor: int = 0


class MoneyWatch:
    """Fed every unit of the accounts, with the entries that it wrote and what it said of bets."""

    def __init__(self) -> None:
        self.entries: dict[str, LedgerEntry] = {}
        self._ledger = Ledger()
        self._commands: dict[str, list[int]] = defaultdict(list)
        self._customers: dict[str, _Customer] = defaultdict(_Customer)
        self._newest: dict[str, tuple[int, ...]] = {}
        self._account = msgspec.msgpack.Decoder(AccountState)
        self._bet = msgspec.msgpack.Decoder(BetState)
        self._settling = msgspec.msgpack.Decoder(SettlingBet)

    def command(self, transfer: WalletTransfer) -> None:
        """Take a command, as somebody outside gave it."""
        self._commands[f"{transfer.customer_id}/{transfer.transfer_id}"].append(transfer.amount_minor)

    def unit(self, changes: Sequence[Change], entries: Sequence[LedgerEntry], settled: Sequence[BetSettlement]) -> None:
        """Take a unit.

        Raises:
            Violation: what must hold of money does not.
        """
        touched = {entry.customer_id for entry in entries}
        for entry in entries:
            self._entry(entry)
        for each in settled:
            bet = bet_key(each.customer_id, each.bet_id)
            self._forward(bet, (each.version, *(leg.version for leg in each.legs)))
        for key, value in changes:
            kind, _, name = key.decode().partition("\0")
            if kind in (ACCOUNTS.name, BETS.name, SETTLING.name):
                touched.add(name.partition("/")[0])
                if value is not None:
                    self._row(kind, name, value)
        for customer_id in sorted(touched):
            self._holds(customer_id, self._customers[customer_id])
        if touched:
            self._house()

    def end(self) -> None:
        """Look at what may not be left when nothing is under way.

        Raises:
            Violation: a bet is open.
        """
        for customer in self._customers.values():
            for name, bet in customer.bets.items():
                if bet.open is not None:
                    violated("every bet is decided", name, "open")

    def _entry(self, entry: LedgerEntry) -> None:
        if entry.entry_id in self.entries:
            violated("an entry is written once", entry.entry_id, entry.kind)
        try:
            self._ledger.add(entry)
        except ContractViolation as violation:
            violated("entries sum to zero", entry.entry_id, violation)
        self.entries[entry.entry_id] = entry
        amounts = {each.ledger_account: each.amount_minor for each in entry.postings}
        customer = self._customers[entry.customer_id]
        customer.profit_minor += amounts.get(HOUSE_PROFIT, 0)
        paid_in = -amounts.get(HOUSE_BANK, 0)
        if not paid_in:
            return
        customer.paid_in_minor += paid_in
        asked = self._commands.get(f"{entry.customer_id}/{entry.reference}", [])
        if paid_in not in asked:
            violated("money moves when somebody asks", entry.entry_id, f"{paid_in} of {asked}")

    def _forward(self, name: str, versions: tuple[int, ...]) -> None:
        """Hold a bet's version, and those of the words by which its legs stand, against the ones before."""
        before = self._newest.get(name, versions)
        if any(new < old for old, new in zip(before, versions, strict=True)):
            violated("a settlement goes forward", name, f"{before} → {versions}")
        self._newest[name] = versions

    def _row(self, kind: str, name: str, value: bytes) -> None:
        customer = self._customers[name.partition("/")[0]]
        if kind == ACCOUNTS.name:
            try:
                customer.account = self._account.decode(value)
            except msgspec.ValidationError as error:
                violated("no balance below its limit", name, error)
        elif kind == SETTLING.name:
            settling = customer.settling[name] = self._settling.decode(value)
            self._forward(name, (settling.bet.version, *(leg.version for leg in settling.bet.legs)))
        else:
            earlier, bet = customer.bets.get(name), self._bet.decode(value)
            if earlier is not None and earlier.decision is not None and bet.decision != earlier.decision:
                violated("a bet is decided once", name, bet)
            customer.bets[name] = bet

    def _holds(self, customer_id: str, customer: _Customer) -> None:
        account, figures = customer.account, self._ledger.figures(customer_id)
        shown = Figures(balance_minor=0, reserved_minor=0, open_stakes_minor=0)
        if account is not None:
            shown = Figures(
                balance_minor=account.balance_minor, reserved_minor=account.reserved_minor,
                open_stakes_minor=account.open_stakes_minor, owed_minor=account.owed_minor,
            )  # fmt: skip
        equal("the account is what its entries say", customer_id, expected=figures, found=shown)
        free = shown.balance_minor - shown.reserved_minor
        least = min(free, shown.reserved_minor, shown.open_stakes_minor, shown.owed_minor)
        if least < 0 or (shown.owed_minor and free):
            violated("no balance below its limit", customer_id, shown)
        held = sum(bet.open.held_minor for bet in customer.bets.values() if bet.open is not None)
        equal("what is held is of open bets", customer_id, expected=held, found=shown.reserved_minor)
        self._settlings(customer_id, customer, shown)
        total = shown.balance_minor - shown.owed_minor + shown.open_stakes_minor + customer.profit_minor
        equal("nothing is made or lost", customer_id, expected=customer.paid_in_minor, found=total)

    def _settlings(self, customer_id: str, customer: _Customer, shown: Figures) -> None:
        accepted = {name for name, bet in customer.bets.items() if bet.decision and bet.decision.stake_minor}
        equal("an accepted bet is settled or will be", customer_id, expected=accepted, found=set(customer.settling))
        stakes = profit = 0
        for name, row in customer.settling.items():
            decision, bet = customer.bets[name].decision, row.bet
            assert decision is not None, "accepted"
            equal("a bet is settled by its stake", name, expected=decision.stake_minor, found=bet.stake_minor)
            if bet.settlement.settled:
                profit += bet.stake_minor - bet.settlement.returned_minor
            else:
                equal("an open bet returns nothing", name, expected=0, found=bet.settlement.returned_minor)
                stakes += bet.stake_minor
        equal("open stakes are of bets not settled", customer_id, expected=stakes, found=shown.open_stakes_minor)
        equal("the house keeps what bets left to it", customer_id, expected=profit, found=customer.profit_minor)

    def _house(self) -> None:
        balances, customers = self._ledger.balances, self._customers.values()
        equal("the ledger sums to zero", "all", expected=0, found=sum(balances.values()))
        paid_in = sum(each.paid_in_minor for each in customers)
        equal("the bank holds what was paid in", "all", expected=-paid_in, found=balances.get(HOUSE_BANK, 0))
        profit = sum(each.profit_minor for each in customers)
        equal("the house's profit is its bets'", "all", expected=profit, found=balances.get(HOUSE_PROFIT, 0))
