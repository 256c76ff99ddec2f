"""Which table keeps which topic."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HistoryTable:
    """A topic's table. `provider` tells the rows of one raw topic from those of another in the same table."""

    name: str
    provider: str | None = None

    @property
    def condition(self) -> str:
        """Return the SQL condition that selects this topic's rows."""
        return f"provider = '{self.provider}'" if self.provider else "1"


DEAD_LETTERS = HistoryTable("dead_letters")
UNDECODABLE = "undecodable"

_TABLES = {
    "feeds.status": "feed_status",
    "feeds.completeness": "feed_completeness",
    "feeds.skew": "clock_skews",
    "feeds.differences": "provider_differences",
    "feeds.coverage": "provider_coverage",
    "feeds.evidence": "provider_evidence",
    "feeds.providers": "provider_statuses",
    "clock.ticks": "clock_ticks",
    "fixtures": "fixtures",
    "participants": "participants",
    "odds": "odds",
    "incidents": "incidents",
    "statistics": "statistics",
    "identity.reviews": "identity_reviews",
    "identity.decisions": "identity_decisions",
    "trading.controls": "trading_controls",
    "markets": "markets",
    "quotes": "quotes",
    "exposures": "exposures",
    "bets.requests": "bet_requests",
    "bets.legs": "bet_legs",
    "bets.leg-verdicts": "leg_verdicts",
    "bets.decisions": "bet_decisions",
    "wallet.transfers": "wallet_transfers",
    "accounts": "accounts",
    "ledger.entries": "ledger_entries",
    "ledger.checkpoints": "ledger_checkpoints",
    "results": "results",
    "settlements": "settlements",
    "bets.leg-results": "leg_settlements",
    "bets.settlements": "bet_settlements",
    "bets.cash-outs": "cash_out_requests",
    "bets.cash-out-answers": "cash_out_answers",
    "payments.requests": "payment_requests",
    "payments.asks": "payment_asks",
    "payments.answers": "payment_answers",
    "payments": "payments",
    "payments.refusals": "payment_refusals",
    "dead-letters": "dead_letters",
}


def table_of(topic: str) -> HistoryTable:
    """Return the table of a topic; every public topic has one."""
    if topic.startswith("feeds.") and topic.endswith(".raw"):
        return HistoryTable("raw_messages", provider=topic.split(".")[1])
    return HistoryTable(_TABLES[topic])
