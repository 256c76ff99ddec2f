"""`bookstream ledger`: what it proves of a log in memory, and what it says of a ledger to which something was done."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bookstream import topics
from bookstream.codecs import decode, encode
from bookstream.delivery.api import Record
from bookstream.money.signing import CheckpointSigner
from bookstream.partitioner import partition_for
from domain.events.betting import LedgerCheckpoint, LedgerEntry
from domain.money.chain import link, start
from tests.unit.bookstream.proof.story import NOW, SECOND, START, Story, told
from tests.unit.cli.conftest import Run

PARTITION = partition_for(b"ann", topics.PARTITIONS)
Change = Callable[[list[Record]], list[Record]]


@pytest.fixture(scope="module")
def story() -> Story:
    """Tell the story; ann bets once more after all was signed."""
    story = told()
    story.transfer("ann", 77, "after")
    story.log.run()
    return story


class Log:
    """The story's log, with whatever is done to it."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.changes: dict[str, Change] = {}

    def __call__(self, topic: str, partition: int) -> Iterator[Record]:
        records = list(self.story.partition(topic, partition))
        change = self.changes.get(topic) if partition == PARTITION else None
        return iter(change(records) if change else records)


@pytest.fixture
def log(environment: pytest.MonkeyPatch, story: Story, tmp_path: Path) -> Log:
    """Read the story instead of a broker; the key that signed it is the data directory's."""
    log = Log(story)

    class Reader:
        def __init__(self, *_: Any) -> None:
            pass

        def __enter__(self) -> Log:
            return log

        def __exit__(self, *_: object) -> None:
            pass

    environment.setenv("BOOKSTREAM_KAFKA", "memory:1")
    environment.setattr("bookstream.cli.ledger.PartitionReader", Reader)
    story.ledger.write(tmp_path / "data/ledger.private.pem", tmp_path / "data/ledger.public.pem")
    return log


def altered(n: int, **fields: Any) -> Change:
    """Change the n-th entry."""

    def change(records: list[Record]) -> list[Record]:
        entry = msgspec.structs.replace(decode(LedgerEntry, records[n].value or b""), **fields)
        return [*records[:n], msgspec.structs.replace(records[n], value=encode(entry)), *records[n + 1 :]]

    return change


def rewritten(records: list[Record]) -> list[Record]:
    """Write the whole chain anew, without its second entry."""
    tip, again = start(PARTITION), []
    for record in records[:1] + records[2:]:
        linked, tip = link(decode(LedgerEntry, record.value or b""), tip)
        again.append(msgspec.structs.replace(record, value=encode(linked)))
    return again


def fault(run: Run, *options: str) -> dict[str, Any]:
    ran = run("ledger", "verify", *options, "--json")
    assert (ran.code, ran.json["ok"]) == (1, False)
    (found,) = [each["fault"] for each in ran.json["partitions"] if each["fault"]]
    return dict(found)


def test_a_whole_ledger_is_proved_and_how_far_it_is_signed_is_said(run: Run, log: Log) -> None:
    ran = run("ledger", "verify", "--json")
    assert (ran.code, ran.json["ok"], ran.json["trusted"]) == (0, True, [log.story.ledger.key_id])
    entries = log.story.said(topics.LEDGER, LedgerEntry)
    assert ran.json["entries"] == len(entries)
    found = ran.json["partitions"][PARTITION]
    mine = [each for each in entries if partition_for(each.customer_id.encode(), topics.PARTITIONS) == PARTITION]
    assert (found["last"], found["signed"], found["unsigned"]) == (len(mine) - 1, len(mine) - 2, 1)
    assert found["signed_at"] == datetime.fromtimestamp((NOW + 30 * SECOND) / SECOND, UTC).isoformat()
    shown = run("ledger", "verify").out
    assert f"proved: {len(entries)} entries of 8 partitions" in shown
    assert "entries are linked and not under a signature yet" in shown
    assert run("ledger", "verify", "--signed").code == 1


