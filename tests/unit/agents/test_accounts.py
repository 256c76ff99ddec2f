"""The account agent: what goes where, under which key, and what becomes of input at fault."""

from typing import Any

import msgspec
import pytest

from agents.accounts import UNIT_RECORDS, context
from bookstream import topics
from bookstream.codecs import decode, encode
from bookstream.delivery.api import Batch, Record
from bookstream.delivery.memory import MemoryOutbox, MemoryShard
from bookstream.delivery.outbox import Sent
from bookstream.partitioner import partition_for
from bookstream.tokens import TokenSigner
from domain.betting.rules import AccountRules, Limits
from domain.events.betting import BetDecision, BetLeg, BetRequest, LegVerdict, SlipLeg, WalletTransfer
from domain.events.feeds import ClockTick
from domain.events.head import Event
from tables.accounts import ACCOUNTS, BETS, DECIDED, WAITING

SECOND = 1_000_000
HOUR = 3600 * SECOND
NOW = 1_700_000_000 * SECOND
CUSTOMER = "ann"
PARTITION = partition_for(CUSTOMER.encode(), topics.PARTITIONS)
SIGNER = TokenSigner.generate()
TOKEN = SIGNER.mint(CUSTOMER, issued_at=NOW, expires_at=NOW + 1000 * HOUR)


def request(bet_id: str = "b1", **changes: Any) -> BetRequest:
    leg = SlipLeg(fixture_id="fx-1", market_id="fx-1/MATCH_ODDS/FT", selection_id="home", odds=2500, quote_version=1)
    made = BetRequest(
        event_id=f"r-{bet_id}",
        occurred_at=NOW,
        received_at=NOW,
        provider="gateway",
        bet_id=bet_id,
        customer_id=CUSTOMER,
        token=TOKEN,
        currency="GBP",
        stake_minor=100,
        price_policy="exact",
        accept_partial=False,
        legs=(leg,),
    )
    return msgspec.structs.replace(made, **changes)


def transfer(**changes: Any) -> WalletTransfer:
    made = WalletTransfer(
        event_id="w1",
        occurred_at=NOW,
        received_at=NOW,
        provider="cashier",
        transfer_id="t1",
        customer_id=CUSTOMER,
        currency="GBP",
        amount_minor=1000,
        reason="deposit",
    )
    return msgspec.structs.replace(made, **changes)


def verdict(leg: BetLeg, **changes: Any) -> LegVerdict:
    made = LegVerdict(
        event_id=f"{leg.leg_id}.verdict",
        occurred_at=NOW,
        received_at=NOW,
        provider="bookstream",
        leg_id=leg.leg_id,
        bet_id=leg.bet_id,
        customer_id=leg.customer_id,
        fixture_id=leg.fixture_id,
        market_id=leg.market_id,
        selection_id=leg.selection_id,
        outcome="PASS",
        code="",
        odds=leg.odds,
        quote_version=1,
        stake_minor=leg.stake_minor,
        liability_before_minor=0,
        liability_after_minor=150,
        checks=(),
    )
    return msgspec.structs.replace(made, **changes)


class Desk:
    """The context on one partition, fed record by record."""

    def __init__(self, rules: AccountRules | None = None, partition: int = PARTITION) -> None:
        self.context = context(SIGNER.verifier().check, rules)
        self.shard = MemoryShard(partition)
        self.offset = 0

    def feed(self, topic: topics.Topic, *values: bytes | Event | None, key: bytes | None = b"ann") -> list[Sent]:
        out = MemoryOutbox(self.shard.partition, topics.PARTITIONS)
        records = []
        for value in values:
            self.offset += 1
            raw = encode(value) if isinstance(value, Event) else value
            records.append(Record(topic.name, self.shard.partition, self.offset, 0, key, raw, (("trace", b"1"),)))
        self.context.handlers[topic.name](self.shard, Batch(topic.name, self.shard.partition, records), out)
        self.shard.settle()
        return list(out.sent)

    def tick(self, at: int) -> list[Sent]:
        return self.feed(
            topics.CLOCK, ClockTick(event_id=f"tick-{at}", occurred_at=at, received_at=at, provider="clock"), key=b"c"
        )

    def names(self, rows: Any) -> list[str]:
        return [key for key, _ in self.shard.scan(rows)]


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.feed(topics.TRANSFERS, transfer())
    return desk


