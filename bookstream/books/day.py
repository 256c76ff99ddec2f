"""The input of the end-of-day report: what history and the topic of entries say of a day."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from bookstream.books.asking import Ask, Period
from bookstream.codecs import decode
from bookstream.delivery.api import Record
from bookstream.proof.letters import PREFIX
from bookstream.topics import LEDGER, TRANSFERS
from domain.audit.day_books import BetDay, CustomerDay, DayBooks, Standing, TransferDay
from domain.events.betting import LedgerEntry

CUSTOMERS = """
SELECT customer_id, sumIf(amount_minor, is_customers AND at < {since}), sumIf(amount_minor, is_customers),
       sumIf(amount_minor, account_class IN ('FEES', 'TAX') AND at >= {since}),
       sumIf(amount_minor, account_class = 'PROFIT' AND at >= {since}),
       sumIf(amount_minor, account_class = 'OPEN_STAKES')
FROM ledger_lines WHERE at < {until} GROUP BY customer_id ORDER BY customer_id
"""

BOOKED_BETS = """
SELECT customer_id, reference, sumIf(amount_minor, is_stakes AND kind = 'STAKE' AND at >= {since}) AS staked,
       -sumIf(amount_minor, is_stakes AND kind = 'SETTLE' AND at >= {since}) AS settled,
       sumIf(amount_minor, is_customers AND kind = 'SETTLE' AND at >= {since}) AS returned,
       sumIf(amount_minor, is_stakes) AS open
FROM (SELECT *, account_class = 'OPEN_STAKES' AS is_stakes FROM ledger_lines)
WHERE at < {until} AND kind IN ('STAKE', 'SETTLE') GROUP BY customer_id, reference
HAVING staked != 0 OR settled != 0 OR returned != 0 OR open != 0
"""

TAKEN_BETS = """
SELECT customer_id, bet_id, sum(staked) AS staked, sum(settled) AS settled, sum(returned) AS returned, sum(open) AS open
FROM (
    SELECT customer_id, bet_id, if(accepted_at >= {since}, stake_minor, 0) AS staked, 0 AS settled, 0 AS returned,
           stake_minor AS open FROM bets_taken WHERE accepted_at < {until}
    UNION ALL
    SELECT customer_id, bet_id, 0, if(at >= {since}, stake_minor, 0), if(at >= {since}, returned_minor, 0), -stake_minor
    FROM settlement_moves WHERE at < {until}
) GROUP BY customer_id, bet_id HAVING staked != 0 OR settled != 0 OR returned != 0 OR open != 0
"""

BOOKED_TRANSFERS = """
SELECT customer_id, if(kind = 'TRANSFER', reference, concat('payment ', reference)) AS name, -sum(amount_minor)
FROM ledger_lines WHERE account_class = 'CLEARING' AND at >= {since} AND at < {until} GROUP BY customer_id, name
"""

# A transfer belongs to the day on which it was booked or refused, and to that on which it came where it was neither.
# What broke its contract asked for nothing.
ASKED_TRANSFERS = """
SELECT t.customer_id, t.transfer_id, if(e.kind = 'TRANSFER_REFUSED', 0, t.amount_minor) AS moves
FROM (
    SELECT * FROM wallet_transfers FINAL WHERE (_partition, _offset) NOT IN (
        SELECT toUInt16OrZero(headers['{errors}partition']), toUInt64OrZero(headers['{errors}offset'])
        FROM dead_letters FINAL WHERE headers['{errors}topic'] = '{transfers}'
    ) ORDER BY _offset LIMIT 1 BY customer_id, transfer_id
) AS t LEFT JOIN (
    SELECT customer_id, reference, kind, occurred_at FROM ledger_entries FINAL
    WHERE kind IN ('TRANSFER', 'TRANSFER_REFUSED') ORDER BY _offset LIMIT 1 BY customer_id, reference
) AS e ON e.customer_id = t.customer_id AND e.reference = t.transfer_id
WHERE (if(e.kind = '', t.received_at, e.occurred_at) AS moved_at) >= {since} AND moved_at < {until}
UNION ALL
SELECT customer_id, concat('payment ', payment_id), sum(amount_minor) FROM payment_moves
WHERE at >= {since} AND at < {until} GROUP BY customer_id, payment_id
"""

# Versions of an account need not be in the order of time: where they are not at midnight, nobody can tell which of them
# the ledger of that instant must equal.
STANDINGS = """
SELECT customer_id, if(later != 0 AND later < maxIf(version, occurred_at < {until}), NULL,
                       argMaxIf(balance_minor - owed_minor, version, occurred_at < {until})),
       argMaxIf(open_stakes_minor, version, occurred_at < {until}), minIf(version, occurred_at >= {until}) AS later
