"""Whether a market may be open now, and its fair probabilities: a function of what is remembered and of the time.

It looks at no earlier quote, so the same state at the same time gives the same answer however it came about.
"""

from collections.abc import Callable
from math import fsum, log2
from typing import Final

import msgspec

from domain.odds.consensus import Consensus, NoQuorum, SourceView, agree
from domain.trading.bars import latest, passes
from domain.trading.playbook import Phase, Playbook
from domain.trading.reasons import Reason
from domain.trading.rules import MS_US, SECOND_US, SourceRules
from domain.trading.state import Bar, FeedHealth, FixtureState, MarketState, PartitionState, View
from domain.trading.views import work_out

Feeds = Callable[[str], FeedHealth | None]
"""Look up the health of a feed by its key."""

NEVER: Final = 2**62
OVER: Final = frozenset({"FINISHED", "CANCELLED"})


class Around(msgspec.Struct, frozen=True, gc=False):
    """What surrounds a market: its fixture, the feeds, its partition."""

    fixture: FixtureState
    feeds: Feeds
    partition: PartitionState


class Used(msgspec.Struct, frozen=True, gc=False):
    """A view that counts, with its source's rules and its age."""

    view: View
    source: SourceRules
    age_ms: int
    sharpness: float


class Assessment(msgspec.Struct, frozen=True, gc=False):
    """What a market is worth: open if `reason` is empty.

    `probabilities` go with `outcomes`, indexes of the market's selections; `weights` with `used`. `next_at` is when
    time alone may change the answer.
    """

    reason: str
    in_play: bool
    bet_delay_s: int
    next_at: int
    outcomes: tuple[int, ...] = ()
    probabilities: tuple[float, ...] = ()
    used: tuple[Used, ...] = ()
    weights: tuple[float, ...] = ()


class _Look:
    """One look at a market: what it found on the way."""

    __slots__ = (
        "around", "at", "bar", "barred", "delay", "down", "leaders_only", "market", "next_at", "phase", "playbook",
        "stale", "unpriced",
    )  # fmt: skip

    def __init__(self, market: MarketState, around: Around, playbook: Playbook, at: int) -> None:
        self.market = market
        self.around = around
        self.playbook = playbook
        self.at = at
        in_play = around.fixture.status == "IN_PLAY"
        delay = 0
        for view in market.views:
            in_play = in_play or view.in_play
            delay = max(delay, view.bet_delay_s)
        self.phase: Phase = playbook.phase(in_play=in_play)
        self.delay = max(delay, playbook.rules.in_play_delay_s) if in_play else 0
        self.bar: Bar | None = latest(market.bar, around.fixture.bar)
        # Past the start, only who leads can say that play has not begun.
        self.leaders_only = not in_play and at >= around.fixture.kick_off_at
        self.next_at = NEVER if in_play or self.leaders_only else around.fixture.kick_off_at
        self.barred = self.down = self.stale = self.unpriced = False

    def shut(self, reason: str, next_at: int = NEVER) -> Assessment:
        """Find the market shut."""
        return Assessment(reason, self.phase.in_play, self.delay, min(next_at, self.next_at))


def assess(market: MarketState, around: Around, playbook: Playbook, at: int) -> Assessment:
    """Assess a market at a time of the log."""
    look = _Look(market, around, playbook, at)
    shut = _ordered(look)
    if shut is not None:
        return shut
    views = _gather(look)
    if look.bar is not None and at < look.bar.until:
        return look.shut(look.bar.reason, look.bar.until)
    if not views:
        return look.shut(_missing(look))
    views = _same_outcomes(views)
    agreed = agree(
        [SourceView(each.view.source, each.view.probabilities, each.sharpness, each.age_ms) for each in views],
        look.phase.consensus,
    )
    if isinstance(agreed, NoQuorum):
        return look.shut(_missing(look) if agreed.reason == "NO_QUORUM" else Reason.DISAGREEMENT.value)
    if agreed.dispersion > playbook.rules.disagreement_logit:
        return look.shut(Reason.DISAGREEMENT.value)
    return _opened(look, views, agreed)


