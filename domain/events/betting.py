"""The saga of a bet: request, legs, verdicts, decision; and the money it moves."""

from typing import Literal

import msgspec

from domain.events.head import Event

PricePolicy = Literal["exact", "better", "any"]
LegAction = Literal["HOLD", "CONFIRM", "RELEASE", "PRICE"]
LegOutcome = Literal["PASS", "REDUCE", "REFUSE"]
DecisionOutcome = Literal["ACCEPTED", "PARTIAL", "REJECTED"]
EntryKind = Literal[
    "TRANSFER", "TRANSFER_REFUSED", "RESERVE", "RELEASE", "STAKE", "SETTLE", "DEPOSIT", "WITHDRAWAL_HELD", "WITHDRAWN",
    "WITHDRAWAL_RELEASED", "WITHDRAWAL_RETURNED",
]  # fmt: skip
CheckName = Literal["authentication", "balance", "odds", "limits", "availability", "risk"]


def bet_key(customer_id: str, bet_id: str) -> str:
    """Name a bet among all: two customers may choose the same `bet_id`. Neither id holds a slash."""
    return f"{customer_id}/{bet_id}"


class SlipLeg(msgspec.Struct, frozen=True, kw_only=True):
    """One selection of a bet slip, at the odds that the customer saw."""

    fixture_id: str
    market_id: str
    selection_id: str
    odds: int
    quote_version: int


class BetRequest(Event, frozen=True, kw_only=True):
    """A customer's bet slip (`bets.requests`, keyed by customer_id).

    `bet_id` is made by the client and names the command.

    One leg is a single, several an accumulator, unless `folds` say otherwise: then each line of the bet is all the
    `bankers` (indexes of legs) and as many of the other legs as one of the folds, and the stake is divided over the
    lines. `token` is the customer's signed JWT; it never reaches history.
    """

    bet_id: str
    customer_id: str
    token: str
    currency: str
    stake_minor: int
    price_policy: PricePolicy
    accept_partial: bool
    legs: tuple[SlipLeg, ...]
    folds: tuple[int, ...] = ()
    bankers: tuple[int, ...] = ()
    each_way: bool = False
    free: bool = False


class BetLeg(Event, frozen=True, kw_only=True):
    """The account's word to the book about one leg (`bets.legs`, keyed by fixture_id).

    HOLD asks for a verdict and holds liability; CONFIRM and RELEASE end the hold. PRICE asks at which odds the leg is
    offered now, and changes nothing. `leg_id` is `<customer_id>/<bet_id>/<index>`, of a PRICE with `@<request_id>`
    behind it.
    `stake_minor` is the stake of the bet's lines that the leg is in, which is all of it unless the bet is a system.
    `other_odds` is the product of the other legs' odds in thousandths (1000 for a single), of a system the mean of it
    over those lines: the payout that this leg may complete is stake × odds × other_odds. On CONFIRM, `stake_minor` and
    `odds` are what was decided, and none of the three is more than was held.
    """

    leg_id: str
    bet_id: str
    customer_id: str
    action: LegAction
    fixture_id: str
    market_id: str
    selection_id: str
    odds: int
    quote_version: int
    price_policy: PricePolicy
    currency: str
    stake_minor: int
    other_odds: int


class CheckVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """One check's verdict and the figures it saw; `code` is empty on PASS."""

    check: CheckName
    outcome: LegOutcome
    code: str
    figures: dict[str, int]


class LegVerdict(Event, frozen=True, kw_only=True):
    """The book's word about one leg (`bets.leg-verdicts`, keyed by customer_id)."""

    leg_id: str
    bet_id: str
    customer_id: str
    fixture_id: str
    market_id: str
    selection_id: str
    outcome: LegOutcome
    code: str
    odds: int
    quote_version: int
    stake_minor: int
    liability_before_minor: int
    liability_after_minor: int
    checks: tuple[CheckVerdict, ...]


class DecidedLeg(msgspec.Struct, frozen=True, kw_only=True):
    """One leg as decided: the odds taken and what was seen."""

    leg_id: str
    fixture_id: str
    market_id: str
    selection_id: str
    odds_asked: int
    odds: int
    quote_version: int
    outcome: LegOutcome
    code: str
    liability_before_minor: int
    liability_after_minor: int


class BetDecision(Event, frozen=True, kw_only=True):
    """The house's answer (`bets.decisions`, compacted, keyed by customer_id/bet_id): made once, repeated when asked.

    `code` is empty when accepted. `stake_minor` is the stake taken (0 when rejected), `odds` the mean of the lines'
    odds, `payout_minor` the most it can return. `folds` and `bankers` are those of the request.
    """

    bet_id: str
    customer_id: str
    outcome: DecisionOutcome
    code: str
    currency: str
    stake_asked_minor: int
    stake_minor: int
    odds: int
    payout_minor: int
    requested_at: int
    legs: tuple[DecidedLeg, ...]
    checks: tuple[CheckVerdict, ...]
    folds: tuple[int, ...] = ()
    bankers: tuple[int, ...] = ()
    free: bool = False


class WalletTransfer(Event, frozen=True, kw_only=True):
    """Money into (positive) or out of (negative) an account (`wallet.transfers`, keyed by customer_id)."""

    transfer_id: str
    customer_id: str
    currency: str
    amount_minor: int
    reason: str


class Account(Event, frozen=True, kw_only=True):
    """An account as it stands (`accounts`, compacted, keyed by customer_id). available = balance − reserved.

    `owed_minor` is what a correction of a settlement could not take back; every credit pays it first.
    """

    customer_id: str
    version: int
    currency: str
    balance_minor: int
    reserved_minor: int
    open_stakes_minor: int
    owed_minor: int = 0


class Posting(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an entry: `amount_minor` is added to the ledger account; an entry's postings sum to zero."""

    ledger_account: str
    amount_minor: int


class LedgerEntry(Event, frozen=True, kw_only=True):
    """A double entry (`ledger.entries`, append-only, keyed by customer_id), in step with the account's version.

    `sequence` is its number in its partition and `previous` the hash of the entry before it (domain/money/chain.py);
    −1 and empty in entries of the time before there was a chain.
    """

    entry_id: str
    customer_id: str
    kind: EntryKind
    reference: str
    currency: str
    postings: tuple[Posting, ...]
    sequence: int = -1
    previous: bytes = b""


class LedgerCheckpoint(Event, frozen=True, kw_only=True):
    """The house's signature on the end of a partition's chain of entries (`ledger.checkpoints`, keyed by partition).

    `hash` is that of the entry numbered `sequence`, `previous` that of the one before it, `entries` counts the chain up
    to it. The signature is over these, the partition, `occurred_at` and `key_id` (domain/money/checkpoint.py).
    """

    partition: int
    sequence: int
    hash: bytes
    previous: bytes
    entries: int
    key_id: str
    signature: bytes
