"""Quotes: versions without a gap or a second content, and every price traced to the ticks that it came from."""

from typing import Final

from domain.audit.difference import Findings
from domain.events.betting import LegVerdict
from domain.events.canonical import MarketOdds
from domain.events.trading import Quote

OUT_OF_ORDER_US: Final = 60_000_000
"""A source's ticks may come in another order than they were made in by as much as a tick may be late."""


class QuoteAudit:
    """Fed every tick of a partition before its quotes; quotes of a market in the order of its topic."""

    def __init__(self) -> None:
        self._ticks: set[str] = set()
        self._lapsed: dict[int, Lapsed] = {}
        self._latest: dict[str, Quote] = {}
        self._compacted: set[str] = set()
        self.shown: dict[tuple[str, int], Quote] = {}
        self._findings = Findings()
        self._traced = Findings()

    def lapsed(self, partition: int) -> None:
        """Learn that a partition's first ticks are no longer kept."""
        self._lapsed.setdefault(partition, Lapsed())

    def tick(self, odds: MarketOdds, *, partition: int = 0, offset: int = 0) -> None:
        """Take a canonical tick."""
        self._ticks.add(odds.event_id)
        if partition in self._lapsed:
            self._lapsed[partition].tick(odds, offset)

    def quote(self, quote: Quote, *, partition: int = 0, taken: int = -1, whole: bool = True) -> None:
        """Take a quote; a repeat must be the same, and versions rise.

        `partition` is that of its ticks, and `taken` the offset there of the tick that caused it, -1 if none did.
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
        self._trace(subject, quote, self._lapsed.get(partition), taken)

    def _trace(self, subject: str, quote: Quote, lapsed: "Lapsed | None", taken: int) -> None:
        rule = "inputs are known ticks"
        if lapsed is not None:
            lapsed.take(quote.market_id, taken)
        for given in quote.inputs:
            known = given.event_id in self._ticks
            if not known and lapsed is not None and lapsed.may_have_said(quote.market_id, given.bookmaker):
                self._traced.unknown[rule] += 1
            else:
                self._traced.check(rule, subject, known, given.event_id)

    def findings(self) -> Findings:
        """Return what was found; what quotes were traced to comes last."""
        findings = Findings()
        findings.merge(self._findings)
        findings.merge(self._traced)
        return findings

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


class Lapsed:
    """A partition that keeps only its newest ticks: which inputs of quotes may be among those that are gone.

    An input is what its source had said last. So it is one of the ticks that are gone unless the source has said
    something of the market since, in a tick that is kept and that the quote's market had taken in.
    """

    def __init__(self) -> None:
        self._oldest_at: int | None = None
        self._spoke: dict[tuple[str, str], int] = {}
        self._taken: dict[str, int] = {}

    def tick(self, odds: MarketOdds, offset: int) -> None:
        """Take a tick that is kept, in the order of the topic."""
        if self._oldest_at is None:
            self._oldest_at = odds.received_at
        # A tick that is older than what its source said before replaces nothing.
        if not odds.late and odds.occurred_at >= self._oldest_at + OUT_OF_ORDER_US:
            self._spoke.setdefault((odds.market_id, odds.bookmaker), offset)

    def take(self, market_id: str, offset: int) -> None:
        """Learn that a market's quotes have come so far; whatever causes a later one, it has come so far too."""
        self._taken[market_id] = max(offset, self._taken.get(market_id, -1))

    def may_have_said(self, market_id: str, bookmaker: str) -> bool:
        """Tell whether what a source said last of a market, as its quote has it, may be in a tick that is gone."""
        taken = self._taken[market_id]
        return self._spoke.get((market_id, bookmaker), taken + 1) > taken
