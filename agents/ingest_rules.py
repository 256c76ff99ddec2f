"""Pydantic at the edge: what a provider's definitions and offers must mean, beyond having the right fields.

The connectors' parsers decide whether bytes are a message. These models decide whether a message can be true. They run
where something is defined anew, never for a delta (docs/adr/0005-validation-at-the-edge.md).
"""

from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from connectors.betfair.definition import Definition
from connectors.theoddsapi.messages import Event, Market
from domain.errors import ContractViolation

YEAR_2000_US: Final = 946_684_800_000_000
YEAR_2100_US: Final = 4_102_444_800_000_000

Time = Annotated[int, Field(ge=YEAR_2000_US, lt=YEAR_2100_US)]
ProviderId = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\s/\x00]+$")]
Text = Annotated[str, Field(max_length=256)]


class Rules(BaseModel):
    """Read from the connectors' structs, never changed."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class RunnerRules(Rules):
    """A runner: a positive id, a line that a market can have."""

    key: str
    selection_id: Annotated[int, Field(gt=0)]
    handicap_milli: Annotated[int, Field(ge=-1_000_000, le=1_000_000)]
    name: Text | None


class DefinitionRules(Rules):
    """A market definition: of an event, at a time, with runners that are all different."""

    event_id: ProviderId
    event_type_id: Annotated[str, Field(pattern=r"^\d{1,12}$")]
    market_type: Annotated[str, Field(pattern=r"^[A-Z0-9_ -]{1,64}$")] | None
    event_name: Text | None
    market_time: Time
    open_date: Time | None
    bet_delay_s: Annotated[int, Field(ge=0, le=600)]
    number_of_winners: Annotated[int, Field(ge=0)]
    runners: Annotated[tuple[RunnerRules, ...], Field(min_length=1, max_length=2000)]

    @model_validator(mode="after")
    def _runners_differ(self) -> Self:
        if len({runner.key for runner in self.runners}) != len(self.runners):
            raise ValueError("a runner is defined twice")
        return self


class OutcomeRules(Rules):
    """An outcome: odds that can be taken. Odds of 1 pay nothing back beyond the stake and are no offer."""

    name: Annotated[str, Field(min_length=1, max_length=256)]
    price: Annotated[float, Field(gt=1, le=100_000)]
    point: Annotated[float, Field(ge=-10_000, le=10_000)] | None
    description: Text | None


class MarketRules(Rules):
    """A bookmaker's market: outcomes that are all different."""

    key: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,64}$")]
    outcomes: Annotated[list[OutcomeRules], Field(min_length=1, max_length=2000)]

    @model_validator(mode="after")
    def _outcomes_differ(self) -> Self:
        named = {(outcome.name, outcome.point, outcome.description) for outcome in self.outcomes}
        if len(named) != len(self.outcomes):
            raise ValueError("an outcome is offered twice")
        return self


class EventRules(Rules):
    """An event: two different sides, or none."""

    id: ProviderId
    sport_key: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,64}$")]
    home_team: Text | None
    away_team: Text | None

    @model_validator(mode="after")
    def _sides_differ(self) -> Self:
        if self.home_team is not None and self.home_team == self.away_team:
            raise ValueError("home and away are the same team")
        return self


def check_definition(definition: Definition) -> None:
    """Refuse a definition that cannot be true.

    Raises:
        ContractViolation: with the first fault.
    """
    check(DefinitionRules, definition, "market definition")


def check_market(market: Market) -> None:
    """Refuse an offer that cannot be true.

    Raises:
        ContractViolation: with the first fault.
    """
    check(MarketRules, market, f"market {market.key!r}")


def check_event(event: Event) -> None:
    """Refuse an event that cannot be true.

    Raises:
        ContractViolation: with the first fault.
    """
    check(EventRules, event, f"event {event.id!r}")


def check_time(at: int, what: str) -> int:
    """Return a time if it lies in this century.

    Raises:
        ContractViolation: it does not.
    """
    if not YEAR_2000_US <= at < YEAR_2100_US:
        raise ContractViolation(f"{what} is not in this century")
    return at


def check(rules: type[Rules], value: object, what: str) -> None:
    """Refuse what breaks these rules.

    Raises:
        ContractViolation: with the first fault.
    """
    try:
        rules.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ContractViolation(f"{what}: {where + ': ' if where else ''}{first['msg']}") from error