def _ordered(look: _Look) -> Assessment | None:
    """Say what holds whatever the prices."""
    market, fixture, rules = look.market, look.around.fixture, look.playbook.rules
    if market.closed or fixture.status in OVER:
        return Assessment(Reason.CLOSED.value, look.phase.in_play, look.delay, NEVER)
    if market.trader or fixture.trader or look.around.partition.trader:
        return look.shut(Reason.TRADER.value)
    if not fixture.known:
        return look.shut(Reason.NOT_OPEN_YET.value)
    opens_at = fixture.kick_off_at - rules.opens_before_us
    if look.at < opens_at:
        return look.shut(Reason.NOT_OPEN_YET.value, opens_at)
    for view in market.views:
        if view.status == "SUSPENDED" and look.playbook.source(view.bookmaker).leads:
            feed = look.around.feeds(view.feed)
            if feed is None or not feed.down:
                return look.shut(Reason.PROVIDER_SUSPENDED.value)
    return None


def _gather(look: _Look) -> list[Used]:
    """Return the views that count; `look` learns why others do not."""
    views = []
    for view in look.market.views:
        if view.status != "OPEN":
            continue
        source = look.playbook.source(view.bookmaker)
        if look.leaders_only and not source.leads:
            continue
        work_out(view, look.playbook)
        if view.form == "NONE":
            look.unpriced = True
            continue
        used = _counted(look, view, source)
        if used is not None:
            views.append(used)
    return views


def _counted(look: _Look, view: View, source: SourceRules) -> Used | None:
    if look.bar is not None and not passes(view, look.bar):
        look.barred = True
        return None
    feed = look.around.feeds(view.feed)
    heard_at = view.received_at
    if feed is not None:
        if feed.down or feed.restored_at > heard_at:
            look.down = True
            return None
        if feed.up_since and feed.up_since <= heard_at:
            # A feed that stayed up since then stands for what it did not change.
            heard_at = max(heard_at, min(feed.heard_at, heard_at + look.phase.rules.vouched_us))
    limit = source.in_play_stale_us if look.phase.in_play else source.stale_us
    age = look.at - heard_at
    if age > limit:
        look.stale = True
        return None
    look.next_at = min(look.next_at, heard_at + limit + 1)
    return Used(view, source, max(age, 0) // MS_US, _sharpness(source, view))


def _sharpness(source: SourceRules, view: View) -> float:
    if view.form in {"LADDER", "ODDS"}:
        return source.sharpness
    return source.wide_sharpness if view.form == "WIDE" else source.traded_sharpness


def _same_outcomes(views: list[Used]) -> list[Used]:
    """Keep the views of the selections that the sharpest prices: a runner was removed, or a source lacks one."""
    first = views[0].view.outcomes
    for each in views:
        if each.view.outcomes != first:
            sharpest = max(views, key=_rank).view.outcomes
            return [each for each in views if each.view.outcomes == sharpest]
    return views


def _rank(used: Used) -> tuple[bool, float, int]:
    return used.source.leads, used.sharpness, -used.age_ms


def _missing(look: _Look) -> str:
    """Say why too few views count."""
    if look.barred and look.bar is not None:
        return look.bar.reason
    if look.down:
        return Reason.FEED_DOWN.value
    if look.stale:
        return Reason.STALE.value
    if look.leaders_only:
        return Reason.KICK_OFF.value
    return Reason.NO_PRICE.value if look.unpriced else Reason.NO_QUORUM.value


def _opened(look: _Look, views: list[Used], agreed: Consensus) -> Assessment:
    by_source = {each.view.source: each for each in views}
    used = tuple([by_source[source] for source, _ in agreed.used])
    weights = tuple([weight for _, weight in agreed.used])
    bar, rules = look.bar, look.playbook.rules
    if bar is not None and look.at < bar.at + rules.reopen_watch_us and not _reopens(used, rules.reopen_sources):
        return look.shut(bar.reason, bar.at + rules.reopen_watch_us)
    fades_at = look.at + _fades_us(fsum(weights), rules.quorum_weight, look.phase)
    return Assessment(
        "",
        look.phase.in_play,
        look.delay,
        min(look.next_at, fades_at),
        used[0].view.outcomes,
        agreed.probabilities,
        used,
        weights,
    )


def _reopens(used: tuple[Used, ...], sources: int) -> bool:
    return len(used) >= sources or any(each.source.leads and each.view.form == "LADDER" for each in used)


def _fades_us(weight: float, quorum: float, phase: Phase) -> int:
    """Return how long a weight stays above the quorum if nothing is heard: w·2^(−t/half-life) = quorum."""
    if quorum <= 0.0:
        return NEVER
    return max(int(log2(weight / quorum) * phase.rules.half_life_us), 0) + SECOND_US // 10
