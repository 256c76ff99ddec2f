"""Webhooks: HMAC-SHA256 over `<seconds>.<body>`, within a tolerance of time, each event once.

The header is `t=<unix seconds>,v1=<hex>[,v1=<hex>…]`: while a secret is changed, a webhook is signed with both.
"""

import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from typing import Final

from connectors.payments.contract import Notice
from domain.errors import Misconfigured, RejectedInput

SECOND_US: Final = 1_000_000
MAX_BODY_BYTES: Final = 64 * 1024
MOST_SIGNATURES: Final = 8
LEAST_SECRET_BYTES: Final = 16


class WebhookCode(StrEnum):
    """Why a webhook was refused: a closed set."""

    BODY_TOO_LONG = "BODY_TOO_LONG"
    SIGNATURE_MISSING = "SIGNATURE_MISSING"
    SIGNATURE_MALFORMED = "SIGNATURE_MALFORMED"
    SIGNATURE_WRONG = "SIGNATURE_WRONG"
    TIMESTAMP_TOO_OLD = "TIMESTAMP_TOO_OLD"
    TIMESTAMP_AHEAD = "TIMESTAMP_AHEAD"
    EVENT_REPLAYED = "EVENT_REPLAYED"
    BODY_UNREADABLE = "BODY_UNREADABLE"


class WebhookRefused(RejectedInput):
    """A webhook that is not taken; `reason` says why. Of the body, nothing is said."""

    code = "webhook_refused"

    def __init__(self, reason: WebhookCode) -> None:
        super().__init__(f"a webhook was refused: {reason.lower().replace('_', ' ')}")
        self.reason = reason


def sign(secret: bytes, at_s: int, body: bytes) -> str:
    """Return the signature of a body at a time in seconds, in hex."""
    return hmac.new(secret, b"%d." % at_s + body, hashlib.sha256).hexdigest()


def header(at_s: int, body: bytes, *secrets: bytes) -> str:
    """Return the signature's header."""
    return ",".join((f"t={at_s}", *(f"v1={sign(secret, at_s, body)}" for secret in secrets)))


class WebhookVerifier:
    """Takes webhooks of one provider; `read` makes a notice of a body and raises ValueError where it is none.

    Times are microseconds. Events are remembered for `remember_us`, the latest `most` of them: what a restart or a
    flood lets through twice does no harm, for a payment takes the same word as nothing new.
    """

    def __init__(
        self,
        secrets: tuple[bytes, ...],
        read: Callable[[bytes], Notice],
        *,
        signature_header: str,
        tolerance_us: int = 300 * SECOND_US,
        remember_us: int = 86_400 * SECOND_US,
        most: int = 100_000,
    ) -> None:
        """Check the secrets.

        Raises:
            Misconfigured: there is no secret, or one is too short to be one.
        """
        if not secrets or min(map(len, secrets)) < LEAST_SECRET_BYTES:
            raise Misconfigured(f"a webhook's secret must have {LEAST_SECRET_BYTES} bytes or more")
        self._secrets = secrets
        self._read = read
        self._header = signature_header.lower()
        self._tolerance_us = tolerance_us
        self._remember_us = remember_us
        self._most = most
        self._seen: OrderedDict[str, int] = OrderedDict()

    @contextmanager
    def taking(self, headers: Mapping[str, str], body: bytes, at: int) -> Iterator[Notice]:
        """Verify a webhook and give its notice; if the block fails, the event may come again.

        Raises:
            WebhookRefused: it is forged, replayed, too old or cannot be read.
        """
        self._verify(headers, body, at)
        try:
            notice = self._read(body)
        except (ValueError, RecursionError) as error:
            raise WebhookRefused(WebhookCode.BODY_UNREADABLE) from error
        self._remember(notice.event_id, at)
        try:
            yield notice
        except BaseException:
            self._seen.pop(notice.event_id, None)
            raise

    def _verify(self, headers: Mapping[str, str], body: bytes, at: int) -> None:
        if len(body) > MAX_BODY_BYTES:
            raise WebhookRefused(WebhookCode.BODY_TOO_LONG)
        given = next((value for name, value in headers.items() if name.lower() == self._header), None)
        if given is None:
            raise WebhookRefused(WebhookCode.SIGNATURE_MISSING)
        at_s, signatures = _signatures(given)
        # Every pair is compared, so that the time it takes tells nothing.
        right = [
            hmac.compare_digest(sign(secret, at_s, body).encode(), signature)
            for secret in self._secrets
            for signature in signatures
        ]
        if not any(right):
            raise WebhookRefused(WebhookCode.SIGNATURE_WRONG)
        age_us = at - at_s * SECOND_US
        if age_us > self._tolerance_us:
            raise WebhookRefused(WebhookCode.TIMESTAMP_TOO_OLD)
        if age_us < -self._tolerance_us:
            raise WebhookRefused(WebhookCode.TIMESTAMP_AHEAD)

    def _remember(self, event_id: str, at: int) -> None:
        while self._seen and next(iter(self._seen.values())) < at - self._remember_us:
            self._seen.popitem(last=False)
        if event_id in self._seen:
            raise WebhookRefused(WebhookCode.EVENT_REPLAYED)
        self._seen[event_id] = at
        if len(self._seen) > self._most:
            self._seen.popitem(last=False)


def _signatures(given: str) -> tuple[int, list[bytes]]:
    """Return the time in seconds and the signatures of a header."""
    parts = [part.strip().partition("=") for part in given.split(",", MOST_SIGNATURES + 1)]
    times = [value for name, _, value in parts if name == "t"]
    signatures = [value.encode() for name, _, value in parts if name == "v1"]
    if len(times) != 1 or not (times[0].isascii() and times[0].isdigit()) or len(times[0]) > 12 or not signatures:
        raise WebhookRefused(WebhookCode.SIGNATURE_MALFORMED)
    return int(times[0]), signatures
