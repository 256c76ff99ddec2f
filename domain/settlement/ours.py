"""What our own rules say of a market, in the words that every source speaks, with the moment that it was decided."""

from collections.abc import Mapping
from typing import Final

from domain.settlement.folding import Record, facts_of
from domain.settlement.result import LegResult
from domain.settlement.rulebook import Market
from domain.settlement.settle import settle
from domain.settlement.words import Outcome, Settled

OURS: Final = "rules:"
_NOTHING: Final[Mapping[str, LegResult]] = {}


def source_of(provider: str) -> str:
    """Name the source that our rules are with the facts of a provider."""
    return OURS + provider


def word_of(
    provider: str, market: Market, record: Record, said: Mapping[str, LegResult] = _NOTHING, *, confirmed: bool = False
) -> Settled | None:
    """Return what is new to say of a market by what a provider told of its match; None where nothing is.

    `said` is what this source's words left standing. What was decided and is no more, because a goal was withdrawn, is
    taken back. A record that was told more speaks later: its word stands above the ones before it.
    """
    outcomes = outcomes_of(market, record, said)
    if not outcomes:
        return None
    return Settled(
        source=source_of(provider), at=moment_of(record), sequence=record.heard, outcomes=outcomes, confirmed=confirmed
    )


def outcomes_of(market: Market, record: Record, said: Mapping[str, LegResult] = _NOTHING) -> tuple[Outcome, ...]:
    """Return what is decided of a market otherwise than was said; a result of None takes back what was."""
    results = settle(market, facts_of(record)).results
    news = {choice: result for choice, result in results.items() if said.get(choice) != result}
    since = _decided_at(market, record, news)
    gone = [Outcome(selection_id=choice, result=None) for choice in sorted(said.keys() - results.keys())]
    return (
        *(Outcome(selection_id=choice, result=result, known_at=since.get(choice)) for choice, result in news.items()),
        *gone,
    )


def moment_of(record: Record) -> int:
    """Return when the last that is known of a match happened, microseconds UTC; 0 where nothing is."""
    figures = (at for at, _ in record.figures.values())
    return max([*(each.at for each in record.tellings), *figures], default=0)


def _decided_at(market: Market, record: Record, results: Mapping[str, LegResult]) -> dict[str, int]:
    """Return when that of each selection happened from which on its result could not change.

    It is not known of what figures decide: they are told now and then, and say nothing of when.
    """
    open_, since = set(results), dict[str, int]()
    for number in range(len(record.tellings), -1, -1):
        if not open_:
            break
        before = Record(tellings=record.tellings[:number], figures=record.figures)
        known = settle(market, facts_of(before)).results
        changed = {choice for choice in open_ if known.get(choice) != results[choice]}
        if number < len(record.tellings):
            since |= dict.fromkeys(changed, record.tellings[number].at)
        open_ -= changed
    return since
