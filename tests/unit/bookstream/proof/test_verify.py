"""The proof over the whole story: clean as it was told, and never clean once anything of it is changed."""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest

from bookstream import topics
from bookstream.codecs import decode, encode
from bookstream.contracts.ids import RECORDS
from bookstream.delivery.api import Record, Rows
from bookstream.delivery.memory import MemoryLog
from bookstream.money.signing import CheckpointVerifier
from bookstream.proof.chain import CHAINED, SIGNED
from bookstream.proof.tables import INPUTS, Reader, audit_cursors, audit_tables, fold
from bookstream.proof.verify import TopicAudit, wait_until_quiet
from domain.audit.difference import Findings
from domain.betting.rules import AccountRules, Limits
from domain.events.betting import Account
from domain.money.checkpoint import Checkpoint
from domain.trading.rules import MarketRules
from tables.book import MARKETS
from tests.unit.agents.floor import Floor, market_of
from tests.unit.bookstream.proof.story import Story

Change = Callable[[Any], Any]


def differences(findings: Findings) -> set[str]:
    return {difference.rule for difference in findings.differences}


def changed(story: Story, topic: topics.Topic, change: Change, *, at: int = -1) -> Reader:
    """Read the story with one event of a topic changed; None leaves it out."""
    records = story.log.records(topic.name)
    kind = RECORDS[topic.record or ""]
    event = change(decode(kind, records[at].value or b""))
    value = None if event is None else encode(event)
    replaced = msgspec.structs.replace(records[at], value=value)
    records = [each for each in records if each is not records[at]] + ([replaced] if value else [])
    records.sort(key=lambda record: (record.partition, record.offset))

    def reader(name: str, partition: int) -> Iterator[Record]:
        if name != topic.name:
            return story.partition(name, partition)
        return (record for record in records if record.partition == partition)

    return reader


def tables(log: MemoryLog, reader: Reader) -> Findings:
    """Hold the tables, as their changelogs would have them, against the topics as a reader has them."""

    def with_tables(topic: str, partition: int) -> Iterator[Record]:
        if topic not in INPUTS:
            return reader(topic, partition)
        rows = log.shard(topic.split("-", maxsplit=1)[0], partition).store.data
        return (Record(topic, partition, at, 0, key, value) for at, (key, value) in enumerate(rows.items()))

    findings = Findings()
    audit_tables(with_tables, {}, findings)
    return findings


def signed_by(story: Story) -> Callable[[Checkpoint], bool]:
    return CheckpointVerifier([story.ledger.public_key]).trusts


def to(**fields: Any) -> Change:
    return lambda event: msgspec.structs.replace(event, **fields)


def by(name: str, amount: int) -> Change:
    return lambda event: msgspec.structs.replace(event, **{name: getattr(event, name) + amount})


def test_the_story_is_clean_and_every_kind_of_rule_looked_at_something(story: Story) -> None:
    findings = TopicAudit(story.partition).run()
    assert findings.differences == []
    assert findings.checked["decided anew"] == findings.checked["every bet answered"] == 12
    assert min(findings.checked[rule] for rule in ("liability", "balance by the ledger", "odds as shown", "payout")) > 2


def test_dead_letters_are_no_differences_but_what_is_rejected_without_one_is(story: Story) -> None:
    def without_letters(topic: str, partition: int) -> Iterator[Record]:
        return iter(()) if topic == topics.DEAD_LETTERS.name else story.partition(topic, partition)

    assert "rejected input is a dead letter" in differences(TopicAudit(without_letters).run())


