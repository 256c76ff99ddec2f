"""What `bookstream bench` prints."""

from bench import catalogue
from bench.figures import Figure
from bookstream.cli.output import errors, print_json, table

COLUMNS = ("figure", "measured", "against", "ratio", "target")


def measure(name: str, *, rounds: int | None, ticks: int | None, json: bool) -> None:
    """Run a bench and print its figures.

    Raises:
        BookstreamError: whatever keeps it from running, in one sentence.
    """
    with errors.status(f"bench {name}") as status:

        def say(text: str) -> None:
            status.update(f"bench {name}: {text}")
            errors.print(f"[dim]{text}[/]", highlight=False)

        figures = catalogue.run(name, rounds=rounds, ticks=ticks, say=say)
    if json:
        print_json({**figures[0].as_json(), "figures": [figure.as_json() for figure in figures]})
    else:
        table(f"bench {name}", COLUMNS, [_row(figure) for figure in figures])


def show_list(*, json: bool) -> None:
    """Print which benches there are."""
    known = catalogue.BENCHES
    if json:
        print_json([{"name": b.name, "about": b.about, "rounds": b.rounds, "seconds": b.seconds} for b in known])
        return
    rows = [(b.name, b.about, b.rounds, f"{b.seconds / 60:.0f} min" if b.seconds >= 60 else "< 1 min") for b in known]
    table("Benches", ("name", "what it measures", "rounds", "takes about"), rows)


def _row(figure: Figure) -> tuple[str, ...]:
    met = "met" if figure.met else "MISSED"
    return (
        figure.name,
        f"{figure.median:,.4g} [{figure.low:,.4g} – {figure.high:,.4g}] {figure.unit}",
        figure.against,
        f"{figure.ratio:.3g} [{figure.ratio_low:.3g} – {figure.ratio_high:.3g}]",
        "" if figure.target is None else f"{figure.direction} {figure.target:g}: {met}",
    )
