"""Tables against public topics: every private changelog folded into its rows, each row held against what was said."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

import msgspec

from bookstream.codecs import decode
from bookstream.delivery.api import Record, Rows
from bookstream.delivery.outbox import unpack
from bookstream.delivery.unit import OUTBOX_KEY
from bookstream.topics import (
    ACCOUNTS,
    ACCOUNTS_STATE,
    BET_DECISIONS,
    BET_LEGS,
    BET_REQUESTS,
    BOOK_STATE,
    CASH_OUTS,
    CLOCK,
    COMPLETENESS,
    CONTROLS,
    EVIDENCE,
    EXPOSURES,
    FEED_STATUS,
    FIXTURES,
    IDENTITY_DECISIONS,
    INCIDENTS,
    INGEST_STATE,
    LEG_RESULTS,
    LEG_VERDICTS,
    LISTINGS,
    ODDS,
    PARTITIONS,
    PAYMENT_ANSWERS,
    PAYMENT_REQUESTS,
    PAYMENTS,
    PROVIDER_STATUS,
    QUOTES,
    RAW,
    RESULTS,
    SETTLEMENT_STATE,
    SETTLEMENT_WORK,
    SETTLEMENTS,
    STATISTICS,
    TRANSFERS,
    Topic,
)
from domain.audit.difference import Findings
from domain.audit.digests import of_event
from domain.events.betting import Account, BetDecision, bet_key
from domain.events.head import Event
from domain.events.payments import Payment
from domain.events.settlement import MarketSettlement
from domain.events.trading import Exposure, Quote
from domain.money.account import AccountState
from domain.trading.state import FixtureState, MarketState, QuoteState
from tables.accounts import ACCOUNTS as ACCOUNT_ROWS
from tables.accounts import BETS
from tables.book import FIXTURES as FIXTURE_ROWS
from tables.book import MARKETS
from tables.payments import PAYMENTS as PAYMENT_ROWS
from tables.settlement import MARKETS as SETTLING_MARKETS

INPUTS: dict[str, tuple[Topic, ...]] = {
    INGEST_STATE.name: (*RAW, CLOCK, INCIDENTS, STATISTICS, FIXTURES, IDENTITY_DECISIONS),
    BOOK_STATE.name: (
        ODDS,
        INCIDENTS,
        FIXTURES,
        FEED_STATUS,
        PROVIDER_STATUS,
        EVIDENCE,
        COMPLETENESS,
        CLOCK,
        CONTROLS,
        BET_LEGS,
    ),
    ACCOUNTS_STATE.name: (
        BET_REQUESTS,
        LEG_VERDICTS,
        LEG_RESULTS,
        TRANSFERS,
        CASH_OUTS,
        PAYMENT_REQUESTS,
        PAYMENT_ANSWERS,
        CLOCK,
    ),
    SETTLEMENT_STATE.name: (RESULTS, BET_LEGS, LISTINGS, FIXTURES, INCIDENTS, STATISTICS, SETTLEMENT_WORK),
}
CURSOR = b"\0cursor\0"

KEPT: dict[str, tuple[Rows[Any], ...]] = {
    INGEST_STATE.name: (),
    BOOK_STATE.name: (MARKETS, FIXTURE_ROWS),
    ACCOUNTS_STATE.name: (ACCOUNT_ROWS, BETS, PAYMENT_ROWS),
    SETTLEMENT_STATE.name: (SETTLING_MARKETS,),
}
"""The rows of each changelog that public topics bear out; of the others only cursor and outbox are looked at."""

E = TypeVar("E", bound=Event)
Row = TypeVar("Row")
Reader = Callable[[str, int], Iterator[Record]]
"""Reads a partition of a topic from its beginning to its end."""
Folded = dict[bytes, bytes]
"""The last value of every key of a changelog's partition."""
Ends = dict[tuple[str, int], tuple[int, int]]


