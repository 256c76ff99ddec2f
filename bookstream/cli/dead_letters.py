"""`bookstream dead-letters`: what was rejected, why, and sending it again."""

from collections.abc import Collection, Iterator
from typing import Annotated

import typer
from confluent_kafka import Producer
from rich.markup import escape

from bookstream.cli.output import JsonOption, console, print_json, table
from bookstream.clients import client
from bookstream.delivery.api import Record
from bookstream.proof.letters import PREFIX, REPLAYED, header, origin, place, replayed
from bookstream.reading import first, read
from bookstream.settings import settings
from bookstream.stack import bootstrap
from bookstream.topics import BY_NAME, DEAD_LETTERS, LARGEST_BYTES
from domain.errors import Misconfigured, Unavailable

SHOWN_BYTES = 2000
FLUSH_SECONDS = 30

app = typer.Typer(help="List, show and send again what was rejected.", no_args_is_help=True)

Topic = Annotated[str | None, typer.Option(help="only those from this topic")]
Code = Annotated[str | None, typer.Option(help="only those with this code")]
Places = Annotated[list[str] | None, typer.Argument(help="as `list` shows them: PARTITION@OFFSET")]


@app.command("list")
def list_letters(
    topic: Topic = None, code: Code = None, limit: Annotated[int, typer.Option(min=1)] = 50, *, json: JsonOption = False
) -> None:
    """List dead letters, oldest first in each partition. Exit code 3: no broker.

    Example: bookstream dead-letters list --topic bets.requests
    """
    total, rows = 0, []
    for record in _letters():
        if not _wanted(record, topic, code):
            continue
        total += 1
        if total <= limit:
            whence = "/".join(map(str, origin(record) or ()))
            rows.append((place(record), whence, *(header(record, n) for n in ("code", "stage", "exception.message"))))
    names = ("place", "from", "code", "stage", "reason")
    if json:
        print_json({"total": total, "dead_letters": [dict(zip(names, row, strict=True)) for row in rows]})
    else:
        table("Dead letters", names, rows)
        console.print(f"[dim]{len(rows)} of {total}[/]")


@app.command("show")
def show_letter(where: Annotated[str, typer.Argument(help="PARTITION@OFFSET")], *, json: JsonOption = False) -> None:
    """Show one dead letter: its headers and its bytes. Exit code 2: there is none at that place; 3: no broker.

    Example: bookstream dead-letters show 3@17
    """
    record = first(_letters(), lambda each: place(each) == where)
    if record is None:
        raise Misconfigured(f"no dead letter at {where}: `bookstream dead-letters list` shows the places")
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
    key, value = repr(record.key), repr((record.value or b"")[:SHOWN_BYTES])
    console.print(f"\n[bold]key[/] {escape(key)}\n[bold]value[/] {escape(value)}", highlight=False)


@app.command("replay")
def replay_letters(
    places: Places = None,
    topic: Topic = None,
    code: Code = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="all that --topic and --code leave")] = False,
    again: Annotated[bool, typer.Option("--again", help="also those that were sent again before")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only say what would be sent")] = False,
    json: JsonOption = False,
) -> None:
    """Send dead letters again: their bytes, key and headers, to the topic and partition that they came from.

    Sending is not deciding twice: what was taken meanwhile is recognised by its id. The letter itself stays, and what
    was sent says in a header which letter it was; so none is sent a second time without --again. Exit code 2: there is
    no such letter; 3: no broker.

    Example: bookstream dead-letters replay --all --topic feeds.betfair.raw --dry-run
    """
    if bool(places) == everything:
        raise Misconfigured("say which: either PARTITION@OFFSET …, or --all")
    wanted = set(places or ())
    found = {place(r): origin(r) for r in _letters() if (place(r) in wanted if wanted else _wanted(r, topic, code))}
    _require_all(wanted, found)
    known = {name: whence[0] for name, whence in found.items() if whence and whence[0] in BY_NAME}
    before = _sent_before(sorted(set(known.values())))
    sent = [name for name in known if again or name not in before]
    if not dry_run:
        _send(set(sent))
    left = {"sent_before": len(known) - len(sent), "without_origin": len(found) - len(known)}
    if json:
        print_json({"sent": 0 if dry_run else len(sent), "places": sent, **left})
        return
    console.print(f"{len(sent)} {'would be sent' if dry_run else 'sent'} again", highlight=False)
    if left["sent_before"]:
        console.print(f"[dim]{left['sent_before']} were sent again before: --again sends them once more[/]")
    if left["without_origin"]:
        console.print(f"[dim]{left['without_origin']} do not say which topic they came from[/]")


def _letters() -> Iterator[Record]:
    return read(bootstrap(settings()), [DEAD_LETTERS.name], settings().kafka_security)


def _wanted(record: Record, topic: str | None, code: str | None) -> bool:
    from_topic = (origin(record) or ("",))[0]
    return (topic is None or from_topic == topic) and (code is None or header(record, "code") == code)


def _require_all(wanted: set[str], found: Collection[str]) -> None:
    missing = sorted(wanted.difference(found))
    if missing:
        raise Misconfigured(f"no dead letter at {', '.join(missing)}: `bookstream dead-letters list` shows the places")


def _sent_before(topics: list[str]) -> set[str]:
    """Return the places of the letters that lie on these topics again."""
    return replayed(read(bootstrap(settings()), topics, settings().kafka_security)) if topics else set()


def _send(places: set[str]) -> None:
    """Send letters again; they are read once more, for all of them may not fit into memory."""
    if not places:
        return
    config = {"enable.idempotence": True, "acks": "all", "message.max.bytes": LARGEST_BYTES}
    producer = client(Producer, bootstrap(settings()), settings().kafka_security, config)
    refused: list[str] = []
    for record in _letters():
        whence = origin(record)
        if whence and place(record) in places:
            _produce(producer, record, whence, refused)
    left = producer.flush(FLUSH_SECONDS)
    if left or refused:
        raise Unavailable(f"{left or len(refused)} dead letters could not be sent: {(refused or ['no answer'])[0]}")


def _produce(producer: Producer, record: Record, whence: tuple[str, int, int], refused: list[str]) -> None:
    headers: list[tuple[str, str | bytes | None]] = [
        each for each in record.headers if not each[0].startswith(PREFIX) and each[0] != REPLAYED
    ]
    headers.append((REPLAYED, place(record).encode()))
    while True:
        try:
            producer.produce(
                whence[0], record.value, record.key, whence[1], headers=headers,
                on_delivery=lambda error, _message: refused.append(error.str()) if error else None,
            )  # fmt: skip
        except BufferError:
            # The local queue is full: wait for acknowledgements.
            producer.poll(0.1)
        else:
            producer.poll(0)
            return
