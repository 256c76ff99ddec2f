"""`bookstream bet`: place one bet and see the decision, with every check."""

import time
import uuid
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import typer

from bookstream.cli.answers import Answers
from bookstream.cli.asked import minor_of, scaled, token_of
from bookstream.cli.bet_types import lines_asked, type_name
from bookstream.cli.cluster import cluster
from bookstream.cli.output import JsonOption, console, print_json, table
from bookstream.codecs import decode
from bookstream.outlet import Outlet
from bookstream.reading import read
from bookstream.settings import settings
from bookstream.topics import BET_REQUESTS, QUOTES, TRANSFERS
from domain.betting.slip import slip_of
from domain.errors import ContractViolation, Misconfigured
from domain.events.betting import BetDecision, BetRequest, SlipLeg, WalletTransfer, bet_key
from domain.events.trace import begun
from domain.events.trading import Quote
from domain.money.ids import plain_id


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("bet")(bet)
    # Else a negative amount would be taken for an option.
    app.command("credit", context_settings={"ignore_unknown_options": True})(credit)


def credit(
    customer: Annotated[str, typer.Argument(help="the customer's id")],
    amount: Annotated[str, typer.Argument(help="for instance 100.00; negative to withdraw")],
    *,
    json: JsonOption = False,
) -> None:
    """Pay money into a customer's account, or out of it. Exit code 2: it cannot be asked; 3: no broker.

    Example: bookstream credit alice 100.00
    """
    now, transfer_id, minor = time.time_ns() // 1000, str(uuid.uuid4()), minor_of(amount)
    if not minor:
        raise Misconfigured("a transfer of nothing moves nothing")
    try:
        plain_id("customer_id", customer)
    except ContractViolation as violation:
        raise Misconfigured(str(violation)) from violation
    outlet = Outlet(*cluster())
    outlet.send(
        TRANSFERS.name,
        WalletTransfer(
            event_id=transfer_id, occurred_at=now, received_at=now, provider="cli", transfer_id=transfer_id,
            customer_id=customer, currency=settings().currency, amount_minor=minor, reason="command line",
        ),
    )  # fmt: skip
    outlet.flush()
    if json:
        print_json({"transfer_id": transfer_id})
    else:
        console.print(f"transfer {transfer_id} of {amount} {settings().currency} to {customer} was sent;")
        console.print(f"`bookstream explain {transfer_id}` shows whether it moved the money")


def bet(  # noqa: PLR0917 - the command line's options
    customer: Annotated[str, typer.Option(help="the customer's id")],
    stake: Annotated[str, typer.Option(help="for instance 10.00")],
    leg: Annotated[
        list[str], typer.Option(help="MARKET:SELECTION or MARKET:SELECTION@ODDS; several are one line without --type")
    ],
    policy: Annotated[Literal["exact", "better", "any"], typer.Option(help="which odds are taken")] = "better",
    bet_id: Annotated[str | None, typer.Option(help="names the command; the same again is answered again")] = None,
    token: Annotated[
        Path | None, typer.Option(help="file with the customer's token; unset: one is signed here")
    ] = None,
    key: Annotated[
        Path | None, typer.Option(help="JWK Set with the key to sign a token with; unset: the data directory's")
    ] = None,
    at: Annotated[int | None, typer.Option(help="microseconds UTC; unset: now", min=0)] = None,
    wait: Annotated[float, typer.Option(help="seconds to wait for the decision", min=0)] = 20.0,
    bet_type: Annotated[
        str | None,
        typer.Option("--type", help="TRIXIE … GOLIATH, LUCKY_15 …, or folds as 2 or 2+3; unset: one line of all legs"),
    ] = None,
    banker: Annotated[
        list[int] | None, typer.Option(help="a leg that every line has, by its place from 1", min=1)
    ] = None,
    *,
    partial: Annotated[bool, typer.Option("--partial/--whole", help="a smaller stake may be taken")] = False,
    each_way: Annotated[bool, typer.Option("--each-way", help="back every line to win and to be placed")] = False,
    free: Annotated[bool, typer.Option("--free", help="stake the bonus, which winnings do not return")] = False,
    json: JsonOption = False,
) -> None:
    """Place one bet, wait for the decision, and show it with every check.

    Odds that are not given are those quoted now. The stake is that of all lines. Exit code 0: accepted, in full or in
    part; 1: rejected; 2: it cannot be asked; 3: no answer came.

    Example: bookstream bet --customer alice --stake 10.00 --leg fx-49b41ec784eb580e/MATCH_ODDS/FT:home@1.5
    """
    folds, bankers = lines_asked(bet_type, [place - 1 for place in banker or ()], len(leg))
    now = at if at is not None else time.time_ns() // 1000
    address, security = cluster()
    name = bet_id or str(uuid.uuid4())
    request = BetRequest(
        event_id=name, occurred_at=now, received_at=now, provider="cli", bet_id=name, customer_id=customer,
        token=token_of(token, key, customer, now), currency=settings().currency, stake_minor=minor_of(stake),
        price_policy=policy, accept_partial=partial, legs=_legs(leg, address),
        folds=folds, bankers=bankers, each_way=each_way, free=free,
    )  # fmt: skip
    _require_possible(request)
    with Answers(address, customer, security) as answers:
        outlet = Outlet(address, security, linger_ms=0)
        outlet.send(BET_REQUESTS.name, request, begun(bet_key(customer, name)))
        outlet.flush()
        decision = answers.wait(request, wait)
    _require_same(request, decision)
    _show(decision, json=json)
    if decision.outcome == "REJECTED":
        raise typer.Exit(1)


