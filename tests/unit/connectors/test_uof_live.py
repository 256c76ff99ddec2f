"""The live Unified Odds Feed: what goes wrong on it, and that it comes back by itself with nothing lost."""

import asyncio
import itertools
import logging
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest

from bookstream.faults.amqp import Broker
from bookstream.faults.tls import temporary_tls
from bookstream.faults.uof import FastClock, Provider, numbers_of
from bookstream.faults.web import Answer
from connectors.contract import Position
from connectors.resilience.limits import Backoff
from connectors.uof.connector import Uof
from domain.errors import Misconfigured, Unavailable
from tests.unit.connectors.contract_suite import messages_of, states_of

Tls = tuple[ssl.SSLContext, ssl.SSLContext]
RECOVERY = "/v1/liveodds/recovery/initiate_request"
PACE = 25
BETWEEN_US = 29_000_000
"""Between two recoveries are thirty seconds when they are sent; some take longer to arrive."""


class Reader:
    """Reads a live feed in the background, and keeps what it yields."""

    def __init__(self, connector: Uof, position: Position | None = None) -> None:
        self.connector = connector
        self.items: list[Any] = []
        self._changed = asyncio.Event()
        self._task = asyncio.create_task(self._read(position))

    async def _read(self, position: Position | None) -> None:
        async with aclosing(self.connector.live(position=position)) as live:
            async for item in live:
                self.items.append(item)
                self._changed.set()

    async def until(self, is_so: Callable[[], object], seconds: float = 20) -> None:
        """Wait until something is so; an error of the feed is raised."""
        async with asyncio.timeout(seconds):
            while not is_so():
                if self._task.done():
                    self._task.result()
                    raise AssertionError("the feed ended")
                self._changed.clear()
                with_time = asyncio.create_task(self._changed.wait())
                await asyncio.wait({with_time, self._task}, timeout=0.05, return_when=asyncio.FIRST_COMPLETED)
                with_time.cancel()

    @property
    def ups(self) -> int:
        """Return how often the feed has come up."""
        told = [each for each in states_of(self.items) if each[1] != "heartbeat"]
        return sum(state == "UP" for state, _ in told)

    @property
    def heard(self) -> set[int]:
        """Return the ticks that were heard."""
        return numbers_of([each.payload for each in messages_of(self.items)])

    async def close(self) -> None:
        """Read no more."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


@asynccontextmanager
async def provided(tls: Tls, pace: int = PACE, **broker: Any) -> AsyncIterator[Provider]:
    """Run a provider."""
    async with Provider(Broker(tls, **broker), FastClock(pace)).open() as provider:
        yield provider


@asynccontextmanager
async def reading(provider: Provider, position: Position | None = None, **options: Any) -> AsyncIterator[Reader]:
    """Read a provider's feed."""
    reader = Reader(Uof(provider.options(**options)), position)
    try:
        yield reader
    finally:
        await reader.close()


async def test_it_logs_in_binds_one_queue_recovers_and_is_up(tls: Tls) -> None:
    async with provided(tls) as provider, reading(provider) as reader:
        provider.tick()
        await reader.until(lambda: reader.ups)

    assert provider.broker.bindings == ["*.*.*.*.*.*.*.-.#", "*.*.*.*.*.*.*.1.#"]
    assert set(provider.tokens) == {"secret-token"}
    assert [after for _, after, _ in provider.recoveries] == [None]
    assert reader.heard == {0}
    told = [each for each in states_of(reader.items) if each[1] != "heartbeat"]
    assert told[:2] == [("DOWN", "ended"), ("DELAYED", "connected")]
    assert told[-1] == ("UP", "gap")


async def test_what_a_producer_says_that_is_not_wanted_is_not_published(tls: Tls) -> None:
    async with provided(tls) as provider, reading(provider, producers=(1,)) as reader:
        await reader.until(lambda: reader.ups == 1)
        provider.broker.say(f'<alive product="5" timestamp="{provider.clock.true() // 1000}" subscribed="1"/>'.encode())
        number = provider.tick()
        await reader.until(lambda: number in reader.heard and provider.broker.acknowledged == provider.broker.sent)

    assert reader.connector.counts.unwanted == 1
    assert not [each for each in messages_of(reader.items) if b'product="5"' in each.payload]


