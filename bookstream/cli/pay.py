"""`bookstream pay`: deposits and withdrawals as a customer commands them, and the provider held against the ledger.

The commands of `bookstream pay reconcile` are in bookstream/cli/pay_reconcile.py.
"""

import time
import uuid
from pathlib import Path
from typing import Annotated

import typer

from bookstream.cli import pay_reconcile
from bookstream.cli.answers import Answers
from bookstream.cli.asked import minor_of, token_of
from bookstream.cli.cluster import cluster
from bookstream.cli.output import JsonOption, console, print_json
from bookstream.codecs import decode, encode
from bookstream.outlet import Outlet
from bookstream.proof.letters import header
from bookstream.settings import settings
from bookstream.topics import DEAD_LETTERS, PAYMENT_REFUSALS, PAYMENT_REQUESTS, PAYMENTS
from domain.errors import ContractViolation, Misconfigured, Unavailable
from domain.events.payments import Payment, PaymentKind, PaymentRefusal, PaymentRequest
from domain.events.trace import begun
from domain.money.ids import plain_id

app = typer.Typer(help="Pay money in and out through the payment provider.", no_args_is_help=True)
pay_reconcile.register(app)

TOPICS = (PAYMENTS.name, PAYMENT_REFUSALS.name, DEAD_LETTERS.name)
DONE = frozenset({"CAPTURED", "PAID"})
UNDER_WAY = frozenset({"AUTHORISING", "CAPTURING", "PAYING"})

Customer = Annotated[str, typer.Argument(help="the customer's id")]
Amount = Annotated[str, typer.Argument(help="for instance 100.00")]
Name = Annotated[str | None, typer.Option(help="names the command; the same again is answered again")]
TokenFile = Annotated[Path | None, typer.Option(help="file with the customer's token; unset: one is signed here")]
KeyFile = Annotated[Path | None, typer.Option(help="JWK Set with the key to sign with; unset: the data directory's")]
Wait = Annotated[float, typer.Option(help="seconds to wait for the end of it", min=0)]


@app.command()
def deposit(  # noqa: PLR0917 - the command line's options
    customer: Customer,
    amount: Amount,
    payment_id: Name = None,
    token: TokenFile = None,
    key: KeyFile = None,
    wait: Wait = 30.0,
    *,
    json: JsonOption = False,
) -> None:
    """Pay money into a customer's account, and wait until it is credited.

    Exit code 0: it is; 1: it was refused or declined; 2: it cannot be asked; 3: it is still under way, or no answer
    came. The same --payment-id again says how it stands by then.

    Example: bookstream pay deposit alice 100.00
    """
    _pay("DEPOSIT", customer, minor_of(amount), payment_id, (token, key), wait=wait, json=json)


@app.command()
def withdraw(  # noqa: PLR0917 - the command line's options
    customer: Customer,
    amount: Amount,
    payment_id: Name = None,
    token: TokenFile = None,
    key: KeyFile = None,
    wait: Wait = 30.0,
    *,
    json: JsonOption = False,
) -> None:
    """Pay money out to a customer, and wait until the provider has paid it. Exit codes as those of `pay deposit`.

    Example: bookstream pay withdraw alice 25.00
    """
    _pay("WITHDRAWAL", customer, minor_of(amount), payment_id, (token, key), wait=wait, json=json)


def _pay(
    kind: PaymentKind,
    customer: str,
    minor: int,
    name: str | None,
    files: tuple[Path | None, Path | None],
    *,
    wait: float,
    json: bool,
) -> None:
    now, name = time.time_ns() // 1000, name or str(uuid.uuid4())
    try:
        plain_id("customer_id", customer)
        plain_id("payment_id", name)
    except ContractViolation as violation:
        raise Misconfigured(str(violation)) from violation
    address, security = cluster()
    request = PaymentRequest(
        event_id=name, occurred_at=now, received_at=now, provider="cli", payment_id=name, customer_id=customer,
        token=token_of(*files, customer, now), kind=kind, currency=settings().currency, amount_minor=minor,
    )  # fmt: skip
    with Answers(address, customer, security, TOPICS) as answers:
        outlet = Outlet(address, security, linger_ms=0)
        outlet.send(PAYMENT_REQUESTS.name, request, begun(f"{customer}/{name}"))
        outlet.flush()
        said = answer_to(request, answers, wait)
    _show(request, said, json=json)
    if isinstance(said, PaymentRefusal) or said.status not in DONE | UNDER_WAY:
        raise typer.Exit(1)
    if said.status in UNDER_WAY:
        raise Unavailable(f"payment {name} is still {said.status}: ask again with --payment-id {name}")


def answer_to(request: PaymentRequest, answers: Answers, seconds: float) -> Payment | PaymentRefusal:
    """Return the last that is said of a payment, or why it was refused.

    Raises:
        Misconfigured: the command became a dead letter; the text says why.
        Unavailable: nothing was said of it.
    """
    key, sent = f"{request.customer_id}/{request.payment_id}".encode(), encode(request)
    last: Payment | None = None
    for record in answers.records(seconds):
        if record.value is None:
            continue
        if record.topic == DEAD_LETTERS.name and record.value == sent:
            raise Misconfigured(f"the payment was not taken: {header(record, 'exception.message')}")
        if record.topic == PAYMENT_REFUSALS.name and record.key == request.customer_id.encode():
            refusal = decode(PaymentRefusal, record.value)
            if (refusal.refused, refusal.payment_id) == ("REQUEST", request.payment_id):
                return refusal
        if record.topic == PAYMENTS.name and record.key == key:
            last = decode(Payment, record.value)
            if last.status not in UNDER_WAY:
                return last
    if last is None:
        raise Unavailable(
            f"payment {request.payment_id} was sent, but no answer came within {seconds:g} s: are the workers running?"
        )
    return last


def _show(request: PaymentRequest, said: Payment | PaymentRefusal, *, json: bool) -> None:
    status = said.status if isinstance(said, Payment) else "REFUSED"
    reason = said.reason if isinstance(said, Payment) else ""
    if json:
        print_json({
            "payment_id": request.payment_id, "customer_id": request.customer_id, "kind": request.kind,
            "status": status, "code": said.code, "reason": reason, "amount_minor": request.amount_minor,
            "currency": request.currency,
        })  # fmt: skip
        return
    colour = "green" if status in DONE else "yellow" if status in UNDER_WAY else "red"
    console.print(f"[bold {colour}]{status}[/] {said.code} {reason} [dim]{request.payment_id}[/]", highlight=False)
    console.print(f"{request.kind.lower()} of {request.amount_minor / 100:,.2f} {request.currency}", highlight=False)
