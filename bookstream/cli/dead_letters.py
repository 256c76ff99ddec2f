"""`bookstream dead-letters`: what was rejected, why, and sending it again."""

from collections.abc import Iterator
from typing import Annotated

import typer
from confluent_kafka import Producer

from bookstream.cli.output import JsonOption, console, print_json, table
from bookstream.delivery.api import Record
from bookstream.proof.letters import PREFIX, REPLAYED, header, origin, place
from bookstream.reading import read
from bookstream.settings import settings
from bookstream.stack import bootstrap
from bookstream.topics import DEAD_LETTERS
from domain.errors import Misconfigured, Unavailable

SHOWN_BYTES = 2000

app = typer.Typer(help="List, show and send again what was rejected.", no_args_is_help=True)

Topic = Annotated[str | None, typer.Option(help="only those from this topic")]
Code = Annotated[str | None, typer.Option(help="only those with this code")]
Places = Annotated[list[str] | None, typer.Argument(help="as `list` shows them: PARTITION@OFFSET")]


@app.command("list")
def list_letters(
    topic: Topic = None, code: Code = None, limit: Annotated[int, typer.Option(min=1)] = 50, *, json: JsonOption = False
) -> None:
    """List dead letters, oldest first in each partition.

    Example: bookstream dead-letters list --topic bets.requests
    """
    letters = [record for record in _letters() if _wanted(record, topic, code)]
    rows = [
        (
            place(r),
            "/".join(map(str, origin(r) or ())),
            header(r, "code"),
            header(r, "stage"),
            header(r, "exception.message"),
        )
        for r in letters[:limit]
    ]
    names = ("place", "from", "code", "stage", "reason")
    if json:
        print_json({"total": len(letters), "dead_letters": [dict(zip(names, row, strict=True)) for row in rows]})
    else:
        table("Dead letters", names, rows)
        console.print(f"[dim]{len(rows)} of {len(letters)}[/]")


@app.command("show")
def show_letter(where: Annotated[str, typer.Argument(help="PARTITION@OFFSET")], *, json: JsonOption = False) -> None:
    """Show one dead letter: its headers and its bytes. Exit code 2 when there is none at that place.

    Example: bookstream dead-letters show 3@17
    """
    record = _at(where)
    headers = {name: (value or b"").decode(errors="replace") for name, value in record.headers}
    if json:
        print_json(
            {"place": where, "key": (record.key or b"").hex(), "value": (record.value or b"").hex(), "headers": headers}
        )
        return
    table(
        f"Dead letter {where}",
        ("header", "value"),
        [(name.removeprefix(PREFIX), text) for name, text in headers.items()],
    )
    console.print(
        f"\n[bold]key[/] {record.key!r}\n[bold]value[/] {(record.value or b'')[:SHOWN_BYTES]!r}", highlight=False
    )


@app.command("replay")
def replay_letters(
    places: Places = None,
    topic: Topic = None,
    code: Code = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="all that --topic and --code leave")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only say what would be sent")] = False,
    json: JsonOption = False,
) -> None:
    """Send dead letters again: their bytes, key and headers, to the topic that they came from.

    Sending is not deciding twice: what was taken meanwhile is recognised by its id. The letter itself stays.

    Example: bookstream dead-letters replay --all --topic feeds.betfair.raw --dry-run
    """
    if not places and not everything:
        raise Misconfigured("say which: PARTITION@OFFSET …, or --all")
    letters = [_at(each) for each in places] if places else [r for r in _letters() if _wanted(r, topic, code)]
    sent = [r for r in letters if origin(r)]
    if not dry_run:
        _send(sent)
    if json:
        print_json({"sent": 0 if dry_run else len(sent), "places": [place(r) for r in sent]})
    else:
        console.print(f"{len(sent)} {'would be sent' if dry_run else 'sent'} again")


def _letters() -> Iterator[Record]:
    return read(bootstrap(settings()), [DEAD_LETTERS.name], settings().kafka_security)


def _wanted(record: Record, topic: str | None, code: str | None) -> bool:
    from_topic = (origin(record) or ("",))[0]
    return (topic is None or from_topic == topic) and (code is None or header(record, "code") == code)


def _at(where: str) -> Record:
    found = next((record for record in _letters() if place(record) == where), None)
    if found is None:
        raise Misconfigured(f"no dead letter at {where}: `bookstream dead-letters list` shows the places")
    return found


def _send(letters: list[Record]) -> None:
    producer = Producer(
        {
            "bootstrap.servers": bootstrap(settings()),
            "enable.idempotence": True,
            "partitioner": "murmur2_random",
            "log_level": 0,
            **settings().kafka_security,
        }
    )
    refused: list[str] = []
    for record in letters:
        topic, partition, _ = origin(record) or ("", 0, 0)
        headers: list[tuple[str, str | bytes | None]] = [h for h in record.headers if not h[0].startswith(PREFIX)]
        headers.append((REPLAYED, place(record).encode()))
        producer.produce(
            topic, record.value, record.key, partition, headers=headers,
            on_delivery=lambda error, _message: refused.append(error.str()) if error else None,
        )  # fmt: skip
    left = producer.flush(30)
    if left or refused:
        raise Unavailable(f"{left or len(refused)} dead letters could not be sent: {refused[:1] or 'no answer'}")
