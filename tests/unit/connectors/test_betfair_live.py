"""The live Exchange Stream: what goes wrong on it, and what follows."""

import logging
import ssl
from contextlib import aclosing
from typing import Any

import pytest

from bookstream.faults.exchange import INITIAL_CLK, Exchange
from connectors.betfair.connector import Betfair
from connectors.resilience.breaker import CircuitBreaker, Guard, State
from connectors.resilience.limits import Backoff
from domain.errors import Misconfigured, Unavailable
from tests.unit.connectors.contract_suite import messages_of, states_of
from tests.unit.connectors.samples import exchange_payloads, line

Tls = tuple[ssl.SSLContext, ssl.SSLContext]
PAYLOADS = exchange_payloads(6)
HEARTBEAT = b'{"op":"mcm","id":2,"clk":"C9","pt":1700000001000,"ct":"HEARTBEAT"}'
BEHIND = b'{"op":"mcm","id":2,"status":503,"clk":"C9","pt":1700000001000,"ct":"HEARTBEAT"}'


async def take(
    connector: Betfair, *, messages: int | None = None, states: int | None = None, items: list[Any] | None = None
) -> list[Any]:
    """Return a live feed's items up to so many messages, or so many states; `items` keeps them when it fails."""
    items = [] if items is None else items
    async with aclosing(connector.live()) as live:
        async for item in live:
            items.append(item)
            if len(messages_of(items)) == messages or len(states_of(items)) == states:
                break
    return items


async def test_it_logs_in_and_subscribes_with_its_filter(tls: Tls) -> None:
    async with Exchange(PAYLOADS, tls=tls).open() as exchange:
        connector = Betfair(exchange.options(market_filter={"eventTypeIds": ["1"]}, heartbeat_ms=700, conflate_ms=50))
        items = await take(connector, messages=6)

    login, subscription = exchange.operations
    assert login == {"op": "authentication", "id": 1, "appKey": "secret-key", "session": "secret-token"}
    assert subscription["op"] == "marketSubscription"
    assert subscription["marketFilter"] == {"eventTypeIds": ["1"]}
    assert subscription["heartbeatMs"] == 700
    assert subscription["conflateMs"] == 50
    assert "EX_MARKET_DEF" in subscription["marketDataFilter"]["fields"]
    assert "clk" not in subscription
    assert states_of(items) == [("DOWN", "ended"), ("UP", "connected")]


async def test_it_goes_on_by_the_clocks_of_the_last_message(tls: Tls) -> None:
    async with Exchange(PAYLOADS, cut_after=4, tls=tls).open() as exchange:
        connector = Betfair(exchange.options())
        items = await take(connector, messages=6)

    assert exchange.operations[3]["initialClk"] == INITIAL_CLK
    assert exchange.operations[3]["clk"] == "C3"
    assert states_of(items) == [("DOWN", "ended"), ("UP", "connected"), ("DOWN", "ended"), ("UP", "connected")]
    assert connector.position is not None
    assert connector.position.tokens == (INITIAL_CLK, "C5")
    assert connector.position.next_sequence == 6


async def test_a_place_that_the_exchange_has_forgotten_is_a_gap(tls: Tls) -> None:
    async with Exchange(PAYLOADS, cut_after=4, refuse_clocks=True, tls=tls).open() as exchange:
        items = await take(Betfair(exchange.options()), messages=10)

    assert [m.payload for m in messages_of(items)] == [*PAYLOADS[:4], *PAYLOADS]
    assert [m.stream_sequence for m in messages_of(items)] == list(range(10))
    assert "clk" not in exchange.operations[-1]


async def test_an_image_instead_of_what_was_missed_is_told_as_a_gap(tls: Tls) -> None:
    image = line(8, {"img": True}, ct="SUB_IMAGE", initialClk="other")
    async with Exchange([*PAYLOADS, image], cut_after=6, tls=tls).open() as exchange:
        items = await take(Betfair(exchange.options()), states=5)

    assert states_of(items)[-1] == ("UP", "gap")


async def test_heartbeats_are_signs_of_life_and_messages(tls: Tls) -> None:
    async with Exchange(PAYLOADS, after=[HEARTBEAT], tls=tls).open() as exchange:
        items = await take(Betfair(exchange.options()), states=3)

    assert states_of(items)[-1] == ("UP", "heartbeat")
    assert messages_of(items)[-1].payload == HEARTBEAT


async def test_a_stream_that_is_behind_is_delayed_until_it_is_not(tls: Tls) -> None:
    async with Exchange(PAYLOADS, after=[BEHIND, BEHIND, HEARTBEAT], tls=tls).open() as exchange:
        items = await take(Betfair(exchange.options()), states=7)

    assert states_of(items)[2:] == [
        ("DELAYED", "latency"),
        ("DELAYED", "heartbeat"),
        ("DELAYED", "heartbeat"),
        ("UP", "latency"),
        ("UP", "heartbeat"),
    ]


async def test_silence_beyond_the_heartbeat_brings_the_feed_down_and_a_new_connection(tls: Tls) -> None:
    async with Exchange(PAYLOADS, tls=tls).open() as exchange:
        items = await take(Betfair(exchange.options(heartbeat_ms=100)), states=4)

    assert states_of(items)[2:] == [("DOWN", "silent"), ("UP", "connected")]
    assert exchange.connections == 2


