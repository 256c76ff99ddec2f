"""A sandbox payment provider as a real HTTP server, which does what bad providers do."""

import asyncio
import datetime as dt
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from urllib.parse import parse_qs, urlsplit

import httpx
import msgspec

from bookstream.faults.payment_book import PaymentBook, Reused
from bookstream.faults.web import Answer, Request, WebServer
from connectors.payments.messages import KEY_REUSED, NO_SUCH_KEY, SIGNATURE_HEADER, Operation, Order, Refusal, Webhook
from connectors.payments.sandbox import OPERATIONS, PATHS, STATEMENT
from connectors.payments.webhooks import header
from connectors.raw import wall_clock
from domain.money.payment_terms import Outcome, Verb

VERBS: Final = {path: verb for verb, path in PATHS.items()}
HTML: Final = b"<html><body>502 Bad Gateway</body></html>"
JSON: Final = {"content-type": "application/json"}
TOO_OLD_S: Final = 3_600
MOST_TRIES: Final = 8


class Fault(StrEnum):
    """What may be wrong with a request: it is done, save in those of `UNDONE`."""

    LOST_REQUEST = "the request is lost, nothing is done"
    REFUSED = "503, nothing is done"
    THROTTLED = "429, nothing is done"
    MISLED = "404 of a proxy, nothing is done"
    LOST_ANSWER = "done, the connection is reset"
    SILENT = "done, never answered"
    LATE = "done, answered too late"
    CUT = "done, the answer is cut"
    GARBAGE = "done, the answer is garbage"
    FAILED = "done, answered with 500"
    OTHER = "done, the answer is another request's"
    PENDING = "pending"
    DECLINED = "declined"
    DOUBLED = "done twice"


UNDONE: Final = frozenset({Fault.LOST_REQUEST, Fault.REFUSED, Fault.THROTTLED, Fault.MISLED})
OUTCOMES: Final[dict[Fault | None, Outcome]] = {Fault.PENDING: Outcome.PENDING, Fault.DECLINED: Outcome.DECLINED}


class WebhookFault(StrEnum):
    """What may be wrong with a webhook."""

    NEVER = "never sent"
    TWICE = "sent twice"
    LATE = "sent late"
    AFTER_THE_NEXT = "sent after the next one"
    EXPIRED = "signed long ago"
    FORGED = "signed by another"
    CHANGED = "changed after it was signed"