@pytest.mark.parametrize("n", range(3))
@pytest.mark.parametrize(
    "fields", [{"reference": "x"}, {"postings": ()}, {"previous": b"\0" * 32}, {"provider": "x"}, {"received_at": 1}]
)
def test_a_changed_entry_is_named(run: Run, log: Log, n: int, fields: dict[str, Any]) -> None:
    log.changes[topics.LEDGER.name] = altered(n, **fields)
    entry = decode(LedgerEntry, list(log.story.partition(topics.LEDGER.name, PARTITION))[n].value or b"")
    found = fault(run)
    assert (found["kind"], found["sequence"], found["entry_id"]) == ("CHANGED", n, entry.entry_id)
    assert f"entry {n}, {entry.entry_id}: " in run("ledger", "verify").out


def test_bytes_that_are_no_entry_and_keys_of_others_are_named(run: Run, log: Log) -> None:
    def cut(records: list[Record]) -> list[Record]:
        return [records[0], msgspec.structs.replace(records[1], value=(records[1].value or b"")[:-1]), *records[2:]]

    def handed_over(records: list[Record]) -> list[Record]:
        return [records[0], msgspec.structs.replace(records[1], key=b"eve"), *records[2:]]

    for change, said in ((cut, "offset 1: not a LedgerEntry"), (handed_over, "its key is not its customer_id")):
        log.changes[topics.LEDGER.name] = change
        found = fault(run)
        assert (found["kind"], found["sequence"]) == ("CHANGED", 1)
        assert said in found["said"]


def test_what_is_missing_is_named(run: Run, log: Log) -> None:
    log.changes[topics.LEDGER.name] = lambda records: records[:1] + records[2:]
    assert (fault(run)["kind"], fault(run)["sequence"]) == ("REMOVED", 1)
    log.changes[topics.LEDGER.name] = lambda records: records[:-2]
    end = len(list(log.story.partition(topics.LEDGER.name, PARTITION))) - 2
    assert (fault(run)["kind"], fault(run)["sequence"]) == ("REMOVED", end)


def test_a_ledger_written_anew_or_signed_by_another_is_found(run: Run, log: Log) -> None:
    log.changes[topics.LEDGER.name] = rewritten
    assert fault(run)["kind"] in {"REWRITTEN", "REMOVED", "CHANGED"}
    del log.changes[topics.LEDGER.name]
    log.changes[topics.LEDGER_CHECKPOINTS.name] = lambda records: [
        *records, msgspec.structs.replace(records[0], value=b"x")
    ]  # fmt: skip
    assert "not signed by the house" in fault(run)["said"]
    other = CheckpointSigner.generate().public_key.public_bytes_raw().hex()
    del log.changes[topics.LEDGER_CHECKPOINTS.name]
    ran = run("ledger", "verify", "--key", other)
    assert ran.code == 1
    assert "CHECKPOINT" in ran.out


def test_entries_of_before_the_chain_are_reported(run: Run, log: Log) -> None:
    def older(records: list[Record]) -> list[Record]:
        entry = msgspec.structs.replace(decode(LedgerEntry, records[0].value or b""), sequence=-1, previous=b"")
        return [msgspec.structs.replace(records[0], value=encode(entry))] * 3 + records

    log.changes[topics.LEDGER.name] = older
    ran = run("ledger", "verify", "--json")
    assert (ran.code, ran.json["partitions"][PARTITION]["unchained"]) == (0, 3)
    assert "3 entries are of before there was a chain" in run("ledger", "verify").out
    log.changes[topics.LEDGER.name] = lambda records: [*records, older(records)[0]]
    assert fault(run)["kind"] == "INSERTED"


def test_what_was_proved_before_must_still_be_there(run: Run, log: Log, tmp_path: Path) -> None:
    noted = tmp_path / "noted.json"
    noted.write_text("a line before\n" + run("ledger", "verify", "--json").out)
    assert run("ledger", "verify", "--noted", str(noted)).code == 0
    # Whoever takes away entries and checkpoints leaves a chain that is sound by itself.
    log.changes[topics.LEDGER.name] = lambda records: records[:1]
    log.changes[topics.LEDGER_CHECKPOINTS.name] = lambda _: []
    assert run("ledger", "verify").code == 0
    assert (fault(run, "--noted", str(noted))["kind"], fault(run, "--noted", str(noted))["sequence"]) == ("REMOVED", 1)
    log.changes[topics.LEDGER.name] = rewritten
    noted.write_text(json.dumps({"partitions": [
        {"partition": PARTITION, "last": 0, "hash": "00" * 32, "previous": ""}]}))  # fmt: skip
    assert fault(run, "--noted", str(noted))["kind"] == "REWRITTEN"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is not what"),
        ("[]", "is not what"),
        ('{"partitions": [{"partition": 0, "last": 1, "hash": "zz", "previous": ""}]}', "is not what"),
        ('{"partitions": [{"partition": 0, "last": 1, "hash": "00", "previous": ""}]}', "64 hexadecimal digits"),
        (
            json.dumps({"partitions": [{"partition": 0, "last": 1, "hash": "00" * 32, "previous": "", "fault": {}}]}),
            "it proves nothing",
        ),
    ],
)
@pytest.mark.usefixtures("log")
def test_notes_that_are_none_exit_2(run: Run, tmp_path: Path, content: str, said: str) -> None:
    noted = tmp_path / "noted.json"
    noted.write_text(content)
    ran = run("ledger", "verify", "--noted", str(noted))
    assert ran.code == 2
    assert said in ran.sentence
    assert run("ledger", "verify", "--noted", str(tmp_path / "none")).code == 2


