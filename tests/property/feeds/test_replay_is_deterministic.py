"""A replay gives the same canonical events byte for byte, however its messages arrived within the allowed lateness."""

from functools import cache
from itertools import islice
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from agents.ingest import ingest_context
from bookstream import topics
from bookstream.codecs import encode
from bookstream.delivery.memory import MemoryLog
from bookstream.demo import bookmakers, exchange, match
from bookstream.replaying import SECOND, in_order, merged, with_clock
from connectors.raw import RawStream
from domain.events.feeds import RawMessage

LATENESS_US = 60 * SECOND
MINUTES = 12
CANONICAL = (
    topics.FIXTURES, topics.PARTICIPANTS, topics.ODDS, topics.INCIDENTS, topics.STATISTICS, topics.FEED_STATUS,
    topics.IDENTITY_REVIEWS, topics.DEAD_LETTERS,
)  # fmt: skip


@cache
def feeds() -> tuple[tuple[RawMessage, ...], ...]:
    """Return what an exchange, and bookmakers by an aggregator, told of the same match."""
    made = match.load()
    start = min(next(exchange.messages(made, 1))[0], next(bookmakers.odds_answers(made, 1))[0])
    found = []
    for provider, payloads in (
        ("betfair", exchange.messages(made, 1)),
        ("theoddsapi", bookmakers.odds_answers(made, 1)),
    ):
        stream = RawStream(provider=provider, endpoint="file", stream_id=provider, recorded=True)
        taken = islice(payloads, 400)
        found.append(tuple(stream.message(p, received_at=at) for at, p in taken if at < start + MINUTES * 60 * SECOND))
    assert all(len(each) > 10 for each in found)
    return tuple(found)


def arrived(messages: tuple[RawMessage, ...], seed: int) -> list[RawMessage]:
    """Shuffle messages as far as the allowed lateness lets them be."""
    random = Random(seed)
    return sorted(messages, key=lambda each: each.received_at + random.randrange(LATENESS_US))


def canonical(replayed: list[list[RawMessage]]) -> dict[str, list[tuple[bytes | None, bytes | None]]]:
    """Replay feeds through ingest, and return all that it says, partition by partition."""
    log = MemoryLog([ingest_context()])
    for item in with_clock(merged(in_order(each, LATENESS_US) for each in replayed)):
        if isinstance(item, RawMessage):
            log.send(topics.raw_topic(item.provider), item.stream_id.encode(), encode(item))
        else:
            for partition in range(topics.PARTITIONS):
                log.send(topics.CLOCK.name, b"clock", encode(item), partition=partition)
        log.run()
    return {topic.name: [(each.key, each.value) for each in log.records(topic.name)] for topic in CANONICAL}


@cache
def expected() -> dict[str, list[tuple[bytes | None, bytes | None]]]:
    return canonical([list(each) for each in feeds()])


@given(st.integers(0, 2**32), st.booleans(), st.booleans())
@settings(max_examples=6, deadline=None)
def test_any_arrival_within_the_lateness_gives_the_same_bytes(seed: int, turned: bool, twice: bool) -> None:  # noqa: FBT001
    shuffled = [arrived(each, seed + number) for number, each in enumerate(feeds())]
    if turned:
        shuffled.reverse()
    if twice:
        # One raw topic holds both providers' streams as well as two files do.
        shuffled = [arrived(tuple(message for each in feeds() for message in each), seed)]
    found = canonical(shuffled)
    assert len(found[topics.ODDS.name]) > 100
    assert found == expected()


def test_an_order_that_is_not_mended_gives_other_bytes() -> None:
    """What is shown is the replayer's doing: ingest itself goes by the order that it hears."""
    log = MemoryLog([ingest_context()])
    for message in arrived(feeds()[0], 1):
        log.send(topics.raw_topic("betfair"), message.stream_id.encode(), encode(message))
    log.run()
    said = [(each.key, each.value) for each in log.records(topics.ODDS.name)]
    assert said != expected()[topics.ODDS.name]