@pytest.mark.parametrize("fault", ["cut", "babble", "fall_silent"])
async def test_a_broken_connection_is_made_again_and_nothing_is_lost(tls: Tls, fault: str) -> None:
    async with provided(tls) as provider, reading(provider) as reader:
        await reader.until(lambda: reader.ups == 1)
        ticking = asyncio.create_task(provider.ticking(0.5, 150))
        await provider.clock.sleep(20)
        began = provider.clock.true()
        getattr(provider.broker, fault)()
        await ticking
        await reader.until(lambda: reader.ups == 2)
        took_s = (provider.clock.true() - began) / 1e6
        await reader.until(lambda: reader.heard >= set(provider.ticks))

    assert provider.broker.connections == 2
    assert took_s < 600
    assert len({m.endpoint for m in messages_of(reader.items) if m.endpoint.startswith("amqps://localhost:")}) == 2
    assert ("DOWN", "silent" if fault == "fall_silent" else "ended") in states_of(reader.items)
    assert [m.stream_sequence for m in messages_of(reader.items)] == list(range(len(messages_of(reader.items))))
    assert provider.recoveries[1][1] is not None
    assert provider.recoveries[1][0] - provider.recoveries[0][0] >= BETWEEN_US


async def test_a_silent_producer_is_down_and_whole_again_after_its_recovery(tls: Tls) -> None:
    async with provided(tls) as provider, reading(provider) as reader:
        await reader.until(lambda: reader.ups == 1)
        provider.beating = False
        provider.broker.links[0].mute = True
        for _ in range(10):
            provider.tick()
        provider.broker.links[0].mute = False
        ticking = asyncio.create_task(provider.ticking(5, 6))  # the connection lives, the pulse does not
        await reader.until(lambda: ("DOWN", "silent") in states_of(reader.items))
        provider.beating = True
        await ticking
        await reader.until(lambda: reader.ups == 2 and reader.heard >= set(provider.ticks))

    assert provider.broker.connections == 1


async def test_lost_messages_that_a_pulse_tells_of_are_recovered(tls: Tls) -> None:
    async with provided(tls) as provider, reading(provider) as reader:
        await reader.until(lambda: reader.ups == 1)
        await provider.clock.sleep(15)
        lost, provider.broker.links = provider.broker.links, []
        numbers = {provider.tick() for _ in range(5)}
        provider.broker.links = lost
        assert not numbers & reader.heard
        provider.subscribed = 0
        await reader.until(lambda: reader.ups == 2)

        assert numbers <= reader.heard


async def test_a_connection_that_is_cut_during_a_recovery_recovers_again(tls: Tls) -> None:
    async with provided(tls) as provider, reading(provider) as reader:
        provider.answering = False
        numbers = {provider.tick() for _ in range(5)}
        await reader.until(lambda: provider.recoveries)
        provider.broker.cut()
        provider.answering = True
        await reader.until(lambda: reader.ups == 1)

        assert numbers <= reader.heard
    assert len({request for _, _, request in provider.recoveries}) == len(provider.recoveries) == 2


async def test_the_end_of_an_interrupted_recovery_restores_nothing_and_says_so(tls: Tls) -> None:
    async with provided(tls) as provider, reading(provider) as reader:
        provider.snapshot_takes_s = 8
        await reader.until(lambda: provider.recoveries)
        provider.subscribed = 0
        provider.pulse()
        provider.broker.say(f'<snapshot_complete product="1" timestamp="{provider.clock.true() // 1000}"/>'.encode())
        provider.broker.say(b'<snapshot_complete product="1" request_id="5" timestamp="1700000000000"/>')
        await reader.until(lambda: reader.ups == 1)

    told = [m.restores for m in messages_of(reader.items) if b"<snapshot_complete" in m.payload]
    assert told == [False, False, False, True]
    assert {m.restores for m in messages_of(reader.items) if b"<snapshot_complete" not in m.payload} == {None}


