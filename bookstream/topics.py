"""Topics as code: name, record, key, partitions, retention, compaction. `bookstream topics apply` makes them so."""

from dataclasses import dataclass
from typing import Literal

PARTITIONS = 8
"""Every keyed topic has this many, so that what belongs to one fixture or customer meets in one worker."""

LARGEST_BYTES = 16 * 1024 * 1024

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS

Keep = Literal["all", "latest"]


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic: its record in schemas/avro (None for untyped bytes), the name of its key, and how it is kept.

    A key of several fields has slashes between them, in its name and in its text.

    `large` ones take record batches of up to LARGEST_BYTES: a provider's image of many markets is one message, and a
    unit of delivery, outputs included, is one batch of its private changelog.
    """

    name: str
    record: str | None
    key: str
    keep: Keep = "all"
    retention_ms: int = 7 * DAY_MS
    broadcast: bool = False
    private: bool = False
    large: bool = False
    partitions: int = PARTITIONS

    @property
    def configs(self) -> dict[str, str]:
        """Return the broker's settings for this topic; min.insync.replicas follows the cluster's size."""
        configs = {"cleanup.policy": "compact" if self.keep == "latest" else "delete"}
        if self.keep == "all":
            configs["retention.ms"] = str(self.retention_ms)
        if self.large:
            configs["max.message.bytes"] = str(LARGEST_BYTES)
        return configs


FOREVER_MS = -1

PROVIDERS = (
    "betfair",
    "theoddsapi",
    "altenar",
    "betcenter",
    "bwin",
    "kambi",
    "pinnacle",
    "sbtech",
    "uof",
    "betsapi",
    "footballdata",
    "tennisdata",
    "tennispbp",
    "betfairhub",
    "statsbomb",
    "opta",
    "goaltimes",
)


def raw_topic(provider: str) -> str:
    """Name the topic of a provider's untouched messages."""
    return f"feeds.{provider}.raw"


