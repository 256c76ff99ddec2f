"""A small true story through all agents in memory: an aggregator's answers, and every fate of a bet."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec

from agents.accounts import context as accounts_context
from agents.book import book_context
from agents.ingest import ingest_context
from agents.settlement import context as settlement_context
from bookstream import topics
from bookstream.codecs import decode, encode
from bookstream.delivery.api import Record
from bookstream.delivery.memory import MemoryLog
from bookstream.money.signing import CheckpointSigner
from bookstream.tokens import TokenSigner
from connectors.raw import RawStream
from domain.events.betting import BetRequest, SlipLeg, WalletTransfer
from domain.events.feeds import ClockTick, RawMessage
from domain.events.head import Event
from domain.events.trading import Quote

SECOND = 1_000_000
START = 1_790_000_000 * SECOND
KICK_OFF = START + 24 * 3600 * SECOND
NOW = START + 20 * SECOND
CUSTOMERS = ("ann", "ben", "cat")
TEAMS = (("Brighton and Hove Albion", "Nottingham Forest"), ("Getafe", "Malaga"))

E = TypeVar("E", bound=Event)


class Story:
    """The log in memory, and short words for what is sent to it."""

    def __init__(self, teams: Sequence[tuple[str, str]] = TEAMS) -> None:
        self.teams = teams
        self.signer = TokenSigner.generate()
        self.ledger = CheckpointSigner.generate()
        self.contexts = [
            ingest_context(), book_context(),
            accounts_context(self.signer.verifier().check, sign=self.ledger.sign), settlement_context(),
        ]  # fmt: skip
        self.log = MemoryLog(self.contexts)
        self.stream = RawStream(provider="theoddsapi", endpoint="https://odds.test/odds", stream_id="odds")

    def send(self, topic: topics.Topic, event: Event) -> None:
        """Send an event as its topic declares."""
        key = str(getattr(event, topic.key)).encode()
        for partition in range(topics.PARTITIONS) if topic.broadcast else (None,):
            self.log.send(topic.name, key, encode(event), partition=partition)

    def answer(self, *, at: int = START, drift: float = 0.0) -> RawMessage:
        """Say what two bookmakers offer on the matches."""
        matches = [_match(n, *teams, at=at, drift=drift) for n, teams in enumerate(self.teams)]
        message = self.stream.message(msgspec.json.encode(matches), received_at=at)
        self.send(topics.RAW[1], message)
        self.log.run()
        return message

    def transfer(self, customer: str, amount: int, transfer_id: str = "t1") -> None:
        """Pay money in or out."""
        self.send(
            topics.TRANSFERS,
            WalletTransfer(
                event_id=f"{customer}-{transfer_id}", occurred_at=START, received_at=START, provider="cashier",
                transfer_id=transfer_id, customer_id=customer, currency="GBP", amount_minor=amount, reason="test",
            ),
        )  # fmt: skip

    def bet(self, bet_id: str, *legs: SlipLeg, customer: str = "ann", at: int = NOW, **changes: Any) -> BetRequest:
        """Place a bet."""
        given: dict[str, Any] = {
            "event_id": f"{customer}-{bet_id}", "occurred_at": at, "received_at": at, "provider": "web",
            "bet_id": bet_id, "customer_id": customer,
            "token": self.signer.mint(customer, issued_at=START, expires_at=KICK_OFF), "currency": "GBP",
            "stake_minor": 1000, "price_policy": "better", "accept_partial": False, "legs": legs, **changes,
        }  # fmt: skip
        request = BetRequest(**given)
        self.send(topics.BET_REQUESTS, request)
        return request

    def clock(self, at: int) -> None:
        """Let it be this late."""
        self.send(topics.CLOCK, ClockTick(event_id=f"clock{at}", occurred_at=at, received_at=at, provider="clock"))
        self.log.run()

    def leg(self, market_id: str, selection_id: str = "home") -> SlipLeg:
        """Ask for a selection at the odds now shown."""
        quote = self.quote(market_id)
        odds = next(s.odds for s in quote.selections if s.selection_id == selection_id)
        assert odds is not None
        return SlipLeg(
            fixture_id=quote.fixture_id, market_id=market_id, selection_id=selection_id, odds=odds,
            quote_version=quote.version,
        )  # fmt: skip

    def quote(self, market_id: str) -> Quote:
        """Return the newest quote of a market."""
        return [quote for quote in self.said(topics.QUOTES, Quote) if quote.market_id == market_id][-1]

    def markets(self) -> list[str]:
        """Return the match odds of every match."""
        found = {quote.market_id for quote in self.said(topics.QUOTES, Quote) if quote.market_type == "MATCH_ODDS"}
        return sorted(found)

    def said(self, topic: topics.Topic, kind: type[E]) -> list[E]:
        """Return every event of a topic."""
        return [decode(kind, record.value or b"") for record in self.log.records(topic.name)]

    def reader(self, topic: str) -> Iterator[Record]:
        """Read a topic from its beginning to its end."""
        return iter(self.log.records(topic))

    def partition(self, topic: str, partition: int) -> Iterator[Record]:
        """Read a partition of a topic from its beginning to its end."""
        return iter(self.log.topics[topic][partition])

    def rows(self, context: str, partition: int) -> dict[bytes, bytes]:
        """Return every row of a partition of a context, as its folded changelog."""
        return self.log.shard(context, partition).store.data


def told() -> Story:
    """Tell the whole story."""
    story = Story()
    for customer, amount in zip(CUSTOMERS, (1_000_000, 1_000_000, 500), strict=True):
        story.transfer(customer, amount)
    story.transfer("cat", -600, "t2")
    story.answer()
    story.answer(at=START + 10 * SECOND, drift=0.02)
    first, second = story.markets()
    story.bet("single", story.leg(first))
    again = story.bet("double", story.leg(first, "away"), story.leg(second))
    story.send(topics.BET_REQUESTS, again)
    story.bet("single", story.leg(second, "draw"), customer="ben")
    story.bet("single", story.leg(first, "draw"))
    story.bet("large", story.leg(first), customer="ben", stake_minor=300_000, accept_partial=True)
    story.bet("large-whole", story.leg(first), customer="ben", stake_minor=300_000)
    story.bet("poor", story.leg(first), customer="cat")
    story.bet("nobody", story.leg(first), customer="dan")
    story.bet("forged", story.leg(first), token="no token")
    unknown = msgspec.structs.replace(story.leg(first), market_id=f"{first.split('/')[0]}/NO_SUCH/FT")
    story.bet("unknown", unknown)
    story.bet("half-unknown", story.leg(second), unknown, customer="ben")
    story.bet("nothing", customer="ben")
    story.log.send(topics.BET_REQUESTS.name, b"ann", b"not a bet")
    story.log.run()
    story.clock(NOW + 30 * SECOND)
    story.bet("late", story.leg(second), customer="ben")
    story.log.run()
    return story


def _match(number: int, home: str, away: str, *, at: int, drift: float) -> dict[str, Any]:
    def maker(key: str, margin: float) -> dict[str, Any]:
        chances: Sequence[tuple[str, float]] = ((home, 0.45 + drift), (away, 0.28 - drift), ("Draw", 0.27))
        outcomes = [{"name": name, "price": round(1 / (p * margin), 2)} for name, p in chances]
        market = {"key": "h2h", "last_update": _iso(at), "outcomes": outcomes}
        return {"key": key, "title": key.title(), "markets": [market]}

    return {
        "id": f"match{number}", "sport_key": "soccer_epl", "sport_title": "EPL", "commence_time": _iso(KICK_OFF),
        "home_team": home, "away_team": away, "bookmakers": [maker("pinnacle", 1.03), maker("unibet", 1.06)],
    }  # fmt: skip


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at / SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