async def test_an_event_of_which_a_message_cannot_be_read_is_asked_for_alone_and_once(tls: Tls) -> None:
    async with provided(tls) as provider, reading(provider) as reader:
        await reader.until(lambda: reader.ups == 1)
        links, provider.broker.links = provider.broker.links, []
        lost = provider.tick()
        provider.broker.links = links
        whole = provider._tick(lost)
        for broken in (whole[:-1], whole[1:], b"\x00", whole[: len(whole) // 2]):
            provider.broker.say(broken)
        provider.broker.say(b"<bet_settlement", "lo.-.live.bet_settlement.1.sr:match.77.-")
        provider.broker.say(b"<alive", "-.-.-.alive.-.-.-.-")
        again = provider._tick(lost, request_id=provider.recoveries[0][2] + 1)
        await reader.until(lambda: again in [m.payload for m in messages_of(reader.items)])
        await reader.until(lambda: len(provider.events) == reader.connector.counts.events == 2)

    assert [(what, event) for _, what, event in provider.events] == [
        ("odds", "sr:match:9000001"), ("stateful_messages", "sr:match:77"),
    ]  # fmt: skip
    assert (reader.ups, len(provider.recoveries)) == (1, 1)
    ends = [m.restores for m in messages_of(reader.items) if b"<snapshot_complete" in m.payload]
    assert ends[0] is True
    assert True not in ends[1:]


@pytest.mark.parametrize(("answer", "held"), [(Answer(429, b"", {"retry-after": "70"}), True), (Answer(403), False)])
async def test_a_refused_event_holds_up_recoveries_only_if_told_to_slow_down(
    tls: Tls, answer: Answer, *, held: bool
) -> None:
    path = "/v1/liveodds/odds/events/sr:match:9000001/initiate_request"
    async with provided(tls) as provider, reading(provider) as reader:
        await reader.until(lambda: reader.ups == 1)
        await provider.clock.sleep(30)
        provider.answers[path] = [answer]
        provider.broker.say(b"\x00")
        await reader.until(lambda: any(path == each for _, each in provider.asked))
        await provider.clock.sleep(5)
        provider.subscribed = 0
        await reader.until(lambda: reader.ups == 2)

    (refused_at,) = [at for at, each in provider.asked if each == path]
    assert (provider.recoveries[1][0] - refused_at >= 69_000_000) is held


async def test_another_process_goes_on_where_the_first_one_stood(tls: Tls) -> None:
    async with provided(tls) as provider:
        async with reading(provider) as reader:
            await reader.until(lambda: reader.ups == 1)
            await provider.clock.sleep(15)
        position = reader.connector.position
        await provider.ticking(1, 20)
        async with reading(provider, position) as another:
            await another.until(lambda: another.ups == 1)

    assert another.heard == set(provider.ticks)
    assert position is not None
    first = messages_of(another.items)[0]
    assert (first.stream_id, first.stream_sequence) == (position.stream_id, position.next_sequence)
    assert provider.recoveries[1][1] is not None
    assert provider.recoveries[1][2] > provider.recoveries[0][2]


async def test_a_refused_recovery_is_asked_for_when_the_provider_said(tls: Tls) -> None:
    async with provided(tls) as provider:
        provider.answers[RECOVERY] = [
            Answer(429, b"<response><message>Too many</message></response>", {"retry-after": "70"})
        ]
        async with reading(provider) as reader:
            await reader.until(lambda: any("Too many" in getattr(each, "detail", "") for each in reader.items))
            await reader.until(lambda: reader.ups == 1)

    refused, accepted = [at for at, path in provider.asked if path == RECOVERY]
    assert accepted - refused >= 69_000_000


@pytest.mark.parametrize(
    "answer", [Answer(500), Answer(503, b"<html>"), Answer(202, b"<response/>", cut=3), Answer(403)]
)
async def test_a_recovery_that_fails_is_asked_for_again_within_the_quota(tls: Tls, answer: Answer) -> None:
    async with provided(tls, pace=200 if answer.status == 403 else PACE) as provider:
        provider.answers[RECOVERY] = [answer]
        async with reading(provider) as reader:
            await reader.until(lambda: reader.ups == 1)

    first, second = [at for at, path in provider.asked if path == RECOVERY]
    assert second - first >= (590_000_000 if answer.status == 403 else BETWEEN_US)


async def test_quotas_hold_when_the_connection_breaks_again_and_again(tls: Tls) -> None:
    async with provided(tls, pace=100) as provider, reading(provider) as reader:
        for _ in range(6):
            await reader.until(lambda: provider.broker.links)
            await provider.clock.sleep(25)
            provider.broker.cut()
            await provider.clock.sleep(25)

    whole = [at for at, after, _ in provider.recoveries if after is None]
    asked = [at for at, _, _ in provider.recoveries]
    assert len(whole) <= 2
    assert all(later - sooner >= BETWEEN_US for sooner, later in itertools.pairwise(asked))


@pytest.mark.parametrize("jump_s", [-86_400, 86_400])
async def test_a_clock_that_jumps_does_not_stop_recovery(tls: Tls, jump_s: int) -> None:
    async with provided(tls) as provider, reading(provider) as reader:
        await reader.until(lambda: reader.ups == 1)
        provider.clock.jumped_us = jump_s * 1_000_000
        await provider.clock.sleep(15)
        assert states_of(reader.items)[-1][0] == "UP"
        provider.clock.jumped_us = 0
        provider.broker.cut()
        await reader.until(lambda: reader.ups == 2)


async def test_days_of_silence_end_by_themselves(tls: Tls) -> None:
    async with provided(tls, pace=100_000) as provider:
        provider.beating = False
        async with reading(provider) as reader:
            await reader.until(lambda: provider.clock.true() - 1_700_000_000_000_000 > 3 * 86_400_000_000)
            assert reader.ups == 0
            asked = [at for at, _, _ in provider.recoveries]
            assert all(later - sooner >= 1_000_000_000 for sooner, later in itertools.pairwise(asked))
    assert provider.broker.connections > 1


async def test_duplicates_and_reordered_messages_are_moved_as_they_come(tls: Tls) -> None:
    async with provided(tls) as provider, reading(provider) as reader:
        await reader.until(lambda: reader.ups == 1)
        for number in (3, 1, 2, 1, 3):
            provider.ticks[number] = provider.clock.true() - number
            provider.broker.say(provider._tick(number))
        provider.broker.say(b'<snapshot_complete product="1" request_id="1" timestamp="1700000000000"/>')
        provider.broker.say(b"\x00garbage \xff")
        await reader.until(lambda: reader.connector.counts.headless == 1)

        assert reader.ups == 1
        moved = [m.payload for m in messages_of(reader.items) if b"<odds_change" in m.payload]
        assert [numbers_of([each]) for each in moved] == [{3}, {1}, {2}, {1}, {3}]


async def test_fixtures_of_named_events_are_fetched_once_and_again_when_they_change(tls: Tls) -> None:
    path = "/v1/sports/en/sport_events/sr:match:9000001/fixture.xml"
    async with provided(tls) as provider, reading(provider) as reader:
        provider.answers[path] = [Answer(503), Answer(429, headers={"retry-after": "5"}), Answer(200, b"<fix", cut=2)]
        await reader.until(lambda: provider.broker.links)
        await provider.ticking(1, 3)
        await reader.until(lambda: any(path == m.endpoint for m in messages_of(reader.items)))
        change = (
            f'<fixture_change product="1" event_id="sr:match:9000001" timestamp="{provider.clock.true() // 1000}"/>'
        )
        provider.broker.say(change.encode())
        await reader.until(lambda: sum(path == m.endpoint for m in messages_of(reader.items)) == 2)

    times = [at for at, each in provider.asked if each == path]
    assert len(times) == 5
    assert times[2] - times[1] >= 4_000_000


async def test_what_is_not_taken_is_not_acknowledged_and_bounds_what_is_sent(tls: Tls) -> None:
    async with provided(tls) as provider:
        connector = Uof(provider.options(queue_size=5))
        async with aclosing(connector.live()) as live:
            async for _ in live:
                if provider.broker.links:
                    break
            for _ in range(50):
                provider.tick()
            await asyncio.sleep(0.3)
            assert provider.broker.acknowledged == 0
            assert provider.broker.sent == 5
            taken = 0
            async for item in live:
                taken += bool(messages_of([item]))
                if taken == 4:
                    break
            await asyncio.sleep(0.1)
            documents = sum("fixture" in path or "markets" in path for _, path in provider.asked)
            assert 3 - documents <= provider.broker.acknowledged <= 3


@pytest.mark.parametrize("fault", ["refuse_connections", "garbage_at_login", "silent_at_login"])
async def test_a_login_that_fails_is_tried_again(tls: Tls, fault: str) -> None:
    async with provided(tls, **{fault: 2}) as provider, reading(provider) as reader:
        await reader.until(lambda: reader.ups == 1)

    assert provider.broker.connections == 3


async def test_a_refused_login_is_one_sentence_and_names_no_token(tls: Tls, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with provided(tls, logins=set()) as provider:
        with pytest.raises(Misconfigured, match="refused the login: check BOOKSTREAM_UOF_TOKEN") as caught:
            async with reading(provider) as reader:
                await reader.until(lambda: False)
    assert states_of(reader.items) == [("DOWN", "ended"), ("DOWN", "refused")]
    assert "secret" not in caplog.text + str(caught.value) + repr(reader.items)


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_token_is_a_person_s_to_put_right(tls: Tls, status: int) -> None:
    async with provided(tls) as provider:
        provider.answers["/v1/users/whoami.xml"] = [Answer(status, b"<response><message>bad</message></response>")]
        with pytest.raises(Misconfigured, match=rf"refused the token \({status}\): check BOOKSTREAM_UOF_TOKEN: bad"):
            async with reading(provider) as reader:
                await reader.until(lambda: False)


async def test_a_certificate_that_is_not_trusted_is_a_person_s_to_put_right(tls: Tls) -> None:
    async with provided((tls[0], temporary_tls()[1])) as provider:
        with pytest.raises(Misconfigured, match=r"certificate of localhost:.* is not trusted"):
            async with reading(provider) as reader:
                await reader.until(lambda: False)


@pytest.mark.parametrize(
    "answer", [Answer(500), Answer(429, b"", {"retry-after": "0"}), Answer(200, b"<html/>"), Answer(200, b"<p", cut=1)]
)
async def test_a_rest_interface_that_is_out_of_order_is_tried_again(tls: Tls, answer: Answer) -> None:
    async with provided(tls) as provider:
        provider.answers["/v1/users/whoami.xml"] = [answer, answer]
        provider.answers["/v1/descriptions/producers.xml"] = [answer]
        async with reading(provider) as reader:
            await reader.until(lambda: reader.ups == 1)


async def test_a_slow_rest_interface_does_not_hold_up_the_feed(tls: Tls) -> None:
    async with provided(tls) as provider:
        provider.answers["/v1/descriptions/en/markets.xml"] = [Answer(200, b"<market_descriptions/>", delay_s=30)]
        async with reading(provider) as reader:
            await reader.until(lambda: reader.ups == 1)


async def test_an_interface_that_stays_away_is_told_of(tls: Tls) -> None:
    async with provided(tls) as provider:
        with pytest.raises(Unavailable, match="cannot be reached"):
            async with reading(provider, api_url="http://localhost:9", backoff=Backoff(0.01, 0.05, 0.0, 2)) as reader:
                await reader.until(lambda: False)


@pytest.mark.parametrize("given", ["no options", "no token", "no producers"])
async def test_what_is_missing_is_told_before_anything_is_asked(tls: Tls, given: str) -> None:
    async with provided(tls) as provider:
        lacks: dict[str, dict[str, Any]] = {"no token": {"token": ""}, "no producers": {"producers": (99,)}}
        connector = Uof(None if given == "no options" else provider.options(**lacks[given]))
        with pytest.raises(Misconfigured, match=r"BOOKSTREAM_UOF_TOKEN|BOOKSTREAM_UOF_PRODUCERS"):
            async for _ in connector.live():
                pass
