"""A trace goes from a provider's message to the quote, and from a bet to its decision, in headers alone."""

import msgspec
import pytest

from agents.ingest import ingest_context
from bookstream import topics
from bookstream.codecs import encode
from bookstream.delivery.memory import MemoryLog
from connectors.raw import RawStream
from domain.betting.rules import AccountRules
from domain.events.head import Source
from domain.events.trace import begun, followed, trace_of
from domain.trading.rules import MarketRules
from tests.unit.agents.floor import SECOND, START, Floor
from tests.unit.agents.test_ingest_betfair import image

CHANCES = {"home": 0.5, "away": 0.3, "draw": 0.2}
FIXTURE = "fx-1"
TRACE = trace_of(begun("a bet"))
OF_A_BET = (
    topics.BET_LEGS, topics.LEG_VERDICTS, topics.BET_DECISIONS, topics.ACCOUNTS, topics.LEDGER, topics.EXPOSURES,
)  # fmt: skip


@pytest.fixture
def floor() -> Floor:
    """Open a match and pay money in, without any trace."""
    floor = Floor(MarketRules(), AccountRules())
    floor.open(FIXTURE, CHANCES)
    floor.credit("ann", 100_000)
    return floor


def ids(log: MemoryLog, topic: topics.Topic) -> list[bytes]:
    """Return the trace ids on a topic; empty for a record of none."""
    return [trace_of(record.headers)[3:35] for record in log.records(topic.name)]


def test_what_has_no_trace_leads_to_no_header(floor: Floor) -> None:
    floor.bet("ann", floor.shown(FIXTURE))
    records = [record for topic in (topics.QUOTES, *OF_A_BET) for record in floor.log.records(topic.name)]
    assert len(records) > 6
    assert [record for record in records if record.headers] == []


def test_a_providers_message_and_all_it_says_are_one_trace() -> None:
    log = MemoryLog([ingest_context()])
    stream = RawStream(provider="betfair", endpoint="test", stream_id="s", recorded=True)
    opening = msgspec.json.encode({"op": "mcm", "clk": "a", "pt": START // 1000, "mc": [image()]})
    for payload in (opening, b"rubbish"):
        message = stream.message(payload, received_at=START)
        log.send(topics.raw_topic("betfair"), b"s", encode(message), headers=begun(message.event_id))
    log.run()
    opened, broken = ids(log, topics.RAW[0])
    for topic in (topics.FIXTURES, topics.PARTICIPANTS):
        assert set(ids(log, topic)) == {opened}, topic.name
    # What cannot be read closes the market until the next image.
    for topic in (topics.ODDS, topics.FEED_STATUS):
        assert set(ids(log, topic)) == {opened, broken}, topic.name
    (letter,) = log.records(topics.DEAD_LETTERS.name)
    assert trace_of(letter.headers) == trace_of(begun(message.event_id))


def test_a_quote_is_of_the_trace_of_the_tick_that_moved_it(floor: Floor) -> None:
    before = len(floor.log.records(topics.QUOTES.name))
    floor.headers = begun("a tick")
    floor.price(FIXTURE, {"home": 0.6, "away": 0.3, "draw": 0.1})
    (moved,) = floor.log.records(topics.QUOTES.name)[before:]
    tick = floor.log.records(topics.ODDS.name)[-1]
    assert list(moved.headers) == list(
        followed(trace_of(tick.headers), Source(tick.topic, tick.partition, tick.offset))
    )


@pytest.mark.parametrize("in_play", [False, True])
def test_a_bet_is_one_trace_to_its_decision_also_through_the_in_play_delay(*, in_play: bool) -> None:
    floor = Floor(MarketRules(), AccountRules())
    floor.open(FIXTURE, CHANCES, in_play=in_play)
    floor.credit("ann", 100_000)
    before = {topic: len(floor.log.records(topic.name)) for topic in OF_A_BET}
    floor.headers = begun("a bet")
    name = floor.bet("ann", floor.shown(FIXTURE))
    floor.headers = ()
    if in_play:
        for _ in range(5):
            floor.wait(1)
            floor.price(FIXTURE, CHANCES, in_play=True)
    assert floor.decision(name).outcome == "ACCEPTED"
    for topic in OF_A_BET:
        followed_by = ids(floor.log, topic)[before[topic] :]
        assert followed_by, topic.name
        assert set(followed_by) == {TRACE[3:35]}, topic.name


def test_a_bet_that_runs_out_of_time_is_refused_in_its_trace() -> None:
    accounts = AccountRules()
    floor = Floor(MarketRules(), accounts)
    floor.open(FIXTURE, CHANCES, in_play=True)
    floor.credit("ann", 100_000)
    leg = floor.shown(FIXTURE)
    floor.log._takers[topics.BET_LEGS.name].clear()  # nobody judges legs
    floor.headers = begun("a bet")
    name = floor.bet("ann", leg)
    floor.headers = ()
    floor.wait(accounts.answer_within_us / SECOND + 1)
    assert floor.decision(name).code == "TIMEOUT"
    assert ids(floor.log, topics.BET_DECISIONS) == [TRACE[3:35]]


def test_a_unit_that_is_done_again_writes_the_same_headers() -> None:
    def run() -> list[tuple[bytes | None, object]]:
        floor = Floor(MarketRules())
        floor.headers = begun("a match")
        floor.open(FIXTURE, CHANCES)
        return [(record.key, record.headers) for record in floor.log.records(topics.QUOTES.name)]

    assert run() == run() != []
