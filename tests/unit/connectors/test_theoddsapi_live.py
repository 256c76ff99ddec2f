"""Polling The Odds API: what is published, what the quota allows, and what follows from refusals."""

import json
import logging
from collections.abc import Callable, Iterable
from contextlib import aclosing
from typing import Any

import httpx
import pytest

from connectors.resilience.web import SECOND
from connectors.theoddsapi.connector import TheOddsApi
from connectors.theoddsapi.protocol import events, odds, scores
from domain.errors import Misconfigured
from tests.unit.connectors.contract_suite import messages_of, states_of
from tests.unit.connectors.samples import answer, event
from tests.unit.connectors.test_theoddsapi_contract import options

Reply = Callable[[httpx.Request], httpx.Response]


class Clock:
    """A clock that moves on only when it is slept on."""

    def __init__(self) -> None:
        self.now_us = 1_700_000_000 * SECOND
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


def replies(responses: Iterable[httpx.Response]) -> Reply:
    """Answer with one response after the other, then with the last for ever."""
    waiting = list(responses)

    def reply(request: httpx.Request) -> httpx.Response:
        given = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return httpx.Response(given.status_code, headers=given.headers, content=given.content)

    return reply


def ok(content: bytes, **headers: str) -> httpx.Response:
    """Make an answer with headers of the quota."""
    return httpx.Response(200, content=content, headers={f"x-requests-{k}": v for k, v in headers.items()})


async def take(connector: TheOddsApi, count: int, items: list[Any] | None = None) -> list[Any]:
    """Return so many items of a live feed."""
    items = [] if items is None else items
    async with aclosing(connector.live()) as live:
        async for item in live:
            items.append(item)
            if len(items) == count:
                break
    return items


