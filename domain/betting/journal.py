"""The journal of bets: what is remembered of each, and what a step of its saga changes and says."""

import msgspec

from domain.betting.slip import Slip
from domain.errors import ContractViolation
from domain.events.betting import BetDecision, CheckVerdict, LegVerdict
from domain.events.head import Event
from domain.money.account import AccountState


class Open(msgspec.Struct, frozen=True, kw_only=True):
    """A bet that the book has been asked about: what was held and what it said so far."""

    slip: Slip
    held_minor: int
    held_code: str
    deadline_at: int
    checks: tuple[CheckVerdict, ...]
    verdicts: tuple[LegVerdict | None, ...]


class BetState(msgspec.Struct, frozen=True, kw_only=True):
    """The journal of one bet: `open` until it is decided, `decision` as published from then on."""

    fingerprint: bytes
    open: Open | None = None
    decision: BetDecision | None = None

    def __post_init__(self) -> None:
        assert (self.open is None) != (self.decision is None), "a bet is either open or decided"


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What an input changes (None: nothing) and what follows from it, in order."""

    account: AccountState | None = None
    bet: BetState | None = None
    events: tuple[Event, ...] = ()


class BetIdReused(ContractViolation):
    """A bet_id was sent again with another bet; `answer` is the decision of the first, once it is made."""

    def __init__(self, bet_id: str, answer: BetDecision | None) -> None:
        super().__init__(f"bet_id {bet_id} was used for another bet")
        self.answer = answer
