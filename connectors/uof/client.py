"""The REST interface: recoveries are asked for here, and fixtures, schedules and descriptions are fetched."""

import asyncio
import datetime as dt
import re
import ssl
from collections.abc import Callable
from types import TracebackType
from typing import Final
from urllib.parse import quote

import httpx
import msgspec
from aiolimiter import AsyncLimiter

from connectors.resilience.web import Throttled, retry_after_s
from connectors.uof.live_options import UofOptions
from connectors.xml import parse_xml
from domain.errors import BookstreamError, Misconfigured, RejectedInput, Unavailable
from domain.feeds.uof_events import What

MAX_ANSWER_BYTES: Final = 64 * 1024 * 1024
THROTTLED_S: Final = 60.0
"""How long nothing is asked after a refusal for too many requests that does not say how long."""
PRODUCERS: Final = "/v1/descriptions/producers.xml"
WHO_AM_I: Final = "/v1/users/whoami.xml"
_SAID: Final = re.compile(rb"<(?:message|action)>([^<\n]+)<")
REFUSED: Final = frozenset({httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN})


class NotFound(Unavailable):
    """The provider has no such document, or not yet."""

    code = "not_found"


class _Bookmaker(msgspec.Struct):
    virtual_host: str
    bookmaker_id: str = ""
    response_code: str | None = None


def fixture_path(language: str, event: str) -> str:
    """Return where an event's fixture is."""
    return f"/v1/sports/{language}/sport_events/{quote(event, safe=':')}/fixture.xml"


def schedule_path(language: str, day: dt.date | None) -> str:
    """Return where the schedule of a day is, or that of the events that are live."""
    return f"/v1/sports/{language}/schedules/{day.isoformat() if day else 'live'}/schedule.xml"


def markets_path(language: str) -> str:
    """Return where the markets' descriptions are."""
    return f"/v1/descriptions/{language}/markets.xml"


class UofClient:
    """Asks the REST interface, at most so often a second. Use it as a context."""

    def __init__(self, options: UofOptions, now: Callable[[], int]) -> None:
        limits = options.timeouts
        self._options = options
        self._now = now
        self._limiter = AsyncLimiter(max(options.rate, 1.0), 1.0)
        self._http = httpx.AsyncClient(
            base_url=options.api_url,
            headers={"x-access-token": options.token},
            timeout=httpx.Timeout(
                connect=limits.connect_s, read=limits.read_s, write=limits.write_s, pool=limits.connect_s
            ),
            verify=options.tls or ssl.create_default_context(),
            transport=options.transport,
            # A redirection would carry the token to wherever it leads.
            follow_redirects=False,
        )

    async def __aenter__(self) -> "UofClient":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def get(self, path: str) -> bytes:
        """Return a document.

        Raises:
            NotFound: there is none.
            Throttled: it may be asked for later.
            Unavailable: the interface cannot be reached, is too slow, or is out of order.
            Misconfigured: the token is refused.
        """
        return await self._ask("GET", path)

    async def recover(self, product: str, request: int, after: int | None) -> None:
        """Ask a producer for everything after a time (microseconds UTC), or for all it has; raises like `get`."""
        asked = {"request_id": str(request), "node_id": str(self._options.node)}
        if after is not None:
            asked["after"] = str(after // 1000)
        await self._ask("POST", f"/v1/{quote(product, safe='')}/recovery/initiate_request", asked)

    async def recover_event(self, product: str, what: What, event: str, request: int) -> None:
        """Ask a producer for what it has to say of one event; raises like `get`."""
        path = f"/v1/{quote(product, safe='')}/{what}/events/{quote(event, safe=':')}/initiate_request"
        await self._ask("POST", path, {"request_id": str(request), "node_id": str(self._options.node)})

    async def virtual_host(self) -> str:
        """Return the virtual host of this token's bookmaker; raises like `get`."""
        body = await self.get(WHO_AM_I)
        try:
            return msgspec.convert(parse_xml(body)[1], _Bookmaker, strict=False).virtual_host
        except (RejectedInput, msgspec.ValidationError) as error:
            raise Unavailable(f"the Unified Odds Feed did not say whose token this is: {error}") from error

    async def _ask(self, method: str, path: str, parameters: dict[str, str] | None = None) -> bytes:
        limit_s = self._options.timeouts.read_s * 2
        body = bytearray()
        async with self._limiter:
            try:
                async with asyncio.timeout(limit_s), self._http.stream(method, path, params=parameters) as response:
                    async for part in response.aiter_bytes():
                        body += part
                        if len(body) > MAX_ANSWER_BYTES:
                            raise Unavailable(f"{path} is longer than {MAX_ANSWER_BYTES} bytes")
            except TimeoutError as error:
                raise Unavailable(f"{path} was not answered whole in {limit_s:g} s") from error
            except httpx.ConnectError as error:
                raise _connect_failure(self._options.api_url, error) from error
            except httpx.HTTPError as error:
                raise Unavailable(f"{path} cannot be asked for: {type(error).__name__}") from error
        failure = self._failure_of(response, path, bytes(body))
        if failure is not None:
            raise failure
        return bytes(body)

    def _failure_of(self, response: httpx.Response, path: str, body: bytes) -> BookstreamError | None:
        status = response.status_code
        if 200 <= status < 300:
            return None
        said = _message(body)
        if status in REFUSED:
            return Misconfigured(
                f"the Unified Odds Feed refused the token ({status}): check BOOKSTREAM_UOF_TOKEN{said}"
            )
        if status == httpx.codes.TOO_MANY_REQUESTS:
            after_s = retry_after_s(response.headers.get("retry-after"), self._now(), THROTTLED_S)
            return Throttled(f"the Unified Odds Feed asks to slow down for {after_s:g} s{said}", after_s)
        if status == httpx.codes.NOT_FOUND:
            return NotFound(f"there is no {path}{said}")
        return Unavailable(f"{path} was answered with {status}{said}")


def _connect_failure(url: str, error: httpx.ConnectError) -> BookstreamError:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Misconfigured(f"the certificate of {url} is not trusted: {cause.verify_message}")
        cause = cause.__cause__ or cause.__context__
    return Unavailable(f"{url} cannot be reached")


def _message(body: bytes) -> str:
    """Return what a refusal says, as far as it can be read."""
    said = _SAID.search(body[:4096])
    return f": {said[1].decode(errors='replace').strip()[:120]}" if said else ""
