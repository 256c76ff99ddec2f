"""Ways to take a bookmaker's margin out of the odds of a complete book.

Each method answers, in its own way, how the margin is spread over the outcomes; all give probabilities that sum to one.
"""

from domain.odds.margin.fair import Fair, NoFairPrice
from domain.odds.margin.method import MarginMethod, remove

__all__ = ["Fair", "MarginMethod", "NoFairPrice", "remove"]
