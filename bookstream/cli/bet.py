"""`bookstream bet`: place one bet and see the decision, with every check."""

import time
import uuid
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import typer

from bookstream.cli.output import JsonOption, console, print_json, table
from bookstream.codecs import decode
from bookstream.outlet import Outlet
from bookstream.reading import read
from bookstream.settings import settings
from bookstream.stack import bootstrap
from bookstream.tokens import TokenSigner
from bookstream.topics import BET_DECISIONS, BET_REQUESTS, QUOTES, TRANSFERS
from domain.errors import Misconfigured, Unavailable
from domain.events.betting import BetDecision, BetRequest, SlipLeg, WalletTransfer
from domain.events.trading import Quote

HOUR = 3600 * 1_000_000
POLL_SECONDS = 0.05


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("bet")(bet)
    app.command("credit")(credit)


def credit(
    customer: Annotated[str, typer.Argument(help="the customer's id")],
    amount: Annotated[str, typer.Argument(help="for instance 100.00; negative to withdraw")],
    *,
    json: JsonOption = False,
) -> None:
    """Pay money into a customer's account (the full wallet comes later).

    Example: bookstream credit alice 100.00
    """
    now, transfer_id = time.time_ns() // 1000, str(uuid.uuid4())
    outlet = Outlet(bootstrap(settings()), settings().kafka_security)
    outlet.send(
        TRANSFERS.name,
        WalletTransfer(
            event_id=transfer_id, occurred_at=now, received_at=now, provider="cli", transfer_id=transfer_id,
            customer_id=customer, currency=settings().currency, amount_minor=_minor(amount), reason="command line",
        ),
    )  # fmt: skip
    outlet.flush()
    if json:
        print_json({"transfer_id": transfer_id})
    else:
        console.print(f"transfer {transfer_id} of {amount} {settings().currency} to {customer} was sent")


def bet(  # noqa: PLR0917 - the command line's options
    customer: Annotated[str, typer.Option(help="the customer's id")],
    stake: Annotated[str, typer.Option(help="for instance 10.00")],
    leg: Annotated[list[str], typer.Option(help="MARKET:SELECTION[@ODDS]; several make an accumulator")],
    policy: Annotated[Literal["exact", "better", "any"], typer.Option(help="which odds are taken")] = "better",
    bet_id: Annotated[str | None, typer.Option(help="names the command; the same again is answered again")] = None,
    token: Annotated[
        Path | None, typer.Option(help="file with the customer's token; unset: one is signed here")
    ] = None,
    at: Annotated[int | None, typer.Option(help="microseconds UTC; unset: now")] = None,
    wait: Annotated[float, typer.Option(help="seconds to wait for the decision", min=0)] = 20.0,
    *,
    partial: Annotated[bool, typer.Option("--partial/--whole", help="a smaller stake may be taken")] = False,
    json: JsonOption = False,
) -> None:
    """Place one bet, wait for the decision, and show it with every check.

    Exit code 0 when it was accepted, in full or in part; 1 when it was rejected; 3 when no answer came.

    Example: bookstream bet --customer alice --stake 10.00 --leg fx-49b41ec784eb580e/MATCH_ODDS/FT:home@1.5
    """
    now = at if at is not None else time.time_ns() // 1000
    address = bootstrap(settings())
    name = bet_id or str(uuid.uuid4())
    request = BetRequest(
        event_id=name, occurred_at=now, received_at=now, provider="cli", bet_id=name, customer_id=customer,
        token=_token(token, customer, now), currency=settings().currency, stake_minor=_minor(stake),
        price_policy=policy, accept_partial=partial, legs=tuple(_leg(each, address) for each in leg),
    )  # fmt: skip
    outlet = Outlet(address, settings().kafka_security, linger_ms=0)
    outlet.send(BET_REQUESTS.name, request)
    outlet.flush()
    decision = _wait(address, customer, name, wait)
    _show(decision, json=json)
    if decision.outcome == "REJECTED":
        raise typer.Exit(1)


