"""`explain`: the chain from a bet or a quote back to the provider's bytes.

Each topic on the way is read once, and only what the chain needs is kept.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, TypeVar

import msgspec

from bookstream.codecs import decode
from bookstream.contracts.ids import RECORDS
from bookstream.delivery.api import Record
from bookstream.reading import read
from bookstream.topics import (
    BET_DECISIONS,
    LEG_VERDICTS,
    ODDS,
    PUBLIC,
    QUOTES,
    RAW,
    Topic,
)
from domain.errors import RejectedInput
from domain.events.betting import BetDecision, CheckVerdict, LegVerdict
from domain.events.canonical import MarketOdds
from domain.events.feeds import RawMessage
from domain.events.head import Event
from domain.events.trading import Quote

E = TypeVar("E", bound=Event)
Reader = Callable[[str], Iterator[Record]]
Found = tuple[Record, E]

SHOWN_BYTES = 160


@dataclass(slots=True)
class Explanation:
    """One link of the chain: what it is, where it lies, its figures, and what caused it."""

    kind: str
    title: str
    place: str
    figures: dict[str, str] = field(default_factory=dict)
    causes: list["Explanation"] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        """Return it as a JSON object."""
        causes = [cause.as_json() for cause in self.causes]
        return {"kind": self.kind, "title": self.title, "place": self.place, "figures": self.figures, "causes": causes}


def explain_id(bootstrap: str, wanted: str, security: dict[str, str] | None = None) -> Explanation | None:
    """Explain a bet, a leg, a quote, a market (its newest quote), or any event; None when nothing is known under it."""
    return Explainer(lambda topic: read(bootstrap, [topic], security)).explain(wanted)


class Explainer:
    """Builds the chain from whatever reads a topic from its beginning to its end."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

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
        """Explain a bet by its id, by `<customer>/<bet>`, or by one of its legs."""
        for record, decision in self._events(BET_DECISIONS, BetDecision):
            names = {decision.bet_id, f"{decision.customer_id}/{decision.bet_id}", decision.event_id}
            if wanted in names or any(leg.leg_id == wanted for leg in decision.legs):
                return self._decision(record, decision)
        return None

    def _decision(self, record: Record, decision: BetDecision) -> Explanation:
        figures = {
            "customer": decision.customer_id,
            "stake": f"{decision.stake_minor} of {decision.stake_asked_minor} minor units {decision.currency}",
            "odds": _odds(decision.odds),
            "could pay": f"{decision.payout_minor} minor units",
        } | {f"check {n}: {check.check}": _check(check) for n, check in enumerate(decision.checks, 1)}
        title = f"{decision.bet_id} {decision.outcome}{f' {decision.code}' if decision.code else ''}"
        verdicts = self._verdicts({leg.leg_id for leg in decision.legs})
        quotes = self._quotes({(v.market_id, v.quote_version) for _, v in verdicts})
        return Explanation("bet", title, _place(record), figures, [self._leg(found, quotes) for found in verdicts])

    def _verdicts(self, leg_ids: set[str]) -> list[Found[LegVerdict]]:
        found = {v.leg_id: (record, v) for record, v in self._events(LEG_VERDICTS, LegVerdict) if v.leg_id in leg_ids}
        return [found[leg_id] for leg_id in sorted(found)]

    def _leg(self, found: Found[LegVerdict], quotes: dict[tuple[str, int], Found[Quote]]) -> Explanation:
        record, verdict = found
        figures = {
            "odds": _odds(verdict.odds),
            "stake allowed": f"{verdict.stake_minor} minor units",
            "market's worst case": f"{verdict.liability_before_minor} before, {verdict.liability_after_minor} with it",
        } | {f"check {n}: {check.check}": _check(check) for n, check in enumerate(verdict.checks, 1)}
        title = f"{verdict.selection_id} in {verdict.market_id}: {verdict.outcome} {verdict.code}".strip()
        quote = quotes.get((verdict.market_id, verdict.quote_version))
        return Explanation("leg", title, _place(record), figures, [self._quoted(*quote)] if quote else [])

    # -- quotes --------------------------------------------------------------------------------------------------

    def _quote(self, wanted: str) -> Explanation | None:
        newest: Found[Quote] | None = None
        for record, quote in self._events(QUOTES, Quote):
            if wanted in {quote.event_id, quote.market_id, f"{quote.market_id}@{quote.version}"}:
                newest = record, quote
        return self._quoted(*newest) if newest else None

    def _quotes(self, wanted: set[tuple[str, int]]) -> dict[tuple[str, int], Found[Quote]]:
        return {
            (quote.market_id, quote.version): (record, quote)
            for record, quote in self._events(QUOTES, Quote)
            if (quote.market_id, quote.version) in wanted
        }

    def _quoted(self, record: Record, quote: Quote) -> Explanation:
        figures = {"status": f"{quote.status} {quote.reason}".strip(), "overround": f"{quote.overround:.4f}"} | {
            s.name: f"{_odds(s.odds)}, fair {s.fair_probability:.4f}, up to {s.max_stake_minor}"
            for s in quote.selections
        }
        weights = {given.event_id: f"weight {given.weight:.3f}, {given.age_ms} ms old" for given in quote.inputs}
        ticks = [found for found in self._events(ODDS, MarketOdds) if found[1].event_id in weights]
        causes = self._ticks(ticks, weights)
        return Explanation("quote", f"{quote.market_id} version {quote.version}", _place(record), figures, causes)

    def _ticks(self, ticks: list[Found[MarketOdds]], weights: dict[str, str]) -> list[Explanation]:
        raws = self._raws({_raw_id(tick.event_id) for _, tick in ticks})
        explained = []
        for record, tick in ticks:
            prices = {s.name: f"back {_odds(s.back_odds)}, lay {_odds(s.lay_odds)}" for s in tick.selections}
            figures = {"in the consensus": weights.get(tick.event_id, ""), "status": tick.status} | prices
            raw = raws.get(_raw_id(tick.event_id))
            causes = [_message(*raw)] if raw else []
            explained.append(
                Explanation("tick", f"{tick.bookmaker} by {tick.provider}", _place(record), figures, causes)
            )
        return explained

    def _raws(self, wanted: set[str]) -> dict[str, Found[RawMessage]]:
        return {
            message.event_id: (record, message)
            for topic in RAW
            for record, message in self._events(topic, RawMessage)
            if message.event_id in wanted
        }

    # -- anything else -------------------------------------------------------------------------------------------

    def _event(self, wanted: str) -> Explanation | None:
        for topic in PUBLIC:
            if topic.record is None:
                continue
            for record, event in self._events(topic, RECORDS[topic.record]):
                if wanted in {event.event_id, getattr(event, "transfer_id", None), getattr(event, "entry_id", None)}:
                    return self._whole(topic, record, event)
        return None

    def _whole(self, topic: Topic, record: Record, event: Event) -> Explanation:
        if isinstance(event, RawMessage):
            return _message(record, event)
        if isinstance(event, MarketOdds):
            return self._ticks([(record, event)], {})[0]
        fields: dict[str, Any] = msgspec.to_builtins(event, builtin_types=(bytes,))
        figures = {name: str(value) for name, value in fields.items() if name != "token"}
        raw = self._raws({_raw_id(event.event_id)}) if "." in event.event_id else {}
        causes = [_message(*found) for found in raw.values()]
        return Explanation(topic.record or "bytes", event.event_id, _place(record), figures, causes)


def _message(record: Record, message: RawMessage) -> Explanation:
    untouched = sha256(message.payload).hexdigest() == message.content_hash
    figures = {
        "endpoint": message.endpoint,
        "stream": f"{message.stream_id}, message {message.stream_sequence}",
        "bytes": f"{len(message.payload)}, {'as received' if untouched else 'CHANGED'}, SHA-256 {message.content_hash}",
        "begins": message.payload[:SHOWN_BYTES].decode(errors="replace"),
    }
    return Explanation("provider's message", message.provider, _place(record), figures)


def _raw_id(event_id: str) -> str:
    """Return the id of the message that an event follows from: ids of what it causes only add to it."""
    return event_id.split(".", 1)[0]


def _place(record: Record) -> str:
    return f"{record.topic}/{record.partition}@{record.offset}"


def _odds(odds: int | None) -> str:
    return f"{odds / 1000:.3f}" if odds else "none"


def _check(check: CheckVerdict) -> str:
    figures = ", ".join(f"{name} {value}" for name, value in sorted(check.figures.items()))
    return f"{check.outcome} {check.code} {figures}".replace("  ", " ").strip()
