"""The state of a market's ladders: changes applied to a book, purely. Odds in thousandths, sizes in minor units.

The cache semantics are the Exchange Stream's: values are absolute, size 0 removes, an image replaces the whole market.
"""

from collections.abc import Iterable
from typing import Literal, get_args

import msgspec

from connectors.betfair.definition import GONE, Definition, define, runner_key, starting_price
from connectors.betfair.messages import FullLadder, MarketChange, MarketStatus, RunnerChange

Ladder = dict[int, int]
Levels = dict[int, tuple[int, int]]

Full = Literal["atb", "atl", "trd", "spb", "spl"]
Displayed = Literal["batb", "batl", "bdatb", "bdatl"]
FULL: tuple[Full, ...] = get_args(Full)
DISPLAYED: tuple[Displayed, ...] = get_args(Displayed)


class RunnerBook(msgspec.Struct, omit_defaults=True):
    """One runner's ladders by the stream's own names.

    Full ladders (odds → size): atb, atl available to back and lay, trd traded, spb, spl starting price bets.
    Level ladders (level → odds, size; 0 is the best): batb, batl, and bdatb, bdatl with virtual bets included.
    spn, spf: near and far starting price; ltp: last traded; tv: traded volume.
    """

    atb: Ladder = {}
    atl: Ladder = {}
    trd: Ladder = {}
    spb: Ladder = {}
    spl: Ladder = {}
    batb: Levels = {}
    batl: Levels = {}
    bdatb: Levels = {}
    bdatl: Levels = {}
    spn: int | None = None
    spf: int | None = None
    ltp: int | None = None
    tv: int = 0


class MarketBook(msgspec.Struct, omit_defaults=True):
    """All that the stream has said of one market; runners by `definition.runner_key`. A row of ingest's state."""

    market_id: str
    definition: Definition | None = None
    runners: dict[str, RunnerBook] = {}
    tv: int = 0


class ChangeSet(msgspec.Struct, frozen=True, kw_only=True):
    """What a market change did to a book.

    `runners` are the keys whose prices or volumes it wrote; `removed` those that it took out of the market.
    """

    market_id: str
    image: bool
    conflated: bool
    defined: bool
    status_before: MarketStatus | None
    status: MarketStatus | None
    turned_in_play: bool
    removed: tuple[str, ...]
    runners: tuple[str, ...]

    @property
    def status_changed(self) -> bool:
        """Say whether the market's status is another one now."""
        return self.status != self.status_before


class Top(msgspec.Struct, frozen=True):
    """The best of both sides; None where nothing is offered."""

    back_odds: int | None = None
    back_size_minor: int | None = None
    lay_odds: int | None = None
    lay_size_minor: int | None = None


NOTHING_OFFERED = Top()


def apply(book: MarketBook, change: MarketChange) -> ChangeSet:
    """Apply a market change to its book, in place. Applying the same change twice changes nothing more.

    Raises:
        ContractViolation: the definition in it is broken; the book is left as it was.
    """
    before = book.definition
    after = define(change.definition) if change.definition is not None else before
    if change.img:
        book.runners = {}
        book.tv = 0
    book.definition = after
    if change.tv is not None:
        book.tv = round(change.tv * 100)
    return ChangeSet(
        market_id=book.market_id,
        image=change.img,
        conflated=change.con,
        defined=change.definition is not None,
        status_before=before.status if before is not None else None,
        status=after.status if after is not None else None,
        turned_in_play=after is not None and after.in_play and not (before is not None and before.in_play),
        removed=_removed(before, after) if after is not before else (),
        runners=tuple([_change_runner(book.runners, each) for each in change.rc]),
    )


def top(book: MarketBook, key: str) -> Top:
    """Return the best prices of a runner of a market; nothing is offered on a runner that is not active."""
    runner = book.runners.get(key)
    if runner is None or (book.definition is not None and book.definition.status_of(key) not in {"ACTIVE", None}):
        return NOTHING_OFFERED
    return best(runner)


def best(runner: RunnerBook) -> Top:
    """Return the best prices of a runner's ladders, whatever its status.

    Displayed levels (with virtual bets) go before plain levels, and these before the full ladder.
    """
    back = _first(runner.bdatb) or _first(runner.batb) or _extreme(runner.atb, lowest=False)
    lay = _first(runner.bdatl) or _first(runner.batl) or _extreme(runner.atl, lowest=True)
    return Top(*(back or (None, None)), *(lay or (None, None)))


def _removed(before: Definition | None, after: Definition | None) -> tuple[str, ...]:
    if after is None:
        return ()
    gone_before = {each.key for each in before.runners if each.status in GONE} if before is not None else set()
    return tuple(each.key for each in after.runners if each.status in GONE and each.key not in gone_before)


def _change_runner(runners: dict[str, RunnerBook], change: RunnerChange) -> str:
    """Write one runner change. Written out by field: this is the hottest loop of ingest."""
    key = runner_key(change.id, round(change.hc * 1000)) if change.hc else str(change.id)
    runner = runners.get(key)
    if runner is None:
        runner = runners[key] = RunnerBook()
    if change.atb:
        _write(runner.atb, change.atb)
    if change.atl:
        _write(runner.atl, change.atl)
    if change.trd:
        _write(runner.trd, change.trd)
    if change.batb or change.batl or change.bdatb or change.bdatl:
        for name in DISPLAYED:
            _write_levels(getattr(runner, name), getattr(change, name) or ())
    if change.ltp is not None:
        runner.ltp = round(change.ltp * 1000)
    if change.tv is not None:
        runner.tv = round(change.tv * 100)
    _change_starting_price(runner, change)
    return key


def _change_starting_price(runner: RunnerBook, change: RunnerChange) -> None:
    if change.spb:
        _write(runner.spb, change.spb)
    if change.spl:
        _write(runner.spl, change.spl)
    if change.spn is not None:
        runner.spn = starting_price(change.spn)
    if change.spf is not None:
        runner.spf = starting_price(change.spf)


def _write(ladder: Ladder, changes: FullLadder) -> None:
    for price, size in changes:
        odds, size_minor = round(price * 1000), round(size * 100)
        if size_minor:
            ladder[odds] = size_minor
        else:
            ladder.pop(odds, None)


def _write_levels(levels: Levels, changes: Iterable[tuple[int, float, float]]) -> None:
    for level, price, size in changes:
        size_minor = round(size * 100)
        if size_minor:
            levels[level] = (round(price * 1000), size_minor)
        else:
            levels.pop(level, None)


def _first(levels: Levels) -> tuple[int, int] | None:
    return levels[min(levels)] if levels else None


def _extreme(ladder: Ladder, *, lowest: bool) -> tuple[int, int] | None:
    if not ladder:
        return None
    odds = min(ladder) if lowest else max(ladder)
    return odds, ladder[odds]
