"""Every cent: accounts recomputed from transfers, payments, decisions and settlements, held against the ledger."""

from collections import defaultdict

import msgspec

from domain.audit.difference import Findings
from domain.audit.versions import Versions
from domain.errors import ContractViolation
from domain.events.betting import Account, BetDecision, LedgerEntry, WalletTransfer
from domain.events.payments import Payment
from domain.events.settlement import BetSettlement
from domain.money.ledger import HOUSE_BANK, HOUSE_PROFIT, Ledger


class _Expected(msgspec.Struct):
    """What an account must hold by all that is not the ledger, in minor units, debts taken off."""

    balance_minor: int = 0
    reserved_minor: int = 0
    open_stakes_minor: int = 0
    profit_minor: int = 0


class MoneyAudit:
    """Fed every record of transfers, payments, decisions, entries and accounts, partition by partition.

    When all bets are decided nothing is reserved but what is being paid out. Of a partition's customers that is over
    only the sums are kept.
    """

    def __init__(self) -> None:
        self._transfers: dict[tuple[str, str], int] = {}
        self._stakes: dict[tuple[str, str], int] = {}
        self._settled: dict[tuple[str, str], BetSettlement] = {}
        self._payments: dict[tuple[str, str], Payment] = {}
        self._refused: set[tuple[str, str]] = set()
        self._accounts: dict[str, Account] = {}
        self._versions = Versions("account")
        self._ledger = Ledger()
        self._paid_in_minor = self._bank_minor = self._all_minor = self._profit_minor = self._taken_minor = 0
        self._findings = Findings()

    def transfer(self, transfer: WalletTransfer) -> None:
        """Take a transfer; the first under its id counts."""
        self._transfers.setdefault((transfer.customer_id, transfer.transfer_id), transfer.amount_minor)

    def decision(self, decision: BetDecision) -> None:
        """Take a decision; repeats are the same."""
        self._stakes.setdefault((decision.customer_id, decision.bet_id), decision.stake_minor)

    def settlement(self, settlement: BetSettlement) -> None:
        """Take a bet's settlement; the last version counts."""
        key = settlement.customer_id, settlement.bet_id
        before = self._settled.get(key)
        if before is None or settlement.version > before.version:
            self._settled[key] = settlement

    def payment(self, payment: Payment) -> None:
        """Take a payment as it stands; the last version counts."""
        key = payment.customer_id, payment.payment_id
        before = self._payments.get(key)
        if before is None or payment.version > before.version:
            self._payments[key] = payment

    def entry(self, entry: LedgerEntry) -> None:
        """Take a ledger entry; each must balance, and one id is one entry."""
        if entry.kind == "TRANSFER_REFUSED":
            self._refused.add((entry.customer_id, entry.reference))
        try:
            self._ledger.add(entry)
        except ContractViolation as violation:
            self._findings.check("ledger entries balance", entry.entry_id, holds=False, found=str(violation))
        else:
            self._findings.check("ledger entries balance", entry.entry_id, holds=True)
            figures = self._ledger.figures(entry.customer_id)
            free = figures.balance_minor - figures.reserved_minor
            least = min(free, figures.reserved_minor, figures.open_stakes_minor, figures.owed_minor)
            # Entries of one customer are in the order in which they were written.
            self._findings.check("no entry takes what is not there", entry.entry_id, least >= 0, str(figures))

    def account(self, account: Account) -> None:
        """Take a published account, in the order of its topic: versions rise, or are said again."""
        self._versions.take(account.customer_id, account.version, account, self._findings)
        self._accounts[account.customer_id] = account

    def end(self) -> None:
        """End a partition: recompute its accounts, and forget its customers."""
        findings, expected = self._findings, self._expected()
        for customer_id in sorted(expected.keys() | self._accounts.keys()):
            account = self._accounts.get(customer_id)
            if not findings.check("account published", customer_id, account is not None, "none") or account is None:
                continue
            wanted, figures = expected[customer_id], self._ledger.figures(customer_id)
            shown = (account.balance_minor - account.owed_minor, account.reserved_minor, account.open_stakes_minor)
            findings.equal("balance by transfers, bets and settlements", customer_id,
                           expected=(wanted.balance_minor, wanted.reserved_minor, wanted.open_stakes_minor),
                           found=shown)  # fmt: skip
            by_ledger = msgspec.structs.astuple(figures)
            stands = (account.balance_minor, *shown[1:], account.owed_minor)
            findings.equal("balance by the ledger", customer_id, expected=by_ledger, found=stands)
            findings.check("no negative balance", customer_id, min(stands) >= 0, str(stands))
        wanted_all = expected.values()
        self._paid_in_minor += sum(e.balance_minor + e.open_stakes_minor + e.profit_minor for e in wanted_all)
        self._profit_minor += sum(e.profit_minor for e in wanted_all)
        self._bank_minor += self._ledger.balances.get(HOUSE_BANK, 0)
        self._taken_minor += self._ledger.balances.get(HOUSE_PROFIT, 0)
        self._all_minor += sum(self._ledger.balances.values())
        self._ledger.forget()
        self._versions.forget()
        self._transfers.clear()
        self._stakes.clear()
        self._settled.clear()
        self._payments.clear()
        self._refused.clear()
        self._accounts.clear()

    def findings(self) -> Findings:
        """End the last partition, and hold the house's sums."""
        self.end()
        findings = Findings()
        findings.merge(self._findings)
        findings.equal(
            "the bank holds what was paid in", HOUSE_BANK, expected=-self._paid_in_minor, found=self._bank_minor
        )
        findings.equal(
            "the house keeps what bets left to it", HOUSE_PROFIT, expected=self._profit_minor, found=self._taken_minor
        )
        findings.equal("the ledger sums to zero", "all", expected=0, found=self._all_minor)
        return findings

    def _expected(self) -> dict[str, _Expected]:
        expected: dict[str, _Expected] = defaultdict(_Expected)
        for key, amount_minor in self._transfers.items():
            if key not in self._refused:
                expected[key[0]].balance_minor += amount_minor
        for payment in self._payments.values():
            if payment.status == "CAPTURED":
                expected[payment.customer_id].balance_minor += payment.amount_minor
            elif payment.kind == "WITHDRAWAL" and payment.status == "PAID":
                expected[payment.customer_id].balance_minor -= payment.amount_minor
            elif payment.status == "PAYING":
                expected[payment.customer_id].reserved_minor += payment.amount_minor
        for (customer_id, bet_id), stake_minor in self._stakes.items():
            if stake_minor:
                account, settled = expected[customer_id], self._settled.get((customer_id, bet_id))
                account.balance_minor -= stake_minor
                if settled is None:
                    account.open_stakes_minor += stake_minor
                    continue
                # What was cashed out has left the open stakes before the rest of the bet is settled.
                done = settled.status in {"PROVISIONAL", "CONFIRMED"}
                gone = stake_minor if done else settled.cashed_out_minor
                account.open_stakes_minor += stake_minor - gone
                account.balance_minor += settled.returned_minor
                account.profit_minor += gone - settled.returned_minor
        return expected
