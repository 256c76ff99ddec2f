"""The book's configuration: every number that a trader may turn, frozen, with its default.

Times in microseconds of the log's time, money in minor units of `currency`, odds in thousandths.
"""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from domain.errors import Misconfigured
from domain.odds.consensus import ConsensusRules
from domain.odds.margin import MarginMethod
from domain.odds.quoting import QuotingMethod

MS_US = 1_000
SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US

LadderName = Literal["bookmaker", "betfair"]


class _Rules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all parts of the configuration share."""


class SourceRules(_Rules, frozen=True, kw_only=True):
    """How far one source is trusted.

    `sharpness` weighs its full prices: a two-sided ladder of an exchange, a complete book of a bookmaker. A ladder that
    is too wide to tell weighs `wide_sharpness`; prices that were only traded weigh `traded_sharpness`, by default too
    little for two such sources to open a market: what was traded may be of before the news. A source that
    `leads` may suspend and close the market by itself. `stale_us` and `in_play_stale_us`: how old its word may be
    (a source that speaks once a minute needs more than a minute). What `is_statistic`, the highest or the mean odds of
    others, is nobody's opinion: it would count those others twice, and is left out.
    """

    sharpness: float = 0.5
    wide_sharpness: float = 0.4
    traded_sharpness: float = 0.2
    leads: bool = False
    is_statistic: bool = False
    method: MarginMethod = MarginMethod.POWER
    stale_us: int = 10 * MINUTE_US
    in_play_stale_us: int = 20 * SECOND_US

    def __post_init__(self) -> None:
        if min(self.sharpness, self.wide_sharpness, self.traded_sharpness) <= 0:
            raise Misconfigured("rules: a source's sharpness is positive")
        if not 0 < self.in_play_stale_us <= self.stale_us:
            raise Misconfigured("rules: 0 < in_play_stale_us <= stale_us does not hold")


class MarketRules(_Rules, frozen=True, kw_only=True):
    """How one type of market is priced and how much of it is taken.

    The overround of a quote is `overround` + `overround_per_outcome` × outcomes, with `in_play_overround` added in
    play. `winners` is how many of the selections win (0: any number); only markets with one winner are priced.
    """

    winners: int = 1
    overround: float = 1.03
    overround_per_outcome: float = 0.01
    in_play_overround: float = 0.01
    max_odds: int = 501_000
    max_stake_minor: int = 2_000_00
    in_play_max_stake_minor: int = 1_000_00
    max_payout_minor: int = 50_000_00
    market_cap_minor: int = 100_000_00
    selection_cap_minor: int = 50_000_00
    customer_cap_minor: int = 10_000_00

    def __post_init__(self) -> None:
        if self.overround < 1 or self.overround_per_outcome < 0 or self.in_play_overround < 0:
            raise Misconfigured("rules: an overround is at least 1, and what is added to it is not negative")
        caps = (self.market_cap_minor, self.selection_cap_minor, self.customer_cap_minor)
        if min(self.max_stake_minor, self.in_play_max_stake_minor, self.max_payout_minor, *caps) < 0:
            raise Misconfigured("rules: no cap is negative")
        if self.winners < 0 or self.max_odds <= 1000:
            raise Misconfigured("rules: winners is 0 or more, max_odds above 1000")


class PhaseRules(_Rules, frozen=True, kw_only=True):
    """What differs before and in play.

    `half_life_us`: the age at which a source's word counts for half. `quote_us`: how long a quote stands; it is made
    anew when a third of that is left. `vouched_us`: how long a feed's heartbeat may stand in for an unchanged price.
    """

    half_life_us: int
    quote_us: int
    vouched_us: int

    def __post_init__(self) -> None:
        if min(self.half_life_us, self.quote_us) < SECOND_US or self.vouched_us < 0:
            raise Misconfigured("rules: half_life_us and quote_us are at least a second, vouched_us not negative")


PRE_MATCH = PhaseRules(half_life_us=15 * MINUTE_US, quote_us=5 * MINUTE_US, vouched_us=6 * HOUR_US)
IN_PLAY = PhaseRules(half_life_us=30 * SECOND_US, quote_us=30 * SECOND_US, vouched_us=2 * MINUTE_US)

EXCHANGE = SourceRules(sharpness=1.0, leads=True)
BOOKMAKER = SourceRules()
STATISTIC = SourceRules(is_statistic=True)
SOURCES: Mapping[str, SourceRules] = {
    "pinnacle": SourceRules(sharpness=0.9),
    "betfair_sb_uk": BOOKMAKER,
    "market_max": STATISTIC,
    "market_average": STATISTIC,
    "betbrain_max": STATISTIC,
    "betbrain_average": STATISTIC,
}

ONE_WINNER = MarketRules()
ANY_WINNERS = MarketRules(winners=0)
MARKETS: Mapping[str, MarketRules] = {
    "MATCH_ODDS": ONE_WINNER,
    "HALF_TIME": ONE_WINNER,
    "BOTH_TO_SCORE": ONE_WINNER,
    "DRAW_NO_BET": ONE_WINNER,
    "ODD_OR_EVEN": ONE_WINNER,
    "CORRECT_SCORE": ONE_WINNER,
    "WIN": MarketRules(overround=1.02, overround_per_outcome=0.015),
    "DOUBLE_CHANCE": MarketRules(winners=2),
}
"""Types that are not named are `other_market`, but every TOTAL_… and …HANDICAP has one winner."""

INCIDENTS: Mapping[str, int] = {
    "KICK_OFF": 0,
    "SECOND_HALF": 0,
    "GOAL": 10 * SECOND_US,
    "GOAL_CANCELLED": 10 * SECOND_US,
    "SCORE_CORRECTED": 10 * SECOND_US,
    "RED_CARD": 10 * SECOND_US,
    "RED_CARD_CANCELLED": 10 * SECOND_US,
    "YELLOW_CARD_CANCELLED": 10 * SECOND_US,
    "VAR_REVIEW": 10 * SECOND_US,
    "PENALTY": 10 * SECOND_US,
    "RUNNER_REMOVED": 5 * SECOND_US,
    "SUSPENSION": 0,
}
"""Incidents that suspend, and for how long at least."""


class BookRules(_Rules, frozen=True, kw_only=True):
    """The book's whole configuration.

    A market opens when what its sources say agrees and weighs `quorum_weight` from `quorum_sources` sources. For
    `reopen_watch_us` after a suspension that an incident, a feed or a source caused, `reopen_sources` are needed that
    were priced after it; a leading source with a tight book (spread in probability up to `tight_spread`) is enough.
    A bet is delayed in play by `in_play_delay_s` or by what a source asks, whichever is longer.
    `late_quotes`: whether a price seen before the latest suspension may still be bet on.
    `legs_kept_us`: how long the answer to a decided leg is remembered, longer than the accounts keep asking.
    `fixtures_kept_us`: how long a fixture's rows are kept after its last market was closed, no shorter than its legs.
    `abandoned_us`: a fixture that began, and of which nothing was heard for so long, is over though nobody said so.
    `past_kept_us`: how long it is known of a forgotten fixture that it was; the row is small, and a provider who tells
    of it again within that time opens nothing.
    """

    currency: str = "GBP"
    exchange_prefixes: tuple[str, ...] = ("betfair", "matchbook", "smarkets")
    exchange: SourceRules = EXCHANGE
    bookmaker: SourceRules = BOOKMAKER
    sources: Mapping[str, SourceRules] = msgspec.field(default_factory=lambda: dict(SOURCES))
    markets: Mapping[str, MarketRules] = msgspec.field(default_factory=lambda: dict(MARKETS))
    other_market: MarketRules = ANY_WINNERS
    pre_match: PhaseRules = PRE_MATCH
    in_play: PhaseRules = IN_PLAY
    quorum_sources: int = 1
    quorum_weight: float = 0.6
    outlier_logit: float = 0.8
    mad_factor: float = 4.0
    disagreement_logit: float = 0.25
    reopen_sources: int = 2
    reopen_watch_us: int = 60 * SECOND_US
    tight_spread: float = 0.05
    incidents: Mapping[str, int] = msgspec.field(default_factory=lambda: dict(INCIDENTS))
    opens_before_us: int = 365 * DAY_US
    quoting: QuotingMethod = "power"
    ladder: LadderName = "bookmaker"
    in_play_delay_s: int = 5
    late_quotes: bool = False
    legs_kept_us: int = 25 * HOUR_US
    fixtures_kept_us: int = 3 * DAY_US
    abandoned_us: int = 7 * DAY_US
    past_kept_us: int = 365 * DAY_US
    due_per_tick: int = 512

    def __post_init__(self) -> None:
        if not 1 <= self.quorum_sources <= self.reopen_sources:
            raise Misconfigured("rules: 1 <= quorum_sources <= reopen_sources does not hold")
        if self.disagreement_logit <= 0 or not 0 < self.tight_spread < 1:
            raise Misconfigured("rules: disagreement_logit is positive, and tight_spread between 0 and 1")
        if min(self.reopen_watch_us, self.in_play_delay_s, *self.incidents.values()) < 0 or self.due_per_tick < 1:
            raise Misconfigured("rules: no time is negative, and due_per_tick is at least 1")
        if not 0 <= self.legs_kept_us <= self.fixtures_kept_us:
            raise Misconfigured("rules: 0 <= legs_kept_us <= fixtures_kept_us does not hold")
        if min(self.abandoned_us, self.past_kept_us) <= 0:
            raise Misconfigured("rules: abandoned_us and past_kept_us are positive")
        for phase in (self.pre_match, self.in_play):
            self.consensus(phase)

    def consensus(self, phase: PhaseRules) -> ConsensusRules:
        """Return the rules of agreement in a phase of a fixture."""
        return ConsensusRules(
            half_life_ms=phase.half_life_us // MS_US,
            outlier_logit=self.outlier_logit,
            mad_factor=self.mad_factor,
            quorum_sources=self.quorum_sources,
            quorum_weight=self.quorum_weight,
        )

    def source(self, bookmaker: str) -> SourceRules:
        """Return how far a source is trusted: by its name, else as an exchange or a bookmaker."""
        found = self.sources.get(bookmaker)
        if found is not None:
            return found
        return self.exchange if bookmaker.startswith(self.exchange_prefixes) else self.bookmaker

    def market(self, market_type: str) -> MarketRules:
        """Return how a type of market is traded."""
        found = self.markets.get(market_type)
        if found is not None:
            return found
        counted = market_type.startswith("TOTAL_") or market_type.endswith("HANDICAP")
        return ONE_WINNER if counted else self.other_market


def rules_from(values: Mapping[str, Any]) -> BookRules:
    """Read rules from plain values, as of a JSON or TOML file; what they leave out, at any depth, keeps its default.

    Raises:
        Misconfigured: a key is unknown, a value is not of its kind, or the rules contradict each other.
    """
    try:
        return msgspec.convert(_over(msgspec.to_builtins(BookRules()), values), BookRules)
    except msgspec.ValidationError as error:
        raise Misconfigured(f"rules: {error}") from error


def _over(defaults: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Lay values over defaults, table by table."""
    merged = dict(defaults)
    for name, value in values.items():
        known = merged.get(name)
        merged[name] = _over(known, value) if isinstance(known, Mapping) and isinstance(value, Mapping) else value
    return merged