RAW = tuple(Topic(raw_topic(provider), "RawMessage", "stream_id", large=True) for provider in PROVIDERS)
FEED_STATUS = Topic("feeds.status", "FeedStatus", "provider", broadcast=True)
COMPLETENESS = Topic("feeds.completeness", "FeedCompleteness", "fixture_id/provider/measure/stream_id", keep="latest")
SKEW = Topic("feeds.skew", "ClockSkew", "provider/against/scope_id", keep="latest")
DIFFERENCES = Topic("feeds.differences", "ProviderDifference", "fixture_id/measure", keep="latest")
COVERAGE = Topic("feeds.coverage", "ProviderCoverage", "fixture_id/provider", keep="latest")
EVIDENCE = Topic("feeds.evidence", "ProviderEvidence", "provider/partition", keep="latest")
PROVIDER_STATUS = Topic("feeds.providers", "ProviderStatus", "provider", keep="latest", broadcast=True)
CLOCK = Topic("clock.ticks", "ClockTick", "provider", retention_ms=DAY_MS, broadcast=True)
FIXTURES = Topic("fixtures", "Fixture", "fixture_id", keep="latest")
PARTICIPANTS = Topic("participants", "Participant", "participant_id", keep="latest")
ODDS = Topic("odds", "MarketOdds", "fixture_id")
INCIDENTS = Topic("incidents", "Incident", "fixture_id", retention_ms=365 * DAY_MS)
STATISTICS = Topic("statistics", "Statistic", "fixture_id")
IDENTITY_REVIEWS = Topic("identity.reviews", "IdentityReview", "provider_fixture_id", retention_ms=90 * DAY_MS)
IDENTITY_DECISIONS = Topic(
    "identity.decisions", "IdentityDecision", "fixture_id", retention_ms=FOREVER_MS, broadcast=True
)
CONTROLS = Topic("trading.controls", "TradingControl", "scope_id", retention_ms=FOREVER_MS, broadcast=True)
LISTINGS = Topic("markets", "MarketListing", "market_id", keep="latest")
QUOTES = Topic("quotes", "Quote", "market_id", keep="latest")
EXPOSURES = Topic("exposures", "Exposure", "market_id", keep="latest")
BET_REQUESTS = Topic("bets.requests", "BetRequest", "customer_id", retention_ms=90 * DAY_MS)
BET_LEGS = Topic("bets.legs", "BetLeg", "fixture_id", retention_ms=90 * DAY_MS)
LEG_VERDICTS = Topic("bets.leg-verdicts", "LegVerdict", "customer_id", retention_ms=90 * DAY_MS)
BET_DECISIONS = Topic("bets.decisions", "BetDecision", "customer_id/bet_id", keep="latest")
TRANSFERS = Topic("wallet.transfers", "WalletTransfer", "customer_id", retention_ms=FOREVER_MS)
ACCOUNTS = Topic("accounts", "Account", "customer_id", keep="latest")
LEDGER = Topic("ledger.entries", "LedgerEntry", "customer_id", retention_ms=FOREVER_MS)
LEDGER_CHECKPOINTS = Topic("ledger.checkpoints", "LedgerCheckpoint", "partition", retention_ms=FOREVER_MS)
RESULTS = Topic("results", "MarketResult", "fixture_id", retention_ms=FOREVER_MS)
SETTLEMENTS = Topic("settlements", "MarketSettlement", "market_id", keep="latest")
LEG_RESULTS = Topic("bets.leg-results", "LegSettlement", "customer_id", retention_ms=FOREVER_MS)
BET_SETTLEMENTS = Topic("bets.settlements", "BetSettlement", "customer_id/bet_id", keep="latest")
CASH_OUTS = Topic("bets.cash-outs", "CashOutRequest", "customer_id", retention_ms=FOREVER_MS)
CASH_OUT_ANSWERS = Topic("bets.cash-out-answers", "CashOutAnswer", "customer_id", retention_ms=FOREVER_MS)
PAYMENT_REQUESTS = Topic("payments.requests", "PaymentRequest", "customer_id", retention_ms=FOREVER_MS)
PAYMENT_ASKS = Topic("payments.asks", "PaymentAsk", "customer_id", retention_ms=90 * DAY_MS)
PAYMENT_ANSWERS = Topic("payments.answers", "PaymentAnswer", "customer_id", retention_ms=FOREVER_MS)
PAYMENTS = Topic("payments", "Payment", "customer_id/payment_id", keep="latest")
PAYMENT_REFUSALS = Topic("payments.refusals", "PaymentRefusal", "customer_id", retention_ms=FOREVER_MS)
DEAD_LETTERS = Topic("dead-letters", None, "the original's", retention_ms=90 * DAY_MS, large=True)

INGEST_STATE = Topic("ingest-state-changelog", None, "row", keep="latest", private=True, large=True)
BOOK_STATE = Topic("book-state-changelog", None, "row", keep="latest", private=True, large=True)
ACCOUNTS_STATE = Topic("accounts-state-changelog", None, "row", keep="latest", private=True, large=True)
SETTLEMENT_STATE = Topic("settlement-state-changelog", None, "row", keep="latest", private=True, large=True)
SETTLEMENT_WORK = Topic("settlement.work", None, "fixture_id", private=True)

PUBLIC = (
    *RAW, FEED_STATUS, COMPLETENESS, SKEW, DIFFERENCES, COVERAGE, EVIDENCE, PROVIDER_STATUS, CLOCK, FIXTURES,
    PARTICIPANTS, ODDS, INCIDENTS, STATISTICS, IDENTITY_REVIEWS, IDENTITY_DECISIONS, CONTROLS, LISTINGS, QUOTES,
    EXPOSURES, BET_REQUESTS, BET_LEGS, LEG_VERDICTS, BET_DECISIONS, TRANSFERS, ACCOUNTS, LEDGER,
    LEDGER_CHECKPOINTS, RESULTS, SETTLEMENTS, LEG_RESULTS, BET_SETTLEMENTS,
    CASH_OUTS, CASH_OUT_ANSWERS, PAYMENT_REQUESTS, PAYMENT_ASKS, PAYMENT_ANSWERS, PAYMENTS, PAYMENT_REFUSALS,
    DEAD_LETTERS,
)  # fmt: skip
PRIVATE = (INGEST_STATE, BOOK_STATE, ACCOUNTS_STATE, SETTLEMENT_STATE, SETTLEMENT_WORK)
ALL = PUBLIC + PRIVATE

BY_NAME = {topic.name: topic for topic in ALL}