def audit_tables(reader: Reader, ends: Ends, findings: Findings, step: Callable[[str], None] = lambda _: None) -> None:
    """Hold the rows of the contexts against the public topics, and their cursors against the inputs.

    One partition of one table is held at a time.
    """
    kept: list[str] = []
    shown: list[str] = []
    for state in (ACCOUNTS_STATE, BOOK_STATE, INGEST_STATE, SETTLEMENT_STATE):
        for partition in range(PARTITIONS):
            step(f"{state.name}/{partition}")
            folded = fold(reader(state.name, partition), KEPT[state.name])
            if state is ACCOUNTS_STATE:
                ids = audit_accounts(folded, partition, reader, findings)
                kept, shown = kept + ids[0], shown + ids[1]
                audit_payments(folded, partition, reader, findings)
            elif state is BOOK_STATE:
                audit_book(folded, partition, reader, findings)
            elif state is SETTLEMENT_STATE:
                audit_settlement(folded, partition, reader, findings)
            audit_cursors(state.name, folded, partition, ends, findings)
    findings.equal("every account in the table is public", "accounts", expected=sorted(kept), found=sorted(shown))


def fold(changelog: Iterable[Record], kinds: Sequence[Rows[Any]] = ()) -> Folded:
    """Replay a partition of a changelog: the last value of every key of these kinds, and what delivery keeps."""
    wanted = (b"\0", *(f"{rows.name}\0".encode() for rows in kinds))
    folded: Folded = {}
    for record in changelog:
        key = record.key or b""
        if not key.startswith(wanted):
            continue
        if record.value is None:
            folded.pop(key, None)
        else:
            folded[key] = record.value
    return folded


def audit_accounts(folded: Folded, partition: int, reader: Reader, findings: Findings) -> tuple[list[str], list[str]]:
    """Hold the accounts' rows against `accounts`, and the journal of bets against `bets.decisions`.

    Return the customers that are in the table, and those that are public.
    """
    published = _latest(reader, ACCOUNTS, Account, partition)
    customers = []
    for customer_id, row in _rows(folded, ACCOUNT_ROWS):
        customers.append(customer_id)
        account = published.get(customer_id)
        shown = account and _figures(account)
        kept = _figures(row)
        findings.equal("account as in the table", customer_id, expected=kept, found=shown)
    journal = {}
    for name, bet in _rows(folded, BETS):
        if findings.check("no bet left open", name, bet.decision is not None, "no decision") and bet.decision:
            journal[name] = of_event(bet.decision)
    decided = {}
    for each in _events(reader, BET_DECISIONS, BetDecision, partition):
        if (name := bet_key(each.customer_id, each.bet_id)) in journal:
            decided[name] = of_event(each)
    for name, content in journal.items():
        findings.check("decision as in the table", name, decided.get(name) == content, "differs")
    return customers, list(published)


def audit_payments(folded: Folded, partition: int, reader: Reader, findings: Findings) -> None:
    """Hold the payments' rows against `payments`."""
    said = {f"{each.customer_id}/{each.payment_id}": each for each in _events(reader, PAYMENTS, Payment, partition)}
    rows = dict(_rows(folded, PAYMENT_ROWS))
    for name in sorted(said.keys() | rows.keys()):
        row, payment = rows.get(name), said.get(name)
        findings.check("payment as in the table", name, row is not None and row.said == payment, "differs")


def _figures(account: Account | AccountState) -> tuple[int, ...]:
    return (
        account.version, account.balance_minor, account.reserved_minor, account.open_stakes_minor, account.owed_minor
    )  # fmt: skip


def audit_book(folded: Folded, partition: int, reader: Reader, findings: Findings) -> None:
    """Hold the markets' rows against the newest `quotes` and `exposures`."""
    quotes = _latest(reader, QUOTES, Quote, partition)
    exposures = _latest(reader, EXPOSURES, Exposure, partition)
    fixtures = dict(_rows(folded, FIXTURE_ROWS))
    listed = {market_id for market_id, _ in _rows(folded, MARKETS)}
    for market_id in (quotes.keys() | exposures.keys()) - listed:
        findings.check("what is public is in the table", market_id, _is_forgotten(quotes.get(market_id), fixtures),
                       "no such market in the table")  # fmt: skip
    for market_id, row in _rows(folded, MARKETS):
        if row.quote is not None:
            _audit_quote(row, row.quote, quotes.get(market_id), findings)
        if row.exposure_version:
            _audit_exposure(row, exposures.get(market_id), findings)
        held = (row.taken.held_legs, sum(row.taken.held_minor))
        findings.equal("no leg left held", market_id, expected=(0, 0), found=held)


