"""The settlement of a bet: the words on its markets, what the house made of them, its legs' results, and the money."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bookstream.codecs import decode
from bookstream.delivery.api import Record
from bookstream.proof.explanation import GONE, Explanation, of_message, place_of
from bookstream.topics import BET_SETTLEMENTS, BY_NAME, LEDGER, LEG_RESULTS, RAW, RESULTS, SETTLEMENTS
from domain.errors import RejectedInput
from domain.events.betting import LedgerEntry
from domain.events.canonical import Fixture, Incident, Statistic
from domain.events.feeds import RawMessage
from domain.events.head import Event, Source
from domain.events.settlement import BetSettlement, LegSettlement, MarketResult, MarketSettlement, SelectionResult
from domain.settlement.telling import result_of

Reader = Callable[[str], Iterator[Record]]
Messages = Mapping[str, tuple[Record, RawMessage]]
RAW_TOPICS = frozenset(topic.name for topic in RAW)
TOLD: dict[str, type[Event]] = {"incidents": Incident, "statistics": Statistic, "fixtures": Fixture}
"""What our own rules decide by."""


class SettlementChain:
    """What settled a bet; each topic is read once, and only what the chain needs is kept.

    `message_ids` are those of the providers' messages that its words follow from.
    """

    def __init__(self, reader: Reader, customer_id: str, bet_id: str, leg_ids: list[str]) -> None:
        self._reader = reader
        self._newest: tuple[Record, BetSettlement] | None = None
        for record, said in self._events(BET_SETTLEMENTS.name, BetSettlement):
            if (said.customer_id, said.bet_id) == (customer_id, bet_id):
                self._newest = record, said
        self._legs = [
            (record, leg)
            for record, leg in (self._events(LEG_RESULTS.name, LegSettlement) if self._newest else ())
            if leg.customer_id == customer_id and leg.leg_id in leg_ids
        ]
        self._entries = [
            (record, entry)
            for record, entry in (self._events(LEDGER.name, LedgerEntry) if self._newest else ())
            if (entry.kind, entry.customer_id, entry.reference) == ("SETTLE", customer_id, bet_id)
        ]
        self._markets = self._versions({(leg.market_id, leg.version) for _, leg in self._legs})
        self._words = self._at(RESULTS.name, MarketResult, [each.source for _, each in self._markets.values()])
        by_rules = [each.source for _, each in self._words.values() if each.source is not None]
        self._told = {
            place: found
            for name, kind in TOLD.items()
            for place, found in self._at(name, kind, [each for each in by_rules if each.topic == name]).items()
        }
        told = [each for _, each in [*self._told.values(), *self._words.values()] if _is_by_provider(each)]
        self.message_ids = {each.event_id.split(".", 1)[0] for each in told}

    def explained(self, messages: Messages) -> list[Explanation]:
        """Show the bet's settlement as it is now, and every result that its legs had on the way."""
        if self._newest is None:
            return []
        record, bet = self._newest
        figures = {
            "stake": f"{bet.stake_minor} minor units {bet.currency}",
            "returned": f"{bet.returned_minor} minor units {bet.currency}",
        } | {
            place_of(at): f"{entry.entry_id}: "
            + ", ".join(f"{each.ledger_account} {each.amount_minor:+d}" for each in entry.postings)
            for at, entry in self._entries
        }
        title = f"{bet.customer_id}/{bet.bet_id} {bet.status}, version {bet.version}"
        legs = [self._leg(at, leg, messages) for at, leg in self._legs]
        return [Explanation("settlement", title, place_of(record), figures, legs)]

    def _leg(self, record: Record, leg: LegSettlement, messages: Messages) -> Explanation:
        figures = {"result": f"{_text(leg.result)} {leg.code}".strip(), "market's version": str(leg.version)}
        moved = [place_of(at) for at, entry in self._entries if _place(entry.source) == _place_of(record)]
        if moved:
            figures["moved money"] = ", ".join(moved)
        title = f"{leg.leg_id}: {leg.selection_id} in {leg.market_id} {leg.status}"
        return Explanation("leg result", title, place_of(record), figures, [self._market(leg, messages)])

    def _market(self, leg: LegSettlement, messages: Messages) -> Explanation:
        found = self._markets.get((leg.market_id, leg.version))
        title = f"{leg.market_id} version {leg.version}"
        if found is None:
            return Explanation("market settlement", title, GONE)
        record, market = found
        figures = {each.selection_id: _text(each) for each in market.selections}
        figures |= {f"{each.selection_id} by {each.told_by}": each.outcome for each in market.case}
        figures |= {
            f"void, {window.selection_id or 'all'}": f"{window.code}, placed from {window.from_at} to {window.until_at}"
            for window in market.cancelled
        }
        title = f"{title}: {market.status} {market.code}".strip()
        word = self._words.get(_place(market.source))
        causes = [self._word(*word, messages)] if word else []
        return Explanation("market settlement", title, place_of(record), figures, causes)

    def _word(self, record: Record, word: MarketResult, messages: Messages) -> Explanation:
        figures = {each.selection_id: _text(each) for each in word.selections}
        figures["for good"] = "yes" if word.confirmed else "no"
        if word.actor:
            figures |= {"actor": word.actor, "reason": word.reason}
        told = self._told.get(_place(word.source))
        causes = _message(word.event_id, messages)
        if told is not None:
            at, event = told
            title = f"{getattr(event, 'kind', type(event).__name__)} by {event.provider}"
            score = f"{getattr(event, 'home_score', None)}-{getattr(event, 'away_score', None)}"
            causes = [Explanation("told", title, place_of(at), {"score": score}, _message(event.event_id, messages))]
        return Explanation("result", f"{word.action} by {word.told_by}", place_of(record), figures, causes)

    def _versions(self, wanted: set[tuple[str, int]]) -> dict[tuple[str, int], tuple[Record, MarketSettlement]]:
        return {
            (said.market_id, said.version): (record, said)
            for record, said in (self._events(SETTLEMENTS.name, MarketSettlement) if wanted else ())
            if (said.market_id, said.version) in wanted
        }

    def _at(self, topic: str, kind: type[Any], wanted: list[Source | None]) -> dict[Any, tuple[Record, Any]]:
        """Read what lies at places of a topic."""
        places = {_place(each) for each in wanted if each is not None and each.topic == topic}
        found = self._events(topic, kind) if places else iter(())
        return {_place_of(record): (record, event) for record, event in found if _place_of(record) in places}

    def _events(self, topic: str, kind: type[Any]) -> Iterator[tuple[Record, Any]]:
        for record in self._reader(BY_NAME[topic].name):
            try:
                yield record, decode(kind, record.value or b"")
            except RejectedInput:
                continue


def _is_by_provider(event: Event) -> bool:
    return event.source is not None and event.source.topic in RAW_TOPICS


def _message(event_id: str, messages: Messages) -> list[Explanation]:
    found = messages.get(event_id.split(".", 1)[0])
    return [of_message(*found)] if found else []


def _text(result: SelectionResult) -> str:
    found = result_of(result)
    return "none" if found is None else found.text


def _place(source: Source | None) -> tuple[str, int, int] | None:
    return None if source is None else (source.topic, source.partition, source.offset)


def _place_of(record: Record) -> tuple[str, int, int]:
    return record.topic, record.partition, record.offset
