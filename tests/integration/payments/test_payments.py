"""Deposits and withdrawals by real workers on a real broker, with a provider that misbehaves over HTTP."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from bookstream import topics
from bookstream.clock import run_clock
from bookstream.faults.payments import Fault, PaymentSandbox, WebhookFault
from bookstream.local import CASHIER, LocalStack
from bookstream.outlet import Outlet
from bookstream.reading import events
from bookstream.settings import Settings
from connectors.payments.endpoint import PATH
from connectors.payments.messages import SIGNATURE_HEADER, Operation, Webhook
from connectors.payments.webhooks import header
from domain.events.payments import PaymentRefusal

pytestmark = [pytest.mark.broker, pytest.mark.slow]

SECRET = "the webhooks' own secret"
PATIENCE = 60


class Ran(msgspec.Struct):
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out.splitlines()[-1])


class Till:
    """The accounts' worker and the cashier, the provider, and the command line."""

    def __init__(self, stack: LocalStack, server: PaymentSandbox, variables: dict[str, str]) -> None:
        self.stack, self.server, self.variables = stack, server, variables

    def run(self, *argv: str) -> Ran:
        """Run a command in a process of its own."""
        given = {name: value for name, value in os.environ.items() if not name.startswith("BOOKSTREAM_")}
        done = subprocess.run(
            [sys.executable, "-m", "bookstream.cli", *argv, "--json"], capture_output=True, text=True, check=False,
            env={**given, "BOOKSTREAM_DATA_DIR": str(self.stack.data_dir), **self.variables}, timeout=120,
        )  # fmt: skip
        return Ran(done.returncode, done.stdout, done.stderr)

    def differences(self) -> list[str]:
        """Prove the money, while the clock goes on."""
        found = self.run("verify", "--without-history").json
        assert found["checked"]["payment as in the table"] > 0
        return [f"{each}" for each in found["differences"] if each["rule"] != "all input handled"]

    def refused(self) -> list[tuple[str, str]]:
        """Return what was refused, and why."""
        said = events(self.stack.bootstrap, topics.PAYMENT_REFUSALS.name, PaymentRefusal)
        return [(each.refused, each.code) for _, each in said]


@contextmanager
def served(server: PaymentSandbox) -> Iterator[None]:
    """Serve the provider from a thread."""
    up, loop, down = threading.Event(), asyncio.new_event_loop(), asyncio.Event()

    async def serve() -> None:
        async with server.open():
            up.set()
            await down.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert up.wait(5)
    try:
        yield
    finally:
        loop.call_soon_threadsafe(down.set)
        thread.join(10)
        loop.close()


@contextmanager
def ticking(stack: LocalStack) -> Iterator[None]:
    """Let time pass, and start again what is killed."""
    over = threading.Event()
    clock = threading.Thread(target=run_clock, args=(Outlet(stack.bootstrap, {}), over.is_set))
    watch = threading.Thread(target=stack.supervisor.watch, args=(over.is_set,))
    clock.start()
    watch.start()
    try:
        yield
    finally:
        over.set()
        clock.join(10)
        watch.join(10)


@pytest.fixture(scope="module")
def till(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Till]:
    """Start the workers, with a provider that is asked after soon."""
    data_dir: Path = tmp_path_factory.mktemp("till")
    rules = data_dir / "rules.toml"
    rules.write_text("[payments.patience]\nanswer_us = 3_000_000\nfirst_us = 300_000\nmost_us = 2_000_000\n")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = PaymentSandbox("secret-key", SECRET.encode(), webhook_url=f"http://127.0.0.1:{port}{PATH}")
    with served(server):
        variables = {
            "BOOKSTREAM_PAYMENTS_URL": server.url, "BOOKSTREAM_PAYMENTS_KEY": "secret-key",
            "BOOKSTREAM_PAYMENTS_WEBHOOK_SECRETS": SECRET, "BOOKSTREAM_PAYMENTS_WEBHOOK_PORT": str(port),
        }  # fmt: skip
        settings = Settings(data_dir=data_dir, rules=rules)
        contexts = ("accounts", CASHIER)
        with LocalStack(settings, leashed=True, contexts=contexts, env=variables) as stack, ticking(stack):
            yield Till(stack, server, variables)


