"""The accounts' rows: accounts, bets with their indexes by time, bets being settled, transfers, the ledger's chain."""

import msgspec

from bookstream.delivery.api import Rows, Shard
from domain.betting.cash_out_journal import CashOutState
from domain.betting.journal import BetState
from domain.betting.settling import SettlingBet, settling_bet
from domain.events.betting import bet_key
from domain.money.account import AccountState
from domain.money.chain import Tip, start
from domain.money.transfers import TransferState
from tables.timeline import BUCKETS, Timeline


class BetName(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which bet an index points to, and the trace of its request, which the clock goes on with."""

    customer_id: str
    bet_id: str
    trace: bytes = b""

    @property
    def key(self) -> str:
        """Return the key of the bet's row."""
        return bet_key(self.customer_id, self.bet_id)


class CashOutName(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which request an index points to, and its trace, which the clock goes on with."""

    customer_id: str
    request_id: str
    trace: bytes = b""

    @property
    def key(self) -> str:
        """Return the key of the request's row."""
        return f"{self.customer_id}/{self.request_id}"


class ChainState(msgspec.Struct, frozen=True):
    """Where this partition's ledger ends; the number of the last entry that was signed, −1 for none, and when."""

    tip: Tip
    signed: int = -1
    signed_at: int = 0


class LogTime(msgspec.Struct, frozen=True):
    """The newest tick of the clock that this partition has seen, in microseconds."""

    at: int


ACCOUNTS = Rows("account", AccountState)
BETS = Rows("bet", BetState)
WAITING = Timeline(Rows("waiting", BetName), width_us=1_000_000)
"""Bets without a decision, by deadline: a tick reads only those that are due."""
DECIDED = Timeline(Rows("decided", BetName), width_us=60_000_000)
"""Bets with one, by the time of the decision: a tick reads only those that are to be forgotten."""
TRANSFERS = Rows("transfer", TransferState)
SETTLING = Rows("settling", SettlingBet)
"""Bets that were accepted, until long after they were settled: corrections come late."""
SETTLED = Timeline(Rows("settled", BetName), width_us=3_600_000_000)
"""Bets whose settlement is confirmed, by the time of its last change."""
CASH_OUTS = Rows("cash-out", CashOutState)
CASHING = Timeline(Rows("cashing", CashOutName), width_us=60_000_000)
"""Cash-outs by the time at which they are refused for want of an answer, or forgotten."""
TIME = Rows("time", LogTime)
CHAIN = Rows("chain", ChainState)

ROWS = (ACCOUNTS, BETS, WAITING.rows, DECIDED.rows, SETTLING, SETTLED.rows, BUCKETS, TRANSFERS, CASH_OUTS,
        CASHING.rows, TIME, CHAIN)  # fmt: skip

_NOW = "now"
_LEDGER = "ledger"


def chain(shard: Shard) -> ChainState:
    """Return where this partition's ledger ends."""
    return shard.get(CHAIN, _LEDGER) or ChainState(start(shard.partition))


def put_chain(shard: Shard, state: ChainState) -> None:
    """Remember where this partition's ledger ends."""
    shard.put(CHAIN, _LEDGER, state)


def log_time(shard: Shard) -> int:
    """Return the newest tick's time in microseconds; 0 before the first."""
    row = shard.get(TIME, _NOW)
    return row.at if row is not None else 0


def put_log_time(shard: Shard, at: int) -> None:
    """Remember a tick's time; it never goes back."""
    if at > log_time(shard):
        shard.put(TIME, _NOW, LogTime(at))


def put_bet(shard: Shard, name: BetName, before: BetState | None, after: BetState) -> None:
    """Write a bet's row and move it between the indexes."""
    shard.put(BETS, name.key, after)
    if before is None and after.open is not None:
        WAITING.add(shard, after.open.deadline_at, name.key, name)
    if before is not None and before.open is not None and after.open is None:
        WAITING.remove(shard, before.open.deadline_at, name.key)
    if after.decision is not None:
        DECIDED.add(shard, after.decision.occurred_at, name.key, name)
        if after.decision.stake_minor:
            shard.put(SETTLING, name.key, settling_bet(after.decision))


def put_cash_out(shard: Shard, name: CashOutName, before: CashOutState | None, after: CashOutState) -> None:
    """Write a cash-out's row and move it in the index."""
    if before is not None:
        CASHING.remove(shard, before.due_at, name.key)
    shard.put(CASH_OUTS, name.key, after)
    CASHING.add(shard, after.due_at, name.key, name)


def forget_cash_out(shard: Shard, name: CashOutName, state: CashOutState) -> None:
    """Delete a cash-out that was answered long ago."""
    CASHING.remove(shard, state.due_at, name.key)
    shard.delete(CASH_OUTS, name.key)


def put_settling(shard: Shard, name: BetName, before: SettlingBet, after: SettlingBet) -> None:
    """Write what became of a bet, and move it in the index."""
    shard.put(SETTLING, name.key, after)
    if before.is_final:
        SETTLED.remove(shard, before.changed_at, name.key)
    if after.is_final:
        SETTLED.add(shard, after.changed_at, name.key, name)


def forget_settled(shard: Shard, until: int, most: int) -> int:
    """Delete up to `most` bets whose settlement was confirmed and has not changed since `until`; return how many."""
    names = SETTLED.until(shard, until, most)
    for name in names:
        settling = shard.get(SETTLING, name.key)
        assert settling is not None, f"the index of settled bets names {name.key}, which is not there"
        SETTLED.remove(shard, settling.changed_at, name.key)
        shard.delete(SETTLING, name.key)
    return len(names)


def forget_decided(shard: Shard, until: int, most: int) -> int:
    """Delete up to `most` bets decided at or before `until`, the oldest first; return how many."""
    names = DECIDED.until(shard, until, most)
    for name in names:
        bet = shard.get(BETS, name.key)
        assert bet is not None, f"the index of decided bets names {name.key}, which is not there"
        assert bet.decision is not None, f"the index of decided bets names {name.key}, which is open"
        DECIDED.remove(shard, bet.decision.occurred_at, name.key)
        shard.delete(BETS, name.key)
    return len(names)
