"""ledger: transfers a second in the pure ledger, against SQLite in memory; entries verified a second, against the hash.

Both keep the same double entry: a transfer's id is taken once, the debit account stays at or above zero, both balances
and both lines are written, and nothing is half done. SQLite does it in one transaction a transfer.
"""

import gc
import sqlite3
import time
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Final

from bench.figures import Bound, Figure, compare, turns
from bench.inprocess import GC_THRESHOLDS
from bookstream.money.signing import CheckpointSigner, CheckpointVerifier
from domain.money import chart
from domain.money.book import execute
from domain.money.chain import canonical, link, start
from domain.money.checkpoint import Checkpoint
from domain.money.commands import Open, Transfer
from domain.money.entry import Entry
from domain.money.rows import AccountRow, Books, TransferRow
from domain.money.verifying import verify

CUSTOMERS: Final = 500
CHECKPOINT_EVERY: Final = 1_000
MILLION_A_MINUTE: Final = 1_000_000 / 60
FIRST_MINOR: Final = 1_000_000

Balances = dict[str, int]


def transfers(count: int) -> list[Transfer]:
    """Return transfers between customers' cash and their open stakes, after one that fills each cash account."""
    made = [
        Transfer(
            id=f"c{n}/first",
            debit_account=chart.CLEARING,
            credit_account=chart.cash(f"c{n}"),
            amount_minor=FIRST_MINOR,
            currency="GBP",
        )
        for n in range(CUSTOMERS)
    ]
    for n in range(count):
        customer_id, pair = f"c{n % CUSTOMERS}", (chart.cash, chart.open_stakes)
        from_, to = pair if n // CUSTOMERS % 3 else pair[::-1]
        made.append(
            Transfer(
                id=f"{customer_id}/t{n}",
                debit_account=from_(customer_id),
                credit_account=to(customer_id),
                amount_minor=1 + n % 97,
                currency="GBP",
            )
        )
    return made


def names() -> list[str]:
    """Return the accounts that the transfers move."""
    customers = [f"c{n}" for n in range(CUSTOMERS)]
    return [chart.CLEARING, *map(chart.cash, customers), *map(chart.open_stakes, customers)]


class PureLedger:
    """The ledger's rules on rows in a dict; chained, each entry is linked to the one before it as it is made."""

    def __init__(self, *, chained: bool) -> None:
        self._chained = chained
        self._accounts: dict[str, AccountRow] = {}
        self._transfers: dict[str, TransferRow] = {}
        self._books = Books(self._accounts, self._transfers)
        self.entries: list[Entry] = []
        for name in names():
            self._accounts |= execute(self._books, Open(account=name, currency="GBP"), 1).accounts

    def take(self, asked: Sequence[Transfer]) -> None:
        """Do all the transfers; what is refused changes nothing."""
        tip, chained, entries = start(0), self._chained, self.entries
        for at, transfer in enumerate(asked, 1):
            step = execute(self._books, transfer, at)
            self._accounts.update(step.accounts)
            self._transfers.update(step.transfers)
            if not chained:
                entries += step.entries
                continue
            for entry in step.entries:
                linked, tip = link(entry, tip)
                entries.append(linked)

    def balances(self) -> Balances:
        """Return each account's balance, in minor units."""
        return {name: row.balance_minor for name, row in self._accounts.items()}


class Sqlite:
    """The same double entry in SQLite's memory, without a journal on disk."""

    def __init__(self) -> None:
        self._db = sqlite3.connect(":memory:", isolation_level=None)
        self._db.executescript(
            """
            CREATE TABLE account (name TEXT PRIMARY KEY, balance INT NOT NULL, least INT NOT NULL,
                                  CHECK (balance >= least)) WITHOUT ROWID;
            CREATE TABLE transfer (id TEXT PRIMARY KEY, debit TEXT NOT NULL, credit TEXT NOT NULL, amount INT NOT NULL,
                                   at INT NOT NULL) WITHOUT ROWID;
            CREATE TABLE line (transfer TEXT NOT NULL, account TEXT NOT NULL, amount INT NOT NULL);
            """
        )
        rows = [(name, 0, -(10**18) if name == chart.CLEARING else 0) for name in names()]
        self._db.executemany("INSERT INTO account VALUES (?, ?, ?)", rows)

    def take(self, asked: Sequence[Transfer]) -> None:
        """Do all the transfers, each in a transaction; one that is refused is rolled back."""
        run, move = self._db.execute, "UPDATE account SET balance = balance + ? WHERE name = ?"
        for at, transfer in enumerate(asked, 1):
            from_, to, minor = transfer.debit_account, transfer.credit_account, transfer.amount_minor
            run("BEGIN")
            try:
                run("INSERT INTO transfer VALUES (?, ?, ?, ?, ?)", (transfer.id, from_, to, minor, at))
                run(move, (-minor, from_))
                run(move, (minor, to))
                run("INSERT INTO line VALUES (?1, ?2, -?4), (?1, ?3, ?4)", (transfer.id, from_, to, minor))
            except sqlite3.IntegrityError:
                run("ROLLBACK")
            else:
                run("COMMIT")

    def balances(self) -> Balances:
        """Return each account's balance, in minor units."""
        return dict(self._db.execute("SELECT name, balance FROM account").fetchall())

    def close(self) -> None:
        """Give the memory back."""
        self._db.close()


