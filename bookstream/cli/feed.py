"""`bookstream feed`: a provider's live feed into its topic."""

import asyncio
from typing import Annotated

import typer

from bookstream.cli.cluster import cluster
from bookstream.cli.output import JsonOption, console, errors, print_json
from bookstream.delivery.start import hold_directory
from bookstream.settings import settings
from ops.supervisor import until_asked

Listed = Annotated[str | None, typer.Option(help="in the provider's own words, comma between; else as in the settings")]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("feed")(feed)


def feed(
    provider: Annotated[str, typer.Argument(help="betfair, theoddsapi, betsapi, uof")],
    sports: Listed = None,
    markets: Listed = None,
    *,
    anew: Annotated[bool, typer.Option("--anew", help="begin a new stream, whatever place was saved")] = False,
    json: JsonOption = False,
) -> None:
    """Run a provider's live feed until Ctrl-C, and go on where the last run stopped.

    Needs the provider's credentials (BOOKSTREAM_BETFAIR_APP_KEY and BOOKSTREAM_BETFAIR_SESSION,
    BOOKSTREAM_THEODDSAPI_KEY, BOOKSTREAM_BETSAPI_TOKEN, or BOOKSTREAM_UOF_TOKEN) and `bookstream up` or
    BOOKSTREAM_KAFKA. A provider that is away is tried again for ever; what it says of itself goes to standard error.
    Exit code 2: a setting is missing or refused; 3: no broker.

    Example: bookstream feed theoddsapi --sports soccer_epl,soccer_spain_la_liga --markets h2h,totals
    """
    # Loaded when asked for: connecting brings an HTTP client along.
    from bookstream.feed_place import load, place_to_go_on_from  # noqa: PLC0415
    from bookstream.feed_sources import live_source  # noqa: PLC0415
    from bookstream.feeding import Feeding, to_broker  # noqa: PLC0415

    given = settings()
    source = live_source(provider, given, sports, markets)
    address, security = cluster()
    directory = given.data_dir / "feeds" / provider
    path = directory / "place.json"
    with hold_directory(directory):
        saved = None if anew else load(path)
        position = place_to_go_on_from(address, provider, saved, source.subscription, security)
        _tell(f"{provider} goes on at {position.stream_id}, message {position.next_sequence}" if position
              else f"{provider} begins a new stream")  # fmt: skip
        feeding = Feeding(source, to_broker(address, security), path, _tell)
        with until_asked() as asked:
            fed = asyncio.run(feeding.run(position, asked.is_set))
    figures = {"messages": fed.messages, "statuses": fed.statuses, "reconnects": fed.reconnects}
    if json:
        print_json(figures)
    else:
        console.print("  ".join(f"{name} [bold]{value:,}[/]" for name, value in figures.items()))


def _tell(text: str) -> None:
    errors.print(text, highlight=False, soft_wrap=True, markup=False)
