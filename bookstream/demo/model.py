"""What the simulated market believes: two independent Poisson processes, fitted to the closing odds.

Intensities are constant in playing time; a player sent off costs a side 30 % of its own (Maia et al., IJF 42(2),
691-707) and gives the other side as much. It moves the simulated feeds only: the book never sees this model.
"""

from functools import lru_cache
from itertools import product
from math import exp, factorial

from bookstream.demo.match import Match

GOALS = 11
RED_OWN, RED_OTHER = 0.70, 1.30

Outcomes = dict[str, float]


@lru_cache(maxsize=512)
def _poisson(mean: float) -> tuple[float, ...]:
    return tuple(exp(-mean) * mean**k / factorial(k) for k in range(GOALS))


def outcomes(home_mean: float, away_mean: float, home: int = 0, away: int = 0) -> Outcomes:
    """Return the probability of every selection, given the goals still expected and those already scored."""
    result = dict.fromkeys(("home", "draw", "away", "over_2500", "under_2500", "yes", "no"), 0.0)
    for (h, p), (a, q) in product(enumerate(_poisson(home_mean)), enumerate(_poisson(away_mean))):
        probability, h_end, a_end = p * q, home + h, away + a
        result["home" if h_end > a_end else "away" if a_end > h_end else "draw"] += probability
        result["over_2500" if h_end + a_end > 2 else "under_2500"] += probability
        result["yes" if h_end and a_end else "no"] += probability
    total = result["home"] + result["draw"] + result["away"]
    return {name: probability / total for name, probability in result.items()}


def fit(match: Match) -> tuple[float, float]:
    """Find the goals expected of each side whose prices are nearest to the closing odds (least squares)."""
    odds = match.closing_odds
    target: Outcomes = {}
    for group in (("home", "draw", "away"), ("over_2500", "under_2500")):
        booksum = sum(1000 / odds[name] for name in group)
        target |= {name: 1000 / odds[name] / booksum for name in group}

    def distance(means: tuple[float, float]) -> float:
        got = outcomes(*means)
        return sum((got[name] - wanted) ** 2 for name, wanted in target.items())

    best = (1.5, 1.2)
    for step in (0.5, 0.1, 0.02):
        around = [(best[0] + i * step, best[1] + j * step) for i in range(-6, 7) for j in range(-6, 7)]
        best = min((m for m in around if m[0] > 0.05 and m[1] > 0.05), key=distance)
    return best


def believe(match: Match, means: tuple[float, float], at: int) -> Outcomes:
    """Return what the market believes at a time of the match."""
    left = 1 - match.played(at)
    home_reds, away_reds = match.reds(at)
    home = means[0] * left * RED_OWN**home_reds * RED_OTHER**away_reds
    away = means[1] * left * RED_OWN**away_reds * RED_OTHER**home_reds
    return outcomes(round(home, 3), round(away, 3), *match.score(at))
