"""What one source says of a market: taken from a tick; its margin is removed when the market is priced, once.

Under a backlog a market takes in many ticks for each time that it is priced, and most are never worked out.
"""

from collections.abc import Sequence
from typing import Final

from domain.errors import ContractViolation
from domain.events.canonical import MarketOdds, SelectionOdds
from domain.odds.exchange import Top, midpoint
from domain.odds.margin import MarginMethod, remove
from domain.trading.bars import barred
from domain.trading.playbook import Playbook
from domain.trading.reasons import Reason
from domain.trading.state import Bar, Form, MarketState, View

WIDE_SPREAD: Final = 0.25
"""A ladder whose best offers are farther apart in probability says nothing."""
TRADED_BOOK: Final = (0.94, 1.08)
"""What last traded prices of one moment sum to; others are of different moments."""
LEAST_BOOK: Final = 0.97
"""A bookmaker's whole book below this is a mistake of his, or of his feed."""

Priced = tuple[Form, tuple[float, ...], tuple[int, ...]]
NOTHING: Final[Priced] = ("NONE", (), ())


def take(market: MarketState, odds: MarketOdds, feed: str, playbook: Playbook) -> bool:
    """Take a tick in, and say whether it changed anything: one that is late, or older than the source's last, does not.

    A source that leads bars the market when it suspends it, and closes it when it closes it; a statistic of others says
    nothing.
    """
    if odds.late or market.closed:
        return False
    source = playbook.source(odds.bookmaker)
    if source.is_statistic:
        return False
    views = market.views
    at = _find(views, odds)
    before = views[at] if at >= 0 else None
    if before is not None and (odds.occurred_at < before.occurred_at or odds.received_at < before.received_at):
        return False
    outcomes, active = _places(market, odds.selections)
    view = _view(odds, feed, outcomes)
    if odds.status == "OPEN" and playbook.market(market.market_type).winners == 1:
        if before is not None and before.form == "ODDS" and before.odds == _bookmaker(active):
            view.form, view.probabilities, view.odds = "ODDS", before.probabilities, before.odds
        else:
            view.form, view.offers = "RAW", tuple(active)
    if source.leads:
        _lead(market, odds)
    if at >= 0:
        views[at] = view
    else:
        views.append(view)
    return True


def work_out(view: View, playbook: Playbook) -> None:
    """Remove the margin from what a view was taken from, if that was not done."""
    if view.form == "RAW":
        view.form, view.probabilities, view.odds = _price(
            view.offers, playbook.rules.tight_spread, playbook.source(view.bookmaker).method
        )
        view.offers = ()


def _find(views: list[View], odds: MarketOdds) -> int:
    for index, view in enumerate(views):
        if view.bookmaker == odds.bookmaker and view.provider == odds.provider:
            return index
    return -1


def _lead(market: MarketState, odds: MarketOdds) -> None:
    if odds.status == "CLOSED":
        market.closed = True
    elif odds.status == "SUSPENDED":
        market.bar = barred(market.bar, Bar(Reason.PROVIDER_SUSPENDED.value, odds.received_at, odds.occurred_at))
    elif odds.in_play and market.views and not any(view.in_play for view in market.views):
        # Play has begun without a suspension that was heard: what the others say is of before.
        market.bar = barred(market.bar, Bar(Reason.KICK_OFF.value, odds.received_at - 1, odds.occurred_at))


def _view(odds: MarketOdds, feed: str, outcomes: tuple[int, ...]) -> View:
    return View(
        f"{odds.provider}/{odds.bookmaker}",
        odds.provider,
        odds.bookmaker,
        feed,
        odds.event_id,
        odds.occurred_at,
        odds.received_at,
        odds.status,
        odds.in_play,
        odds.bet_delay_s,
        "NONE",
        outcomes,
        (),
        (),
    )


def _places(
    market: MarketState, selections: tuple[SelectionOdds, ...]
) -> tuple[tuple[int, ...], Sequence[SelectionOdds]]:
    """Return the indexes of the active selections, ascending, and the selections in that order; learn new ones."""
    ids = market.selections
    known = len(ids)
    if known == len(selections) and all(map(_in_place, selections, ids)):
        return tuple(range(known)), selections
    index = {selection_id: at for at, selection_id in enumerate(ids)}
    placed = []
    for each in selections:
        at = index.get(each.selection_id)
        if at is None:
            at = index[each.selection_id] = len(ids)
            ids.append(each.selection_id)
            market.names.append(each.name)
        if each.status == "ACTIVE":
            placed.append((at, each))
    placed.sort(key=_first)
    return tuple([at for at, _ in placed]), [each for _, each in placed]


def _in_place(selection: SelectionOdds, selection_id: str) -> bool:
    return selection.selection_id == selection_id and selection.status == "ACTIVE"


def _first(pair: tuple[int, SelectionOdds]) -> int:
    return pair[0]


def _bookmaker(active: Sequence[SelectionOdds]) -> tuple[int, ...] | None:
    """Return the odds of a bookmaker, who takes no lays; None if these are not one's, or not of every selection."""
    odds = []
    for each in active:
        if each.back_odds is None or each.lay_odds is not None:
            return None
        odds.append(each.back_odds)
    return tuple(odds)


def _price(active: Sequence[SelectionOdds], tight_spread: float, method: MarginMethod) -> Priced:
    if any(each.lay_odds is not None for each in active):
        return _ladder(active, tight_spread) or _traded(active)
    if all(each.back_odds is None for each in active):
        return _traded(active)
    odds = _bookmaker(active)
    return NOTHING if odds is None else _odds(odds, method)


def _ladder(active: Sequence[SelectionOdds], tight_spread: float) -> Priced | None:
    tops = [_top(each) for each in active]
    found = midpoint(tops, max_spread=tight_spread)
    if found is not None:
        return "LADDER", found, ()
    found = midpoint(tops, max_spread=WIDE_SPREAD)
    return None if found is None else ("WIDE", found, ())


def _top(each: SelectionOdds) -> Top:
    """Return the best offers; an aggregator tells no sizes, so its two sides weigh the same."""
    back, lay = each.back_odds, each.lay_odds
    back_size = 1 if each.back_size_minor is None else each.back_size_minor
    lay_size = 1 if each.lay_size_minor is None else each.lay_size_minor
    return Top(back or 0, back_size if back else 0, lay or 0, lay_size if lay else 0)


def _odds(odds: tuple[int, ...], method: MarginMethod) -> Priced:
    try:
        fair = remove(method, odds)
    except ContractViolation:
        return NOTHING
    return NOTHING if fair.overround < LEAST_BOOK else ("ODDS", fair.probabilities, odds)


def _traded(active: Sequence[SelectionOdds]) -> Priced:
    odds = tuple([each.last_traded_odds for each in active if each.last_traded_odds is not None])
    if not odds or len(odds) < len(active):
        return NOTHING
    try:
        fair = remove(MarginMethod.MULTIPLICATIVE, odds)
    except ContractViolation:
        return NOTHING
    low, high = TRADED_BOOK
    return ("TRADED", fair.probabilities, odds) if low <= fair.overround <= high else NOTHING