def test_without_a_key_nothing_is_proved(run: Run, log: Log, tmp_path: Path, environment: pytest.MonkeyPatch) -> None:
    (tmp_path / "data/ledger.public.pem").rename(tmp_path / "pinned.pem")
    ran = run("ledger", "verify")
    assert ran.code == 2
    assert "no public key at" in ran.sentence
    environment.setenv("BOOKSTREAM_LEDGER_PUBLIC_KEYS", str(tmp_path / "pinned.pem"))
    assert run("ledger", "verify").code == 0
    assert log.story.ledger.key_id in run("ledger", "verify", "--json").json["trusted"]
    for bad in ("x.pem", str(tmp_path / "data/ledger.private.pem"), ","):
        assert run("ledger", "verify", "--key", bad).code == 2


def test_without_a_broker_it_exits_3(run: Run, nobody: str, tmp_path: Path) -> None:
    run("ledger", "new-key", str(tmp_path / "data"))
    ran = run("ledger", "verify")
    assert ran.code == 3, nobody


@pytest.mark.usefixtures("log")
def test_balances_are_shown_as_of_any_instant(run: Run) -> None:
    now = run("ledger", "balances", "ann", "--json").json
    assert now["currency"] == ["GBP"]
    assert sum(now["balances"].values()) == 0
    assert now["balances"]["house:bank"] == -1_000_077
    later = datetime.fromtimestamp(START / SECOND + 1, UTC).isoformat()
    assert "customer:ann:cash" in run("ledger", "balances", "ann", "--at", later).out
    early = run("ledger", "balances", "ann", "--at", "2001-01-01", "--json")
    assert (early.code, early.json["balances"]) == (1, {})
    assert "no entry of ann up to 2001-01-01" in early.sentence
    assert run("ledger", "balances", "ann", "--at", "soon").code == 2
    assert run("ledger", "balances", "[/nobody]").code == 1


def test_balances_at_an_instant_leave_out_what_came_later(run: Run, log: Log) -> None:
    entries = [each for each in log.story.said(topics.LEDGER, LedgerEntry) if each.customer_id == "ann"]
    instants = sorted({each.occurred_at for each in entries})
    assert len(instants) > 1
    for at in instants:
        text = datetime.fromtimestamp(at / SECOND, UTC).isoformat()
        shown = run("ledger", "balances", "ann", "--at", text, "--json").json
        assert shown["entries"] == sum(each.occurred_at <= at for each in entries)


def test_a_key_is_made_once(run: Run, tmp_path: Path) -> None:
    made = run("ledger", "new-key", "--json")
    assert made.code == 0
    assert (tmp_path / "data/ledger.private.pem").stat().st_mode & 0o777 == 0o600
    assert CheckpointSigner.from_setting(made.json["private"]).key_id == made.json["key_id"]
    assert run("ledger", "new-key").code == 2
    assert "signs" in run("ledger", "new-key", "elsewhere").out


def test_every_checkpoint_of_the_story_is_of_its_partition(story: Story) -> None:
    said = story.said(topics.LEDGER_CHECKPOINTS, LedgerCheckpoint)
    assert {each.partition for each in said} >= {PARTITION}
    for partition in range(topics.PARTITIONS):
        for record in story.partition(topics.LEDGER_CHECKPOINTS.name, partition):
            assert decode(LedgerCheckpoint, record.value or b"").partition == partition
            assert record.key == str(partition).encode()
