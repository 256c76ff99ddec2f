"""A simulation that finds nothing proves nothing: agents with one mistake each are found out, and the run is shrunk."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import pytest

import agents.accounts
import agents.book
import agents.settlement_unit
import domain.betting.settling
from bookstream.delivery.api import Batch, Record
from bookstream.delivery.outbox import Sent, UnitOutbox
from bookstream.delivery.producer import Change
from bookstream.delivery.producer import plan as batches
from bookstream.delivery.unit import ShardRunner
from bookstream.simulation.broker import Broker, ShardName
from bookstream.simulation.campaign import Found, run_seed, shrunk
from bookstream.simulation.worker import Worker
from domain.betting.returns import Returns
from domain.betting.settling import SettlingBet, SettlingStep, on_leg_result
from domain.events.betting import BetLeg
from domain.events.settlement import LegSettlement
from domain.money import account as accounts
from domain.money.account import AccountState
from domain.money.cause import Cause
from domain.money.transfers import TransferStep, on_transfer
from domain.settlement.bet import Move, SettledBet, take
from domain.settlement.truth import LegOutcome, MarketTruth, MarketWords, hear, leg_outcome
from domain.settlement.words import Word
from domain.trading.legs import LegRows
from domain.trading.state import LegState

SEEDS = 300


def found() -> Found:
    """Return the first seed that breaks a rule."""
    for seed in range(SEEDS):
        each = run_seed(seed)
        if each.outcome.violated:
            return each
    raise AssertionError(f"{SEEDS} seeds without a violation")


def broken_rule() -> str:
    """Find a violation, shrink it to less than half of what was planned, and return the rule."""
    first = found()
    outcome, kept = shrunk(first)
    assert len(kept) < first.steps / 2
    assert run_seed(first.seed, first.steps, kept).outcome == outcome
    assert outcome.rule == first.outcome.rule
    return outcome.rule


async def sent_first(self: ShardRunner, topic: str, records: Sequence[Record]) -> float:
    """Run a unit that sends its outputs before its rows are durable."""
    outbox = UnitOutbox(self.partition, self.context.partitions)
    self.context.handlers[topic](self._shard, Batch(topic, self.partition, records), outbox)
    await self._publish(self._producer.build(batches(outbox.sent)))
    changes = self._changes(topic, records[-1].offset, outbox.sent)
    self._durable(changes, await self._producer.append(changes))
    self._shard.settled()
    self._cursors[topic] = records[-1].offset
    return 0.0


def any_version(
    bet: SettledBet, leg: int, outcome: LegOutcome, payout: Callable[[Sequence[Any]], Returns]
) -> tuple[SettledBet, Move]:
    """Take what became of a leg whatever was known before."""
    legs = tuple(
        msgspec.structs.replace(each, version=-1) if index == leg else each for index, each in enumerate(bet.legs)
    )
    return take(msgspec.structs.replace(bet, legs=legs), leg, outcome, payout)


def paid_twice(account: AccountState, settling: SettlingBet, said: LegSettlement, cause: Cause) -> SettlingStep:
    """Pay once more for a result that comes again."""
    step = on_leg_result(account, settling, said, cause)
    returned = settling.bet.settlement.returned_minor
    if step.settling is not None or not returned:
        return step
    move = Move(stakes_minor=0, cash_minor=returned, bonus_minor=0, profit_minor=-returned)
    after, entry = accounts.settle(account, move, settling.bet.bet_id, settling.bet.version + 1, cause)
    after, standing = accounts.publish(after, cause)
    return SettlingStep(account=after, settling=settling, events=(entry, standing))


def last_heard(words: MarketWords, word: Word) -> MarketWords:
    """Believe what came last, not what was said last."""
    return hear(words, msgspec.structs.replace(word, at=word.at + (words.truth.version + 1) * 10**9))


def never_let_go(known: LegState | None, leg: BetLeg, rows: LegRows) -> bool:
    """Forget to take a hold out of the sums."""
    assert known is not None, "held before"
    known.status = "RELEASED"
    return True


def test_outputs_that_are_sent_before_their_rows_are_durable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ShardRunner, "_unit", sent_first)
    assert broken_rule() == "nothing is said before it is durable"


def test_outputs_that_a_new_owner_does_not_send_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing(_: object) -> None:
        return

    async def silent(self: ShardRunner, changelog_end: int) -> int:
        with monkeypatch.context() as once:
            once.setattr(self, "_publish", nothing)
            return await resume(self, changelog_end)

    resume = ShardRunner.resume
    monkeypatch.setattr(ShardRunner, "resume", silent)
    assert broken_rule()


def test_a_former_owner_that_still_writes_its_changelog(monkeypatch: pytest.MonkeyPatch) -> None:
    def anybody(self: Broker, shard: ShardName, _: int, changes: Sequence[Change]) -> int:
        return append(self, shard, self.changelogs[shard].epoch, changes)

    append = Broker.append
    monkeypatch.setattr(Broker, "append", anybody)
    assert found().outcome.rule == "a worker goes on"


def test_a_former_owner_that_still_speaks(monkeypatch: pytest.MonkeyPatch) -> None:
    def anybody(self: Broker, shard: ShardName, _: int, group: Sequence[Sent]) -> None:
        publish(self, shard, self.changelogs[shard].epoch, group)

    publish = Broker.publish
    monkeypatch.setattr(Broker, "publish", anybody)
    assert found().outcome.rule == "nothing is said before it is durable"


def test_a_transfer_that_is_done_again_when_it_comes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def again(account: AccountState | None, _: object, *given: Any) -> TransferStep:
        return on_transfer(account, None, *given)

    monkeypatch.setattr(agents.accounts, "on_transfer", again)
    assert broken_rule() == "an entry is written once"


def test_a_leg_placed_when_the_outcome_was_known(monkeypatch: pytest.MonkeyPatch) -> None:
    def at_the_end_of_time(truth: MarketTruth, selection_id: str, _: int) -> LegOutcome:
        return leg_outcome(truth, selection_id, 2**62)

    monkeypatch.setattr(agents.settlement_unit, "leg_outcome", at_the_end_of_time)
    assert broken_rule() == "leg settled as its market"


def test_a_worker_that_goes_on_behind_what_it_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    def skip(self: Worker, _: object) -> None:
        for topic in self._positions:
            self._positions[topic] = len(self._broker.topics[topic][self.partition])

    monkeypatch.setattr(Worker, "rewind", skip)
    assert found().outcome.rule


def test_a_settlement_that_ignores_the_version_of_a_result(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(domain.betting.settling, "take", any_version)
    assert broken_rule() == "a settlement goes forward"


def test_a_payout_that_comes_twice_when_its_result_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agents.accounts, "on_leg_result", paid_twice)
    assert broken_rule() == "the house keeps what bets left to it"


def test_a_market_that_believes_what_came_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agents.settlement_unit, "hear", last_heard)
    assert broken_rule() in {"market settled by what was said", "leg settled as its market"}


def test_a_hold_that_is_never_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agents.book, "on_release", never_let_go)
    assert broken_rule() in {"exposure is the sum of the bets", "a leg ends once"}
