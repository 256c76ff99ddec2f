"""What an explanation is made of: links of a chain, each with its place, its figures and what caused it."""

from dataclasses import dataclass, field
from hashlib import sha256

from bookstream.delivery.api import Record
from domain.betting.systems import asked, name_of
from domain.events.betting import BetDecision, BetLeg, CheckVerdict, LegVerdict, bet_key
from domain.events.canonical import MarketOdds
from domain.events.feeds import RawMessage
from domain.events.trading import Quote, QuoteInput

SHOWN_BYTES = 160
GONE = "no longer on its topic"


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


def place_of(record: Record) -> str:
    """Name a record's place: `<topic>/<partition>@<offset>`."""
    return f"{record.topic}/{record.partition}@{record.offset}"


def of_decision(record: Record, decision: BetDecision, causes: list[Explanation]) -> Explanation:
    """Show a decision with every check on the way to it; those of the book say of which leg they are."""
    figures = {
        "customer": decision.customer_id,
        "bet type": name_of(asked(len(decision.legs), decision.folds, decision.bankers)),
        "stake": f"{decision.stake_minor} of {decision.stake_asked_minor} minor units {decision.currency}",
        "odds": _odds(decision.odds),
        "could pay": f"{decision.payout_minor} minor units",
        "took": f"{(decision.occurred_at - decision.requested_at) / 1e6:.3f} s of the log's time",
    } | _checks(decision.checks)
    title = f"{bet_key(decision.customer_id, decision.bet_id)} {decision.outcome} {decision.code}".strip()
    return Explanation("bet", title, place_of(record), figures, causes)


def of_leg(leg_id: str, said: list[tuple[Record, BetLeg]], causes: list[Explanation]) -> Explanation:
    """Show a leg: what was asked of the book, and how it ended."""
    asked = said[0][1]
    figures = {
        "asked": f"{asked.stake_minor} minor units at {_odds(asked.odds)}, policy {asked.price_policy}",
        "other legs' odds": _odds(asked.other_odds),
        "seen by the customer": f"version {asked.quote_version}",
    } | {leg.action.lower(): f"{leg.stake_minor} minor units, {place_of(record)}" for record, leg in said}
    title = f"{leg_id}: {asked.selection_id} in {asked.market_id}"
    return Explanation("leg", title, place_of(said[0][0]), figures, causes)


def of_verdict(record: Record, verdict: LegVerdict, causes: list[Explanation]) -> Explanation:
    """Show the book's verdict with each check and the figures it saw."""
    figures = {
        "odds": _odds(verdict.odds),
        "stake allowed": f"{verdict.stake_minor} minor units",
        "market's worst case": f"{verdict.liability_before_minor} before, {verdict.liability_after_minor} with it",
    } | _checks(verdict.checks)
    title = f"{verdict.selection_id} in {verdict.market_id}: {verdict.outcome} {verdict.code}".strip()
    return Explanation("verdict", title, place_of(record), figures, causes)


def of_quote(record: Record, quote: Quote, causes: list[Explanation]) -> Explanation:
    """Show a quote."""
    figures = {"status": f"{quote.status} {quote.reason}".strip(), "overround": f"{quote.overround:.4f}"} | {
        f"{s.selection_id} ({s.name})": f"{_odds(s.odds)}, fair {s.fair_probability:.4f}, up to {s.max_stake_minor}"
        for s in quote.selections
    }
    return Explanation("quote", f"{quote.market_id} version {quote.version}", place_of(record), figures, causes)


def of_tick(record: Record, tick: MarketOdds, given: QuoteInput | None, causes: list[Explanation]) -> Explanation:
    """Show what one source said of a market, and what that weighed in a quote."""
    figures = {"event": tick.event_id, "status": tick.status}
    if given is not None:
        figures["in the consensus"] = _weight(given)
    figures |= {
        f"{s.selection_id} ({s.name})": f"back {_odds(s.back_odds)}, lay {_odds(s.lay_odds)}" for s in tick.selections
    }
    return Explanation("tick", f"{tick.bookmaker} by {tick.provider}", place_of(record), figures, causes)


def of_lost_tick(given: QuoteInput) -> Explanation:
    """Show what is still known of a tick that the broker has let go."""
    figures = {"event": given.event_id, "in the consensus": _weight(given)}
    return Explanation("tick", given.bookmaker, GONE, figures)


def of_message(record: Record, message: RawMessage) -> Explanation:
    """Show a provider's message, and whether its bytes are still those that were received."""
    untouched = sha256(message.payload).hexdigest() == message.content_hash
    figures = {
        "event": message.event_id,
        "endpoint": message.endpoint,
        "stream": f"{message.stream_id}, message {message.stream_sequence}",
        "bytes": f"{len(message.payload)}, {'as received' if untouched else 'CHANGED'}, SHA-256 {message.content_hash}",
        "begins": message.payload[:SHOWN_BYTES].decode(errors="replace"),
    }
    return Explanation("provider's message", message.provider, place_of(record), figures)


def _weight(given: QuoteInput) -> str:
    return f"weight {given.weight:.3f}, {given.age_ms} ms old"


def _odds(odds: int | None) -> str:
    return f"{odds / 1000:.3f}" if odds else "none"


def _checks(checks: tuple[CheckVerdict, ...]) -> dict[str, str]:
    return {f"check {n}: {check.check}": _check(check) for n, check in enumerate(checks, 1)}


def _check(check: CheckVerdict) -> str:
    figures = ", ".join(f"{name} {value}" for name, value in sorted(check.figures.items()))
    return " ".join(part for part in (check.outcome, check.code, figures) if part)
