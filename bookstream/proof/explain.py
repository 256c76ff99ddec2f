"""`explain`: the chain from a bet, its settlement, or a quote back to the provider's bytes.

Each topic on the way is read once, whatever the number of legs, and only what the chain needs is kept.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import msgspec

from bookstream.codecs import decode
from bookstream.contracts.ids import RECORDS
from bookstream.delivery.api import Record
from bookstream.proof.explain_settlement import SettlementChain
from bookstream.proof.explanation import (
    GONE,
    Explanation,
    of_decision,
    of_leg,
    of_lost_tick,
    of_message,
    of_quote,
    of_tick,
    of_verdict,
    place_of,
)
from bookstream.reading import read
from bookstream.topics import BET_DECISIONS, BET_LEGS, LEG_VERDICTS, ODDS, PUBLIC, QUOTES, RAW, Topic
from domain.errors import Misconfigured, RejectedInput
from domain.events.betting import BetDecision, BetLeg, LegVerdict, bet_key
from domain.events.canonical import Fixture, MarketOdds
from domain.events.feeds import RawMessage
from domain.events.head import Event
from domain.events.trading import Quote

E = TypeVar("E", bound=Event)
Reader = Callable[[str], Iterator[Record]]
Found = tuple[Record, E]
Version = tuple[str, int]
"""A market and a version of its quote."""

NAMES = ("event_id", "transfer_id", "entry_id", "bet_id", "leg_id")


def explain_id(bootstrap: str, wanted: str, security: dict[str, str] | None = None) -> Explanation | None:
    """Explain a bet, a leg, a quote, a market (its newest quote), or any event; None when nothing is known under it.

    Raises:
        Misconfigured: several customers have a bet of this id.
    """
    return Explainer(lambda topic: read(bootstrap, [topic], security)).explain(wanted)


class Explainer:
    """Builds the chain from whatever reads a topic from its beginning to its end."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._also: set[str] = set()
        self._asked: set[str] = set()
        self._read: dict[str, Found[RawMessage]] = {}

    def explain(self, wanted: str) -> Explanation | None:
        """Explain an id."""
        return self._bet(wanted) or self._quote(wanted) or self._event(wanted)

    def _events(self, topic: Topic, kind: type[E]) -> Iterator[Found[E]]:
        for record in self._reader(topic.name):
            try:
                yield record, decode(kind, record.value or b"")
            except RejectedInput:
                continue

    # -- bets ----------------------------------------------------------------------------------------------------

    def _bet(self, wanted: str) -> Explanation | None:
        """Explain a bet by its id, by `<customer>/<bet>`, or by one of its legs: then this leg alone.

        Raises:
            Misconfigured: several customers have a bet of this id.
        """
        namesakes: dict[str, Found[BetDecision]] = {}
        for record, decision in self._events(BET_DECISIONS, BetDecision):
            name = bet_key(decision.customer_id, decision.bet_id)
            leg_ids = [leg.leg_id for leg in decision.legs]
            if wanted in leg_ids:
                return self._decided(record, decision, [wanted])
            if wanted in {name, decision.event_id}:
                return self._decided(record, decision, leg_ids)
            if wanted == decision.bet_id:
                namesakes.setdefault(name, (record, decision))
        if len(namesakes) > 1:
            raise Misconfigured(f"several customers have a bet {wanted}: say which, {' or '.join(sorted(namesakes))}")
        if not namesakes:
            return None
        ((record, decision),) = namesakes.values()
        return self._decided(record, decision, [leg.leg_id for leg in decision.legs])

    def _decided(self, record: Record, decision: BetDecision, leg_ids: list[str]) -> Explanation:
        """Explain a decision by the legs that were asked for, and what became of them."""
        chain = SettlementChain(self._reader, decision.customer_id, decision.bet_id, leg_ids)
        self._also = chain.message_ids
        legs = self._legs(leg_ids)
        return of_decision(record, decision, [*legs, *chain.explained(self._raws(chain.message_ids))])

    def _legs(self, leg_ids: list[str]) -> list[Explanation]:
        """Explain the legs that the book was asked about, in their order."""
        said: dict[str, dict[str, Found[BetLeg]]] = {}
        for record, leg in self._events(BET_LEGS, BetLeg):
            if leg.leg_id in leg_ids:
                said.setdefault(leg.leg_id, {}).setdefault(leg.action, (record, leg))
        verdicts: dict[str, Found[LegVerdict]] = {}
        for record, verdict in self._events(LEG_VERDICTS, LegVerdict):
            if verdict.leg_id in leg_ids:
                verdicts.setdefault(verdict.leg_id, (record, verdict))
        quotes = self._versions({(v.market_id, v.quote_version) for _, v in verdicts.values() if v.quote_version})
        explained = []
        for leg_id in leg_ids:
            if leg_id in said:
                causes = [self._verdict(verdicts.get(leg_id), quotes)]
                explained.append(of_leg(leg_id, list(said[leg_id].values()), causes))
        return explained

    def _verdict(self, found: Found[LegVerdict] | None, quotes: dict[Version, Explanation]) -> Explanation:
        if found is None:
            return Explanation("verdict", "the book did not answer", "nowhere")
        record, verdict = found
        version = (verdict.market_id, verdict.quote_version)
        gone = Explanation("quote", f"{verdict.market_id} version {verdict.quote_version}", GONE)
        return of_verdict(record, verdict, [quotes.get(version, gone)] if verdict.quote_version else [])

    # -- quotes --------------------------------------------------------------------------------------------------

    def _quote(self, wanted: str) -> Explanation | None:
        newest: Found[Quote] | None = None
        for record, quote in self._events(QUOTES, Quote):
            if wanted in {quote.event_id, quote.market_id, f"{quote.market_id}@{quote.version}"}:
                newest = record, quote
        return next(iter(self._quoted([newest]).values())) if newest else None

    def _versions(self, wanted: set[Version]) -> dict[Version, Explanation]:
        found = {
            (quote.market_id, quote.version): (record, quote)
            for record, quote in self._events(QUOTES, Quote)
            if (quote.market_id, quote.version) in wanted
        }
        return self._quoted(found.values())

    def _quoted(self, quotes: Iterable[Found[Quote]]) -> dict[Version, Explanation]:
        """Explain quotes by the ticks that they were made of, and these by the messages that said them."""
        quotes = list(quotes)
        wanted = {given.event_id for _, quote in quotes for given in quote.inputs}
        ticks = self._ticks(wanted)
        raws = self._raws({_raw_id(event_id) for event_id in ticks})
        explained = {}
        for record, quote in quotes:
            causes = [
                of_tick(*ticks[given.event_id], given, _messages(given.event_id, raws))
                if given.event_id in ticks
                else of_lost_tick(given)
                for given in quote.inputs
            ]
            explained[quote.market_id, quote.version] = of_quote(record, quote, causes)
        return explained

    def _ticks(self, wanted: set[str]) -> dict[str, Found[MarketOdds]]:
        if not wanted:
            return {}
        return {tick.event_id: (record, tick) for record, tick in self._events(ODDS, MarketOdds)
                if tick.event_id in wanted}  # fmt: skip

    def _raws(self, wanted: set[str]) -> dict[str, Found[RawMessage]]:
        """Return messages by their ids; what the settlement needs is read with them, so that nothing is read twice."""
        every = wanted | self._also
        if not every <= self._asked:
            self._asked |= every
            self._read |= {
                message.event_id: (record, message)
                for topic in RAW
                for record, message in self._events(topic, RawMessage)
                if message.event_id in every
            }
        return {event_id: self._read[event_id] for event_id in wanted & self._read.keys()}

    # -- anything else -------------------------------------------------------------------------------------------

    def _event(self, wanted: str) -> Explanation | None:
        """Explain an event by its own id, or by what it names; of a fixture, what is known of it now."""
        newest: tuple[Topic, Record, Event] | None = None
        for topic in PUBLIC:
            if topic.record is None:
                continue
            for record, event in self._events(topic, RECORDS[topic.record]):
                if isinstance(event, Fixture) and event.fixture_id == wanted:
                    newest = topic, record, event
                elif any(getattr(event, name, None) == wanted for name in NAMES):
                    return self._whole(topic, record, event)
        return self._whole(*newest) if newest else None

    def _whole(self, topic: Topic, record: Record, event: Event) -> Explanation:
        if isinstance(event, RawMessage):
            return of_message(record, event)
        raws = self._raws({_raw_id(event.event_id)}) if "." in event.event_id else {}
        causes = _messages(event.event_id, raws) if raws else []
        if isinstance(event, MarketOdds):
            return of_tick(record, event, None, causes or [_lost(event.event_id)])
        fields: dict[str, Any] = msgspec.to_builtins(event, builtin_types=(bytes,))
        # A token would let its reader bet.
        figures = {name: str(value) for name, value in fields.items() if name != "token"}
        return Explanation(topic.record or "bytes", event.event_id, place_of(record), figures, causes)


def _messages(event_id: str, raws: dict[str, Found[RawMessage]]) -> list[Explanation]:
    found = raws.get(_raw_id(event_id))
    return [of_message(*found) if found else _lost(event_id)]


def _lost(event_id: str) -> Explanation:
    return Explanation("provider's message", _raw_id(event_id), GONE)


def _raw_id(event_id: str) -> str:
    """Return the id of the message that an event follows from: ids of what it causes only add to it."""
    return event_id.split(".", 1)[0]