FROM accounts FINAL GROUP BY customer_id HAVING countIf(occurred_at < {until}) > 0
"""

BALANCES = "SELECT ledger_account, sum(amount_minor) FROM ledger_lines WHERE at < {until} GROUP BY ledger_account"

UNBALANCED = """
SELECT entry_id, arraySum(p -> p.amount_minor, postings) AS sum FROM ledger_entries FINAL
WHERE sum != 0 AND occurred_at < {until}
"""

ReadPartition = Callable[[str, int], Iterator[Record]]
"""Reads a partition of a topic from its beginning to its end."""


def day_books(ask: Ask, period: Period, reader: ReadPartition | None = None) -> DayBooks:
    """Ask history, and read the topic of entries where there is a reader, for what the day's report is made of.

    Raises:
        Unavailable: history or the broker is away.
    """

    def rows(sql: str) -> Iterator[Sequence[Any]]:
        names = {"since": period.since, "until": period.until, "errors": PREFIX, "transfers": TRANSFERS.name}
        yield from ask(sql.format(**names)).rows

    return DayBooks(
        customers=[_customer(row) for row in rows(CUSTOMERS)],
        booked_bets=[_bet(row) for row in rows(BOOKED_BETS)],
        taken_bets=[_bet(row) for row in rows(TAKEN_BETS)],
        booked_transfers=[_transfer(row) for row in rows(BOOKED_TRANSFERS)],
        asked_transfers=[_transfer(row) for row in rows(ASKED_TRANSFERS)],
        standings=[
            Standing(customer_id=name, own_minor=None if own is None else int(own), open_stakes_minor=int(stakes))
            for name, own, stakes, _ in rows(STANDINGS)
        ],
        balances={name: int(minor) for name, minor in rows(BALANCES)},
        log_balances=log_balances(reader, period.until_at) if reader is not None else None,
        unbalanced={entry_id: int(minor) for entry_id, minor in rows(UNBALANCED)},
    )


def log_balances(reader: ReadPartition, until_at: int) -> Mapping[str, int]:
    """Sum the entries of the topic before an instant by account; an entry that is there twice counts once."""
    balances: dict[str, int] = defaultdict(int)
    for partition in range(LEDGER.partitions):
        seen: set[str] = set()
        for record in reader(LEDGER.name, partition):
            entry = decode(LedgerEntry, record.value or b"")
            if entry.entry_id not in seen and entry.occurred_at < until_at:
                seen.add(entry.entry_id)
                for posting in entry.postings:
                    balances[posting.ledger_account] += posting.amount_minor
    return balances


def _customer(row: Sequence[Any]) -> CustomerDay:
    opening, closing, charged, profit, stakes = map(int, row[1:])
    return CustomerDay(
        customer_id=row[0], opening_minor=opening, closing_minor=closing, charged_minor=charged, profit_minor=profit,
        open_stakes_minor=stakes,
    )  # fmt: skip


def _bet(row: Sequence[Any]) -> BetDay:
    staked, settled, returned, open_ = map(int, row[2:])
    return BetDay(
        customer_id=row[0], bet_id=row[1], staked_minor=staked, settled_minor=settled, returned_minor=returned,
        open_minor=open_,
    )  # fmt: skip


def _transfer(row: Sequence[Any]) -> TransferDay:
    return TransferDay(customer_id=row[0], transfer_id=row[1], amount_minor=int(row[2]))
