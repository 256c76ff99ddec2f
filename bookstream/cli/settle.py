"""`bookstream settle`: the desk's word on what became of a market, and the markets that wait for it."""

import time
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.markup import escape

from bookstream.cli.cluster import cluster
from bookstream.cli.output import JsonOption, console, print_json, table
from bookstream.codecs import decode
from bookstream.outlet import Outlet
from bookstream.reading import read
from bookstream.topics import LISTINGS, RESULTS, SETTLEMENTS
from domain.errors import Misconfigured, RejectedInput
from domain.events.settlement import MarketResult, MarketSettlement
from domain.events.trading import MarketListing
from domain.settlement import by_hand
from domain.settlement.by_hand import Hand
from domain.settlement.result import LegResult
from domain.settlement.words import DESK

RESULT_HELP = (
    "SELECTION=WIN|LOSE|VOID|HALF_WIN|HALF_LOSE; WIN,heat=1/2 shares a place, WIN,less=20 takes 20 pence off each pound"
)
Words = Callable[[MarketListing, Sequence[MarketResult]], list[MarketResult]]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("settle")(settle)


def settle(  # noqa: PLR0917 - the command line's options
    market: Annotated[str | None, typer.Argument(help="the market's id")] = None,
    result: Annotated[list[str] | None, typer.Option(help=RESULT_HELP)] = None,
    selection: Annotated[list[str] | None, typer.Option(help="of --cancel: only bets on it are void")] = None,
    from_: Annotated[str, typer.Option("--from", help="of --cancel, --restore: bets placed then or later")] = "",
    until: Annotated[str, typer.Option(help="of --cancel, --restore: bets placed before then")] = "",
    known: Annotated[str, typer.Option(help="of --result: when it was known; later bets are void")] = "",
    who: Annotated[str, typer.Option(help="who decides, by name")] = "",
    why: Annotated[str, typer.Option(help="why, for those who read it later")] = "",
    at: Annotated[str, typer.Option(help="when it is said; unset: now")] = "",
    *,
    cancel: Annotated[bool, typer.Option("--cancel", help="void the bets: all, or those of a window")] = False,
    restore: Annotated[bool, typer.Option("--restore", help="let stand what anybody cancelled in this window")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="take back all that the desk said")] = False,
    list_: Annotated[bool, typer.Option("--list", help="show the markets that wait, and who says what")] = False,
    json: JsonOption = False,
) -> None:
    """Settle a market by hand, above what every provider says; or list the markets that wait for a person.

    Bets are paid, or what they were paid is taken back, by the difference. Times are ISO 8601, UTC where they have no
    offset. Exit code 2: no such market or selection, or the word is none; 3: no broker.

    Example: bookstream settle --list
    Example: bookstream settle fx-1/TOTAL_GOALS/FT/2500 --result over=WIN --result under=LOSE --who ann --why "3-0"
    """
    results = _results(result or [])
    window, known_at = (_time(from_), _time(until)), _time(known)
    makers: dict[str, Words] = {
        "--result": lambda listing, _: [by_hand.settled(listing, results, hand, known_at)],
        "--cancel": lambda listing, _: [by_hand.cancelled(listing, window, selection or (), hand)],
        "--restore": lambda listing, _: [by_hand.restored(listing, window, hand)],
        "--undo": lambda listing, said: by_hand.undone(listing, said, hand),
        "--list": lambda *_: [],
    }  # fmt: skip
    asked = dict(zip(makers, (bool(result), cancel, restore, undo, list_), strict=True))
    verb = _verb(asked)
    _require_fitting(verb, {
        "--from": bool(from_), "--until": bool(until), "--known": bool(known), "--selection": bool(selection),
    })  # fmt: skip
    if verb == "--list":
        _list(market, json=json)
        return
    hand = _hand(who, why, at)
    if not market:
        raise Misconfigured(f"say which market {verb} is about")
    _decide(market, hand, makers[verb], json=json)


def _results(texts: list[str]) -> list[tuple[str, LegResult]]:
    try:
        return [by_hand.result_from(text) for text in texts]
    except RejectedInput as refused:
        raise Misconfigured(str(refused)) from refused


def _verb(asked: dict[str, bool]) -> str:
    given = [verb for verb, is_asked in asked.items() if is_asked]
    if len(given) != 1:
        raise Misconfigured(f"say one of {', '.join(asked)}" + (f", not {' and '.join(given)}" if given else ""))
    return given[0]


