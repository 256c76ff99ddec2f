"""`bookstream identity`: what was not sure enough, and a person's word on which fixtures, or players, are one."""

import time
import uuid
from collections.abc import Callable
from typing import Annotated

import typer
from rich.markup import escape

from bookstream.cli.cluster import cluster
from bookstream.cli.output import JsonOption, console, print_json, table
from bookstream.codecs import decode
from bookstream.outlet import Outlet
from bookstream.reading import read
from bookstream.topics import FIXTURES, IDENTITY_DECISIONS, IDENTITY_REVIEWS, PARTICIPANTS
from domain.errors import Misconfigured, RejectedInput
from domain.events.canonical import Fixture, IdentityDecision, IdentityReview, Participant
from domain.identity.decisions import Link, Word, check_decision
from domain.identity.desk import Desk, Told

KINDS: dict[str, type[Told]] = {
    FIXTURES.name: Fixture, PARTICIPANTS.name: Participant, IDENTITY_REVIEWS.name: IdentityReview,
    IDENTITY_DECISIONS.name: IdentityDecision,
}  # fmt: skip

Make = Callable[[Desk, Word], IdentityDecision]

app = typer.Typer(help="Review, merge and split fixtures and players.", no_args_is_help=True)

Who = Annotated[str, typer.Option(help="who decides, by name")]
Why = Annotated[str, typer.Option(help="why, for those who read it later")]
Theirs = Annotated[
    str, typer.Argument(help="as the provider calls its fixture; a player is PROVIDER:player/ID", metavar="PROVIDER:ID")
]


@app.command("review")
def review(limit: Annotated[int, typer.Option(min=1)] = 50, *, json: JsonOption = False) -> None:
    """List the matches that were not sure enough and that nobody has decided, the likest first. Exit code 3: no broker.

    Example: bookstream identity review
    """
    desk = _desk(*cluster())
    every = desk.open_reviews()
    rows = [
        {
            "subject": f"{each.provider}:{each.provider_fixture_id}", "subject_id": own,
            "provider_name": each.provider_name,
            "candidate_id": each.candidate_id or "", "candidate_name": each.candidate_name or "",
            "score": round(each.score, 3), "reason": each.reason, "context": context,
        }
        for each, (own, context) in ((each, desk.context(each)) for each in every[:limit])
    ]  # fmt: skip
    if json:
        print_json({"total": len(every), "reviews": rows})
        return
    cells = [
        (
            f"{row['subject']}\n{row['subject_id']}", row["provider_name"], row["candidate_id"], row["candidate_name"],
            f"{row['score']:.3f}", f"{row['reason']}\n{row['context']}",
        )
        for row in rows
    ]  # fmt: skip
    table("Open reviews", ("fixture or player", "calls it", "candidate", "is called", "score", "reason"), cells)
    console.print(f"[dim]{len(rows)} of {len(every)}[/]")


@app.command("merge")
def merge(
    kept: Annotated[str, typer.Argument(help="id of the fixture or player that goes on")],
    retired: Annotated[str, typer.Argument(help="id of the one that is the same")],
    who: Who,
    why: Why,
    *,
    turned: Annotated[
        bool | None,
        typer.Option("--turned/--straight", help="whether they list home and away contrariwise; unset: by their names"),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Make two fixtures one, or two players.

    The retired fixture takes no bets any more, keeps those it has, and its prices go on; nothing leads back: a split
    gives a new id. What is told of a retired player is told of the one who goes on; a split gives back the id that a
    provider's number has. Exit code 2: one is unknown, was merged before, or is of the other kind; 3: no broker.

    Example: bookstream identity merge fx-49b41ec784eb580e fx-0c2b6c1f1c1d5a3e --who ann --why "same ground and time"
    """
    address, security = cluster()
    _decide(address, security, lambda desk, word: desk.merge(kept, retired, word, turned=turned), who, why, json=json)


@app.command("accept")
def accept(theirs: Theirs, who: Who, why: Why, *, json: JsonOption = False) -> None:
    """Accept a reviewed match: the provider's fixture or player is merged into the candidate. Exit codes as for merge.

    Example: bookstream identity accept theoddsapi:2c2061 --who ann --why "a nickname"
    """
    link = _link(theirs)
    address, security = cluster()
    _decide(address, security, lambda desk, word: desk.accept(link, word), who, why, json=json)


@app.command("reject")
def reject(theirs: Theirs, who: Who, why: Why, *, json: JsonOption = False) -> None:
    """Reject a reviewed match: the fixtures or players stay two, nobody is asked again. Exit code 2: no such review.

    Example: bookstream identity reject theoddsapi:2c2061 --who ann --why "the women's team"
    """
    link = _link(theirs)
    address, security = cluster()
    _decide(address, security, lambda desk, word: desk.reject(link, word), who, why, json=json)


@app.command("split")
def split(
    theirs: Theirs,
    who: Who,
    why: Why,
    fixture: Annotated[str | None, typer.Option(help="what it was taken for; unset: as the topics tell")] = None,
    *,
    json: JsonOption = False,
) -> None:
    """Give a provider's fixture an id of its own; its prices go with it, and bets stay. A player has his number's id.

    Exit code 2: it is unknown, or a player is nobody else.

    Example: bookstream identity split kambi:1004 --who ann --why "the reserves"
    Example: bookstream identity split opta:player/110 --who ann --why "his brother"
    """
    link = _link(theirs)
    address, security = cluster()
    _decide(address, security, lambda desk, word: desk.split(link, word, left=fixture), who, why, json=json)


def _decide(address: str, security: dict[str, str], make: Make, who: str, why: str, *, json: bool) -> None:
    """Send a decision to every partition, and say what it was."""
    word = Word(event_id=str(uuid.uuid4()), at=time.time_ns() // 1000, actor=who.strip(), reason=why.strip())
    if not word.actor or not word.reason:
        raise Misconfigured("say who decides it and why: --who and --why")
    desk = _desk(address, security)
    try:
        decision = make(desk, word)
        check_decision(decision)
    except RejectedInput as refused:
        raise Misconfigured(str(refused)) from refused
    outlet = Outlet(address, security)
    outlet.send(IDENTITY_DECISIONS.name, decision)
    outlet.flush()
    if json:
        print_json({
            "decision_id": decision.event_id, "action": decision.action, "fixture_id": decision.fixture_id,
            "retired_id": decision.retired_id, "turned": decision.turned,
        })  # fmt: skip
        return
    told = {
        "MERGE": f"{decision.retired_id} is {decision.fixture_id}, {decision.name}",
        "SPLIT": f"{decision.subject_provider}:{decision.subject_fixture_id} is {decision.fixture_id} from now on",
        "REJECT": f"{decision.subject_provider}:{decision.subject_fixture_id} is not {decision.fixture_id}",
    }
    turned = ", with home and away turned" if decision.turned else ""
    console.print(f"{escape(told[decision.action])}{turned} [dim]{decision.event_id}[/]", highlight=False)


def _desk(address: str, security: dict[str, str]) -> Desk:
    """Read all that was said of identity: what decisions are about first, then decisions."""
    desk = Desk()
    for name, kind in KINDS.items():
        for record in read(address, [name], security):
            if record.value is not None:
                desk.feed(decode(kind, record.value))
    return desk


def _link(text: str) -> Link:
    provider, _, theirs = text.partition(":")
    if not provider or not theirs:
        raise Misconfigured(f"a provider's fixture is PROVIDER:ID, its player PROVIDER:player/ID, not {text!r}")
    return provider, theirs
