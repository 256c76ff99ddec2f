"""Two providers of one match whose names do not meet, the book beside them, and a person's words on it."""

from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec

from agents.accounts import context as accounts_context
from agents.book import book_context
from agents.ingest import ingest_context
from bookstream import topics
from bookstream.codecs import decode, encode
from bookstream.delivery.memory import MemoryLog
from bookstream.tokens import TokenSigner
from connectors.raw import RawStream
from domain.events.betting import BetRequest, SlipLeg, WalletTransfer
from domain.events.canonical import Fixture, IdentityDecision, IdentityReview, MarketOdds
from domain.events.head import Event
from domain.events.trading import Quote
from domain.identity.directory import FixtureDirectory
from domain.identity.ids import market_id
from domain.trading.rules import BookRules

SECOND = 1_000_000
KICK_OFF = 1_776_513_600 * SECOND
START = KICK_OFF - 3600 * SECOND
SIGNER = TokenSigner.generate()
E = TypeVar("E", bound=Event)

BOOKMAKERS = {"pinnacle": ("one", "Aston Villa", "Chelsea"), "williamhill": ("two", "The Villans", "Pensioners")}
"""Each bookmaker's stream lists the match under an id of its own, by names of its own."""


class Round:
    """Ingest, book and accounts on one log; one bookmaker's price is enough to trade by."""

    def __init__(self) -> None:
        self.directory = FixtureDirectory()
        rules = BookRules(quorum_weight=0.1)
        contexts = [ingest_context(self.directory), book_context(rules), accounts_context(SIGNER.verifier().check)]
        self.log = MemoryLog(contexts, batch_records=64)
        self.at = START
        self.streams = {
            name: RawStream(provider="theoddsapi", endpoint="test", stream_id=name, recorded=True)
            for name in BOOKMAKERS
        }

    def poll(self, name: str, home: float = 2.0, *, event: str | None = None) -> None:
        """Let a bookmaker's stream list its match, with the home side at these odds."""
        self.at += 10 * SECOND
        theirs, first, second = BOOKMAKERS[name]
        prices = {first: home, second: 4.0, "Draw": 3.5}
        outcomes = [{"name": each, "price": price} for each, price in prices.items()]
        market = {"key": "h2h", "last_update": stamp(self.at), "outcomes": outcomes}
        answer = [{
            "id": event or theirs, "sport_key": "soccer_epl", "sport_title": "EPL", "commence_time": stamp(KICK_OFF),
            "home_team": first, "away_team": second, "bookmakers": [{"key": name, "title": name, "markets": [market]}],
        }]  # fmt: skip
        self.repeat(name, msgspec.json.encode(answer))

    def repeat(self, name: str, payload: bytes) -> None:
        """Hand on an answer as it came."""
        message = self.streams[name].message(payload, received_at=self.at)
        self._send(topics.raw_topic("theoddsapi"), message.stream_id, message)

    def decide(self, action: str, kept: str, retired: str | None, decision: str = "d1", **changes: Any) -> None:
        """Say a person's word to every partition."""
        self.at += SECOND
        known = self.directory.get(kept) or self.directory.get(retired or "")
        told: dict[str, Any] = {
            "sport": "soccer", "competition_id": "cp-1", "competition": "", "name": "?", "home_id": None,
            "away_id": None, "home": None, "away": None, "kick_off_at": KICK_OFF,
        }  # fmt: skip
        if known:
            told = {name: value for name, value in msgspec.structs.asdict(known).items() if name != "time_is"}
        given: dict[str, Any] = {
            "event_id": decision, "occurred_at": self.at, "received_at": self.at, "provider": "cli", **told,
            "action": action, "fixture_id": kept, "retired_id": retired, "subject_provider": None,
            "subject_fixture_id": None, "turned": False, "actor": "ann", "reason": "same ground", **changes,
        }  # fmt: skip
        self.hand_on(IdentityDecision(**given))

    def hand_on(self, decision: IdentityDecision) -> None:
        """Send a decision to every partition."""
        for partition in range(topics.PARTITIONS):
            key = decision.fixture_id.encode()
            self.log.send(topics.IDENTITY_DECISIONS.name, key, encode(decision), partition=partition)
        self.log.run()

    def review(self, review: IdentityReview) -> None:
        """Doubt a match."""
        self._send(topics.IDENTITY_REVIEWS.name, review.provider_fixture_id, review)

    def bet(self, fixture: str, bet_id: str, customer: str = "ann") -> None:
        """Ask for the home side of a fixture at any odds; its market may be closed."""
        self.at += SECOND
        leg = SlipLeg(
            fixture_id=fixture, market_id=market_id(fixture, "MATCH_ODDS", "FT"), selection_id="home", odds=1500,
            quote_version=self.newest(market_id(fixture, "MATCH_ODDS", "FT")).version,
        )  # fmt: skip
        self._send(topics.BET_REQUESTS.name, customer, BetRequest(
            event_id=f"web-{bet_id}", occurred_at=self.at, received_at=self.at, provider="web", bet_id=bet_id,
            customer_id=customer, token=SIGNER.mint(customer, issued_at=START, expires_at=KICK_OFF), currency="GBP",
            stake_minor=1000, price_policy="any", accept_partial=False, legs=(leg,),
        ))  # fmt: skip

    def credit(self, customer: str = "ann", amount_minor: int = 1_000_000) -> None:
        """Pay money in."""
        self._send(topics.TRANSFERS.name, customer, WalletTransfer(
            event_id="t1", occurred_at=START, received_at=START, provider="cashier", transfer_id="t1",
            customer_id=customer, currency="GBP", amount_minor=amount_minor, reason="test",
        ))  # fmt: skip

    def said(self, topic: topics.Topic, kind: type[E]) -> list[E]:
        return [decode(kind, record.value or b"") for record in self.log.records(topic.name)]

    def newest(self, market: str) -> Quote:
        """Return a market's newest quote."""
        return max((q for q in self.said(topics.QUOTES, Quote) if q.market_id == market), key=lambda q: q.version)

    def fixture_of(self, name: str) -> str:
        """Return the fixture that a bookmaker's match is, by the newest record."""
        told = [each for each in self.said(topics.FIXTURES, Fixture) if each.provider_fixture_id == BOOKMAKERS[name][0]]
        return max(told, key=lambda each: each.received_at).fixture_id

    def odds(self, fixture: str, bookmaker: str) -> list[MarketOdds]:
        """Return what was said of a bookmaker's odds on a fixture."""
        every = self.said(topics.ODDS, MarketOdds)
        return [each for each in every if (each.fixture_id, each.bookmaker) == (fixture, bookmaker)]

    @property
    def reasons(self) -> list[str]:
        """Return why records were refused."""
        name = "__connect.errors.exception.message"
        return [dict(record.headers)[name].decode() for record in self.log.records(topics.DEAD_LETTERS.name)]

    def _send(self, topic: str, key: str, event: Event) -> None:
        self.log.send(topic, key.encode(), encode(event))
        self.log.run()


def stamp(at: int) -> str:
    """Write a time as the provider does."""
    return datetime.fromtimestamp(at / SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
