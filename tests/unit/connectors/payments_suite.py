"""The contract of connectors.payments.contract as tests: each payment provider's client is a subclass.

A subclass gives a `Stage`: a client and a provider that misbehaves as it is told, in the words of bookstream.faults.
"""

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import msgspec
import pytest

from bookstream.faults.payments import UNDONE, Fault
from connectors.payments.contract import KeyReused, OutcomeUnknown, PaymentProvider, carry_out
from connectors.payments.webhooks import WebhookCode, WebhookRefused
from domain.errors import Misconfigured, Unavailable
from domain.money.payment_terms import Answered, Ask, Outcome, Unanswered, Verb
from domain.money.reconcile import Movement, Settled

AUTHORISE = Ask(verb=Verb.AUTHORISE, key="ann/p1/authorise", customer_id="ann", currency="GBP", amount_minor=5_000)
CAPTURE = msgspec.structs.replace(AUTHORISE, verb=Verb.CAPTURE, key="ann/p1/capture", of=AUTHORISE.key)
REFUND = msgspec.structs.replace(
    AUTHORISE, verb=Verb.REFUND, key="ann/p1/r1/refund", amount_minor=1_500, of=CAPTURE.key
)  # fmt: skip
PAYOUT = msgspec.structs.replace(AUTHORISE, verb=Verb.PAYOUT, key="ann/w1/payout", amount_minor=2_000)
BEFORE = {Verb.AUTHORISE: (), Verb.CAPTURE: (AUTHORISE,), Verb.REFUND: (AUTHORISE, CAPTURE), Verb.PAYOUT: ()}
EACH = pytest.mark.parametrize("ask", [AUTHORISE, CAPTURE, REFUND, PAYOUT], ids=lambda ask: ask.verb.value)
SPOILT = [fault for fault in Fault if fault not in {Fault.PENDING, Fault.DECLINED, Fault.DOUBLED}]
SECOND = 1_000_000
MOST_ROUNDS = 20


class Stage(Protocol):
    """A client, and the provider behind it; `tries` is how often the client asks before it gives up."""

    client: PaymentProvider
    tries: int

    @property
    def now(self) -> int:
        """The time, microseconds UTC."""

    def befall(self, *faults: Fault) -> None:
        """Let faults befall the next requests, one each."""

    def forget_faults(self) -> None:
        """Let the requests after this go well."""

    def finish(self, key: str, outcome: Outcome) -> None:
        """Decide what is pending, or return what was paid."""

    def times(self, key: str) -> int:
        """Return how often the provider has done a request, by its own books."""

    def lock_out(self) -> PaymentProvider:
        """Return a client whose access is refused."""

    def webhook(self, key: str, event_id: str, at: int) -> tuple[dict[str, str], bytes]:
        """Return a webhook of what became of a request, well signed at a time."""

    def forged(self, key: str, event_id: str, at: int) -> tuple[dict[str, str], bytes]:
        """Return the same, signed by somebody else."""


