"""What the book says to the world, and what traders say to the book."""

from typing import Literal

import msgspec

from domain.events.canonical import MarketStatus
from domain.events.head import Event


class QuotedSelection(msgspec.Struct, frozen=True, kw_only=True):
    """One selection as offered: `odds` in thousandths, None when not offered."""

    selection_id: str
    name: str
    odds: int | None
    fair_probability: float
    max_stake_minor: int


class QuoteInput(msgspec.Struct, frozen=True, kw_only=True):
    """One source's part in a quote: which event, how old it was, and the weight it had."""

    bookmaker: str
    event_id: str
    weight: float
    age_ms: int


class Quote(Event, frozen=True, kw_only=True):
    """A market as the house offers it now (`quotes`, compacted, keyed by market_id).

    `version` rises by one with each change of a market and never repeats. A quote that is not OPEN carries its reason
    and takes no bets; an OPEN quote takes none after `expires_at`.
    """

    fixture_id: str
    market_id: str
    market_type: str
    period: str
    line_milli: int | None
    version: int
    status: MarketStatus
    reason: str
    in_play: bool
    bet_delay_s: int
    currency: str
    overround: float
    expires_at: int
    selections: tuple[QuotedSelection, ...]
    inputs: tuple[QuoteInput, ...]


class ListedSelection(msgspec.Struct, frozen=True, kw_only=True):
    """One selection of a market, by its id and its name."""

    selection_id: str
    name: str


class MarketListing(Event, frozen=True, kw_only=True):
    """What a market is (`markets`, compacted, keyed by market_id): said when first heard of, and when it grows."""

    fixture_id: str
    market_id: str
    market_type: str
    period: str
    line_milli: int | None
    selections: tuple[ListedSelection, ...]


class OutcomeExposure(msgspec.Struct, frozen=True, kw_only=True):
    """What the house loses (positive) or keeps (negative) if this selection wins, in minor units."""

    selection_id: str
    liability_minor: int


class Exposure(Event, frozen=True, kw_only=True):
    """The house's liability in one market (`exposures`, compacted, keyed by market_id).

    `held_minor` is the worst case of bets not yet decided, `worst_case_minor` includes them.
    """

    fixture_id: str
    market_id: str
    version: int
    currency: str
    bets: int
    stakes_minor: int
    held_minor: int
    worst_case_minor: int
    outcomes: tuple[OutcomeExposure, ...]


class TradingControl(Event, frozen=True, kw_only=True):
    """A trader's order to the book (`trading.controls`).

    `scope_id` is the fixture's or market's id; for ALL it is "*" and one record goes to every partition.
    """

    scope: Literal["ALL", "FIXTURE", "MARKET"]
    scope_id: str
    action: Literal["SUSPEND", "RESUME"]
    reason: str
    actor: str
