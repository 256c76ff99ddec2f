"""What ledger and commands say of a day: the input of its report."""

from collections.abc import Mapping, Sequence

import msgspec


class BetDay(msgspec.Struct, frozen=True, kw_only=True):
    """What a bet moved in the day, and its stake that is open at the end of it; minor units.

    What is `settled` left the open stakes (negative: came back), and of that `returned` went to the customer.
    """

    customer_id: str
    bet_id: str
    staked_minor: int = 0
    settled_minor: int = 0
    returned_minor: int = 0
    open_minor: int = 0


class TransferDay(msgspec.Struct, frozen=True, kw_only=True):
    """What a transfer or a payment moved in the day, in or out (negative); 0 where it was refused."""

    customer_id: str
    transfer_id: str
    amount_minor: int


class CustomerDay(msgspec.Struct, frozen=True, kw_only=True):
    """A customer by the ledger, in minor units.

    `charged` went to fees and tax; `profit` is what the house made of the customer.
    """

    customer_id: str
    opening_minor: int = 0
    closing_minor: int = 0
    charged_minor: int = 0
    profit_minor: int = 0
    open_stakes_minor: int = 0


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What a customer's account was last said to hold in the day; None of `own_minor` is one that nobody can tell."""

    customer_id: str
    own_minor: int | None
    open_stakes_minor: int


class DayBooks(msgspec.Struct, frozen=True, kw_only=True):
    """What each side says of a day.

    `balances` are those of history's ledger by account at the end of the day, `log_balances` those of the topic of
    entries, None where that was not read; `unbalanced` entries do not sum to zero.
    """

    customers: Sequence[CustomerDay]
    booked_bets: Sequence[BetDay]
    booked_transfers: Sequence[TransferDay]
    taken_bets: Sequence[BetDay]
    asked_transfers: Sequence[TransferDay]
    standings: Sequence[Standing]
    balances: Mapping[str, int]
    log_balances: Mapping[str, int] | None = None
    unbalanced: Mapping[str, int] = {}