def _minor(amount: str) -> int:
    try:
        minor = Decimal(amount) * 100
    except InvalidOperation as error:
        raise Misconfigured(f"{amount!r} is no amount of money") from error
    if not minor.is_finite() or minor != int(minor):
        raise Misconfigured(f"{amount!r} has more than two decimals")
    return int(minor)


def _token(path: Path | None, customer: str, now: int) -> str:
    if path is not None:
        if not path.exists():
            raise Misconfigured(f"no token file {path}")
        return path.read_text(encoding="utf-8").strip()
    keys = settings().data_dir / "tokens.private.jwks.json"
    if not keys.exists():
        raise Misconfigured(f"no --token, and no key to sign one with at {keys}")
    return TokenSigner.from_file(keys).mint(customer, issued_at=now - HOUR, expires_at=now + HOUR)


def _leg(text: str, address: str) -> SlipLeg:
    """Read MARKET:SELECTION[@ODDS]; odds and quote version that are not given are those of the newest quote."""
    market_id, found, rest = text.partition(":")
    selection_id, _, odds = rest.partition("@")
    if not found or not selection_id or "/" not in market_id:
        raise Misconfigured(f"a leg is MARKET:SELECTION[@ODDS], not {text!r}")
    quote = _newest_quote(address, market_id)
    shown = next((s.odds for s in quote.selections if s.selection_id == selection_id), None) if quote else None
    if not odds and not shown:
        raise Misconfigured(f"{market_id} quotes no odds for {selection_id} now: say which you ask, {text}@ODDS")
    return SlipLeg(
        fixture_id=market_id.split("/", 1)[0], market_id=market_id, selection_id=selection_id,
        odds=_minor(odds) * 10 if odds else shown or 0, quote_version=quote.version if quote else 0,
    )  # fmt: skip


def _newest_quote(address: str, market_id: str) -> Quote | None:
    newest = None
    for record in read(address, [QUOTES.name], settings().kafka_security):
        if record.key == market_id.encode() and record.value is not None:
            newest = decode(Quote, record.value)
    return newest


def _wait(address: str, customer: str, bet_id: str, seconds: float) -> BetDecision:
    deadline = time.monotonic() + seconds
    while True:
        for record in read(address, [BET_DECISIONS.name], settings().kafka_security):
            if record.key == bet_id.encode() and record.value is not None:
                decision = decode(BetDecision, record.value)
                if decision.customer_id == customer:
                    return decision
        if time.monotonic() > deadline:
            raise Unavailable(
                f"bet {bet_id} was sent, but no decision came within {seconds:g} s: are the workers running?"
            )
        time.sleep(POLL_SECONDS)


def _show(decision: BetDecision, *, json: bool) -> None:
    if json:
        print_json(
            {
                "bet_id": decision.bet_id, "outcome": decision.outcome, "code": decision.code,
                "stake_minor": decision.stake_minor, "odds": decision.odds, "payout_minor": decision.payout_minor,
                "currency": decision.currency,
                "checks": msgspec.to_builtins(decision.checks),
            }
        )  # fmt: skip
        return
    colour = "red" if decision.outcome == "REJECTED" else "green"
    console.print(f"[bold {colour}]{decision.outcome}[/] {decision.code} [dim]{decision.bet_id}[/]", highlight=False)
    console.print(
        f"stake {decision.stake_minor / 100:,.2f} of {decision.stake_asked_minor / 100:,.2f} {decision.currency}"
        f" at {decision.odds / 1000:.3f}, could pay {decision.payout_minor / 100:,.2f}"
    )
    rows = [
        (c.check, c.outcome.lower(), c.code, "  ".join(f"{k} {v:,}" for k, v in sorted(c.figures.items())))
        for c in decision.checks
    ]
    table("", ("check", "verdict", "code", "figures"), rows)
