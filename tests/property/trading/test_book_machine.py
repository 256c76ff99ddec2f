"""Any history of odds, incidents, feeds, traders, bets and time: the sums are right, and nothing shut takes a bet.

The machine drives the book agent itself, rows and bytes included. The accounts are played by the machine: legs come
twice, end late, or end before they were judged. At the end the same log is run again, whole and cut into other batches.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from agents.book import book_context
from bookstream import topics
from bookstream.codecs import decode, encode
from bookstream.delivery.api import Batch, Record
from bookstream.delivery.memory import MemoryOutbox, MemoryShard
from bookstream.delivery.outbox import Sent
from bookstream.partitioner import partition_for
from domain.events.betting import BetLeg, LegVerdict
from domain.events.canonical import Fixture, Incident, MarketOdds, SelectionOdds
from domain.events.feeds import ClockTick, FeedStatus
from domain.events.head import Event, Source
from domain.events.trading import Exposure, Quote, TradingControl
from domain.trading.liability import Liability
from domain.trading.playbook import Playbook
from domain.trading.rules import BookRules, MarketRules
from domain.trading.state import LegState, MarketState
from domain.trading.views import work_out
from tables.book import CUSTOMERS, DELAYED, FED, LEGS, MARKETS, WAKING

SECOND = 1_000_000
START = 1_700_000_000 * SECOND
FX = "fx-1"
PARTITION = partition_for(FX.encode(), topics.PARTITIONS)
SHAPES = {f"{FX}/MATCH_ODDS/FT": ("home", "draw", "away"), f"{FX}/TOTAL_GOALS/FT/2500": ("over", "under")}
CAPS = MarketRules(
    max_stake_minor=3_000, in_play_max_stake_minor=2_000, max_payout_minor=20_000,
    market_cap_minor=9_000, selection_cap_minor=7_000, customer_cap_minor=4_000,
)  # fmt: skip
RULES = BookRules(
    markets={"MATCH_ODDS": CAPS, "TOTAL_GOALS": CAPS}, due_per_tick=3, in_play_delay_s=3, late_quotes=True
)
PLAYBOOK = Playbook(RULES)
BOOKMAKERS = {"betfair": "betfair", "unibet": "theoddsapi", "bwin": "theoddsapi"}


class Run:
    """One owner of the partition, whose cache is lost after every unit."""

    def __init__(self) -> None:
        self.handlers = book_context(RULES).handlers
        self.shard = MemoryShard(PARTITION)
        self.sent: list[Sent] = []

    def unit(self, topic: str, records: list[Record]) -> list[Sent]:
        out = MemoryOutbox(PARTITION, topics.PARTITIONS)
        self.handlers[topic](self.shard, Batch(topic, PARTITION, records), out)
        self.shard.settle()
        self.shard = self.shard.reopened()
        self.sent += out.sent
        return list(out.sent)

    def markets(self) -> list[MarketState]:
        return [market for _, market in self.shard.scan(MARKETS)]

    def legs(self) -> list[LegState]:
        return [leg for _, leg in self.shard.scan(LEGS)]


def last_word(market: MarketState) -> Any:
    """Return what must not depend on how the log was cut: all but versions, expiry and the next look.

    Which views have been worked out so far depends on it too; what they come to does not.
    """
    quote = market.quote
    assert quote is not None
    for view in market.views:
        work_out(view, PLAYBOOK)
    shown = (quote.status, quote.reason, quote.in_play, quote.bet_delay_s, quote.odds, quote.max_stakes)
    return (market.market_id, market.views, market.bar, market.closed, market.taken, shown)


class Book(RuleBasedStateMachine):
    """Play providers, traders, accounts and time against the book."""

    def __init__(self) -> None:
        super().__init__()
        self.run_ = Run()
        self.at = START
        self.offset = 0
        self.log: list[tuple[str, Record]] = []
        self.holds: dict[str, BetLeg] = {}
        self.ends: dict[str, BetLeg] = {}
        self.verdicts: dict[str, LegVerdict] = {}
        self.versions: dict[tuple[str, str], int] = {}
        self.shut: dict[str, str] = {}

    @initialize()
    def open(self) -> None:
        self.feed(topics.FIXTURES, Fixture(
            **self.head("betfair"), fixture_id=FX, sport="soccer", competition_id="c", competition="c", name="n",
            home_id=None, away_id=None, home=None, away=None, kick_off_at=START + 3_000 * SECOND, status="SCHEDULED",
            provider_fixture_id="1", confidence=1.0,
        ))  # fmt: skip

    @rule(seconds=st.sampled_from([0, 1, 2, 5, 30, 700]), ticks=st.booleans())
    def wait(self, seconds: int, *, ticks: bool) -> None:
        self.at += seconds * SECOND
        if ticks:
            self.feed(topics.CLOCK, ClockTick(**self.head("clock")))

    @rule(data=st.data(), market_id=st.sampled_from(sorted(SHAPES)), bookmaker=st.sampled_from(sorted(BOOKMAKERS)),
          status=st.sampled_from(["OPEN"] * 8 + ["SUSPENDED"]), in_play=st.sampled_from([False] * 5 + [True]),
          old=st.sampled_from([0, 0, 0, 10]), late=st.sampled_from([False] * 9 + [True]),
          count=st.integers(1, 3))  # fmt: skip
    def odds(
        self, data: st.DataObject, *, market_id: str, bookmaker: str, status: Any, old: int, count: int, in_play: bool,
        late: bool,
    ) -> None:  # fmt: skip
        events = []
        for _ in range(count):
            shares = data.draw(st.lists(st.integers(8, 12), min_size=3, max_size=3))[: len(SHAPES[market_id])]
            named = zip(SHAPES[market_id], shares, strict=True)
            events.append(MarketOdds(
                **self.head(BOOKMAKERS[bookmaker], old), fixture_id=FX, market_id=market_id,
                market_type=market_id.split("/")[1], period="FT", line_milli=None, bookmaker=bookmaker, status=status,
                in_play=in_play, bet_delay_s=0, late=late,
                selections=tuple(offer(name, share / sum(shares), bookmaker) for name, share in named),
            ))  # fmt: skip
        self.feed(topics.ODDS, *events)

    @rule(kind=st.sampled_from(["GOAL", "YELLOW_CARD", "RED_CARD", "KICK_OFF"]))
    def incident(self, kind: Any) -> None:
        self.feed(topics.INCIDENTS, Incident(**self.head("betfair"), fixture_id=FX, kind=kind))

    @precondition(lambda self: len(self.log) > 25)
    @rule()
    def full_time(self) -> None:
        """End the match; once it has been over for days it is forgotten, unless a leg is not decided."""
        self.feed(topics.INCIDENTS, Incident(**self.head("betfair"), fixture_id=FX, kind="FULL_TIME"))
        if any(state.status in {"HELD", "WAITING"} for state in self.run_.legs()):
            return
        for _ in range(20):
            self.at += 6 * 3600 * SECOND
            self.feed(topics.CLOCK, ClockTick(**self.head("clock")))
        shard = self.run_.shard
        assert self.run_.markets() == []
        assert [*shard.scan(CUSTOMERS)] == []
        assert [*shard.scan(FED)] == []

    @rule(provider=st.sampled_from(["betfair", "theoddsapi"]), state=st.sampled_from(["UP", "UP", "DELAYED", "DOWN"]))
    def feed_status(self, provider: str, state: Any) -> None:
        self.feed(topics.FEED_STATUS, FeedStatus(**self.head(provider), stream_id="s", state=state, reason="x"))

    @rule(scope=st.sampled_from([("ALL", "*"), ("FIXTURE", FX), ("MARKET", min(SHAPES))]),
          action=st.sampled_from(["SUSPEND", "RESUME", "RESUME"]))  # fmt: skip
    def control(self, scope: tuple[Any, str], action: Any) -> None:
        event = TradingControl(
            **self.head("desk"), scope=scope[0], scope_id=scope[1], action=action, reason="", actor="t"
        )
        self.feed(topics.CONTROLS, event)

    @rule(data=st.data(), market_id=st.sampled_from(sorted(SHAPES)), customer=st.sampled_from(["ann", "bob"]),
          stake=st.integers(1, 4_000), other=st.sampled_from([1000, 1000, 2500]),
          policy=st.sampled_from(["any", "any", "better", "exact"]))  # fmt: skip
    def hold(self, data: st.DataObject, *, market_id: str, customer: str, stake: int, other: int, policy: Any) -> None:
        quote = next((market.quote for market in self.run_.markets() if market.market_id == market_id), None)
        leg_id = f"{customer}/b{len(self.holds)}/0"
        leg = BetLeg(
            **{**self.head("bookstream"), "event_id": f"{leg_id}.hold"}, leg_id=leg_id, bet_id=leg_id.split("/")[1],
            customer_id=customer, action="HOLD", fixture_id=FX, market_id=market_id,
            selection_id=data.draw(st.sampled_from(SHAPES[market_id])), odds=2000,
            quote_version=1 if quote else 0, price_policy=policy, currency="GBP", stake_minor=stake,
            other_odds=other,
        )  # fmt: skip
        self.holds[leg_id] = leg
        self.feed(topics.BET_LEGS, leg, leg)

    @rule(data=st.data(), market_id=st.sampled_from(sorted(SHAPES)), share=st.integers(8, 12))
    def bet_on_fresh_prices(self, data: st.DataObject, market_id: str, share: int) -> None:
        """Lift what can be lifted, price the market anew, and bet on what is then shown."""
        names = SHAPES[market_id]
        parts = [share, *[10] * (len(names) - 1)]
        market = next((market for market in self.run_.markets() if market.market_id == market_id), None)
        in_play = market is not None and any(view.in_play for view in market.views)
        for order in (("ALL", "*"), ("FIXTURE", FX)):
            self.control((order[0], order[1]), "RESUME")
        self.feed_status("betfair", "UP")
        self.wait(11, ticks=True)
        self.feed(topics.ODDS, MarketOdds(
            **self.head("betfair"), fixture_id=FX, market_id=market_id, market_type=market_id.split("/")[1],
            period="FT", line_milli=None, bookmaker="betfair", status="OPEN", in_play=in_play, bet_delay_s=0,
            late=False,
            selections=tuple(
                offer(name, part / sum(parts), "betfair") for name, part in zip(names, parts, strict=True)
            ),
        ))  # fmt: skip
        for customer in data.draw(st.lists(st.sampled_from(["ann", "bob"]), min_size=1, max_size=3)):
            stake = data.draw(st.integers(1, 4_000))
            other = data.draw(st.sampled_from([1000, 1000, 2500]))
            self.hold(data, market_id=market_id, customer=customer, stake=stake, other=other, policy="any")

    @precondition(lambda self: self.holds)
    @rule(data=st.data(), share=st.integers(1, 4))
    def end(self, data: st.DataObject, share: int) -> None:
        """End a leg as the accounts do: a bet is confirmed only when its legs passed, otherwise released."""
        leg = self.holds[data.draw(st.sampled_from(sorted(self.holds)))]
        verdict = self.verdicts.get(leg.leg_id)
        passed = verdict is not None and verdict.outcome != "REFUSE"
        action: Any = data.draw(st.sampled_from(["CONFIRM", "RELEASE"])) if passed else "RELEASE"
        stake = max(1, verdict.stake_minor // share) if passed and verdict is not None else leg.stake_minor
        made = msgspec.structs.replace(
            leg, event_id=f"{leg.leg_id}.{action.lower()}", action=action, stake_minor=stake,
            odds=verdict.odds if verdict is not None else leg.odds, occurred_at=self.at, received_at=self.at,
        )  # fmt: skip
        word = self.ends.setdefault(leg.leg_id, made)
        self.feed(topics.BET_LEGS, word, word)

    def head(self, provider: str, old: int = 0) -> dict[str, Any]:
        at = self.at - old * SECOND
        self.offset += 1
        return {
            "event_id": f"e{self.offset}.0", "occurred_at": at, "received_at": at, "provider": provider,
            "source": Source(f"feeds.{provider}.raw", 1, self.offset),
        }  # fmt: skip

    def feed(self, topic: topics.Topic, *events: Event) -> None:
        records = []
        for event in events:
            self.offset += 1
            records.append(Record(topic.name, PARTITION, self.offset, 0, FX.encode(), encode(event)))
        self.log += [(topic.name, record) for record in records]
        for sent in self.run_.unit(topic.name, records):
            self.heard(sent)

    def heard(self, sent: Sent) -> None:
        value = sent.value or b""
        if sent.topic == topics.QUOTES.name:
            quote = decode(Quote, value)
            self.rises("quote", quote.market_id, quote.version)
            self.shut[quote.market_id] = quote.reason
        elif sent.topic == topics.EXPOSURES.name:
            exposure = decode(Exposure, value)
            self.rises("exposure", exposure.market_id, exposure.version)
        elif sent.topic == topics.LEG_VERDICTS.name:
            verdict = decode(LegVerdict, value)
            if verdict.outcome != "REFUSE" and verdict.leg_id not in self.verdicts:
                assert self.shut[verdict.market_id] == "", "a market that is shut took a bet"
                assert verdict.quote_version == self.versions["quote", verdict.market_id]
            assert self.verdicts.setdefault(verdict.leg_id, verdict) == verdict, "a leg was judged twice"

    def rises(self, kind: str, market_id: str, version: int) -> None:
        before = self.versions.get((kind, market_id), 0)
        assert version == before + 1, f"{kind} {market_id} goes from {before} to {version}"
        self.versions[kind, market_id] = version

    @invariant()
    def sums_equal_those_made_anew(self) -> None:
        legs = self.run_.legs()
        for market in self.run_.markets():
            anew = Liability()
            anew._reach(len(market.selections) - 1)
            for state in legs:
                if state.leg.market_id == market.market_id:
                    index = market.selections.index(state.leg.selection_id)
                    if state.status == "HELD" and state.verdict is not None:
                        anew.hold(index, state.verdict.stake_minor, state.verdict.odds, state.leg.other_odds)
                    elif state.status == "CONFIRMED":
                        end = self.ends[state.leg.leg_id]
                        anew.add(index, end.stake_minor, end.odds, end.other_odds)
            market.taken._reach(len(market.selections) - 1)
            assert market.taken == anew

    @invariant()
    def no_cap_is_passed(self) -> None:
        for market in self.run_.markets():
            assert market.taken.worst_case(1) <= CAPS.market_cap_minor
            for index in range(len(market.selections)):
                assert market.taken.outcome(index) <= CAPS.selection_cap_minor

    @invariant()
    def what_is_shown_is_what_is_stored(self) -> None:
        for market in self.run_.markets():
            assert market.quote is not None
            assert self.shut[market.market_id] == market.quote.reason
            assert market.quote.version == self.versions["quote", market.market_id]

    @invariant()
    def every_market_and_leg_that_waits_is_in_its_index_once(self) -> None:
        shard = self.run_.shard
        waking = sorted(name.market_id for _, name in shard.scan(WAKING.rows))
        assert waking == sorted(market.market_id for market in self.run_.markets() if market.wake_at)
        delayed = sorted(name.leg_id for _, name in shard.scan(DELAYED.rows))
        assert delayed == sorted(state.leg.leg_id for state in self.run_.legs() if state.status == "WAITING")

    def teardown(self) -> None:
        whole = Run()
        for topic, records in batches(self.log, 1000):
            whole.unit(topic, records)
        again = Run()
        for topic, records in batches(self.log, 1000):
            again.unit(topic, records)
        assert whole.sent == again.sent
        assert whole.shard.store.data == again.shard.store.data
        single = Run()
        for topic, records in batches(self.log, 1):
            single.unit(topic, records)
        assert [last_word(market) for market in single.markets()] == [last_word(market) for market in whole.markets()]


def offer(name: str, p: float, bookmaker: str) -> SelectionOdds:
    if bookmaker != "betfair":
        return SelectionOdds(selection_id=name, name=name, back_odds=int(1000 / (p * 1.05)))
    return SelectionOdds(
        selection_id=name, name=name, back_odds=int(1000 / (p + 0.01)), back_size_minor=500,
        lay_odds=int(1000 / (p - 0.01)) + 1, lay_size_minor=500,
    )  # fmt: skip


def batches(log: list[tuple[str, Record]], most: int) -> Iterator[tuple[str, list[Record]]]:
    """Cut the log into runs of one topic, of at most so many records."""
    at = 0
    while at < len(log):
        topic, records = log[at][0], [log[at][1]]
        while at + len(records) < len(log) and len(records) < most and log[at + len(records)][0] == topic:
            records.append(log[at + len(records)][1])
        yield topic, records
        at += len(records)


TestBook = Book.TestCase
TestBook.settings = settings(max_examples=100, stateful_step_count=40, deadline=None, report_multiple_bugs=False)