@pytest.mark.parametrize(
    ("topic", "change", "rule"),
    [
        (topics.BET_DECISIONS, by("payout_minor", 1), "decided anew"),
        (topics.BET_DECISIONS, to(checks=()), "held as the rules say"),
        (topics.BET_REQUESTS, by("stake_minor", 1), "held as the rules say"),
        (topics.BET_DECISIONS, lambda _: None, "every bet answered"),
        (topics.BET_LEGS, by("stake_minor", 1), "the book is told what was decided"),
        (topics.BET_LEGS, lambda _: None, "every hold ended once"),
        (topics.LEG_VERDICTS, by("liability_after_minor", 1), "decided anew"),
        (topics.EXPOSURES, by("stakes_minor", -1), "stakes in the market"),
        (topics.EXPOSURES, by("held_minor", 1), "nothing held when all is decided"),
        (topics.ACCOUNTS, by("balance_minor", 1), "balance by the ledger"),
        (topics.LEDGER, lambda _: None, "balance by the ledger"),
        (topics.TRANSFERS, by("amount_minor", 1), "the bank holds what was paid in"),
        (topics.ODDS, to(event_id="another.0"), "inputs are known ticks"),
        (topics.QUOTES, by("version", 1), "versions without a gap"),
    ],
)
def test_one_changed_event_is_found(story: Story, topic: topics.Topic, change: Change, rule: str) -> None:
    records = story.log.records(topic.name)
    sound = [at for at, record in enumerate(records) if record.value != b"not a bet"]
    found = [differences(TopicAudit(changed(story, topic, change, at=at)).run()) for at in sound]
    assert any(rule in rules for rules in found), found