class PaymentContract(ABC):
    """What a subclass must show of its client."""

    @abstractmethod
    def stage(self) -> AbstractAsyncContextManager[Stage]:
        """Open a stage."""

    @EACH
    async def test_it_does_what_it_is_asked_and_says_so(self, ask: Ask) -> None:
        async with self.stage() as stage:
            await prepare(stage, ask)

            answered = await carry_out(stage.client, ask)

            assert isinstance(answered, Answered)
            said = answered.said
            assert (said.key, said.outcome) == (ask.key, Outcome.DONE)
            assert (said.amount_minor, said.currency) == (ask.amount_minor, ask.currency)
            assert await stage.client.query(ask.key) == said

    @EACH
    async def test_the_same_key_asked_again_is_done_once(self, ask: Ask) -> None:
        async with self.stage() as stage:
            await prepare(stage, ask)

            first = await carry_out(stage.client, ask)

            assert await carry_out(stage.client, ask) == first
            assert stage.times(ask.key) == 1

    @EACH
    @pytest.mark.parametrize("fault", SPOILT)
    async def test_one_fault_is_overcome_by_trying_again(self, ask: Ask, fault: Fault) -> None:
        async with self.stage() as stage:
            await prepare(stage, ask)
            stage.befall(fault)

            answered = await settled(stage, ask)

            assert (answered.said.outcome, stage.times(ask.key)) == (Outcome.DONE, 1)

    @EACH
    @pytest.mark.parametrize("fault", SPOILT)
    async def test_an_outcome_that_no_try_found_out_is_unknown_until_it_is_asked_for(
        self, ask: Ask, fault: Fault
    ) -> None:
        async with self.stage() as stage:
            await prepare(stage, ask)
            stage.befall(*[fault] * stage.tries)

            assert await carry_out(stage.client, ask) == Unanswered(key=ask.key)
            stage.forget_faults()
            found = await stage.client.query(ask.key)

            assert found.outcome is (Outcome.UNHEARD_OF if fault in UNDONE else Outcome.DONE)
            assert (await settled(stage, ask)).said.outcome is Outcome.DONE
            assert stage.times(ask.key) == 1

    @pytest.mark.parametrize("fault", [Fault.LOST_ANSWER, Fault.SILENT, Fault.CUT, Fault.FAILED, Fault.GARBAGE])
    async def test_what_may_have_been_done_is_told_from_what_was_not(self, fault: Fault) -> None:
        async with self.stage() as stage:
            stage.befall(*[fault] * stage.tries)

            with pytest.raises(OutcomeUnknown, match=r"^[^\n]{20,200}$"):
                await stage.client.payout(PAYOUT)

    async def test_what_is_pending_is_told_when_it_is_done(self) -> None:
        async with self.stage() as stage:
            stage.befall(Fault.PENDING)

            assert (await stage.client.payout(PAYOUT)).outcome is Outcome.PENDING
            stage.finish(PAYOUT.key, Outcome.DONE)
            assert (await stage.client.query(PAYOUT.key)).outcome is Outcome.DONE
            stage.finish(PAYOUT.key, Outcome.RETURNED)
            assert (await stage.client.query(PAYOUT.key)).outcome is Outcome.RETURNED

    @EACH
    async def test_what_is_declined_says_why_and_moves_nothing(self, ask: Ask) -> None:
        async with self.stage() as stage:
            await prepare(stage, ask)
            stage.befall(Fault.DECLINED)

            answered = await settled(stage, ask)

            assert answered.said.outcome is Outcome.DECLINED
            assert answered.said.reason
            assert stage.times(ask.key) == 0

    async def test_a_capture_of_what_was_not_authorised_is_declined(self) -> None:
        async with self.stage() as stage:
            assert (await stage.client.capture(CAPTURE)).outcome is Outcome.DECLINED

    async def test_a_key_that_nobody_used_is_unheard_of(self) -> None:
        async with self.stage() as stage:
            assert (await stage.client.query("ann/p9/capture")).outcome is Outcome.UNHEARD_OF

    @pytest.mark.parametrize("fault", SPOILT)
    async def test_only_the_provider_itself_can_say_that_it_never_heard_of_a_key(self, fault: Fault) -> None:
        async with self.stage() as stage:
            await stage.client.payout(PAYOUT)
            stage.befall(*[fault] * stage.tries)

            with pytest.raises(Unavailable):
                await stage.client.query(PAYOUT.key)

    async def test_a_key_used_for_something_else_is_refused(self) -> None:
        async with self.stage() as stage:
            await stage.client.payout(PAYOUT)

            with pytest.raises(KeyReused):
                await stage.client.payout(msgspec.structs.replace(PAYOUT, amount_minor=1))
            assert stage.times(PAYOUT.key) == 1

    async def test_a_refused_access_is_one_typed_error_without_the_secret(self) -> None:
        async with self.stage() as stage:
            client = stage.lock_out()
            async with client:
                with pytest.raises(Misconfigured, match=r"^[^\n]{20,200}$") as caught:
                    await client.payout(PAYOUT)
            assert "secret" not in str(caught.value)

    async def test_the_statement_of_a_day_is_every_movement_of_money(self) -> None:
        async with self.stage() as stage:
            for ask in (AUTHORISE, CAPTURE, REFUND, PAYOUT):
                await settled(stage, ask)
            stage.finish(PAYOUT.key, Outcome.RETURNED)
            day = dt.datetime.fromtimestamp(stage.now / SECOND, dt.UTC).date()

            lines = await stage.client.statement(day)

            assert {(line.key, line.movement, line.money_minor) for line in lines} == {
                (CAPTURE.key, Movement.CAPTURE, 5_000),
                (REFUND.key, Movement.REFUND, -1_500),
                (PAYOUT.key, Movement.PAYOUT, -2_000),
                (PAYOUT.key, Movement.RETURN, 2_000),
            }
            assert {line.status for line in lines} == {Settled.SETTLED}
            assert await stage.client.statement(day - dt.timedelta(days=1)) == ()

    @pytest.mark.parametrize("fault", [Fault.CUT, Fault.GARBAGE, Fault.FAILED, Fault.LOST_ANSWER, Fault.REFUSED])
    async def test_a_statement_is_whole_or_an_error(self, fault: Fault) -> None:
        async with self.stage() as stage:
            await stage.client.payout(PAYOUT)
            day = dt.datetime.fromtimestamp(stage.now / SECOND, dt.UTC).date()
            stage.befall(fault)
            assert len(await stage.client.statement(day)) == 1
            stage.befall(*[fault] * stage.tries)
            with pytest.raises(Unavailable):
                await stage.client.statement(day)

    async def test_a_webhook_says_what_a_query_says(self) -> None:
        async with self.stage() as stage:
            said = await stage.client.payout(PAYOUT)
            headers, body = stage.webhook(PAYOUT.key, "e1", stage.now)

            with stage.client.webhook(headers, body, stage.now) as notice:
                assert (notice.event_id, notice.said) == ("e1", said)

    async def test_a_webhook_is_taken_once(self) -> None:
        async with self.stage() as stage:
            await stage.client.payout(PAYOUT)
            headers, body = stage.webhook(PAYOUT.key, "e1", stage.now)
            with stage.client.webhook(headers, body, stage.now):
                pass

            assert refusal(stage, headers, body, stage.now) is WebhookCode.EVENT_REPLAYED

    async def test_a_webhook_that_could_not_be_handed_on_may_come_again(self) -> None:
        async with self.stage() as stage:
            await stage.client.payout(PAYOUT)
            headers, body = stage.webhook(PAYOUT.key, "e1", stage.now)
            with pytest.raises(OSError, match="disk"), stage.client.webhook(headers, body, stage.now):
                raise OSError("disk full")

            with stage.client.webhook(headers, body, stage.now) as notice:
                assert notice.said.key == PAYOUT.key

    async def test_a_forged_webhook_is_refused_and_does_not_use_up_the_event(self) -> None:
        async with self.stage() as stage:
            await stage.client.payout(PAYOUT)
            now = stage.now
            assert refusal(stage, *stage.forged(PAYOUT.key, "e1", now), now) is WebhookCode.SIGNATURE_WRONG
            headers, body = stage.webhook(PAYOUT.key, "e1", now)
            for changed in (body + b" ", body[:-1], body.replace(b"2000", b"9000"), b""):
                assert refusal(stage, headers, changed, now) is WebhookCode.SIGNATURE_WRONG

            with stage.client.webhook(headers, body, now) as notice:
                assert notice.event_id == "e1"

    @pytest.mark.parametrize(
        ("late_s", "code"), [(301, WebhookCode.TIMESTAMP_TOO_OLD), (-302, WebhookCode.TIMESTAMP_AHEAD)]
    )
    async def test_a_webhook_out_of_its_time_is_refused(self, late_s: int, code: WebhookCode) -> None:
        async with self.stage() as stage:
            await stage.client.payout(PAYOUT)
            now = stage.now
            headers, body = stage.webhook(PAYOUT.key, "e1", now)

            assert refusal(stage, headers, body, now + late_s * SECOND) is code

    async def test_a_webhook_without_its_signature_is_refused(self) -> None:
        async with self.stage() as stage:
            await stage.client.payout(PAYOUT)
            headers, body = stage.webhook(PAYOUT.key, "e1", stage.now)

            assert refusal(stage, {}, body, stage.now) is WebhookCode.SIGNATURE_MISSING
            for value in ("", "x", "t=1", "v1=00", "t=-1,v1=00", "t=1,t=2,v1=00", "t=٣,v1=00", "t=" + "9" * 99):
                broken = dict.fromkeys(headers, value)
                assert refusal(stage, broken, body, stage.now) is WebhookCode.SIGNATURE_MALFORMED


async def prepare(stage: Stage, ask: Ask) -> None:
    """Do what must come before."""
    for before in BEFORE[ask.verb]:
        assert (await settled(stage, before)).said.outcome is Outcome.DONE


async def settled(stage: Stage, ask: Ask) -> Answered:
    """Ask, and ask after it, until the outcome is known, as a payment does."""
    for _ in range(MOST_ROUNDS):
        answered = await carry_out(stage.client, ask)
        if isinstance(answered, Answered):
            return answered
        found = await carry_out(stage.client, msgspec.structs.replace(ask, query=True))
        if isinstance(found, Answered) and found.said.outcome is not Outcome.UNHEARD_OF:
            return found
    raise AssertionError(f"what became of {ask} was never known")


def refusal(stage: Stage, headers: Mapping[str, str], body: bytes, at: int) -> WebhookCode:
    """Return why a webhook is refused."""
    with pytest.raises(WebhookRefused) as caught, stage.client.webhook(headers, body, at):
        pass
    assert "secret" not in str(caught.value)
    return caught.value.reason
