"""The book's checks of a leg: small named functions that return pass, reduce-to or refuse, with the figures they saw.

None looks at anything but its arguments; availability comes first, and a refusal ends the row.
"""

from domain.betting.checks.verdict import passed, reduced, refused
from domain.betting.codes import Code
from domain.events.betting import BetLeg, CheckVerdict
from domain.trading.liability import Liability, largest_stake
from domain.trading.reasons import REFUSALS
from domain.trading.rules import MarketRules
from domain.trading.stakes import most_stake, room_minor
from domain.trading.state import FixtureState, MarketState, QuoteState


def availability(
    fixture: FixtureState | None, market: MarketState | None, leg: BetLeg, at: int, *, late_quotes: bool
) -> CheckVerdict:
    """Check that the market is open now, and the selection offered, on a quote that has not lapsed.

    A price seen before the latest suspension takes no bet after it, unless `late_quotes`.
    """
    if fixture is None:
        return refused("availability", Code.FIXTURE_UNKNOWN, at=at)
    if market is None and fixture.past_at:
        return refused("availability", Code.MARKET_CLOSED, at=at)
    if market is None or market.fixture_id != leg.fixture_id:
        return refused("availability", Code.MARKET_UNKNOWN, at=at)
    quote = market.quote
    if quote is None:
        return refused("availability", Code.MARKET_SUSPENDED, at=at)
    figures = {
        "at": at,
        "quote_version": quote.version,
        "asked_version": leg.quote_version,
        "expires_at": quote.expires_at,
    }
    code = _unavailable(market, quote, leg, at, late_quotes=late_quotes)
    return passed("availability", **figures) if code is None else refused("availability", code, **figures)


def _unavailable(market: MarketState, quote: QuoteState, leg: BetLeg, at: int, *, late_quotes: bool) -> Code | None:
    if quote.status != "OPEN":
        return REFUSALS.get(quote.reason, Code.MARKET_SUSPENDED)
    if leg.selection_id not in market.selections:
        return Code.SELECTION_UNKNOWN
    if at > quote.expires_at:
        return Code.QUOTE_EXPIRED
    if quote.odds[market.selections.index(leg.selection_id)] is None:
        return Code.SELECTION_NOT_OFFERED
    if leg.quote_version > quote.version or (leg.quote_version < quote.opened_version and not late_quotes):
        return Code.QUOTE_STALE
    return None


def odds(leg: BetLeg, odds_now: int) -> CheckVerdict:
    """Check the odds now (thousandths) against those asked, by the customer's policy."""
    figures = {"odds_asked": leg.odds, "odds_now": odds_now}
    if leg.price_policy == "exact" and odds_now != leg.odds:
        return refused("odds", Code.ODDS_CHANGED, **figures)
    if leg.price_policy == "better" and odds_now < leg.odds:
        return refused("odds", Code.ODDS_SHORTENED, **figures)
    return passed("odds", **figures)


def limits(rules: MarketRules, leg: BetLeg, odds_now: int, currency: str, *, in_play: bool) -> CheckVerdict:
    """Check the stake (minor units) against what one bet on a selection may stake and return."""
    most = most_stake(rules, odds_now, in_play=in_play, other_odds=leg.other_odds)
    figures = {"stake_minor": leg.stake_minor, "most_minor": most, "max_payout_minor": rules.max_payout_minor}
    if leg.currency != currency:
        return refused("limits", Code.CURRENCY_MISMATCH, **figures)
    if leg.stake_minor <= 0:
        return refused("limits", Code.STAKE_NOT_POSITIVE, **figures)
    if leg.stake_minor <= most:
        return passed("limits", **figures)
    by_stake = rules.in_play_max_stake_minor if in_play else rules.max_stake_minor
    code = Code.PAYOUT_ABOVE_LIMIT if most < by_stake else Code.STAKE_ABOVE_LIMIT
    return reduced("limits", code, allowed_minor=most, **figures) if most > 0 else refused("limits", code, **figures)


def risk(
    rules: MarketRules,
    taken: Liability,
    customer: Liability,
    leg: BetLeg,
    *,
    index: int,
    odds_now: int,
    stake_minor: int,
) -> CheckVerdict:
    """Check what the stake adds to the worst case against the caps: market, selection, customer in this market."""
    market_room, selection_room = room_minor(rules, taken, index)
    rooms = (
        (market_room, Code.MARKET_LIABILITY),
        (selection_room, Code.SELECTION_LIABILITY),
        (rules.customer_cap_minor - customer.with_winner(index, rules.winners), Code.CUSTOMER_LIABILITY),
    )
    room, code = min(rooms, key=_room)
    allowed = largest_stake(room, odds_now, leg.other_odds)
    figures = {
        "stake_minor": stake_minor,
        "liability_minor": taken.worst_case(rules.winners),
        "market_room_minor": market_room,
        "selection_room_minor": selection_room,
        "customer_room_minor": rooms[2][0],
    }
    if stake_minor <= allowed:
        return passed("risk", **figures)
    return reduced("risk", code, allowed_minor=allowed, **figures) if allowed > 0 else refused("risk", code, **figures)


def _room(room: tuple[int, Code]) -> int:
    return room[0]
