"""The ledger of real workers on a real broker: proved from its topic and from history; one changed byte is named."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from confluent_kafka import Producer

from bookstream import topics
from bookstream.codecs import encode
from bookstream.history import history_dsn
from bookstream.lag import lag
from bookstream.local import LocalStack
from bookstream.reading import events, read
from bookstream.settings import Settings
from domain.events.betting import LedgerCheckpoint, LedgerEntry, WalletTransfer
from domain.events.feeds import ClockTick
from sinks.clickhouse.client import ClickHouse

pytestmark = [pytest.mark.broker, pytest.mark.slow]

PATIENCE = 60
SECOND = 1_000_000
START = 1_790_000_000 * SECOND
CUSTOMERS = ("ann", "ben", "cat", "dan", "eve")
EACH = 40


class Ran(msgspec.Struct):
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out.splitlines()[-1])


class House:
    """The running system, and its command line."""

    def __init__(self, stack: LocalStack) -> None:
        self.stack = stack
        self.bootstrap = stack.bootstrap

    def pay(self, first: int, count: int) -> None:
        """Move every customer's money so many times."""
        producer = Producer({"bootstrap.servers": self.bootstrap, "partitioner": "murmur2_random"})
        for n in range(first, first + count):
            for customer in CUSTOMERS:
                transfer = WalletTransfer(
                    event_id=f"{customer}-t{n}", occurred_at=START, received_at=START, provider="cashier",
                    transfer_id=f"t{n}", customer_id=customer, currency="GBP", amount_minor=1000 + n, reason="",
                )  # fmt: skip
                producer.produce(topics.TRANSFERS.name, encode(transfer), customer.encode())
        assert producer.flush(30) == 0
        self._wait()

    def tick(self, seconds: int) -> None:
        """Let it be so many seconds after the start."""
        at, producer = START + seconds * SECOND, Producer({"bootstrap.servers": self.bootstrap})
        tick = ClockTick(event_id=f"c{at}", occurred_at=at, received_at=at, provider="clock")
        for partition in range(topics.PARTITIONS):
            producer.produce(topics.CLOCK.name, encode(tick), b"clock", partition)
        assert producer.flush(30) == 0
        self._wait()

    def _wait(self) -> None:
        """Wait until accounts has handled all, and start again what was killed."""
        deadline = time.monotonic() + PATIENCE
        while behind := [place for place in lag(self.bootstrap) if place[0] == "accounts"]:
            assert time.monotonic() < deadline, behind
            self.stack.supervisor.tick()
            time.sleep(0.2)

    def run(self, *argv: str, **variables: str) -> Ran:
        """Run a command in a process of its own."""
        given = {name: value for name, value in os.environ.items() if not name.startswith("BOOKSTREAM_")}
        env = {**given, "BOOKSTREAM_DATA_DIR": str(self.stack.data_dir), **variables}
        argv = (sys.executable, "-m", "bookstream.cli", "ledger", *argv, "--json")
        done = subprocess.run(argv, capture_output=True, text=True, check=False, env=env, timeout=120)
        return Ran(done.returncode, done.stdout, done.stderr)

    def in_history(self, entries: int) -> Ran:
        """Prove from history, once it has so many entries and all is signed."""
        deadline = time.monotonic() + PATIENCE
        while True:
            ran = self.run("verify", "--history", "--signed")
            if (ran.code == 0 and ran.json["entries"] >= entries) or time.monotonic() > deadline:
                return ran
            time.sleep(0.5)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Start the system, move money, sign, and kill the accounts' worker on the way."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("house"), sink_batch_seconds=0.2)
    with LocalStack(settings, leashed=True, contexts=("accounts", "history")) as stack:
        house = House(stack)
        house.pay(0, EACH // 2)
        house.tick(1)
        stack.supervisor.kill("accounts")
        house.pay(EACH // 2, EACH // 2)
        house.tick(100)
        yield house


def test_the_ledger_is_proved_from_its_topic_over_a_kill(house: House) -> None:
    ran = house.run("verify", "--signed")
    assert ran.code == 0, (ran.out, ran.err)
    assert ran.json["entries"] == EACH * len(CUSTOMERS)
    assert {each["unchained"] for each in ran.json["partitions"]} == {0}
    assert sum(each["checkpoints"] for each in ran.json["partitions"]) >= 2
    said = [each for _, each in events(house.bootstrap, topics.LEDGER_CHECKPOINTS.name, LedgerCheckpoint)]
    assert {each.key_id for each in said} == set(ran.json["trusted"])


def test_balances_are_those_of_the_entries(house: House) -> None:
    paid = sum(1000 + n for n in range(EACH))
    assert house.run("balances", "ann").json["balances"] == {"customer:ann:cash": paid, "house:bank": -paid}


def test_one_byte_changed_in_history_is_found_and_named(house: House, tmp_path: Path) -> None:
    """Prove, let history go, and change one byte in what it left; the auditor has a copy of the key."""
    key = house.stack.data_dir / "ledger.public.pem"
    pinned = tmp_path / "pinned.pem"
    pinned.write_bytes(key.read_bytes())
    ran = house.in_history(EACH * len(CUSTOMERS))
    assert ran.code == 0, (ran.out, ran.err)
    noted = tmp_path / "noted.json"
    noted.write_text(ran.out)
    victim = [each for _, each in events(house.bootstrap, topics.LEDGER.name, LedgerEntry)][7]
    count = len(list(read(house.bootstrap, [topics.LEDGER.name])))
    house.stack.supervisor.stop("history")

    offline = ("verify", "--history", "--key", str(pinned), "--noted", str(noted))
    whole = house.run(*offline)
    assert (whole.code, whole.json["entries"]) == (0, count), whole.err
    database = ClickHouse(history_dsn(house.stack.settings))
    database.do(
        "ALTER TABLE ledger_entries UPDATE reference = concat('u', substring(reference, 2)) "
        f"WHERE entry_id = '{victim.entry_id}' SETTINGS mutations_sync = 1"
    )
    database.close()
    ran = house.run(*offline)
    assert (ran.code, ran.json["ok"]) == (1, False)
    (fault,) = [each["fault"] for each in ran.json["partitions"] if each["fault"]]
    assert (fault["kind"], fault["sequence"], fault["entry_id"]) == ("CHANGED", victim.sequence, victim.entry_id)
