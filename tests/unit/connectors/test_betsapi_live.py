"""BetsAPI live: under the contract of connectors, and what its refusals and its hourly rate lead to."""

import asyncio
import json
import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.betsapi.connector import BetsApi
from connectors.betsapi.live import BetsApiOptions, ended, inplay, merges, odds, upcoming
from connectors.betsapi.parser import parse_message
from connectors.contract import Position
from connectors.resilience.limits import Backoff
from connectors.resilience.web import SECOND
from domain.errors import Misconfigured
from domain.events.feeds import RawMessage
from tests.unit.connectors import betsapi_samples as samples
from tests.unit.connectors.contract_suite import ConnectorContract, messages_of, states_of

Reply = Callable[[httpx.Request], httpx.Response]
NOW = 1_700_000_000 * SECOND
"""13:20 past a full hour."""


class Clock:
    """A clock that moves on only when it is slept on."""

    def __init__(self) -> None:
        self.now_us = NOW
        self.slept: list[float] = []

    @property
    def given(self) -> dict[str, Any]:
        return {"now": self.now, "monotonic": self.now, "sleep": self.sleep}

    def now(self) -> int:
        return self.now_us

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now_us += int(seconds * SECOND)


@pytest.fixture
def clock() -> Clock:
    """Let polling wait in no time."""
    return Clock()


def options(answer: Reply, **changes: Any) -> BetsApiOptions:
    """Give options that ask a function instead of the provider, with waits short enough for a test."""
    settings: dict[str, Any] = {
        "key": "secret-token",
        "endpoints": (inplay(every_s=0.001),),
        "transport": httpx.MockTransport(answer),
        "backoff": Backoff(initial_s=0.01, maximum_s=0.02, jitter_s=0.0, attempts=3),
    }
    return BetsApiOptions(**(settings | changes))


def replies(responses: Iterable[httpx.Response]) -> Reply:
    """Answer with one response after the other, then with the last for ever."""
    waiting = list(responses)

    def reply(request: httpx.Request) -> httpx.Response:
        given = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return httpx.Response(given.status_code, headers=given.headers, content=given.content)

    return reply


def ok(content: bytes, **headers: str) -> httpx.Response:
    """Make an answer with headers of the rate."""
    return httpx.Response(200, content=content, headers={f"X-RateLimit-{name}": each for name, each in headers.items()})


def refusal(error: str, status: int = 200) -> httpx.Response:
    return httpx.Response(status, content=json.dumps({"success": 0, "error": error}).encode())


async def take(connector: BetsApi, count: int, items: list[Any] | None = None) -> list[Any]:
    """Return so many items of a live feed."""
    items = [] if items is None else items
    async with aclosing(connector.live()) as live:
        async for item in live:
            items.append(item)
            if len(items) == count:
                break
    return items


class TestLiveBetsApi(ConnectorContract):
    """Answers to polls."""

    provider = "betsapi"
    recorded = False

    @property
    def payloads(self) -> list[bytes]:
        return samples.inplay_answers()

    def parse(self, message: RawMessage) -> object:
        return parse_message(message)

    async def play(
        self,
        tmp_path: Path,
        payloads: Sequence[bytes],
        *,
        position: Position | None = None,
        cut_after: int | None = None,
    ) -> list[RawMessage]:
        waiting = list(payloads[position.next_sequence if position else 0 :])
        total, breaks = len(waiting), 1 if cut_after else 0

        def reply(request: httpx.Request) -> httpx.Response:
            nonlocal breaks
            if breaks and cut_after is not None and len(waiting) == total - cut_after:
                breaks -= 1
                raise httpx.ReadError("the connection broke")
            return httpx.Response(200, content=waiting.pop(0) if waiting else payloads[-1])

        items: list[object] = []
        async with aclosing(BetsApi(options(reply)).live(position=position)) as live:
            async for item in live:
                items.append(item)
                if len(messages_of(items)) == total:
                    break
        return messages_of(items)

    async def refused(self, tmp_path: Path) -> list[object]:
        live = BetsApi(options(lambda _: refusal("AUTHORIZE_FAILED"))).live()
        return [item async for item in live]

    async def read_ahead(self, tmp_path: Path) -> int:
        waiting = samples.inplay_answers(60) * 10
        polls = 0

        def reply(request: httpx.Request) -> httpx.Response:
            nonlocal polls
            polls += 1
            return httpx.Response(200, content=waiting[polls])

        received: list[object] = []
        connector = BetsApi(options(reply, queue_size=self.queue_size))
        async with aclosing(connector.live()) as live:
            async for item in live:
                received.append(item)
                if len(messages_of(received)) == 1:
                    await asyncio.sleep(0.2)
                    break
        assert connector.depth.waits > 0
        return polls - 1


async def test_the_token_is_sent_in_a_header_and_shown_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    asked: list[httpx.Request] = []

    def reply(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, content=samples.inplay_answers()[len(asked) % 10])

    given = options(reply)
    items = await take(BetsApi(given), 4)

    assert asked[0].headers["x-api-token"] == "secret-token"
    assert asked[0].url.path == "/v1/events/inplay"
    assert "secret" not in repr(given) + repr(items) + caplog.text + str(asked[0].url)
    assert messages_of(items)[0].endpoint == "/v1/events/inplay?sport_id=1"