def test_lost_answers_and_lost_webhooks_cost_time_and_no_money(till: Till) -> None:
    till.server.webhook_faults.extend([WebhookFault.NEVER, WebhookFault.TWICE, WebhookFault.LATE])
    till.server.faults.extend([Fault.LOST_ANSWER, Fault.LOST_REQUEST, Fault.CUT, Fault.GARBAGE, None, Fault.FAILED])
    ran = till.run("pay", "deposit", "ann", "100.00", "--wait", str(PATIENCE))
    assert (ran.code, ran.json["status"]) == (0, "CAPTURED"), ran.err
    till.server.faults.extend([Fault.LOST_ANSWER] * 3)
    ran = till.run("pay", "withdraw", "ann", "40.00", "--wait", str(PATIENCE))
    assert (ran.code, ran.json["status"]) == (0, "PAID"), ran.err
    assert till.differences() == []


def test_an_outage_and_a_kill_in_the_middle_of_it_lose_nothing(till: Till) -> None:
    assert till.run("pay", "deposit", "ben", "10.00", "--wait", str(PATIENCE)).code == 0
    till.server.down = True
    ran = till.run("pay", "withdraw", "ben", "4.00", "--payment-id", "w1", "--wait", "2")
    assert (ran.code, ran.json["status"]) == (3, "PAYING"), ran.err
    till.stack.supervisor.kill(CASHIER)
    till.stack.supervisor.kill("accounts")
    till.server.down = False
    deadline = time.monotonic() + PATIENCE
    while (ran := till.run("pay", "withdraw", "ben", "4.00", "--payment-id", "w1")).code == 3:
        assert time.monotonic() < deadline, ran.err
    assert (ran.code, ran.json["status"]) == (0, "PAID"), ran.err
    assert till.server.book.kept["ben/w1/payout"].times == 1
    ran = till.run("pay", "reconcile")
    assert (ran.code, ran.json["unexplained_minor"]) == (0, {"GBP": 0}), ran.out
    assert till.differences() == []


def test_what_is_forged_or_somebody_else_s_changes_nothing_and_is_written_down(till: Till) -> None:
    paid = Operation(key="cat/d1/capture", status="succeeded", amount=10**9, currency="GBP")
    body = msgspec.json.encode(Webhook(id="ev-forged", data=paid))
    forged = header(int(time.time()), body, b"the secret of somebody else")
    answer = httpx.post(till.server.webhook_url, content=body, headers={SIGNATURE_HEADER: forged})
    assert (answer.status_code, answer.json()) == (401, {"error": "SIGNATURE_WRONG"})
    token = till.stack.data_dir / "dan.token"
    token.write_text(till.stack.signer().mint("dan", issued_at=0, expires_at=4_000_000_000_000_000))
    ran = till.run("pay", "deposit", "cat", "1.00", "--token", str(token))
    assert (ran.code, ran.json["code"]) == (1, "TOKEN_OTHER_CUSTOMER"), ran.err
    assert {("WEBHOOK", "SIGNATURE_WRONG"), ("REQUEST", "TOKEN_OTHER_CUSTOMER")} <= set(till.refused())
    assert not any(key.startswith("cat/") for key in till.server.book.kept)


def test_what_the_provider_did_twice_is_found(till: Till) -> None:
    till.server.faults.extend([None, Fault.DOUBLED])
    assert till.run("pay", "deposit", "eve", "7.00", "--payment-id", "p1", "--wait", str(PATIENCE)).code == 0
    ran = till.run("pay", "reconcile")
    assert ran.code == 1
    assert [each["class"] for each in ran.json["differences"]] == ["DUPLICATE_AT_PROVIDER"]
    till.server.book.kept["eve/p1/capture"].times = 1
    assert till.run("pay", "reconcile").code == 0