async def test_connections_that_are_refused_are_tried_again(tls: Tls) -> None:
    async with Exchange(PAYLOADS, refuse_connections=3, tls=tls).open() as exchange:
        items = await take(Betfair(exchange.options()), messages=6)

    assert exchange.connections == 4
    assert [m.payload for m in messages_of(items)] == PAYLOADS


async def test_connections_that_end_before_any_message_open_the_circuit(tls: Tls) -> None:
    waits: list[float] = []

    async def rest(seconds: float) -> None:
        waits.append(seconds)

    guard = Guard(CircuitBreaker(threshold=2, cool_down_s=5), now=lambda: sum(waits), sleep=rest)
    async with Exchange(PAYLOADS, barren_connections=3, tls=tls).open() as exchange:
        items = await take(Betfair(exchange.options(), guard=guard), messages=6)

    assert waits == [5, 10]
    assert guard.breaker.state is State.CLOSED
    assert [m.payload for m in messages_of(items)] == PAYLOADS


async def test_a_session_that_expired_is_renewed_once(tls: Tls) -> None:
    async def renew() -> str:
        return "secret-token"

    async with Exchange(PAYLOADS, tls=tls).open() as exchange:
        items = await take(Betfair(exchange.options(session="old-secret", renew=renew)), messages=6)

    assert [each["session"] for each in exchange.operations if "session" in each] == ["old-secret", "secret-token"]
    assert len(messages_of(items)) == 6


async def test_a_session_that_expires_in_the_stream_is_renewed(tls: Tls) -> None:
    renewals = 0

    async def renew() -> str:
        nonlocal renewals
        renewals += 1
        return "secret-token"

    expired = b'{"op":"status","statusCode":"FAILURE","errorCode":"NO_SESSION","connectionClosed":true}'
    async with Exchange(PAYLOADS, status_after=expired, tls=tls).open() as exchange:
        items = await take(Betfair(exchange.options(renew=renew)), states=4)

    assert renewals == 1
    assert states_of(items)[2:] == [("DOWN", "ended"), ("UP", "connected")]


async def test_a_session_that_stays_refused_is_a_person_s_to_put_right(tls: Tls) -> None:
    async def renew() -> str:
        return "still-wrong-secret"

    async with Exchange(PAYLOADS, tls=tls).open() as exchange:
        for options in (exchange.options(session="old-secret"), exchange.options(session="old-secret", renew=renew)):
            with pytest.raises(Misconfigured, match="BOOKSTREAM_BETFAIR_SESSION") as caught:
                await take(Betfair(options), messages=1)
            assert "secret" not in str(caught.value)


async def test_a_subscription_beyond_the_limit_is_told_as_such(tls: Tls) -> None:
    status = b'{"op":"status","id":2,"statusCode":"FAILURE","errorCode":"SUBSCRIPTION_LIMIT_EXCEEDED"}'
    async with Exchange(PAYLOADS, status_after=status, tls=tls).open() as exchange:
        items: list[Any] = []
        with pytest.raises(Misconfigured, match="narrow its filter"):
            await take(Betfair(exchange.options()), items=items)

    assert states_of(items)[-1] == ("DOWN", "refused")


async def test_a_certificate_that_is_not_trusted_is_not_tried_again(tls: Tls) -> None:
    async with Exchange(PAYLOADS, tls=tls).open() as exchange:
        with pytest.raises(Misconfigured, match="certificate of localhost"):
            await take(Betfair(exchange.options(tls=ssl.create_default_context())), messages=1)

    assert exchange.operations == []


async def test_an_exchange_that_does_not_answer_the_login_is_unavailable(tls: Tls) -> None:
    async with Exchange(PAYLOADS, silent_at_login=True, tls=tls).open() as exchange:
        fast = exchange.options().timeouts.__class__(login_s=0.05)
        options = exchange.options(timeouts=fast, backoff=Backoff(0.01, 0.01, 0.0, attempts=2))
        with pytest.raises(Unavailable, match="did not answer the login"):
            await take(Betfair(options), messages=1)

    assert exchange.connections == 2


async def test_nobody_there_is_unavailable_after_the_last_try(tls: Tls) -> None:
    async with Exchange(PAYLOADS, tls=tls).open() as exchange:
        options = exchange.options(backoff=Backoff(0.01, 0.01, 0.0, attempts=2))
    with pytest.raises(Unavailable, match="cannot be reached"):
        await take(Betfair(options), messages=1)


async def test_a_missing_key_is_told_before_anything_is_connected() -> None:
    with pytest.raises(Misconfigured, match="BOOKSTREAM_BETFAIR_APP_KEY"):
        await take(Betfair(), messages=1)


async def test_credentials_are_in_no_representation_and_no_log(tls: Tls, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with Exchange(PAYLOADS, refuse_connections=1, tls=tls).open() as exchange:
        options = exchange.options()
        await take(Betfair(options), messages=6)

    assert "secret" not in repr(options)
    assert "secret" not in caplog.text


async def test_fields_that_nobody_declared_are_counted(tls: Tls) -> None:
    payloads = [*PAYLOADS, line(7, {"rc": [{"id": 1, "mood": "good"}]}, weather="rain")]
    async with Exchange(payloads, tls=tls).open() as exchange:
        connector = Betfair(exchange.options())
        await take(connector, messages=7)

    assert connector.counts.unknown == {"weather": 1, "mc.rc.mood": 1}
