"""The command line.

Exit codes: 0 well, 1 found wrong, 2 a person must change something, 3 the other side is away, 4 stopped rather than go
on wrongly, 130 interrupted.
"""

import errno
import sys

import typer

from bookstream.cli import (
    bet,
    books,
    dead_letters,
    demo,
    drill,
    drill_feeds,
    feed,
    identity,
    ledger,
    measure,
    pay,
    proof,
    provider,
    replay,
    settle,
    simulate,
    sql,
    stack,
    topics,
)
from bookstream.cli.output import fail
from domain.errors import BookstreamError, Misconfigured, Unavailable

app = typer.Typer(
    name="bookstream",
    help="The trading backend of a sportsbook, as streams on Faust and Kafka.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
app.add_typer(topics.app, name="topics")
app.add_typer(provider.app, name="provider")
app.add_typer(identity.app, name="identity")
app.add_typer(ledger.app, name="ledger")
app.add_typer(dead_letters.app, name="dead-letters")
app.add_typer(pay.app, name="pay")
app.add_typer(books.app, name="books")
for commands in (stack, demo, replay, feed, bet, settle, sql, proof, drill, drill_feeds, simulate, measure):
    commands.register(app)


def main() -> None:
    """Run the command; every failure on purpose is one sentence on standard error and its exit code."""
    try:
        app(standalone_mode=True)
    except BookstreamError as error:
        fail(error)
        sys.exit(error.exit_code)
    except OSError as error:
        if error.filename is None:
            raise
        # A file or directory that a person named, or the disk that it is on.
        refused = Unavailable if error.errno == errno.ENOSPC else Misconfigured
        fail(refused(f"{error.filename}: {error.strerror}"))
        sys.exit(refused.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
