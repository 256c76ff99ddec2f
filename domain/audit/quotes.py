"""Quotes: versions without a gap or a second content, and every price traced to the ticks that it came from."""

from domain.audit.difference import Findings
from domain.events.betting import LegVerdict
from domain.events.canonical import MarketOdds
from domain.events.trading import Quote


class QuoteAudit:
    """Fed every tick and every quote; quotes of a market in the order of its topic."""

    def __init__(self) -> None:
        self._ticks: set[str] = set()
        self._latest: dict[str, Quote] = {}
        self._compacted: set[str] = set()
        self._inputs: list[tuple[str, str]] = []
        self.shown: dict[tuple[str, int], Quote] = {}
        self._findings = Findings()

    def tick(self, odds: MarketOdds) -> None:
        """Take a canonical tick."""
        self._ticks.add(odds.event_id)

    def quote(self, quote: Quote, *, whole: bool = True) -> None:
        """Take a quote; a repeat must be the same, and versions rise.

        `whole` says that nothing of the partition was compacted away before this record: versions then rise by one.
        """
        subject = f"{quote.market_id} v{quote.version}"
        earlier = self.shown.get((quote.market_id, quote.version))
        if earlier is not None:
            self._findings.check("one content a version", subject, earlier == quote, "two quotes that differ")
            return
        latest = self._latest.get(quote.market_id)
        expected = latest.version + 1 if latest else 1
        follows = quote.version == expected or (not whole and quote.version > expected)
        self._findings.check("versions without a gap", subject, follows, f"expected {expected}")
        self._latest[quote.market_id] = quote
        if not whole:
            self._compacted.add(quote.market_id)
        self.shown[quote.market_id, quote.version] = quote
        if quote.status == "OPEN":
            priced = [s for s in quote.selections if s.odds]
            self._findings.check("an open quote has inputs and prices", subject, bool(quote.inputs and priced), "none")
            booksum = sum(1000 / s.odds for s in quote.selections if s.odds)
            every = len(priced) == len(quote.selections)
            self._findings.check("no book below 100 %", subject, booksum >= 1 or not every, f"{booksum:.4f}")
        self._inputs += [(subject, given.event_id) for given in quote.inputs]

    def findings(self) -> Findings:
        """Trace the inputs, once all ticks are known."""
        for subject, event_id in self._inputs:
            self._findings.check("inputs are known ticks", subject, event_id in self._ticks, event_id)
        return self._findings

    def judged(self, verdict: LegVerdict) -> None:
        """Hold a verdict against the quote that it names: open, at these odds, and not expired.

        A quote that the broker has compacted away cannot be looked at, and its verdict is not counted as checked.
        """
        if verdict.outcome == "REFUSE":
            return
        subject = f"{verdict.leg_id} on {verdict.market_id} v{verdict.quote_version}"
        quote = self.shown.get((verdict.market_id, verdict.quote_version))
        if quote is None and verdict.market_id in self._compacted:
            return
        shown = self._findings.check("a leg passes on a quote that was shown", subject, quote is not None, "none")
        if not shown or quote is None:
            return
        self._findings.equal("a leg passes on an open quote", subject, expected="OPEN", found=quote.status)
        odds = {selection.selection_id: selection.odds for selection in quote.selections}
        self._findings.equal("odds as shown", subject, expected=odds.get(verdict.selection_id), found=verdict.odds)
        fresh = verdict.occurred_at <= quote.expires_at
        self._findings.check("a leg passes on a fresh quote", subject, fresh, f"expired {quote.expires_at}")
