"""Our own rules as sources: what each provider tells of a match decides its markets, in words like everyone's.

The words go to `results` and are heard from there with all others: what a market's truth follows from is on one topic.
"""

from collections.abc import Iterator

from bookstream import topics
from bookstream.codecs import encode
from bookstream.delivery.api import Outbox, Shard
from domain.events.canonical import Fixture, Incident, Statistic
from domain.events.settlement import MarketResult
from domain.events.trace import followed
from domain.events.trading import MarketListing
from domain.money.cause import PROVIDER, Cause
from domain.settlement.folding import Record, facts_of, learn
from domain.settlement.ours import word_of
from domain.settlement.rulebook import Market, market_of
from domain.settlement.telling import selection_result
from domain.settlement.words import Settled
from tables.settlement import FIXTURES, MARKETS, RECORDS, SettlingFixture, SettlingMarket, market_row, markets_of


class Referee:
    """Rules on the markets of one partition's fixtures, by what each provider tells of them."""

    __slots__ = ("_out", "_shard")

    def __init__(self, shard: Shard, out: Outbox) -> None:
        self._shard = shard
        self._out = out

    def meet(self, fixture: Fixture, cause: Cause) -> None:
        """Learn who plays what, and whether a provider says that it is called off. Idempotent."""
        known = SettlingFixture(sport=fixture.sport, home=fixture.home or "", away=fixture.away or "")
        if self._shard.get(FIXTURES, fixture.fixture_id) != known:
            self._shard.put(FIXTURES, fixture.fixture_id, known)
            for provider, record in self._records(fixture.fixture_id):
                self._rule_all(fixture.fixture_id, provider, record, cause)
        self.hear(fixture, cause)

    def list(self, listing: MarketListing, cause: Cause) -> None:
        """Learn what a market is, and rule on it by what was told before. Idempotent."""
        market = market_row(self._shard, listing.market_id)
        market.listing = listing
        self._shard.put(MARKETS, listing.market_id, market)
        for provider, record in self._records(listing.fixture_id):
            self._rule(market, provider, record, cause, is_over=_is_over(record))

    def hear(self, told: Incident | Statistic | Fixture, cause: Cause) -> None:
        """Take what a provider tells of a match. Idempotent by event id."""
        key = f"{told.fixture_id}/{told.provider}"
        record = self._shard.get(RECORDS, key) or Record()
        if learn(record, told):
            self._shard.put(RECORDS, key, record)
            self._rule_all(told.fixture_id, told.provider, record, cause)

    def _records(self, fixture_id: str) -> Iterator[tuple[str, Record]]:
        for key, record in list(self._shard.scan(RECORDS, f"{fixture_id}/")):
            yield key.partition("/")[2], record

    def _rule_all(self, fixture_id: str, provider: str, record: Record, cause: Cause) -> None:
        is_over = _is_over(record)
        for _, market in list(markets_of(self._shard, fixture_id)):
            self._rule(market, provider, record, cause, is_over=is_over)

    def _rule(self, market: SettlingMarket, provider: str, record: Record, cause: Cause, *, is_over: bool) -> None:
        """Say what is new of a market; all of it once more, and for good, when the match is over."""
        ruled = self._described(market)
        if ruled is None:
            return
        said = market.ruled.get(provider, {}) if (provider in market.final) == is_over else {}
        word = word_of(provider, ruled, record, said, confirmed=is_over)
        if word is None:
            return
        results = {each.selection_id: each.result for each in word.outcomes}
        stands = {**market.ruled.get(provider, {}), **results}
        market.ruled[provider] = {name: result for name, result in stands.items() if result is not None}
        if is_over and provider not in market.final:
            market.final.append(provider)
        self._shard.put(MARKETS, market.words.truth.market_id, market)
        self._say(market, provider, word, cause)

    def _described(self, market: SettlingMarket) -> Market | None:
        fixture = self._shard.get(FIXTURES, market.fixture_id)
        if fixture is None or market.listing is None:
            return None
        return market_of(market.listing, fixture.sport, (fixture.home,), (fixture.away,))

    def _say(self, market: SettlingMarket, provider: str, word: Settled, cause: Cause) -> None:
        market_id, final = market.words.truth.market_id, "/final" if word.confirmed else ""
        result = MarketResult(
            event_id=f"{market_id}.ruled/{provider}/{word.sequence}{final}", occurred_at=word.at, received_at=cause.at,
            provider=PROVIDER, source=cause.source, fixture_id=market.fixture_id, market_id=market_id,
            told_by=word.source, told_number=word.sequence, action="SETTLE", confirmed=word.confirmed,
            selections=tuple(selection_result(each.selection_id, each.result, each.known_at) for each in word.outcomes),
            selection_ids=(),
        )  # fmt: skip
        key, headers = market.fixture_id.encode(), followed(cause.trace, cause.source)
        self._out.send(topics.RESULTS.name, key, encode(result), headers=headers)


def _is_over(record: Record) -> bool:
    facts = facts_of(record)
    return facts.finished or facts.called_off
