"""The trading floor in memory: accounts and book over the same topics, and short words for what is sent to them."""

from collections.abc import Mapping
from typing import Any, TypeVar

from agents.accounts import context as accounts_context
from agents.book import book_context
from bookstream import topics
from bookstream.codecs import decode, encode
from bookstream.delivery.api import Headers, Rows
from bookstream.delivery.memory import MemoryLog
from bookstream.tokens import TokenSigner
from domain.betting.rules import AccountRules
from domain.events.betting import BetDecision, BetRequest, SlipLeg, WalletTransfer
from domain.events.canonical import Fixture, Incident, MarketOdds, SelectionOdds
from domain.events.feeds import ClockTick
from domain.events.head import Event, Source
from domain.events.trading import Quote
from domain.trading.rules import HOUR_US, BookRules, MarketRules, PhaseRules, SourceRules
from domain.trading.state import MarketState
from tables.book import MARKETS

SECOND = 1_000_000
START = 1_700_000_000 * SECOND
PATIENT = PhaseRules(half_life_us=HOUR_US, quote_us=HOUR_US, vouched_us=HOUR_US)
"""No price lapses: what a test sees is what it moved."""

SIGNER = TokenSigner.generate()
E = TypeVar("E", bound=Event)
Row = TypeVar("Row")


def book_rules(market: MarketRules) -> BookRules:
    """Trade match odds by these rules, on prices that stand until the next."""
    source = SourceRules(sharpness=1.0, leads=True, stale_us=HOUR_US, in_play_stale_us=HOUR_US)
    return BookRules(
        markets={"MATCH_ODDS": market}, exchange=source, pre_match=PATIENT, in_play=PATIENT, in_play_delay_s=3
    )


class Floor:
    """Two contexts on one log; every word is handled to its last consequence before the next."""

    def __init__(self, market: MarketRules, accounts: AccountRules | None = None) -> None:
        self.log = MemoryLog(
            [book_context(book_rules(market)), accounts_context(SIGNER.verifier().check, accounts)], batch_records=7
        )
        self.at = START
        self.headers: Headers = ()
        """Of what is sent next."""
        self._sent = 0

    def open(self, fixture_id: str, chances: Mapping[str, float], *, in_play: bool = False) -> None:
        """Announce a match and its first prices."""
        self._send(topics.FIXTURES, fixture_id, Fixture(
            **self._head("betfair"), fixture_id=fixture_id, sport="soccer", competition_id="c", competition="c",
            name="n", home_id=None, away_id=None, home=None, away=None, kick_off_at=START + HOUR_US,
            status="SCHEDULED", provider_fixture_id="1", confidence=1.0,
        ))  # fmt: skip
        self.price(fixture_id, chances, in_play=in_play)

    def price(self, fixture_id: str, chances: Mapping[str, float], *, in_play: bool = False) -> None:
        """Let the exchange show these chances."""
        self._send(topics.ODDS, fixture_id, MarketOdds(
            **self._head("betfair"), fixture_id=fixture_id, market_id=market_of(fixture_id), market_type="MATCH_ODDS",
            period="FT", line_milli=None, bookmaker="betfair", status="OPEN", in_play=in_play, bet_delay_s=0,
            late=False, selections=tuple(_ladder(name, p) for name, p in chances.items()),
        ))  # fmt: skip

    def close(self, fixture_id: str) -> None:
        """Let the match end."""
        self._send(topics.INCIDENTS, fixture_id, Incident(
            **self._head("betfair"), fixture_id=fixture_id, kind="FULL_TIME",
        ))  # fmt: skip

    def credit(self, customer: str, amount_minor: int) -> None:
        """Pay money in."""
        self._send(topics.TRANSFERS, customer, WalletTransfer(
            **self._head("cashier"), transfer_id=f"t{self._sent}", customer_id=customer, currency="GBP",
            amount_minor=amount_minor, reason="test",
        ))  # fmt: skip

    def shown(self, fixture_id: str, selection_id: str = "home") -> SlipLeg:
        """Take a selection onto a slip, at the odds now shown."""
        quote = [each for each in self.said(topics.QUOTES, Quote) if each.fixture_id == fixture_id][-1]
        odds = next(each.odds for each in quote.selections if each.selection_id == selection_id)
        return SlipLeg(
            fixture_id=fixture_id, market_id=quote.market_id, selection_id=selection_id, odds=odds or 0,
            quote_version=quote.version,
        )  # fmt: skip

    def bet(self, customer: str, *legs: SlipLeg, **changes: Any) -> str:
        """Place a bet and return its id."""
        head = self._head("web")
        given: dict[str, Any] = {
            **head, "bet_id": f"b{self._sent}", "customer_id": customer, "currency": "GBP", "stake_minor": 1000,
            "token": SIGNER.mint(customer, issued_at=START, expires_at=START + 24 * HOUR_US), "legs": legs,
            "price_policy": "any", "accept_partial": False, **changes,
        }  # fmt: skip
        self._send(topics.BET_REQUESTS, customer, BetRequest(**given))
        return str(given["bet_id"])

    def wait(self, seconds: float) -> None:
        """Let the log's time pass."""
        self.at += int(seconds * SECOND)
        tick = encode(ClockTick(**self._head("clock")))
        for partition in range(topics.PARTITIONS):
            self.log.send(topics.CLOCK.name, b"clock", tick, partition=partition)
        self.log.run()

    def decision(self, bet_id: str) -> BetDecision:
        """Return the answer to a bet."""
        (decision,) = [each for each in self.said(topics.BET_DECISIONS, BetDecision) if each.bet_id == bet_id]
        return decision

    def said(self, topic: topics.Topic, kind: type[E]) -> list[E]:
        """Return every event of a topic."""
        return [decode(kind, record.value or b"") for record in self.log.records(topic.name)]

    def markets(self) -> dict[str, MarketState]:
        """Return the book's markets by their ids."""
        return self.rows("book", MARKETS)

    def rows(self, context: str, rows: Rows[Row]) -> dict[str, Row]:
        """Return every row of a kind in a context's partitions."""
        shards = [self.log.shard(context, partition) for partition in range(topics.PARTITIONS)]
        return {key: row for shard in shards for key, row in shard.scan(rows)}

    def _send(self, topic: topics.Topic, key: str, event: Event) -> None:
        self.log.send(topic.name, key.encode(), encode(event), headers=self.headers)
        self.log.run()

    def _head(self, provider: str) -> dict[str, Any]:
        self._sent += 1
        return {
            "event_id": f"e{self._sent}.0", "occurred_at": self.at, "received_at": self.at, "provider": provider,
            "source": Source(f"feeds.{provider}.raw", 0, self._sent),
        }  # fmt: skip


def market_of(fixture_id: str) -> str:
    """Name a match's market."""
    return f"{fixture_id}/MATCH_ODDS/FT"


def _ladder(name: str, p: float) -> SelectionOdds:
    return SelectionOdds(
        selection_id=name, name=name, back_odds=int(1000 / (p + 0.005)), back_size_minor=10_000,
        lay_odds=int(1000 / (p - 0.005)) + 1, lay_size_minor=10_000,
    )  # fmt: skip
