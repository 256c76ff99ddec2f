"""What our own rules say of a market, in the words that every source speaks, with the moment that it was decided."""

from typing import Final

from domain.settlement.folding import Record, facts_of
from domain.settlement.result import LegResult
from domain.settlement.rulebook import Market
from domain.settlement.settle import settle
from domain.settlement.words import Outcome

OURS: Final = "rules:"


def source_of(provider: str) -> str:
    """Name the source that our rules are with the facts of a provider."""
    return OURS + provider


def outcomes_of(market: Market, record: Record) -> tuple[Outcome, ...]:
    """Return what is decided of a market by what one provider told of its match; nothing where no rule decides it."""
    results = settle(market, facts_of(record)).results
    since = _decided_at(market, record, results)
    return tuple(
        Outcome(selection_id=choice, result=result, known_at=since.get(choice)) for choice, result in results.items()
    )


def _decided_at(market: Market, record: Record, results: dict[str, LegResult]) -> dict[str, int]:
    """Return when that of each selection happened from which on its result could not change.

    It is not known of what figures decide: they are told now and then, and say nothing of when.
    """
    open_, since = set(results), dict[str, int]()
    for number in range(len(record.tellings), -1, -1):
        before = Record(tellings=record.tellings[:number], figures=record.figures)
        known = settle(market, facts_of(before)).results
        changed = {choice for choice in open_ if known.get(choice) != results[choice]}
        if number < len(record.tellings):
            since |= dict.fromkeys(changed, record.tellings[number].at)
        open_ -= changed
        if not open_:
            break
    return since


def moment_of(record: Record) -> int:
    """Return when the last that is known of a match happened, microseconds UTC; 0 where nothing is."""
    figures = (at for at, _ in record.figures.values())
    return max([*(each.at for each in record.tellings), *figures], default=0)
