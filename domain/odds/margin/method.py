"""The ways of removing a margin, by name."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from domain.odds.margin.additive import additive
from domain.odds.margin.fair import Fair
from domain.odds.margin.goto import goto
from domain.odds.margin.multiplicative import multiplicative
from domain.odds.margin.odds_ratio import odds_ratio
from domain.odds.margin.power import power
from domain.odds.margin.shin import shin


class MarginMethod(StrEnum):
    """How a margin is taken to be spread over the outcomes of a book."""

    MULTIPLICATIVE = "multiplicative"
    ADDITIVE = "additive"
    POWER = "power"
    SHIN = "shin"
    ODDS_RATIO = "odds_ratio"
    GOTO = "goto"


_METHODS: Final[Mapping[MarginMethod, Callable[[Sequence[int]], Fair]]] = MappingProxyType(
    {
        MarginMethod.MULTIPLICATIVE: multiplicative,
        MarginMethod.ADDITIVE: additive,
        MarginMethod.POWER: power,
        MarginMethod.SHIN: shin,
        MarginMethod.ODDS_RATIO: odds_ratio,
        MarginMethod.GOTO: goto,
    }
)


def remove(method: MarginMethod, odds: Sequence[int]) -> Fair:
    """Return the fair probabilities of a complete book of odds in thousandths.

    ContractViolation for a book that cannot be read; NoFairPrice where the method (additive, goto, power) leaves an
    outcome no chance.
    """
    return _METHODS[method](odds)
