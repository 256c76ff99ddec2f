"""Pydantic at the edge for the Unified Odds Feed: what its lines and events must mean, beyond having the right fields.

See `agents.ingest_rules`. They run where something is defined, and for each line that a message names.
"""

from typing import Annotated, Self

from pydantic import Field, model_validator

from agents.ingest_rules import Rules, Text, check
from connectors.uof.messages import EventMessage, MarketLine
from connectors.uof.rest import SportEvent

Urn = Annotated[str, Field(pattern=r"^[a-z]{2,8}:[a-z_]{2,32}:[0-9]{1,18}$")]


class OutcomeIdRules(Rules):
    """An outcome: an id that can stand in a selection's."""

    id: Annotated[str, Field(pattern=r"^[^\s/\x00]{1,128}$")]


class LineRules(Rules):
    """A line: outcomes that are all different."""

    outcomes: Annotated[list[OutcomeIdRules], Field(max_length=2000)]

    @model_validator(mode="after")
    def _outcomes_differ(self) -> Self:
        if len({outcome.id for outcome in self.outcomes}) != len(self.outcomes):
            raise ValueError("an outcome stands twice")
        return self


class EventMessageRules(Rules):
    """A message about an event that can be named, sent before the century's end."""

    event_id: Urn
    timestamp: Annotated[int, Field(ge=0, lt=4_102_444_800_000)]


class CompetitorRules(Rules):
    """A side."""

    id: Urn
    name: Text


class SportEventRules(Rules):
    """An event: sides that are all different."""

    id: Urn
    name: Text
    sides: Annotated[list[CompetitorRules], Field(max_length=500)]

    @model_validator(mode="after")
    def _sides_differ(self) -> Self:
        if len({side.id for side in self.sides}) != len(self.sides):
            raise ValueError("a competitor stands twice")
        return self


def check_line(line: MarketLine) -> None:
    """Refuse a line that cannot be true.

    Raises:
        ContractViolation: with the first fault.
    """
    check(LineRules, line, f"market {line.id}")


def check_event_message(message: EventMessage) -> None:
    """Refuse a message about what cannot be an event.

    Raises:
        ContractViolation: with the first fault.
    """
    check(EventMessageRules, message, "message")


def check_sport_event(event: SportEvent) -> None:
    """Refuse an event that cannot be true.

    Raises:
        ContractViolation: with the first fault.
    """
    check(SportEventRules, event, f"event {event.id!r}")
