"""A small story of money, told through all agents in memory, and put into history as the sink does it."""

import asyncio

from bookstream import codecs, topics
from domain.events.settlement import MarketResult, SelectionResult
from sinks.clickhouse.client import ClickHouse
from sinks.clickhouse.history import HistorySink
from tests.unit.agents.payment_story import PaymentStory
from tests.unit.bookstream.proof.story import NOW, SECOND, START, Story

SETTLED_AT = NOW + 3600 * SECOND
CORRECTED_AT = SETTLED_AT + 24 * 3600 * SECOND


def told() -> Story:
    """Tell it: two customers pay in 100.00, four bets of 10.00 on two matches, the first match is won by the home team.

    ann: `won` at home, `open` on the draw of the second match. ben: `lost` away, `both`, a double of both home teams;
    his payment out of 999.99 is refused.
    """
    story = Story()
    for customer in ("ann", "ben"):
        story.transfer(customer, 10_000)
    story.answer()
    story.answer(at=START + 10 * SECOND, drift=0.02)
    first, second = story.markets()
    story.bet("won", story.leg(first))
    story.bet("open", story.leg(second, "draw"))
    story.bet("lost", story.leg(first, "away"), customer="ben")
    story.bet("both", story.leg(first), story.leg(second), customer="ben")
    story.transfer("ben", -99_999, "t2")
    story.log.run()
    win(story, first, "home", SETTLED_AT)
    return story


def win(story: Story, market_id: str, winner: str, at: int) -> None:
    """Say who has won a match."""
    results = [SelectionResult(selection_id=each, win=int(each == winner)) for each in ("home", "draw", "away")]
    story.send(
        topics.RESULTS,
        MarketResult(
            event_id=f"{market_id}-{at}", occurred_at=at, received_at=at, provider="uof", told_by="uof/1",
            told_number=0, fixture_id=market_id.partition("/")[0], market_id=market_id, action="SETTLE", confirmed=True,
            selections=tuple(results), selection_ids=(),
        ),
    )  # fmt: skip
    story.log.run()


async def keep(database: ClickHouse, story: Story | PaymentStory) -> None:
    """Put all that was said on public topics into history."""
    for topic in topics.PUBLIC:
        records = story.log.records(topic.name)
        if records:
            sink = HistorySink(database, codecs, batch_rows=1000, batch_seconds=0.05)
            await sink.assigned([(topic.name, partition) for partition in range(topic.partitions)])
            await asyncio.gather(sink.add(topic.name, records), sink.flush())
