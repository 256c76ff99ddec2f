"""What the Unified Odds Feed says became of a line, word by word as it says it: the settlement agent weighs the words.

A line keeps its latest words, so that they can be said when its event becomes known, and again when the event is found
to be another. A word that was said twice means what it meant once.
"""

from collections.abc import Iterable
from fractions import Fraction
from typing import Final

import msgspec

from agents.ingest_speech import Speech
from agents.ingest_turn import Turn
from bookstream import topics
from connectors.uof.messages import (
    BetCancel,
    BetSettlement,
    RollbackBetCancel,
    RollbackBetSettlement,
    SettledMarket,
    VoidedMarket,
)
from domain.events.settlement import MarketResult, SelectionResult
from domain.feeds import uof
from domain.feeds.markets import MarketKind
from domain.settlement.telling import NO_RESULT
from tables.ingest import LinkState
from tables.uof import UofLine, UofWord

PROVIDER: Final = "uof"
MOST_WORDS: Final = 32
"""A line that is settled, rolled back and settled again says two words each time; the oldest are forgotten."""
MS: Final = 1000


def settled(message: BetSettlement, market: SettledMarket) -> UofWord:
    """Read the word of a settlement about one line."""
    results = {each.id: (each.result, each.void_factor, each.dead_heat_factor) for each in market.outcomes}
    return UofWord("SETTLE", message.product, message.timestamp, certainty=message.certainty, results=results)


def undone_or_cancelled(
    message: BetCancel | RollbackBetCancel | RollbackBetSettlement, market: VoidedMarket
) -> UofWord:
    """Read the word of a cancellation or a rollback about one line; its window is in milliseconds."""
    outcomes = tuple(each.id for each in market.outcomes)
    if isinstance(message, RollbackBetSettlement):
        return UofWord("ROLLBACK_SETTLEMENT", message.product, message.timestamp, outcomes=outcomes)
    return UofWord(
        "CANCEL" if isinstance(message, BetCancel) else "ROLLBACK_CANCEL", message.product, message.timestamp,
        outcomes=outcomes, start=message.start_time, end=message.end_time,
        superseded_by=(message.superceded_by or "") if isinstance(message, BetCancel) else "",
    )  # fmt: skip


def hear(turn: Turn, link: LinkState | None, line: UofLine, word: UofWord) -> None:
    """Keep a word, and say it where the line's market is known."""
    if word in line.words:
        return
    line.words = [*line.words, word][-MOST_WORDS:]
    if link is not None and line.kind is not None:
        say_words(turn.speech, link.fixture.fixture_id, line, [word])


def say_words(
    speech: Speech, fixture_id: str, line: UofLine, words: Iterable[UofWord] | None = None, *, number: int = 0
) -> None:
    """Say words about a line, all that it keeps without any given, each with the time that it was said at.

    Of a producer's words of one time a later `number` stands above the earlier.
    """
    assert line.kind is not None, "a line is placed before it is told of"
    for word in line.words if words is None else words:
        head = speech.head(word.at * MS) | {"provider": PROVIDER}
        result = MarketResult(
            **head, fixture_id=fixture_id, market_id=line.market_id, told_by=f"{PROVIDER}/{word.producer}",
            told_number=number, action=word.action, confirmed=word.certainty != 1,
            selections=tuple(_result(line.kind, outcome, *told) for outcome, told in word.results.items()),
            selection_ids=tuple(uof.selection_of(line.kind, each) for each in word.outcomes),
            from_at=_us(word.start), until_at=_us(word.end), superseded_by=word.superseded_by,
        )  # fmt: skip
        speech.say(topics.RESULTS, fixture_id, result)


def say_gone(speech: Speech, fixture_id: str, line: UofLine, *, number: int) -> None:
    """Take back all that was said of a line under a fixture that it does not belong to."""
    say_words(speech, fixture_id, line, filter(None, map(_taken_back, line.words)), number=number)


def _taken_back(word: UofWord) -> UofWord | None:
    """Return the word that stands in place of another from now on: an undoing needs none."""
    if word.action == "SETTLE":
        return msgspec.structs.replace(word, results=dict.fromkeys(word.results, (NO_RESULT, None, None)))
    if word.action == "CANCEL":
        return msgspec.structs.replace(word, action="ROLLBACK_CANCEL", superseded_by="")
    return None


def _result(
    kind: MarketKind, outcome: str, result: int, void: float | None, dead_heat: float | None
) -> SelectionResult:
    voided, shared = _ratio(void or 0.0), _ratio(1.0 if dead_heat is None else dead_heat)
    return SelectionResult(
        selection_id=uof.selection_of(kind, outcome), win=result, void_numerator=voided.numerator,
        void_denominator=voided.denominator, dead_heat_numerator=shared.numerator,
        dead_heat_denominator=shared.denominator,
    )  # fmt: skip


def _ratio(factor: float) -> Fraction:
    """Read a factor that was written with few digits: 0.33 of a dead heat of three is a third."""
    return Fraction(factor).limit_denominator(uof.MOST_SHARERS)


def _us(moment_ms: int | None) -> int | None:
    return None if moment_ms is None else moment_ms * MS