def only(sent: list[Sent], topic: topics.Topic) -> list[Sent]:
    return [each for each in sent if each.topic == topic.name]


def reasons(sent: list[Sent]) -> list[str]:
    return [
        dict(each.headers)["__connect.errors.exception.message"].decode() for each in only(sent, topics.DEAD_LETTERS)
    ]


def test_each_event_goes_to_its_topic_under_its_key(desk: Desk) -> None:
    sent = desk.feed(topics.BET_REQUESTS, request())
    assert [(each.topic, each.key, each.partition) for each in sent] == [
        ("ledger.entries", b"ann", PARTITION),
        ("accounts", b"ann", PARTITION),
        ("bets.legs", b"fx-1", partition_for(b"fx-1", topics.PARTITIONS)),
    ]
    held = decode(BetLeg, sent[2].value or b"")
    sent = desk.feed(topics.LEG_VERDICTS, verdict(held))
    assert [(each.topic, each.key, each.partition) for each in sent] == [
        ("ledger.entries", b"ann", PARTITION),
        ("accounts", b"ann", PARTITION),
        ("bets.decisions", b"ann/b1", PARTITION),
        ("bets.legs", b"fx-1", partition_for(b"fx-1", topics.PARTITIONS)),
    ]


def test_an_event_names_the_record_that_caused_it(desk: Desk) -> None:
    sent = desk.feed(topics.BET_REQUESTS, request())
    source = decode(BetLeg, sent[2].value or b"").source
    assert source is not None
    assert (source.topic, source.partition, source.offset) == ("bets.requests", PARTITION, desk.offset)


def test_a_decision_sent_again_is_the_same_bytes(desk: Desk) -> None:
    held = decode(BetLeg, desk.feed(topics.BET_REQUESTS, request())[2].value or b"")
    (first,) = only(desk.feed(topics.LEG_VERDICTS, verdict(held)), topics.BET_DECISIONS)
    again = desk.feed(topics.BET_REQUESTS, request(event_id="retry", received_at=NOW + SECOND, token="other"))
    assert again == [first]


def test_a_reused_bet_id_is_a_dead_letter_and_the_first_decision_is_said_again(desk: Desk) -> None:
    held = decode(BetLeg, desk.feed(topics.BET_REQUESTS, request())[2].value or b"")
    assert reasons(desk.feed(topics.BET_REQUESTS, request(stake_minor=99))) == ["bet_id b1 was used for another bet"]
    (first,) = only(desk.feed(topics.LEG_VERDICTS, verdict(held)), topics.BET_DECISIONS)
    sent = desk.feed(topics.BET_REQUESTS, request(stake_minor=99))
    assert only(sent, topics.BET_DECISIONS) == [first]
    assert len(only(sent, topics.DEAD_LETTERS)) == 1
    assert len(sent) == 2


@pytest.mark.parametrize("topic", [topics.BET_REQUESTS, topics.LEG_VERDICTS, topics.TRANSFERS, topics.CLOCK])
@pytest.mark.parametrize("value", [b"", b"rubbish", None])
def test_rubbish_is_a_dead_letter_and_what_follows_is_read(
    desk: Desk, topic: topics.Topic, value: bytes | None
) -> None:
    sent = desk.feed(topic, value)
    assert [(each.topic, each.key, each.value) for each in sent] == [("dead-letters", b"ann", value)]
    headers = dict(sent[0].headers)
    assert headers["trace"] == b"1"
    assert headers["__connect.errors.topic"] == topic.name.encode()
    assert headers["__connect.errors.stage"] == b"accounts"
    assert len(desk.feed(topics.BET_REQUESTS, b"rubbish", request())) == 4


def test_a_record_under_another_key_is_a_dead_letter(desk: Desk) -> None:
    (reason,) = reasons(desk.feed(topics.BET_REQUESTS, request(), key=b"bob"))
    assert "not its customer_id" in reason


def test_a_record_in_another_customers_partition_opens_no_second_account() -> None:
    elsewhere = Desk(partition=(PARTITION + 1) % topics.PARTITIONS)
    (reason,) = reasons(elsewhere.feed(topics.TRANSFERS, transfer()))
    assert f"partition {PARTITION}" in reason
    assert elsewhere.names(ACCOUNTS) == []