async def test_the_key_is_sent_and_shown_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    asked: list[httpx.URL] = []

    def reply(request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        return httpx.Response(200, content=answer(len(asked)))

    given = options(reply)
    items = await take(TheOddsApi(given), 4)

    assert asked[0].params["apiKey"] == "secret-key"
    assert asked[0].path == "/v4/sports/soccer_epl/odds"
    assert "secret" not in repr(given) + repr(items) + caplog.text
    assert messages_of(items)[0].endpoint == (
        "/v4/sports/soccer_epl/odds?dateFormat=iso&markets=h2h&oddsFormat=decimal&regions=uk"
    )


async def test_an_answer_without_a_changed_price_is_a_sign_of_life_only() -> None:
    same, later = json.dumps([event(1, {"Home": 2.0})]), event(1, {"Home": 2.0}, updated="2023-11-14T23:00:00Z")
    connector = TheOddsApi(
        options(replies([ok(same.encode()), ok(json.dumps([later]).encode()), ok(answer(3)), ok(answer(3))]))
    )

    items = await take(connector, 6)

    assert [m.payload for m in messages_of(items)] == [same.encode(), answer(3)]
    assert states_of(items) == [("DOWN", "ended"), ("UP", "connected"), ("UP", "heartbeat"), ("UP", "heartbeat")]
    assert connector.counts.unchanged >= 2


@pytest.mark.parametrize(
    "changed",
    [
        [event(1, {"Home": 2.1, "Away": 3.0})],
        [event(1, {"Home": 2.0})],
        [event(1, {"Home": 2.0, "Away": 3.0}), event(2, {"Home": 2.0})],
        [event(1, {"Home": 2.0, "Away": 3.0}) | {"commence_time": "2023-11-15T21:00:00Z"}],
        [event(1, {"Home": 2.0, "Away": 3.0}) | {"bookmakers": []}],
        [event(1, {"Home": 2.0, "Away": 3.0}) | {"completed": True}],
        [],
    ],
    ids=["price", "outcome", "event", "kick-off", "bookmaker", "result", "nothing left"],
)
async def test_any_change_of_a_book_is_published(changed: list[Any]) -> None:
    first = json.dumps([event(1, {"Home": 2.0, "Away": 3.0})]).encode()
    second = json.dumps(changed).encode()

    items = await take(TheOddsApi(options(replies([ok(first), ok(second)]))), 4)

    assert [m.payload for m in messages_of(items)] == [first, second]


async def test_an_unchanged_answer_is_published_again_when_a_refresh_is_due(clock: Clock) -> None:
    given = options(
        replies([ok(answer(1))]), **clock.given, endpoints=(odds("x", regions="uk", every_s=10),), refresh_s=30
    )

    items = await take(TheOddsApi(given), 6)

    published = messages_of(items)
    assert [m.payload for m in published] == [answer(1), answer(1)]
    assert published[1].received_at - published[0].received_at == 30 * SECOND


async def test_the_quota_is_made_to_last_until_its_reset(clock: Clock) -> None:
    # 2023-11-14T22:13:20Z: 16.07 days before the reset; 100 credits left at 2 a poll are 50 polls.
    given = options(
        replies([ok(answer(1), remaining="100", used="400", last="2")]),
        **clock.given,
        endpoints=(odds("x", regions="uk,eu", every_s=60),),
    )
    connector = TheOddsApi(given)

    await take(connector, 5)

    waits = [seconds for seconds in clock.slept if seconds > 0]
    seconds_left = (1_701_388_800 * SECOND - 1_700_000_000 * SECOND) / SECOND
    assert waits[0] == pytest.approx(seconds_left / 50)
    assert connector.counts.quota.remaining == 100


async def test_an_ample_quota_does_not_slow_down(clock: Clock) -> None:
    given = options(
        replies([ok(answer(1), remaining="99999999")]),
        **clock.given,
        endpoints=(odds("x", regions="uk", every_s=60), scores("x", every_s=60), events("x", every_s=60)),
    )

    await take(TheOddsApi(given), 8)

    assert {seconds for seconds in clock.slept if seconds > 0} == {60.0}


async def test_too_many_requests_hold_all_polls_for_as_long_as_asked(clock: Clock) -> None:
    refusal = httpx.Response(429, headers={"retry-after": "17"}, content=b'{"message":"slow down"}')
    endpoints = (odds("x", regions="uk", every_s=1), scores("x", every_s=1))

    items = await take(TheOddsApi(options(replies([refusal, ok(answer(1))]), **clock.given, endpoints=endpoints)), 4)

    assert states_of(items) == [("DOWN", "ended"), ("DELAYED", "refused"), ("UP", "connected")]
    assert next(seconds for seconds in clock.slept if seconds > 0) == 17.0


async def test_a_spent_quota_is_looked_at_again_each_hour(clock: Clock) -> None:
    body = b'{"message":"Usage quota has been reached","error_code":"OUT_OF_USAGE_CREDITS"}'
    given = options(replies([httpx.Response(401, content=body), ok(answer(1))]), **clock.given)

    items = await take(TheOddsApi(given), 4)

    assert states_of(items) == [("DOWN", "ended"), ("DOWN", "refused"), ("UP", "connected")]
    assert next(seconds for seconds in clock.slept if seconds > 0) == 3600.0


async def test_a_quota_of_which_nothing_is_left_is_looked_at_again_each_hour(clock: Clock) -> None:
    given = options(replies([ok(answer(1), remaining="0"), ok(answer(2), remaining="9999999")]), **clock.given)

    items = await take(TheOddsApi(given), 4)

    assert [m.payload for m in messages_of(items)] == [answer(1), answer(2)]
    assert next(seconds for seconds in clock.slept if seconds > 0) == 3600.0


@pytest.mark.parametrize(
    ("status", "says"),
    [(401, "check BOOKSTREAM_THEODDSAPI_KEY"), (422, r"refused the request \(422\): bad region"), (404, "404")],
)
async def test_a_refusal_is_a_person_s_to_put_right(status: int, says: str) -> None:
    items: list[Any] = []
    connector = TheOddsApi(options(replies([httpx.Response(status, content=b'{"message":"bad region"}')])))

    with pytest.raises(Misconfigured, match=says):
        await take(connector, 9, items)

    assert states_of(items) == [("DOWN", "ended"), ("DOWN", "refused")]


async def test_a_provider_that_fails_is_down_until_it_answers(clock: Clock) -> None:
    failing = [httpx.Response(503, content=b"<html>")] * 3
    given = options(replies([*failing, ok(answer(1))]), **clock.given)

    items = await take(TheOddsApi(given), 4)

    assert states_of(items) == [("DOWN", "ended"), ("DOWN", "silent"), ("UP", "connected")]
    assert "503" in items[1].detail


async def test_the_same_price_in_another_market_is_a_change() -> None:
    h2h = event(1, {"Home": 2.0})
    lay = json.loads(json.dumps(h2h).replace('"h2h"', '"h2h_lay"'))
    first, second = json.dumps([h2h]).encode(), json.dumps([lay]).encode()

    items = await take(TheOddsApi(options(replies([ok(first), ok(second)]))), 4)

    assert [m.payload for m in messages_of(items)] == [first, second]


async def test_an_update_from_the_future_occurred_when_it_was_received(clock: Clock) -> None:
    ahead = json.dumps([event(1, {"Home": 2.0}, updated="2030-01-01T00:00:00Z")]).encode()

    items = await take(TheOddsApi(options(replies([ok(ahead)]), **clock.given)), 3)

    assert messages_of(items)[0].occurred_at == messages_of(items)[0].received_at


async def test_an_answer_that_is_none_is_published_once() -> None:
    garbage = b"<html>maintenance</html>"

    items = await take(TheOddsApi(options(replies([ok(garbage), ok(garbage), ok(answer(1))]))), 5)

    assert [m.payload for m in messages_of(items)] == [garbage, answer(1)]


@pytest.mark.parametrize("given", [None, "no key", "no endpoints"])
async def test_what_is_missing_is_told_before_anything_is_asked(given: str | None) -> None:
    lacks: dict[str, dict[str, Any]] = {"no key": {"key": ""}, "no endpoints": {"endpoints": ()}}
    changes = lacks.get(given or "", {})
    connector = TheOddsApi(None if given is None else options(replies([ok(answer(1))]), **changes))

    with pytest.raises(Misconfigured, match=r"BOOKSTREAM_THEODDSAPI_KEY|at least one endpoint"):
        await take(connector, 1)
