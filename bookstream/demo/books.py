"""The house's books at the end of a run: where the ledger's money lies, and what became of the accepted bets."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from bookstream.reading import events
from bookstream.topics import BET_DECISIONS, BET_SETTLEMENTS, LEDGER, SETTLEMENTS
from domain.events.betting import BetDecision, LedgerEntry, bet_key
from domain.events.settlement import BetSettlement, MarketSettlement
from domain.money.ledger import HOUSE_BANK, HOUSE_PROFIT

CUSTOMERS, STAKES = "customer:", "house:stakes:"
UNSETTLED = "NOT_SETTLED"


@dataclass(slots=True)
class Books:
    """Minor units by what a ledger account is for; counts of bets and markets by how they are settled now.

    `winners` are each market's selections that won. `corrected` are bets that were paid, or lost, and then settled
    otherwise; `settled_again` counts how often.
    """

    paid_in_minor: int = 0
    customers_minor: int = 0
    open_stakes_minor: int = 0
    profit_minor: int = 0
    other_minor: int = 0
    staked_minor: int = 0
    returned_minor: int = 0
    bets: Counter[str] = field(default_factory=Counter)
    markets: Counter[str] = field(default_factory=Counter)
    winners: dict[str, list[str]] = field(default_factory=dict)
    corrected: int = 0
    settled_again: int = 0

    @property
    def sum_minor(self) -> int:
        """Return what all accounts of the ledger hold together: zero, or money came from nowhere."""
        held = self.customers_minor + self.open_stakes_minor + self.profit_minor + self.other_minor
        return held - self.paid_in_minor

    def problems(self) -> list[str]:
        """Say what does not balance, or is not settled, after the last match is over."""
        found = []
        if self.sum_minor:
            found.append(f"the ledger sums to {self.sum_minor} minor units, not to zero")
        if self.open_stakes_minor:
            found.append(f"{self.open_stakes_minor} minor units of stakes are still open")
        left = self.staked_minor - self.returned_minor - self.open_stakes_minor
        if self.profit_minor != left:
            found.append(f"the house's profit is {self.profit_minor}, but bets left it {left} minor units")
        for what, counts in (("bets", self.bets), ("markets", self.markets)):
            unsettled = {status: count for status, count in counts.items() if status != "CONFIRMED"}
            found += [f"{count} {what} are {status}" for status, count in sorted(unsettled.items())]
        return found

    def as_json(self) -> dict[str, object]:
        """Return them as a JSON object."""
        return {
            "books": {
                "paid_in_minor": self.paid_in_minor, "customers_minor": self.customers_minor,
                "open_stakes_minor": self.open_stakes_minor, "profit_minor": self.profit_minor,
                "other_minor": self.other_minor, "sum_minor": self.sum_minor,
            },
            "staked_minor": self.staked_minor, "returned_minor": self.returned_minor, "bets": dict(self.bets),
            "markets": dict(self.markets), "corrected": self.corrected, "settled_again": self.settled_again,
        }  # fmt: skip


def read_books(bootstrap: str) -> Books:
    """Read the books from the topics; their records were proved to be sound by `verify`."""
    books = Books()
    _money(books, (entry for _, entry in events(bootstrap, LEDGER.name, LedgerEntry)))
    decisions = {
        bet_key(each.customer_id, each.bet_id): each for _, each in events(bootstrap, BET_DECISIONS.name, BetDecision)
    }
    settled: dict[str, BetSettlement] = {}
    for _, each in events(bootstrap, BET_SETTLEMENTS.name, BetSettlement):
        settled[bet_key(each.customer_id, each.bet_id)] = each
    for name, decision in decisions.items():
        if decision.stake_minor:
            books.staked_minor += decision.stake_minor
            books.bets[settled[name].status if name in settled else UNSETTLED] += 1
    books.returned_minor = sum(each.returned_minor for each in settled.values())
    markets = {each.market_id: each for _, each in events(bootstrap, SETTLEMENTS.name, MarketSettlement)}
    books.markets.update(each.status for each in markets.values())
    books.winners = {name: [s.selection_id for s in each.selections if s.win == 1] for name, each in markets.items()}
    return books


def _money(books: Books, entries: Iterable[LedgerEntry]) -> None:
    """Add up the entries by what their accounts are for; an entry that was written twice counts once."""
    seen: set[str] = set()
    settlements: Counter[str] = Counter()
    for entry in entries:
        if entry.entry_id in seen:
            continue
        seen.add(entry.entry_id)
        settlements[f"{entry.customer_id}/{entry.reference}"] += entry.kind == "SETTLE"
        for posting in entry.postings:
            if posting.ledger_account == HOUSE_BANK:
                books.paid_in_minor -= posting.amount_minor
            elif posting.ledger_account.startswith(CUSTOMERS):
                books.customers_minor += posting.amount_minor
            elif posting.ledger_account.startswith(STAKES):
                books.open_stakes_minor += posting.amount_minor
            elif posting.ledger_account == HOUSE_PROFIT:
                books.profit_minor += posting.amount_minor
            else:
                books.other_minor += posting.amount_minor
    books.corrected = sum(count > 1 for count in settlements.values())
    books.settled_again = sum(count - 1 for count in settlements.values() if count > 1)