def _legs(texts: list[str], address: str) -> tuple[SlipLeg, ...]:
    """Read MARKET:SELECTION[@ODDS]; odds and quote version that are not given are those of the newest quote."""
    parts = [_parts(text) for text in texts]
    quotes = _newest_quotes(address, {market_id for market_id, _, _ in parts})
    return tuple(_leg(*part, quotes.get(part[0])) for part in parts)


def _parts(text: str) -> tuple[str, str, str]:
    market_id, _, rest = text.partition(":")
    selection_id, at, odds = rest.partition("@")
    if "/" not in market_id or not selection_id or (at and not odds):
        raise Misconfigured(f"a leg is MARKET:SELECTION or MARKET:SELECTION@ODDS, not {text!r}")
    return market_id, selection_id, odds


def _leg(market_id: str, selection_id: str, odds: str, quote: Quote | None) -> SlipLeg:
    shown = next((s.odds for s in quote.selections if s.selection_id == selection_id), None) if quote else None
    asked = scaled(odds, 3, "odds") if odds else shown
    if asked is None:
        why = f"quotes no odds for {selection_id} now" if quote else "is no market that was ever quoted"
        raise Misconfigured(f"{market_id} {why}: to ask all the same, say at which odds, {selection_id}@ODDS")
    return SlipLeg(
        fixture_id=market_id.split("/", 1)[0], market_id=market_id, selection_id=selection_id, odds=asked,
        quote_version=quote.version if quote else 0,
    )  # fmt: skip


def _newest_quotes(address: str, market_ids: set[str]) -> dict[str, Quote]:
    keys = {market_id.encode() for market_id in market_ids}
    newest: dict[str, Quote] = {}
    for record in read(address, [QUOTES.name], settings().kafka_security):
        if record.key in keys and record.value is not None:
            quote = decode(Quote, record.value)
            newest[quote.market_id] = quote
    return newest


def _require_possible(request: BetRequest) -> None:
    """Refuse here what would only become a dead letter."""
    try:
        slip_of(request)
    except ContractViolation as violation:
        raise Misconfigured(str(violation)) from violation


def _require_same(request: BetRequest, decision: BetDecision) -> None:
    """Refuse to show the answer to another bet as the answer to this one."""
    legs = [(leg.market_id, leg.selection_id, leg.odds) for leg in request.legs]
    decided = [(leg.market_id, leg.selection_id, leg.odds_asked) for leg in decision.legs]
    meant = (request.stake_minor, request.folds, request.bankers, request.free)
    answered = (decision.stake_asked_minor, decision.folds, decision.bankers, decision.free)
    if (meant, legs) != (answered, decided):
        raise Misconfigured(f"bet id {request.bet_id} was used for another bet, which is {decision.outcome}")


def _show(decision: BetDecision, *, json: bool) -> None:
    if json:
        print_json(
            {
                "bet_id": decision.bet_id, "type": type_name(decision), "outcome": decision.outcome,
                "code": decision.code,
                "stake_minor": decision.stake_minor, "odds": decision.odds, "payout_minor": decision.payout_minor,
                "currency": decision.currency,
                "checks": msgspec.to_builtins(decision.checks),
            }
        )  # fmt: skip
        return
    colour = "red" if decision.outcome == "REJECTED" else "green"
    console.print(f"[bold {colour}]{decision.outcome}[/] {decision.code} [dim]{decision.bet_id}[/]", highlight=False)
    console.print(
        f"{type_name(decision)}, stake {decision.stake_minor / 100:,.2f}"
        f" of {decision.stake_asked_minor / 100:,.2f} {decision.currency}"
        f" at {decision.odds / 1000:.3f}, could pay {decision.payout_minor / 100:,.2f}"
    )
    rows = [
        (c.check, c.outcome.lower(), c.code, "  ".join(f"{k} {v:,}" for k, v in sorted(c.figures.items())))
        for c in decision.checks
    ]
    table("", ("check", "verdict", "code", "figures"), rows)