def _require_fitting(verb: str, given: dict[str, bool]) -> None:
    """Refuse an option that would change nothing: who gives it means something by it."""
    fitting = {
        "--result": {"--known"}, "--cancel": {"--from", "--until", "--selection"}, "--restore": {"--from", "--until"},
    }  # fmt: skip
    for option, is_given in given.items():
        if is_given and option not in fitting.get(verb, set()):
            raise Misconfigured(f"{option} says nothing with {verb}")


def _hand(who: str, why: str, at: str) -> Hand:
    moment = _time(at)
    now = time.time_ns() // 1000 if moment is None else moment
    hand = Hand(event_id=str(uuid.uuid4()), at=now, actor=who.strip(), reason=why.strip())
    if not hand.actor or not hand.reason:
        raise Misconfigured("say who decides it and why: --who and --why")
    return hand


def _decide(market: str, hand: Hand, make: Words, *, json: bool) -> None:
    """Send the desk's words, and say what they were."""
    address, security = cluster()
    listing, said = _known(market, address, security)
    last = max((each.occurred_at for each in said), default=-1)
    if hand.at <= last:
        raise Misconfigured(f"the desk spoke of {market} at {_shown(last)}: a word of before then changes nothing")
    try:
        words = make(listing, said)
    except RejectedInput as refused:
        raise Misconfigured(str(refused)) from refused
    outlet = Outlet(address, security)
    for word in words:
        outlet.send(RESULTS.name, word)
    outlet.flush()
    named = {each.selection_id for word in words for each in word.selections}
    left = [each.selection_id for each in listing.selections if named and each.selection_id not in named]
    if json:
        said_now = [{"event_id": word.event_id, "action": word.action} for word in words]
        print_json({"market_id": market, "words": said_now, "not_named": left})
        return
    for word in words:
        console.print(f"{escape(market)}: {word.action} was said [dim]{word.event_id}[/]", highlight=False)
    if left:
        console.print(f"[yellow]not named, and so as they were: {escape(', '.join(left))}[/]", highlight=False)
    console.print("[dim]`bookstream explain BET` shows what follows for a bet on it[/]", highlight=False)


def _known(market: str, address: str, security: dict[str, str]) -> tuple[MarketListing, list[MarketResult]]:
    """Return what the market is, and what the desk has said of it."""
    listing: MarketListing | None = None
    for record in read(address, [LISTINGS.name], security):
        if record.key == market.encode() and record.value is not None:
            listing = decode(MarketListing, record.value)
    if listing is None:
        raise Misconfigured(
            f"{market!r} is no market that was ever offered: `bookstream sql` finds their ids in quotes"
        )
    return listing, [
        word
        for record in read(address, [RESULTS.name], security)
        if record.key == listing.fixture_id.encode() and record.value is not None
        for word in [decode(MarketResult, record.value)]
        if (word.told_by, word.market_id) == (DESK, market)
    ]


def _list(market: str | None, *, json: bool) -> None:
    newest: dict[str, MarketSettlement] = {}
    address, security = cluster()
    for record in read(address, [SETTLEMENTS.name], security):
        if record.value is not None:
            settlement = decode(MarketSettlement, record.value)
            newest[settlement.market_id] = settlement
    held = [each for _, each in sorted(newest.items()) if each.status == "HELD" and market in {None, each.market_id}]
    if json:
        print_json({"held": [_as_json(each) for each in held]})
        return
    rows = [
        (each.market_id, _shown(each.occurred_at), each.code,
         "\n".join(f"{o.selection_id}: {o.outcome} says {o.told_by}{'' if o.confirmed else ', not for good'}"
                   for o in each.case))
        for each in held
    ]  # fmt: skip
    table("Markets that wait for a person", ("market", "since", "why", "who says what"), rows)
    console.print(f"[dim]{len(held)} of {len(newest)} markets of which anything was said[/]")


def _as_json(held: MarketSettlement) -> dict[str, object]:
    case = [
        {"selection_id": o.selection_id, "told_by": o.told_by, "outcome": o.outcome, "confirmed": o.confirmed}
        for o in held.case
    ]
    return {
        "market_id": held.market_id, "fixture_id": held.fixture_id, "since": held.occurred_at, "code": held.code,
        "version": held.version, "case": case,
    }  # fmt: skip


def _time(text: str) -> int | None:
    """Return a time in microseconds, None for no text; without an offset it is UTC.

    Raises:
        Misconfigured: it is no time.
    """
    if not text:
        return None
    if text.isdecimal() and len(text) > len("20170430"):
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Misconfigured(f"{text!r} is no time such as 2017-04-30T16:00") from None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return round(moment.timestamp() * 1_000_000)


def _shown(at: int) -> str:
    return datetime.fromtimestamp(at / 1_000_000, UTC).isoformat(" ", "seconds")
