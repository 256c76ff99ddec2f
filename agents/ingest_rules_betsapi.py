"""Pydantic at the edge for BetsAPI: what a match, a merge of ids and a state of a market must mean."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from agents.ingest_rules import ProviderId, Rules, Text, check
from connectors.betsapi.messages import Event, Merge, OddsRow

Name = Annotated[str, Field(min_length=1, max_length=256)]


class SideRules(Rules):
    """A side that has a name."""

    name: Name


class LeagueRules(Rules):
    """A competition; it may be unnamed."""

    name: Text


class BetsApiEventRules(Rules):
    """A match: two different sides."""

    id: ProviderId
    league: LeagueRules
    home: SideRules
    away: SideRules

    @model_validator(mode="after")
    def _sides_differ(self) -> Self:
        if self.home.name == self.away.name:
            raise ValueError("home and away are the same team")
        return self


class MergeRules(Rules):
    """A merge of two different ids."""

    from_id: ProviderId
    to_id: ProviderId

    @model_validator(mode="after")
    def _ids_differ(self) -> Self:
        if self.from_id == self.to_id:
            raise ValueError("an id is merged into itself")
        return self


class OddsRowRules(Rules):
    """A state of a market: of three results, of two sides, or over and under, not of both kinds."""

    id: ProviderId
    home_od: str | None
    draw_od: str | None
    away_od: str | None
    over_od: str | None
    under_od: str | None

    @model_validator(mode="after")
    def _is_of_one_kind(self) -> Self:
        if (self.home_od or self.draw_od or self.away_od) and (self.over_od or self.under_od):
            raise ValueError("prices of sides and of a total in one row")
        return self


def check_event(event: Event) -> None:
    """Refuse a match that cannot be true.

    Raises:
        ContractViolation: with the first fault.
    """
    check(BetsApiEventRules, event, f"event {event.id!r}")


def check_merge(merge: Merge) -> None:
    """Refuse a merge that cannot be true.

    Raises:
        ContractViolation: with the first fault.
    """
    check(MergeRules, merge, f"merge of {merge.from_id!r}")


def check_row(row: OddsRow) -> None:
    """Refuse a state that cannot be true.

    Raises:
        ContractViolation: with the first fault.
    """
    check(OddsRowRules, row, f"odds row {row.id!r}")
