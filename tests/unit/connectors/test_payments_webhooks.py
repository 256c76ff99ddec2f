"""Webhooks: the signature itself, secrets that change, and what is remembered."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.payments.contract import Notice
from connectors.payments.messages import read_webhook
from connectors.payments.webhooks import MAX_BODY_BYTES, WebhookCode, WebhookRefused, WebhookVerifier, header, sign
from domain.errors import Misconfigured
from domain.money.payment_terms import Outcome, Said

OLD, NEW = b"the secret of last year", b"the secret of this year"
AT_S = 1_700_000_000
AT = AT_S * 1_000_000
BODY = b'{"id":"e1","data":{"key":"a/p/capture","status":"succeeded","amount":1,"currency":"GBP"}}'


def verifier(*secrets: bytes, most: int = 100, remember_us: int = 3_600_000_000) -> WebhookVerifier:
    return WebhookVerifier(
        secrets or (NEW,), read_webhook, signature_header="X-Signature", most=most, remember_us=remember_us
    )


def take(it: WebhookVerifier, body: bytes, signature: str, at: int = AT) -> Notice | WebhookCode:
    try:
        with it.taking({"x-signature": signature}, body, at) as notice:
            return notice
    except WebhookRefused as refused:
        return refused.reason


def named(name: str) -> bytes:
    return BODY.replace(b"e1", name.encode())


def test_the_signature_is_hmac_sha256_of_time_and_body() -> None:
    assert sign(NEW, AT_S, BODY) == hmac.new(NEW, b"1700000000." + BODY, hashlib.sha256).hexdigest()


def test_a_notice_is_the_providers_word() -> None:
    said = Said(key="a/p/capture", outcome=Outcome.DONE, amount_minor=1, currency="GBP")

    assert take(verifier(), BODY, header(AT_S, BODY, NEW)) == Notice("e1", said)


def test_while_a_secret_is_changed_both_are_good() -> None:
    assert isinstance(take(verifier(OLD, NEW), BODY, header(AT_S, BODY, OLD)), Notice)
    assert isinstance(take(verifier(OLD, NEW), BODY, header(AT_S, BODY, NEW)), Notice)
    assert isinstance(take(verifier(NEW), BODY, header(AT_S, BODY, OLD, NEW)), Notice)
    assert take(verifier(NEW), BODY, header(AT_S, BODY, OLD)) is WebhookCode.SIGNATURE_WRONG


@pytest.mark.parametrize("secrets", [(), (b"short",), (NEW, b"")])
def test_a_secret_that_is_none_is_a_mistake_of_ours(secrets: tuple[bytes, ...]) -> None:
    with pytest.raises(Misconfigured):
        WebhookVerifier(secrets, read_webhook, signature_header="x")


def test_the_time_is_part_of_what_is_signed() -> None:
    signature = header(AT_S, BODY, NEW).replace(str(AT_S), str(AT_S + 1))

    assert take(verifier(), BODY, signature) is WebhookCode.SIGNATURE_WRONG


def test_a_long_body_is_refused_unread() -> None:
    body = b" " * (MAX_BODY_BYTES + 1)

    assert take(verifier(), body, header(AT_S, body, NEW)) is WebhookCode.BODY_TOO_LONG


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{}", b"null", b"[" * 5_000, BODY.replace(b"succeeded", b"x"), BODY.replace(b"e1", b""),
        *(BODY.replace(b":1,", each) for each in (b":-1,", b":1.5,", b":99999999999999999999,")),
    ],
)  # fmt: skip
def test_a_well_signed_body_that_says_nothing_is_refused(body: bytes) -> None:
    assert take(verifier(), body, header(AT_S, body, NEW)) is WebhookCode.BODY_UNREADABLE


@given(st.binary(max_size=200), st.text(max_size=100))
def test_nothing_that_is_not_signed_is_taken(body: bytes, signature: str) -> None:
    assert take(verifier(), body, signature) in {WebhookCode.SIGNATURE_MALFORMED, WebhookCode.SIGNATURE_WRONG}


def test_an_event_is_forgotten_after_its_time() -> None:
    it = verifier(remember_us=1_000_000)
    assert isinstance(take(it, BODY, header(AT_S, BODY, NEW)), Notice)

    assert take(it, BODY, header(AT_S, BODY, NEW), AT + 1_000_000) is WebhookCode.EVENT_REPLAYED
    assert isinstance(take(it, BODY, header(AT_S, BODY, NEW), AT + 1_000_001), Notice)


def test_only_so_many_events_are_remembered_and_the_oldest_are_forgotten_first() -> None:
    it = verifier(most=2)
    for name in ("e1", "e2", "e3"):
        assert isinstance(take(it, named(name), header(AT_S, named(name), NEW)), Notice)

    assert take(it, named("e3"), header(AT_S, named("e3"), NEW)) is WebhookCode.EVENT_REPLAYED
    assert isinstance(take(it, named("e1"), header(AT_S, named("e1"), NEW)), Notice)