def test_a_tick_ends_only_the_bets_that_are_due(desk: Desk) -> None:
    desk.feed(topics.BET_REQUESTS, request("b1"), request("b2", received_at=NOW + SECOND))
    assert len(desk.names(WAITING.rows)) == 2
    sent = desk.tick(NOW + 15 * SECOND)
    assert [decode(BetDecision, each.value or b"").bet_id for each in only(sent, topics.BET_DECISIONS)] == ["b1"]
    assert [name.rpartition("/")[2] for name in desk.names(WAITING.rows)] == ["b2"]


def test_a_tick_ends_no_more_bets_than_the_rules_allow_and_the_next_tick_goes_on() -> None:
    desk = Desk(AccountRules(bets_per_tick=2))
    desk.feed(topics.TRANSFERS, transfer())
    desk.feed(topics.BET_REQUESTS, *(request(f"b{n}") for n in range(5)))
    ended = [len(only(desk.tick(NOW + 15 * SECOND + n), topics.BET_DECISIONS)) for n in range(4)]
    assert ended == [2, 2, 1, 0]


def test_time_in_the_log_never_goes_back(desk: Desk) -> None:
    desk.tick(NOW + 20 * SECOND)
    desk.tick(NOW)
    sent = desk.feed(topics.BET_REQUESTS, request())
    assert decode(BetDecision, sent[0].value or b"").code == "TIMEOUT"


def test_a_decided_bet_is_forgotten_a_day_later_and_an_open_one_never(desk: Desk) -> None:
    held = decode(BetLeg, desk.feed(topics.BET_REQUESTS, request())[2].value or b"")
    desk.feed(topics.LEG_VERDICTS, verdict(held))
    desk.tick(NOW + 24 * HOUR - 1)
    assert desk.names(BETS) == ["ann/b1"]
    desk.tick(NOW + 24 * HOUR)
    assert desk.names(BETS) == desk.names(DECIDED.rows) == []


def test_a_bet_that_the_journal_forgot_is_not_decided_again(desk: Desk) -> None:
    held = decode(BetLeg, desk.feed(topics.BET_REQUESTS, request())[2].value or b"")
    desk.feed(topics.LEG_VERDICTS, verdict(held))
    desk.tick(NOW + 24 * HOUR)
    sent = desk.feed(topics.BET_REQUESTS, request())
    assert reasons(sent) == ["bet b1 was placed longer ago than requests are taken"]
    assert len(sent) == 1


def test_a_transfer_sent_again_moves_nothing(desk: Desk) -> None:
    assert desk.feed(topics.TRANSFERS, transfer(event_id="retry")) == []
    account = desk.shard.get(ACCOUNTS, "ann")
    assert account is not None
    assert account.balance_minor == 1000


def test_the_context_reads_its_topics_in_units_that_fit() -> None:
    made = context(SIGNER.verifier().check)
    assert set(made.handlers) == {
        "bets.requests", "bets.leg-verdicts", "bets.leg-results", "bets.cash-outs", "wallet.transfers",
        "payments.requests", "payments.answers", "clock.ticks",
    }  # fmt: skip
    assert made.private_topic == "accounts-state-changelog"
    assert made.unit_records == UNIT_RECORDS


def test_a_unit_of_the_largest_bets_fits_into_one_record_batch() -> None:
    desk = Desk(AccountRules(limits=Limits(max_legs=30)))
    desk.feed(topics.TRANSFERS, transfer(amount_minor=10**9))
    legs = tuple(
        SlipLeg(
            fixture_id=f"fx-{n:016x}",
            market_id=f"fx-{n:016x}/CORRECT_SCORE/FT",
            selection_id="r-123456789",
            odds=1200,
            quote_version=123_456,
        )
        for n in range(30)
    )
    asked = [desk.feed(topics.BET_REQUESTS, request(f"b{n}", legs=legs)) for n in range(2)]
    held = [decode(BetLeg, each.value or b"") for sent in asked for each in only(sent, topics.BET_LEGS)]
    sent = desk.feed(topics.LEG_VERDICTS, *(verdict(leg) for leg in held))
    assert len(only(sent, topics.BET_DECISIONS)) == 2
    rows = sum(len(msgspec.msgpack.encode(desk.shard.get(BETS, f"ann/b{n}"))) for n in range(2))
    assert (sum(len(each.value or b"") for each in sent) + rows) / 2 * UNIT_RECORDS < 16 * 1024 * 1024
