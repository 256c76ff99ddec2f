"""Tables against public topics: every private changelog folded into its rows, each row held against what was said."""

from typing import TypeVar

import msgspec

from bookstream.codecs import decode
from bookstream.delivery.api import Rows
from bookstream.delivery.outbox import unpack
from bookstream.reading import consumer, read, watermarks
from bookstream.topics import (
    ACCOUNTS,
    ACCOUNTS_STATE,
    BET_DECISIONS,
    BET_LEGS,
    BET_REQUESTS,
    BOOK_STATE,
    CLOCK,
    CONTROLS,
    EXPOSURES,
    FEED_STATUS,
    FIXTURES,
    INCIDENTS,
    INGEST_STATE,
    LEG_VERDICTS,
    ODDS,
    QUOTES,
    RAW,
    TRANSFERS,
    Topic,
)
from domain.audit.difference import Findings
from domain.events.betting import Account, BetDecision
from domain.events.head import Event
from domain.events.trading import Exposure, Quote
from tables.accounts import ACCOUNTS as ACCOUNT_ROWS
from tables.accounts import BETS
from tables.book import MARKETS

INPUTS: dict[str, tuple[Topic, ...]] = {
    INGEST_STATE.name: (*RAW, CLOCK),
    BOOK_STATE.name: (ODDS, INCIDENTS, FIXTURES, FEED_STATUS, CLOCK, CONTROLS, BET_LEGS),
    ACCOUNTS_STATE.name: (BET_REQUESTS, LEG_VERDICTS, TRANSFERS, CLOCK),
}
CURSOR, OUTBOX = b"\0cursor\0", b"\0outbox"

E = TypeVar("E", bound=Event)
Row = TypeVar("Row")
Folded = dict[tuple[int, bytes], bytes]
Security = dict[str, str]


def audit_tables(bootstrap: str, security: Security, findings: Findings) -> None:
    """Hold the rows of ingest, book and accounts against the public topics, and their cursors against the inputs."""
    accounts, book = _fold(bootstrap, ACCOUNTS_STATE, security), _fold(bootstrap, BOOK_STATE, security)
    _audit_accounts(bootstrap, accounts, security, findings)
    _audit_decisions(bootstrap, accounts, security, findings)
    _audit_markets(bootstrap, book, security, findings)
    for state, folded in (
        (ACCOUNTS_STATE, accounts),
        (BOOK_STATE, book),
        (INGEST_STATE, _fold(bootstrap, INGEST_STATE, security)),
    ):
        _audit_cursors(bootstrap, state, folded, security, findings)


def _fold(bootstrap: str, topic: Topic, security: Security) -> Folded:
    """Replay a changelog: the last value of every key, by partition."""
    folded: Folded = {}
    for record in read(bootstrap, [topic.name], security):
        key = (record.partition, record.key or b"")
        if record.value is None:
            folded.pop(key, None)
        else:
            folded[key] = record.value
    return folded


def _rows(folded: Folded, rows: Rows[Row]) -> dict[str, Row]:
    prefix, decoder = f"{rows.name}\0".encode(), msgspec.msgpack.Decoder(rows.type)
    return {
        key[len(prefix) :].decode(): decoder.decode(value)
        for (_, key), value in folded.items()
        if key.startswith(prefix)
    }


def _latest(bootstrap: str, topic: Topic, kind: type[E], security: Security) -> dict[str, E]:
    latest: dict[str, E] = {}
    for record in read(bootstrap, [topic.name], security):
        if record.value is not None:
            latest[(record.key or b"").decode()] = decode(kind, record.value)
    return latest


def _audit_accounts(bootstrap: str, folded: Folded, security: Security, findings: Findings) -> None:
    published = _latest(bootstrap, ACCOUNTS, Account, security)
    rows = _rows(folded, ACCOUNT_ROWS)
    findings.equal("every account in the table is public", "accounts", expected=sorted(rows), found=sorted(published))
    for customer_id, row in rows.items():
        account = published.get(customer_id)
        shown = account and (account.version, account.balance_minor, account.reserved_minor, account.open_stakes_minor)
        kept = (row.version, row.balance_minor, row.reserved_minor, row.open_stakes_minor)
        findings.equal("account as in the table", customer_id, expected=kept, found=shown)


def _audit_decisions(bootstrap: str, folded: Folded, security: Security, findings: Findings) -> None:
    published = {
        (decision.customer_id, decision.bet_id): decision
        for record in read(bootstrap, [BET_DECISIONS.name], security)
        for decision in (decode(BetDecision, record.value or b""),)
    }
    for bet in _rows(folded, BETS).values():
        if findings.check("no bet left open", "bets", bet.decision is not None, str(bet.open)[:200]) and bet.decision:
            key = (bet.decision.customer_id, bet.decision.bet_id)
            findings.check(
                "decision as in the table", bet.decision.bet_id, published.get(key) == bet.decision, "differs"
            )


def _audit_markets(bootstrap: str, folded: Folded, security: Security, findings: Findings) -> None:
    quotes = _latest(bootstrap, QUOTES, Quote, security)
    exposures = _latest(bootstrap, EXPOSURES, Exposure, security)
    for market_id, row in _rows(folded, MARKETS).items():
        if row.quote is not None:
            quote = quotes.get(market_id)
            shown = quote and (quote.version, quote.status)
            findings.equal(
                "quote as in the table", market_id, expected=(row.quote.version, row.quote.status), found=shown
            )
        if row.exposure_version:
            exposure = exposures.get(market_id)
            version = exposure and exposure.version
            findings.equal("exposure as in the table", market_id, expected=row.exposure_version, found=version)


def _audit_cursors(bootstrap: str, state: Topic, folded: Folded, security: Security, findings: Findings) -> None:
    """Everything that was sent has been taken, and the last unit's outputs are what its outbox says."""
    client = consumer(bootstrap, security)
    try:
        ends = watermarks(client, [topic.name for topic in INPUTS[state.name]])
    finally:
        client.close()
    for (topic, partition), (low, high) in ends.items():
        cursor = folded.get((partition, CURSOR + topic.encode()))
        taken = int(cursor) if cursor is not None else -1
        subject = f"{state.name} of {topic}/{partition}"
        findings.check("all input handled", subject, high == low or taken == high - 1, f"{taken} of {high - 1}")
    for (partition, key), value in folded.items():
        if key == OUTBOX:
            findings.check("the outbox can be read", f"{state.name}/{partition}", holds=unpack(value) is not None)
