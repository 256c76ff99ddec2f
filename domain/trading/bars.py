"""Suspensions that only fresh prices lift: what they leave behind, and what counts against them."""

from domain.trading.state import Bar, View


def barred(current: Bar | None, new: Bar) -> Bar:
    """Add a suspension to one that holds: the newest gives the reason, neither is lifted sooner."""
    if current is None:
        return new
    return Bar(
        new.reason,
        max(current.at, new.at),
        max(current.occurred_at, new.occurred_at),
        max(current.until, new.until),
    )


def latest(first: Bar | None, second: Bar | None) -> Bar | None:
    """Return the bar that two make together: the market's and its fixture's."""
    if first is None or second is None:
        return first or second
    return barred(first, second) if second.at >= first.at else barred(second, first)


def passes(view: View, bar: Bar) -> bool:
    """Tell whether a source's prices were made and heard after a suspension."""
    return view.received_at > bar.at and view.occurred_at >= bar.occurred_at