async def test_a_clock_that_runs_is_no_news_but_its_next_minute_is() -> None:
    polls = [samples.event(timer={"tm": tm, "ts": ts}) for tm, ts in ((41, 4), (41, 44), (42, 1))]

    items = await take(BetsApi(options(replies([ok(samples.answer([each])) for each in polls]))), 5)

    assert [m.payload for m in messages_of(items)] == [samples.answer([polls[0]]), samples.answer([polls[2]])]
    assert ("UP", "heartbeat") in states_of(items)


async def test_a_list_is_true_when_it_is_answered_and_a_history_at_its_newest_state(clock: Clock) -> None:
    history = samples.odds(m1_1=[samples.row(1), samples.row(2)])
    given = options(replies([ok(samples.answer([samples.event()])), ok(history)]), **clock.given)

    listed, told = messages_of(await take(BetsApi(given), 4))

    assert listed.occurred_at == listed.received_at
    assert told.occurred_at == (samples.BEGAN + 120) * SECOND


async def test_the_requests_of_an_hour_are_made_to_last(clock: Clock) -> None:
    # 100 requests left for the 2,400 s until the reset that the header names.
    reset = str(NOW // SECOND + 2_400)
    given = options(
        replies([ok(samples.answer([]), Limit="3600", Remaining="100", Reset=reset)]),
        **clock.given, endpoints=(inplay(every_s=1),),
    )  # fmt: skip
    connector = BetsApi(given)

    await take(connector, 4)

    assert next(seconds for seconds in clock.slept if seconds > 0) == pytest.approx(24.0)
    assert (connector.counts.quota.remaining, connector.counts.quota.used) == (100, 3_500)


async def test_an_ample_rate_does_not_slow_down(clock: Clock) -> None:
    endpoints = (inplay(every_s=60), upcoming(every_s=60), ended(every_s=60), merges(every_s=60), odds("1", every_s=60))
    given = options(replies([ok(samples.answer([]), Remaining="3600")]), **clock.given, endpoints=endpoints)

    await take(BetsApi(given), 10)

    assert {seconds for seconds in clock.slept if seconds > 0} == {60.0}


async def test_a_spent_hour_is_waited_for(clock: Clock) -> None:
    spent = refusal("TOO_MANY_REQUESTS", 429)
    spent.headers["X-RateLimit-Reset"] = str(NOW // SECOND + 1_000)

    items = await take(BetsApi(options(replies([spent, ok(samples.answer([]))]), **clock.given)), 4)

    assert states_of(items) == [("DOWN", "ended"), ("DOWN", "refused"), ("UP", "connected")]
    assert next(seconds for seconds in clock.slept if seconds > 0) == 1_000.0


async def test_too_many_requests_hold_all_polls_for_as_long_as_asked(clock: Clock) -> None:
    slow = httpx.Response(429, headers={"retry-after": "17"}, content=b"<html>")

    items = await take(BetsApi(options(replies([slow, ok(samples.answer([]))]), **clock.given)), 4)

    assert states_of(items) == [("DOWN", "ended"), ("DELAYED", "refused"), ("UP", "connected")]
    assert next(seconds for seconds in clock.slept if seconds > 0) == 17.0


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (refusal("AUTHORIZE_FAILED"), "check BOOKSTREAM_BETSAPI_TOKEN"),
        (refusal("PERMISSION_DENIED"), "check BOOKSTREAM_BETSAPI_TOKEN"),
        (httpx.Response(401, content=b""), "check BOOKSTREAM_BETSAPI_TOKEN"),
        (refusal("PARAM_INVALID"), r"refused the request \(200\): PARAM_INVALID"),
        (httpx.Response(404, content=b"<html>"), "404"),
    ],
)
async def test_a_refusal_is_a_person_s_to_put_right(given: httpx.Response, says: str) -> None:
    items: list[Any] = []

    with pytest.raises(Misconfigured, match=says):
        await take(BetsApi(options(replies([given]))), 9, items)

    assert states_of(items) == [("DOWN", "ended"), ("DOWN", "refused")]


@pytest.mark.parametrize(
    "failing", [httpx.Response(503, content=b"<html>"), refusal("UNDER_MAINTENANCE"), refusal("INTERNAL_SERVER_ERROR")]
)
async def test_a_provider_that_fails_is_down_until_it_answers(clock: Clock, failing: httpx.Response) -> None:
    given = options(replies([*[failing] * 3, ok(samples.answer([]))]), **clock.given)

    items = await take(BetsApi(given), 4)

    assert states_of(items) == [("DOWN", "ended"), ("DOWN", "silent"), ("UP", "connected")]


async def test_an_answer_that_is_none_is_published_once_for_ingest_to_reject() -> None:
    garbage = b"<html>maintenance</html>"

    items = await take(BetsApi(options(replies([ok(garbage), ok(garbage), ok(samples.answer([]))]))), 5)

    assert [m.payload for m in messages_of(items)] == [garbage, samples.answer([])]


@pytest.mark.parametrize("given", [None, {"key": ""}, {"endpoints": ()}])
async def test_what_is_missing_is_told_before_anything_is_asked(given: dict[str, Any] | None) -> None:
    connector = BetsApi(None if given is None else options(replies([ok(samples.answer([]))]), **given))

    with pytest.raises(Misconfigured, match=r"BOOKSTREAM_BETSAPI_TOKEN|at least one endpoint"):
        await take(connector, 1)
