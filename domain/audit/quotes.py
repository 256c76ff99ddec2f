"""Quotes: versions without a gap or a second content, and every price traced to the ticks that it came from."""

from typing import Final

import msgspec

from domain.audit.difference import Findings
from domain.audit.digests import Contents, Digests, of_event, of_text
from domain.events.betting import LegVerdict
from domain.events.canonical import MarketOdds
from domain.events.trading import Quote

OUT_OF_ORDER_US: Final = 60_000_000
"""A source's ticks may come in another order than they were made in by as much as a tick may be late."""


class QuoteAudit:
    """Fed every verdict, then partition by partition every tick and after them every quote, in the topic's order.

    Of a partition that is over nothing is remembered, and of ticks and quotes no more than their digests.
    """

    def __init__(self) -> None:
        self._asked: dict[tuple[str, int], list[_Passed]] = {}
        self._ticks = Digests()
        self._lapsed: Lapsed | None = None
        self._markets: dict[str, _Market] = {}
        self._compacted: set[str] = set()
        self._findings = Findings()
        self._traced = Findings()

    def judged(self, verdict: LegVerdict) -> None:
        """Take a verdict; when the quote comes that it names, it must be open, at these odds, and not expired.

        A quote that the broker has compacted away cannot be looked at, and its verdict is not counted as checked.
        """
        if verdict.outcome != "REFUSE":
            passed = _Passed(verdict.leg_id, verdict.selection_id, verdict.odds, verdict.occurred_at)
            self._asked.setdefault((verdict.market_id, verdict.quote_version), []).append(passed)

    def lapse(self) -> None:
        """Learn, before its first tick, that the partition no longer keeps all of them."""
        self._lapsed = self._lapsed or Lapsed()

    def tick(self, odds: MarketOdds, *, offset: int = 0) -> None:
        """Take a canonical tick."""
        self._ticks.add(of_text(odds.event_id))
        if self._lapsed is not None:
            self._lapsed.tick(odds, offset)

    def quote(self, quote: Quote, *, taken: int = -1, whole: bool = True) -> None:
        """Take a quote; a repeat must be the same, and versions rise.

        `taken` is the offset in its partition of the tick that caused it, -1 if none did. `whole` says that nothing of
        the partition was compacted away before this record: versions then rise by one.
        """
        subject = f"{quote.market_id} v{quote.version}"
        market = self._markets.get(quote.market_id)
        if market is None:
            market = self._markets[quote.market_id] = _Market()
        content = of_event(quote)
        earlier = market.said.setdefault(quote.version, content)
        if earlier is not None:
            self._findings.check("one content a version", subject, earlier == content, "two quotes that differ")
            return
        expected = market.version + 1
        follows = quote.version == expected or (not whole and quote.version > expected)
        self._findings.check("versions without a gap", subject, follows, f"expected {expected}")
        market.version = quote.version
        market.compacted |= not whole
        if quote.status == "OPEN":
            priced = [s for s in quote.selections if s.odds]
            self._findings.check("an open quote has inputs and prices", subject, bool(quote.inputs and priced), "none")
            booksum = sum(1000 / s.odds for s in quote.selections if s.odds)
            every = len(priced) == len(quote.selections)
            self._findings.check("no book below 100 %", subject, booksum >= 1 or not every, f"{booksum:.4f}")
        self._trace(subject, quote, taken)
        for passed in self._asked.pop((quote.market_id, quote.version), ()):
            self._bears(quote, passed)

    def end(self) -> None:
        """End a partition: none of its markets comes again."""
        asked = {market_id for market_id, _ in self._asked}
        self._compacted |= {name for name, market in self._markets.items() if market.compacted and name in asked}
        self._ticks, self._lapsed, self._markets = Digests(), None, {}

    def findings(self) -> Findings:
        """End the last partition, and return what was found; what quotes were traced to comes last."""
        self.end()
        findings = Findings()
        findings.merge(self._findings)
        for (market_id, version), legs in self._asked.items():
            if market_id not in self._compacted:
                for passed in legs:
                    subject = f"{passed.leg_id} on {market_id} v{version}"
                    findings.check("a leg passes on a quote that was shown", subject, holds=False, found="none")
        findings.merge(self._traced)
        return findings

    def _trace(self, subject: str, quote: Quote, taken: int) -> None:
        rule, lapsed = "inputs are known ticks", self._lapsed
        if lapsed is not None:
            lapsed.take(quote.market_id, taken)
        for given in quote.inputs:
            known = of_text(given.event_id) in self._ticks
            if not known and lapsed is not None and lapsed.may_have_said(quote.market_id, given.bookmaker):
                self._traced.unknown[rule] += 1
            else:
                self._traced.check(rule, subject, known, given.event_id)

    def _bears(self, quote: Quote, passed: "_Passed") -> None:
        """Hold a quote against a verdict that names it."""
        subject = f"{passed.leg_id} on {quote.market_id} v{quote.version}"
        self._findings.check("a leg passes on a quote that was shown", subject, holds=True)
        self._findings.equal("a leg passes on an open quote", subject, expected="OPEN", found=quote.status)
        odds = {selection.selection_id: selection.odds for selection in quote.selections}
        self._findings.equal("odds as shown", subject, expected=odds.get(passed.selection_id), found=passed.odds)
        fresh = passed.at <= quote.expires_at
        self._findings.check("a leg passes on a fresh quote", subject, fresh, f"expired {quote.expires_at}")


class _Passed(msgspec.Struct, frozen=True, gc=False):
    """What a verdict let pass: a leg, at these odds, at this time."""

    leg_id: str
    selection_id: str
    odds: int
    at: int


class _Market:
    """What is remembered of a market's quotes."""

    __slots__ = ("compacted", "said", "version")

    def __init__(self) -> None:
        self.said = Contents()
        self.version = 0
        self.compacted = False


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