@dataclass
class PaymentSandbox:
    """The provider: `faults` befall the next requests, `webhook_faults` the next webhooks; None among them is none.

    While it is `down` it answers 503. `book` holds what it has done, and its statement is the truth.
    """

    key: str
    secret: bytes
    webhook_url: str = ""
    now: Callable[[], int] = wall_clock
    late_s: float = 0.5
    retry_s: float = 0.05
    down: bool = False
    book: PaymentBook = field(default_factory=PaymentBook)
    faults: deque[Fault | None] = field(default_factory=deque)
    webhook_faults: deque[WebhookFault | None] = field(default_factory=deque)
    requests: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""
    _events: int = 0
    _held: list[bytes] = field(default_factory=list)
    _tasks: set["asyncio.Task[None]"] = field(default_factory=set)

    @asynccontextmanager
    async def open(self) -> AsyncIterator["PaymentSandbox"]:
        """Serve until the block ends."""
        async with WebServer(self._answer).open() as web:
            self.url = web.url
            try:
                yield self
            finally:
                for task in list(self._tasks):
                    task.cancel()
                await asyncio.gather(*self._tasks, return_exceptions=True)

    def finish(self, key: str, outcome: Outcome) -> None:
        """Decide what was pending or return what was paid, and tell it."""
        self._tell(self.book.finish(key, outcome, self.now()))

    def tell(self, key: str) -> None:
        """Tell again, as a new event, what became of an order."""
        self._tell(self.book.told(key))

    async def told(self) -> None:
        """Wait until every webhook has been taken, or been given up."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _answer(self, request: Request) -> Answer:
        address = urlsplit(request.address)
        self.requests.append((request.method, address.path))
        if request.headers.get("authorization") != f"Bearer {self.key}":
            return _said(401, Refusal("unauthorised"))
        fault = self.faults.popleft() if self.faults else None
        if self.down or fault in UNDONE:
            return _undone(fault)
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        if request.method == "POST" and address.path in VERBS:
            answer = self._do(VERBS[address.path], request, fault)
        elif request.method == "GET" and address.path == OPERATIONS:
            answer = self._query(query.get("key", ""))
        elif request.method == "GET" and address.path == STATEMENT:
            answer = self._state(query.get("day", ""))
        else:
            answer = _said(405, Refusal("no_such_operation"))
        return self._spoilt(answer, fault)

    def _do(self, verb: Verb, request: Request, fault: Fault | None) -> Answer:
        try:
            order = msgspec.json.decode(request.body, type=Order)
        except msgspec.DecodeError:
            return _said(400, Refusal("bad_request"))
        if request.headers.get("idempotency-key") != order.key or order.amount == 0:
            return _said(422, Refusal("bad_order"))
        is_new = order.key not in self.book.kept
        try:
            operation = self.book.take(verb, order, self.now(), OUTCOMES.get(fault, Outcome.DONE))
        except Reused:
            return _said(409, Refusal(KEY_REUSED))
        if is_new and operation.status != "pending":
            self._tell(operation)
        if fault is Fault.DOUBLED:
            self.book.kept[order.key].times = 2
        return _said(200, operation)

    def _query(self, key: str) -> Answer:
        if key not in self.book.kept:
            return _said(404, Refusal(NO_SUCH_KEY))
        return _said(200, self.book.told(key))

    def _state(self, day: str) -> Answer:
        try:
            return _said(200, self.book.statement(dt.date.fromisoformat(day)))
        except ValueError:
            return _said(400, Refusal("bad_day"))

    def _spoilt(self, answer: Answer, fault: Fault | None) -> Answer:
        """Let a fault befall an answer."""
        match fault:
            case Fault.LOST_ANSWER:
                answer.reset = True
            case Fault.SILENT:
                answer.silent = True
            case Fault.LATE:
                answer.delay_s = self.late_s
            case Fault.CUT:
                answer.cut = len(answer.body) // 2
            case Fault.GARBAGE:
                answer = Answer(200, HTML)
            case Fault.FAILED:
                answer = Answer(500, HTML)
            case Fault.OTHER:
                other = Operation(key="somebody/else/capture", status="succeeded", amount=1, currency="XXX")
                answer = _said(200, other)
        return answer

    def _tell(self, operation: Operation) -> None:
        """Send a webhook, as well as its fault lets it."""
        if not self.webhook_url:
            return
        fault = self.webhook_faults.popleft() if self.webhook_faults else None
        self._events += 1
        body = msgspec.json.encode(Webhook(id=f"ev-{self._events}", data=operation))
        if fault is WebhookFault.AFTER_THE_NEXT:
            self._held.append(body)
            return
        if fault is not WebhookFault.NEVER:
            task = asyncio.create_task(self._deliver([body, *self._held], fault))
            self._held.clear()
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _deliver(self, bodies: list[bytes], fault: WebhookFault | None) -> None:
        """Send webhooks one after the other, each until it is taken."""
        if fault is WebhookFault.LATE:
            await asyncio.sleep(self.late_s)
        for body in bodies * (2 if fault is WebhookFault.TWICE else 1):
            at_s = self.now() // 1_000_000 - (TOO_OLD_S if fault is WebhookFault.EXPIRED else 0)
            secret = b"the secret of somebody else" if fault is WebhookFault.FORGED else self.secret
            signature = header(at_s, body, secret)
            sent = body.replace(b'"amount":', b'"amount":9') if fault is WebhookFault.CHANGED else body
            await self._post(sent, {SIGNATURE_HEADER: signature} | JSON)

    async def _post(self, body: bytes, headers: dict[str, str]) -> None:
        async with httpx.AsyncClient(timeout=5.0) as client:
            for _ in range(MOST_TRIES):
                try:
                    response = await client.post(self.webhook_url, content=body, headers=headers)
                except httpx.HTTPError:
                    await asyncio.sleep(self.retry_s)
                    continue
                if response.status_code < 500:
                    return
                await asyncio.sleep(self.retry_s)


def _undone(fault: Fault | None) -> Answer:
    """Answer a request that the provider does not get, or does not take."""
    match fault:
        case Fault.LOST_REQUEST:
            return Answer(reset=True)
        case Fault.THROTTLED:
            return Answer(429, b"", {"retry-after": "0"})
        case Fault.MISLED:
            return Answer(404, HTML)
    return Answer(503, HTML)


def _said(status: int, body: msgspec.Struct) -> Answer:
    return Answer(status, msgspec.json.encode(body), dict(JSON))