def audit_settlement(folded: Folded, partition: int, reader: Reader, findings: Findings) -> None:
    """Hold the markets' rows against the newest `settlements`."""
    said = _latest(reader, SETTLEMENTS, MarketSettlement, partition)
    for market_id, row in _rows(folded, SETTLING_MARKETS):
        truth, settlement = row.words.truth, said.get(market_id)
        found = (settlement.version, settlement.status) if settlement is not None else (0, "OPEN")
        findings.equal("settlement as in the table", market_id, expected=(truth.version, truth.status), found=found)


def _is_forgotten(quote: Quote | None, fixtures: dict[str, FixtureState]) -> bool:
    """Tell whether a market without a row may be so: it was closed, and its fixture is past or forgotten, too."""
    fixture = fixtures.get(quote.fixture_id) if quote is not None else None
    return quote is not None and quote.status == "CLOSED" and (fixture is None or fixture.past_at > 0)


def _audit_quote(row: MarketState, kept: QuoteState, quote: Quote | None, findings: Findings) -> None:
    offered = {name: odds for name, odds in zip(row.selections, kept.odds, strict=False) if odds}
    expected = (kept.version, kept.status, kept.reason, offered)
    found = quote and (
        quote.version, quote.status, quote.reason, {s.selection_id: s.odds for s in quote.selections if s.odds}
    )  # fmt: skip
    findings.equal("quote as in the table", row.market_id, expected=expected, found=found)


def _audit_exposure(row: MarketState, exposure: Exposure | None, findings: Findings) -> None:
    """Hold what was published against the sums; a selection that was listed later and never bet on is not in it."""
    shown = {outcome.selection_id: outcome.liability_minor for outcome in exposure.outcomes} if exposure else {}
    bet_on = row.selections[: len(row.taken.returns_minor)]
    costs = {name: row.taken.outcome(n) for n, name in enumerate(row.selections) if name in shown or name in bet_on}
    expected = (row.exposure_version, row.taken.legs, row.taken.stakes_minor, costs)
    found = exposure and (exposure.version, exposure.bets, exposure.stakes_minor, shown)
    findings.equal("exposure as in the table", row.market_id, expected=expected, found=found)


def audit_cursors(state: str, folded: Folded, partition: int, ends: Ends, findings: Findings) -> None:
    """Hold a partition's cursors against the ends of the inputs: everything that was sent has been taken.

    Also, that the last unit's outputs can be read back, as the next owner would.
    """
    for topic in INPUTS[state]:
        if (topic.name, partition) not in ends:
            continue
        low, high = ends[topic.name, partition]
        cursor = folded.get(CURSOR + topic.name.encode())
        taken = int(cursor) if cursor is not None else -1
        # An input that is compacted may have lost its last record, but not its offset.
        findings.check(
            "all input handled", f"{state} of {topic.name}/{partition}", high == low or taken == high - 1,
            f"handled up to offset {taken}, the last is {high - 1}",
        )  # fmt: skip
    if OUTBOX_KEY in folded:
        readable = _readable(folded[OUTBOX_KEY])
        findings.check("the outbox can be read", f"{state}/{partition}", readable, "not an outbox")


def _readable(value: bytes) -> bool:
    try:
        unpack(value)
    except msgspec.DecodeError:
        return False
    return True


def _rows(folded: Folded, rows: Rows[Row]) -> Iterator[tuple[str, Row]]:
    prefix, decoder = f"{rows.name}\0".encode(), msgspec.msgpack.Decoder(rows.type)
    for key, value in folded.items():
        if key.startswith(prefix):
            yield key[len(prefix) :].decode(), decoder.decode(value)


def _events(reader: Reader, topic: Topic, kind: type[E], partition: int) -> Iterator[E]:
    return (decode(kind, record.value) for record in reader(topic.name, partition) if record.value is not None)


def _latest(reader: Reader, topic: Topic, kind: type[E], partition: int) -> dict[str, E]:
    return {str(getattr(event, topic.key)): event for event in _events(reader, topic, kind, partition)}
