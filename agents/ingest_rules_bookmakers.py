"""Pydantic at the edge for single bookmakers: what a match and an offer on a coupon must mean."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from agents.ingest_rules import ProviderId, Rules, Text, check
from domain.feeds.coupon import OfferedMarket, OfferedMatch


class ChoiceRules(Rules):
    """A choice: odds that can be taken, or none. Odds of 1 pay nothing back beyond the stake and are no offer."""

    code: Text
    name: Annotated[str, Field(min_length=1, max_length=256)]
    odds: Annotated[int, Field(gt=1000, le=100_000_000)] | None
    line_milli: Annotated[int, Field(ge=-10_000_000, le=10_000_000)] | None


class OfferedMarketRules(Rules):
    """A market: choices that are all different."""

    name: Annotated[str, Field(min_length=1, max_length=256)]
    line_milli: Annotated[int, Field(ge=-10_000_000, le=10_000_000)] | None
    choices: Annotated[tuple[ChoiceRules, ...], Field(min_length=1, max_length=2000)]

    @model_validator(mode="after")
    def _choices_differ(self) -> Self:
        if len({(choice.code, choice.name, choice.line_milli) for choice in self.choices}) != len(self.choices):
            raise ValueError("a choice is offered twice")
        return self


class OfferedMatchRules(Rules):
    """A match: two different sides."""

    id: ProviderId
    sport: Annotated[str, Field(min_length=1, max_length=64)]
    home: Annotated[str, Field(min_length=1, max_length=256)]
    away: Annotated[str, Field(min_length=1, max_length=256)]
    competition: Text
    betradar_id: Annotated[str, Field(pattern=r"^\d{1,19}$")] | None

    @model_validator(mode="after")
    def _sides_differ(self) -> Self:
        if self.home == self.away:
            raise ValueError("home and away are the same team")
        return self


def check_match(match: OfferedMatch) -> None:
    """Refuse a match that cannot be true.

    Raises:
        ContractViolation: with the first fault.
    """
    check(OfferedMatchRules, match, f"match {match.id[:64]!r}")


def check_offer(market: OfferedMarket) -> None:
    """Refuse an offer that cannot be true.

    Raises:
        ContractViolation: with the first fault.
    """
    check(OfferedMarketRules, market, f"market {market.name[:60]!r}")