def run(*, rounds: int, transfers_count: int = 50_000) -> list[Figure]:
    """Do the same transfers with each candidate in turn, and verify the chain that was written."""
    asked, measured = transfers(transfers_count), {name: list[float]() for name in CANDIDATES}
    proofs: tuple[list[float], list[float]] = ([], [])
    thresholds = gc.get_threshold()
    gc.set_threshold(*GC_THRESHOLDS)
    gc.freeze()
    try:
        agreed: Balances | None = None
        for name in turns(tuple(CANDIDATES), rounds):
            rate, balances, entries = CANDIDATES[name](asked)
            measured[name].append(rate)
            assert balances == (agreed or balances), "the candidates do not agree on the balances"
            agreed = balances
            if name == "chained":
                _prove(entries, proofs)
    finally:
        gc.unfreeze()
        gc.set_threshold(*thresholds)
    return _figures(measured, proofs)


Turn = tuple[float, Balances, list[Entry]]


def _pure(asked: Sequence[Transfer], *, chained: bool) -> Turn:
    ledger = PureLedger(chained=chained)
    rate = len(asked) / _seconds(lambda: ledger.take(asked))
    return rate, ledger.balances(), ledger.entries


def _sqlite(asked: Sequence[Transfer]) -> Turn:
    database = Sqlite()
    rate = len(asked) / _seconds(lambda: database.take(asked))
    balances = database.balances()
    database.close()
    return rate, balances, []


CANDIDATES: Final[dict[str, Callable[[Sequence[Transfer]], Turn]]] = {
    "pure": lambda asked: _pure(asked, chained=False),
    "sqlite": _sqlite,
    "chained": lambda asked: _pure(asked, chained=True),
}


def _prove(entries: Sequence[Entry], proofs: tuple[list[float], list[float]]) -> None:
    """Time the proof of a chain with its signed checkpoints, then the hash alone over the same bytes."""
    signer = CheckpointSigner.generate()
    verifier = CheckpointVerifier([signer.public_key])
    checkpoints = _signed(entries, signer)

    def proved() -> None:
        verdict = verify(entries, 0, checkpoints, trusted=verifier.trusts)
        assert verdict.fault is None, verdict.fault
        assert verdict.signed == len(entries) - 1, verdict

    content = [canonical(entry, entry.sequence, entry.previous) for entry in entries]

    def hashed() -> None:
        for each in content:
            sha256(each).digest()

    proofs[0].append(len(entries) / _seconds(proved))
    proofs[1].append(len(entries) / _seconds(hashed))


def _signed(entries: Sequence[Entry], signer: CheckpointSigner) -> list[Checkpoint]:
    tip, signed = start(0), []
    for count, entry in enumerate(entries, 1):
        _, tip = link(entry, tip)
        if count % CHECKPOINT_EVERY == 0 or count == len(entries):
            signed.append(signer.sign(0, tip, at=entry.occurred_at))
    return signed


def _seconds(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _figures(measured: dict[str, list[float]], proofs: tuple[list[float], list[float]]) -> list[Figure]:
    sqlite, unit = measured["sqlite"], "transfers/s"
    own, bare = proofs
    limit = [MILLION_A_MINUTE] * len(own)
    wanted = Bound(target=1.0)
    return [
        compare("pure ledger", measured["pure"], "SQLite in memory", sqlite, unit, bound=wanted),
        compare("pure ledger, entries chained", measured["chained"], "SQLite in memory, not chained", sqlite, unit),
        compare("entries verified", own, "a million a minute", limit, "entries/s", bound=wanted),
        compare("entries verified, signatures too", own, "SHA-256 of the same bytes", bare, "entries/s"),
    ]
