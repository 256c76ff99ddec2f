"""The largest stake that is offered on a selection: what the rules and the room under the caps allow."""

from bisect import bisect_right
from typing import Final

from domain.betting.payout import EVEN, stake_for_payout
from domain.trading.liability import Liability, largest_stake
from domain.trading.rules import MarketRules

STEPS: Final = tuple(
    sorted(int(step * 10**power) for power in range(15) for step in (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8) if step >= 1)
)
"""Stakes that are shown. Few, so that a quote does not change with every bet."""


def most_stake(rules: MarketRules, odds: int, *, in_play: bool, other_odds: int = EVEN) -> int:
    """Return the largest stake that the rules allow on one selection, whatever was taken before."""
    stake = rules.in_play_max_stake_minor if in_play else rules.max_stake_minor
    return min(stake, stake_for_payout(rules.max_payout_minor, (odds, other_odds)))


def room_minor(rules: MarketRules, taken: Liability, index: int) -> tuple[int, int]:
    """Return what the house may still lose on a selection, under the market's cap and under the selection's."""
    market = rules.market_cap_minor - taken.with_winner(index, rules.winners)
    selection = rules.selection_cap_minor - taken.outcome(index)
    return market, selection


def offered_stake(rules: MarketRules, taken: Liability, index: int, odds: int, *, in_play: bool) -> int:
    """Return the largest stake to show: a step at or below what a single bet may be.

    Of a market with one winner, both caps are held against the same outcome.
    """
    if rules.winners == 1:
        room = min(rules.market_cap_minor, rules.selection_cap_minor) - taken.outcome(index)
    else:
        room = min(room_minor(rules, taken, index))
    most = rules.in_play_max_stake_minor if in_play else rules.max_stake_minor
    # stake_for_payout for one leg, without its product: this is done for every selection of every tick.
    by_payout = ((rules.max_payout_minor + 1) * EVEN - 1) // odds
    step = bisect_right(STEPS, min(most, by_payout, largest_stake(room, odds, EVEN)))
    return STEPS[step - 1] if step else 0
