"""How the book goes by a provider's state, and what it tells of one: prices of its markets beside the others'."""

from collections import defaultdict
from collections.abc import Callable
from typing import Final

from domain.events.feeds import ProviderStatus, Standing
from domain.feeds.protection import is_contrary
from domain.trading.bars import barred, latest, passes
from domain.trading.playbook import Playbook
from domain.trading.reasons import Reason
from domain.trading.state import Bar, FeedHealth, FixtureState, MarketState, ProviderHealth, View
from domain.trading.views import work_out

PRICED: Final = frozenset({"LADDER", "ODDS"})
"""Only whole, two-sided or complete prices are held against each other."""
QUIET: Final = frozenset({"silent", "stale"})


def on_provider_status(health: ProviderHealth, status: ProviderStatus) -> bool:
    """Learn a provider's state, and say whether it is another one. What is older than what is known is ignored."""
    if status.received_at < health.heard_at:
        return False
    before = health.state
    health.heard_at, health.state = status.received_at, status.state
    if before == "DOWN" and status.state != "DOWN":
        health.restored_at = status.received_at
    return before != status.state


def on_provider_down(market: MarketState, status: ProviderStatus, playbook: Playbook) -> None:
    """Bar a market whose leading source fell quiet."""
    if status.state == "DOWN" and status.reason in QUIET:
        bar_led(market, status.provider, playbook, status.received_at)


def bar_led(market: MarketState, provider: str, playbook: Playbook, at: int) -> None:
    """Bar a market that a provider leads: the others may hold prices of before whatever it missed."""
    leads = any(view.provider == provider and playbook.source(view.bookmaker).leads for view in market.views)
    if leads and not market.closed:
        market.bar = barred(market.bar, Bar(Reason.FEED_DOWN.value, at))


def on_coverage(fixture: FixtureState, provider: str, state: Standing, at: int) -> None:
    """Learn how far a provider counts in one fixture."""
    health = fixture.short.get(provider) or ProviderHealth()
    if health.state == "DOWN" and state != "DOWN":
        health.restored_at = at
    health.state, health.heard_at = state, at
    fixture.short[provider] = health
    if state == "UP" and not health.restored_at:
        del fixture.short[provider]


def seen_through(feed: FeedHealth | None, provider: ProviderHealth | None) -> FeedHealth | None:
    """Return a feed's health as its provider's state lets it count.

    Of a provider that is DOWN no price counts until it is heard again; a DEGRADED one vouches for nothing unchanged.
    """
    if provider is None or (provider.state == "UP" and not provider.restored_at):
        return feed
    own = feed or FeedHealth()
    return FeedHealth(
        down=own.down or provider.state == "DOWN",
        heard_at=own.heard_at,
        up_since=own.up_since if provider.state == "UP" else 0,
        restored_at=max(own.restored_at, provider.restored_at),
    )


def is_open_by(market: MarketState, provider: str) -> bool:
    """Tell whether a provider holds a market open."""
    return not market.closed and any(view.provider == provider and view.status == "OPEN" for view in market.views)


def contradicts(
    market: MarketState,
    fixture: FixtureState,
    provider: str,
    is_heard: Callable[[str], bool],
    *,
    playbook: Playbook,
    at: int,
) -> bool | None:
    """Tell whether a provider's prices of a market contradict the others'; None where nobody can judge that.

    `is_heard` says of another provider whether it may judge; who is DOWN in the fixture may not. Prices of before a
    suspension, or too old, say nothing.
    """
    by_provider: dict[str, list[View]] = defaultdict(list)
    bar = latest(market.bar, fixture.bar)
    for view in market.views:
        if view.status == "OPEN" and _is_fresh(view, playbook, at) and (bar is None or passes(view, bar)):
            work_out(view, playbook)
            if view.form in PRICED:
                by_provider[view.provider].append(view)
    own = by_provider.pop(provider, [])
    if not own:
        return None
    outcomes = own[0].outcomes
    others = [
        [view.probabilities for view in views if view.outcomes == outcomes]
        for name, views in by_provider.items()
        if is_heard(name) and _counts(fixture, name)
    ]
    return is_contrary(
        [view.probabilities for view in own if view.outcomes == outcomes], [views for views in others if views]
    )


def _counts(fixture: FixtureState, provider: str) -> bool:
    health = fixture.short.get(provider)
    return health is None or health.state != "DOWN"


def _is_fresh(view: View, playbook: Playbook, at: int) -> bool:
    source = playbook.source(view.bookmaker)
    return at - view.received_at <= (source.in_play_stale_us if view.in_play else source.stale_us)
