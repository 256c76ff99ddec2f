"""The log in memory keeps former owners out, as the real one does."""

from collections.abc import Sequence
from random import Random

import pytest

from bookstream.delivery.api import Record
from bookstream.delivery.outbox import Sent
from bookstream.delivery.producer import Change
from bookstream.simulation.broker import Broker, Fenced, Producer, ShardName, Store
from domain.errors import MustStop

SHARD = ("accounts", 3)


class Nobody:
    """Looks at nothing."""

    def appended(self, shard: ShardName, changes: Sequence[Change]) -> None:
        """Look away."""

    def published(self, shard: ShardName | None, record: Record) -> None:
        """Look away."""


def broker() -> Broker:
    return Broker(Nobody(), lambda _: None)


def sent(value: bytes) -> list[Sent]:
    return [Sent("accounts", 3, b"ann", value, ())]


def test_a_former_owner_appends_nothing() -> None:
    log = broker()
    former, owner = log.take_over(SHARD), log.take_over(SHARD)
    assert log.append(SHARD, owner, [(b"a", b"1"), (b"b", None)]) == 2
    with pytest.raises(Fenced):
        log.append(SHARD, former, [(b"a", b"2")])
    assert (log.changelogs[SHARD].folded, log.changelogs[SHARD].end) == ({b"a": b"1"}, 4)


def test_a_former_owner_speaks_only_where_the_new_one_has_not_spoken() -> None:
    log = broker()
    former, owner = log.take_over(SHARD), log.take_over(SHARD)
    log.publish(SHARD, former, sent(b"old"))
    log.publish(SHARD, owner, sent(b"new"))
    with pytest.raises(Fenced):
        log.publish(SHARD, former, sent(b"older"))
    assert [record.value for record in log.topics["accounts"][3]] == [b"old", b"new"]


def test_what_a_producer_appends_is_durable_between_its_first_and_second_pause() -> None:
    log = broker()
    append = Producer(log, SHARD, Random(1)).append([(b"a", b"1")]).__await__()
    next(append)
    assert log.changelogs[SHARD].folded == {}
    next(append)
    assert log.changelogs[SHARD].folded == {b"a": b"1"}
    with pytest.raises(StopIteration) as done:
        next(append)
    assert done.value.value == 1


def test_an_output_to_nowhere_stops_the_worker() -> None:
    check = Producer(broker(), SHARD, Random(1)).check({("no-such-topic", 0): [sent(b"x")]})
    with pytest.raises(MustStop, match="no-such-topic"):
        check.send(None)


def test_a_store_recovers_what_the_changelog_holds() -> None:
    log, store = broker(), Store()
    log.append(SHARD, log.take_over(SHARD), [(b"a", b"1"), (b"b", b"2"), (b"a", None)])
    store.recover(log.changelogs[SHARD])
    assert (store.data, store.offset()) == ({b"b": b"2"}, 3)
