"""BetsAPI in canonical events: fixtures, scores, cards, odds histories, merged ids, and bookmakers' own feeds."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final, TypeVar

from agents.ingest_betsapi_ids import speaking_as, take_merges
from agents.ingest_betsapi_makers import take_makers
from agents.ingest_betsapi_match import take_event
from agents.ingest_betsapi_odds import take_history, take_summary
from agents.ingest_betsapi_timeline import BETFAIR, take_timeline, take_trend
from agents.ingest_coupon import Tally, say_left_out
from agents.ingest_fixtures import Fixtures
from agents.ingest_turn import Turn
from connectors.betsapi.messages import Events, Merges, OddsHistory, OddsSummary, Timelines, Trend
from connectors.betsapi.parser import parse_message
from domain.errors import ContractViolation, RejectedInput
from domain.feeds.dedupe import repeats_last

T = TypeVar("T")

MOST_FAULTS: Final = 10
"""Faults that a dead letter names."""


class BetsApi:
    """Normalises this provider's answers; `take` is one answer of one stream, in order."""

    def __init__(self, fixtures: Fixtures) -> None:
        self._fixtures = fixtures

    def gap(self, turn: Turn) -> None:
        """Go on: every answer is a whole image, so the one that shows the gap also closes it."""
        turn.say_status("UP", "connected", "the answer is whole")

    def take(self, turn: Turn) -> None:
        """Say what an answer changes.

        Raises:
            RejectedInput: for the answer, or for parts of it, when its other parts were taken.
        """
        if turn.heard.place != "LATE" and repeats_last(turn.stream.recent, turn.raw.content_hash):
            return
        tally = Tally([], Counter())
        try:
            self._take(turn, tally)
        finally:
            turn.speech.at = turn.raw.occurred_at
        say_left_out(turn, tally)
        if tally.faults:
            raise ContractViolation("; ".join(tally.faults[:MOST_FAULTS]))

    def _take(self, turn: Turn, tally: Tally) -> None:
        answer = parse_message(turn.raw)
        match answer:
            case Events():
                _each(lambda each: take_event(self._fixtures, turn, each, tally), answer.events, tally)
            case Timelines():
                with speaking_as(self._fixtures, turn, BETFAIR):
                    _each(lambda each: take_timeline(self._fixtures, turn, each, tally), answer.timelines, tally)
            case OddsHistory():
                take_history(self._fixtures, turn, answer, tally)
            case OddsSummary():
                take_summary(self._fixtures, turn, answer, tally)
            case Trend():
                take_trend(self._fixtures, turn, answer, tally)
            case Merges():
                take_merges(self._fixtures, turn, answer.merges, tally.faults)
            case _:
                take_makers(self._fixtures, turn, answer, tally)


def _each(take: Callable[[T], None], items: Iterable[T], tally: Tally) -> None:
    """Take all of an answer's items; one that cannot be taken leaves the others alone."""
    for item in items:
        try:
            take(item)
        except RejectedInput as error:
            tally.faults.append(str(error))