def test_ticks_that_retention_has_removed_are_unknown_and_no_difference(story: Story) -> None:
    def aged(topic: str, partition: int) -> Iterator[Record]:
        """Read without the first half of the ticks."""
        records = list(story.partition(topic, partition))
        return iter(records[len(records) // 2 :] if topic == topics.ODDS.name else records)

    def emptied(topic: str, partition: int) -> Iterator[Record]:
        return iter(()) if topic == topics.ODDS.name else story.partition(topic, partition)

    whole, rule = TopicAudit(story.partition).run().checked["inputs are known ticks"], "inputs are known ticks"
    findings = TopicAudit(aged).run()
    assert findings.differences == []
    assert findings.checked[rule] + findings.unknown[rule] == whole
    assert min(findings.checked[rule], findings.unknown[rule]) > 0
    ends = {(topics.ODDS.name, partition): (len(kept), len(kept))
            for partition, kept in enumerate(story.log.topics[topics.ODDS.name])}  # fmt: skip
    findings = TopicAudit(emptied, ends=ends, trusted=signed_by(story)).run()
    assert findings.differences == []
    assert findings.unknown == {rule: whole}
    assert differences(TopicAudit(emptied).run()) == {rule}


def test_the_ledger_is_proved_as_far_as_keys_are_known(story: Story) -> None:
    whole = TopicAudit(story.partition, trusted=signed_by(story)).run()
    assert whole.differences == []
    assert (whole.checked[CHAINED], whole.unknown) == (topics.PARTITIONS, {})
    assert whole.checked[SIGNED] == len(story.log.records(topics.LEDGER_CHECKPOINTS.name)) > 1
    without = TopicAudit(story.partition).run()
    assert (without.differences, without.unknown) == ([], {SIGNED: whole.checked[SIGNED]})
    another = TopicAudit(story.partition, trusted=lambda _: False).run()
    assert differences(another) == {CHAINED}


def test_a_changed_entry_is_found_by_its_chain_and_all_the_rest_is_audited(story: Story) -> None:
    change = by("occurred_at", 1)
    for n in range(len(story.log.records(topics.LEDGER.name))):
        assert CHAINED in differences(TopicAudit(changed(story, topics.LEDGER, change, at=n)).run())
    first = TopicAudit(changed(story, topics.LEDGER, change, at=0)).run()
    assert first.checked["ledger entries balance"] == len(story.log.records(topics.LEDGER.name))


def test_rules_other_than_those_played_by_are_found(story: Story) -> None:
    strict = AccountRules(limits=Limits(max_stake_minor=500))
    assert "held as the rules say" in differences(TopicAudit(story.partition, strict).run())


def test_the_tables_say_what_the_topics_say(story: Story) -> None:
    findings = tables(story.log, story.partition)
    assert findings.differences == []
    assert findings.checked["decision as in the table"] == 12
    assert findings.checked["quote as in the table"] == findings.checked["exposure as in the table"] == 2


@pytest.mark.parametrize(
    ("topic", "change", "rule"),
    [
        (topics.ACCOUNTS, by("balance_minor", 1), "account as in the table"),
        (topics.ACCOUNTS, to(customer_id="eve"), "every account in the table is public"),
        (topics.BET_DECISIONS, by("stake_minor", 1), "decision as in the table"),
        (topics.QUOTES, by("version", 1), "quote as in the table"),
        (topics.QUOTES, to(selections=()), "quote as in the table"),
        (topics.QUOTES, to(market_id="fx-0/MATCH_ODDS/FT"), "what is public is in the table"),
        (topics.EXPOSURES, by("bets", 1), "exposure as in the table"),
        (topics.EXPOSURES, to(outcomes=()), "exposure as in the table"),
    ],
)
def test_a_topic_that_the_tables_do_not_bear_out_is_found(
    story: Story, topic: topics.Topic, change: Change, rule: str
) -> None:
    assert rule in differences(tables(story.log, changed(story, topic, change)))


def forgotten(floor: Floor) -> Findings:
    return tables(floor.log, lambda topic, partition: iter(floor.log.topics[topic][partition]))


def test_markets_that_the_book_has_forgotten_are_closed_and_no_difference() -> None:
    floor = Floor(MarketRules())
    floor.credit("ann", 10_000)
    floor.open("fx-1", {"home": 0.6, "away": 0.4})
    floor.open("fx-2", {"home": 0.6, "away": 0.4})
    floor.bet("ann", floor.shown("fx-1"))
    floor.close("fx-1")
    for _ in range(4 * 6):
        floor.wait(4 * 3600)
    assert list(floor.markets()) == [market_of("fx-2")]
    findings = forgotten(floor)
    assert findings.differences == []
    assert findings.checked["what is public is in the table"] == 1
    for partition in range(topics.PARTITIONS):
        shard = floor.log.shard("book", partition)
        shard.delete(MARKETS, market_of("fx-2"))
        shard.settle()
    assert [difference.subject for difference in forgotten(floor).differences] == [market_of("fx-2")]


def test_of_a_changelog_only_what_is_looked_at_is_held() -> None:
    kinds = Rows("bet", Account), Rows("account", Account)
    said = [("bet", b"1"), ("leg", b"2"), ("bets", b"3"), ("account", b"4"), ("bet", b"5"), ("account", None)]
    records = [Record("t", 0, at, 0, f"{kind}\0x".encode(), value) for at, (kind, value) in enumerate(said)]
    records.append(Record("t", 0, 9, 0, b"\0outbox", b"6"))
    assert fold(records, kinds) == {b"bet\0x": b"5", b"\0outbox": b"6"}
    assert fold(records) == {b"\0outbox": b"6"}


def test_what_is_audited_is_read_once_and_one_partition_at_a_time(story: Story) -> None:
    read: list[tuple[str, int]] = []
    open_now: set[tuple[str, int]] = set()

    def counted(topic: str, partition: int) -> Iterator[Record]:
        assert not open_now
        open_now.add((topic, partition))
        yield from story.partition(topic, partition)
        open_now.clear()
        read.append((topic, partition))

    audit = TopicAudit(counted)
    audit.run()
    assert len(read) == len(set(read)) == 19 * topics.PARTITIONS
    assert not any(audit._legs.values())


def test_input_that_was_not_handled_is_found() -> None:
    ends = {("bets.requests", 0): (0, 3), ("bets.requests", 1): (0, 0), ("bets.legs", 0): (0, 9)}
    cursor = b"\0cursor\0bets.requests"
    for handled, expected in ((b"2", []), (b"1", ["handled up to offset 1, the last is 2"])):
        findings = Findings()
        for partition, folded in enumerate(({cursor: handled}, {})):
            audit_cursors("accounts-state-changelog", folded, partition, ends, findings)
        assert [difference.found for difference in findings.differences] == expected
        assert findings.checked == {"all input handled": 2}


def test_an_outbox_that_the_next_owner_could_not_read_is_found() -> None:
    findings = Findings()
    audit_cursors("book-state-changelog", {b"\0outbox": b"\x91\xff"}, 0, {}, findings)
    assert differences(findings) == {"the outbox can be read"}


def test_the_inputs_of_the_cursors_are_those_that_the_contexts_take(story: Story) -> None:
    taken = {context.private_topic: set(context.handlers) for context in story.contexts}
    assert {state: {topic.name for topic in inputs} for state, inputs in INPUTS.items()} == taken


def test_quiet_is_when_nothing_changes_for_a_while() -> None:
    assert wait_until_quiet(lambda: 1, quiet_seconds=0.05, timeout_seconds=5)
    numbers = iter(range(10_000))
    assert not wait_until_quiet(lambda: next(numbers), quiet_seconds=0.05, timeout_seconds=0.2)
