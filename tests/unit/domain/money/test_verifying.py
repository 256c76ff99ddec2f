"""Whatever is done to a chain of entries is found, and the first entry to which it was done is named."""

import weakref
from collections.abc import Callable, Iterator

import msgspec
import pytest

from domain.events.betting import Posting
from domain.money.blame import Fault, FaultKind
from domain.money.chain import Tip, canonical, digest, digest_as, genesis, link, start
from domain.money.checkpoint import Checkpoint, signed_bytes
from domain.money.entry import Entry
from domain.money.verifying import Verifier, verify
from tests.unit.domain.money.ledger_chain import entry, relinked, renumbered, signed, trusted, written

COUNT = 12
EVERY = 5
CHAIN, CHECKPOINTS = written(COUNT, EVERY)
LAST = COUNT - 1
replace = msgspec.structs.replace
PINNED = (
    "9b0100c4203a3b17741e5e4cb288ebdc73fb807c077b1a4acc620e4427323e8243bc86bbc0af616e6e2f74302e7472616e73"
    "666572a3616e6ea85452414e53464552a6616e6e2f7430a3474250cd03e893b077616c6c65742e7472616e73666572730300"
    "94aa686f7573653a62616e6bffb1637573746f6d65723a616e6e3a6361736801"
)
PINNED_HASH = "0fc78a61b0b485fef040d243637cdc274a72fc96c115ecbfd6620b7c15b32090"


def fault_of(entries: list[Entry], checkpoints: list[Checkpoint] | None = None) -> Fault:
    verdict = verify(entries, 0, CHECKPOINTS if checkpoints is None else checkpoints, trusted=trusted)
    assert verdict.fault is not None
    return verdict.fault


def test_a_chain_as_it_was_written_is_proved_to_its_last_checkpoint() -> None:
    verdict = verify(CHAIN, 0, CHECKPOINTS, trusted=trusted)
    assert verdict.fault is None
    assert (verdict.entries, verdict.repeats, verdict.checkpoints, verdict.signed) == (12, 0, 3, 11)
    assert verdict.tip == Tip(LAST, digest(CHAIN[-1]), CHAIN[-1].previous)


def test_without_checkpoints_a_chain_is_linked_and_nothing_is_signed() -> None:
    verdict = verify(CHAIN, 0)
    assert (verdict.fault, verdict.signed, verdict.checkpoints) == (None, -1, 0)


def test_no_entries_are_a_chain_too() -> None:
    assert verify([], 3).fault is None
    assert verify([], 3).tip == start(3)


def test_entries_delivered_again_are_repeats() -> None:
    twice = [*CHAIN[:7], *CHAIN[2:7], CHAIN[6], *CHAIN[7:], *CHAIN]
    verdict = verify(twice, 0, [CHECKPOINTS[0], *CHECKPOINTS], trusted=trusted)
    assert (verdict.fault, verdict.entries, verdict.repeats) == (None, COUNT, 6 + COUNT)


def test_a_repeat_is_known_within_the_window_only() -> None:
    assert Verifier(0, window=5).run([*CHAIN, CHAIN[7]]).repeats == 1
    assert Verifier(0, window=5).run([*CHAIN, CHAIN[6]]).fault is not None


def other_bytes(field: str) -> Callable[[Entry], Entry]:
    def change(each: Entry) -> Entry:
        value = getattr(each, field)
        return replace(each, **{field: value + 1 if isinstance(value, int) else value[:-1] + value[:1]})

    return change


def other_amount(each: Entry) -> Entry:
    lines = tuple(Posting(ledger_account=p.ledger_account, amount_minor=p.amount_minor * 2) for p in each.postings)
    return replace(each, postings=lines)


def other_account(each: Entry) -> Entry:
    lines = (
        *each.postings[:1],
        Posting(ledger_account="customer:bob:cash", amount_minor=each.postings[1].amount_minor),
    )
    return replace(each, postings=lines)


def other_source(each: Entry) -> Entry:
    return replace(each, source=None if each.source is None else replace(each.source, offset=each.source.offset + 1))


def other_previous(each: Entry) -> Entry:
    return replace(each, previous=bytes([each.previous[0] ^ 1]) + each.previous[1:])


CHANGES: dict[str, Callable[[Entry], Entry]] = {
    **{name: other_bytes(name) for name in ("entry_id", "customer_id", "kind", "reference", "currency", "occurred_at")},
    "amount": other_amount,
    "account": other_account,
    "source": other_source,
    "previous": other_previous,
}


@pytest.mark.parametrize("n", range(COUNT))
@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_entry_is_named(name: str, n: int) -> None:
    changed = CHANGES[name](CHAIN[n])
    found = fault_of([*CHAIN[:n], changed, *CHAIN[n + 1 :]])
    assert (found.kind, found.sequence, found.entry_id) == (FaultKind.CHANGED, n, changed.entry_id)


@pytest.mark.parametrize("n", range(COUNT - 1))
@pytest.mark.parametrize("name", CHANGES)
def test_without_checkpoints_a_changed_entry_is_named_but_for_the_last(name: str, n: int) -> None:
    found = fault_of([*CHAIN[:n], CHANGES[name](CHAIN[n]), *CHAIN[n + 1 :]], [])
    assert (found.kind, found.sequence) == (FaultKind.CHANGED, n)


@pytest.mark.parametrize("n", range(COUNT))
@pytest.mark.parametrize("number", [-1, 0, 3, 6, 11, 12, 99])
def test_an_entry_with_another_number_is_named(n: int, number: int) -> None:
    if number != n:
        found = fault_of([*CHAIN[:n], replace(CHAIN[n], sequence=number), *CHAIN[n + 1 :]])
        assert (found.kind, found.sequence) == (FaultKind.CHANGED, n)


@pytest.mark.parametrize("n", range(COUNT))
@pytest.mark.parametrize("count", [1, 2, 3])
def test_removed_entries_are_named_even_if_the_rest_is_numbered_anew(n: int, count: int) -> None:
    left = [*CHAIN[:n], *CHAIN[n + count :]]
    found = fault_of(left)
    assert (found.kind, found.sequence) == (FaultKind.REMOVED, n)
    hidden = fault_of(renumbered(left))
    assert hidden.sequence == n or (hidden.kind is FaultKind.CHANGED and hidden.sequence == n - 1 == LAST - count - 1)
    assert hidden.kind is FaultKind.REMOVED or n + count >= LAST


def test_a_missing_end_is_told_by_its_checkpoint_alone() -> None:
    found = fault_of([])
    assert (found.kind, found.sequence) == (FaultKind.REMOVED, 0)
    assert verify(CHAIN[:-1], 0).fault is None


STRANGER = replace(entry(99), entry_id="ann/stranger")


@pytest.mark.parametrize("n", range(COUNT))
@pytest.mark.parametrize("previous", ["right", "junk"])
def test_an_inserted_entry_is_named(n: int, previous: str) -> None:
    stranger = replace(STRANGER, sequence=n, previous=CHAIN[n].previous if previous == "right" else b"j" * 32)
    for found in (
        fault_of([*CHAIN[:n], stranger, *CHAIN[n:]]),
        fault_of(renumbered([*CHAIN[:n], stranger, *CHAIN[n:]])),
        fault_of([*CHAIN[: n + 1], stranger, *CHAIN[n + 1 :]]),
    ):
        assert (found.kind, found.sequence, found.entry_id) == (FaultKind.INSERTED, n, "ann/stranger")


@pytest.mark.parametrize("n", range(COUNT))
def test_an_entry_that_was_never_linked_is_named(n: int) -> None:
    found = fault_of([*CHAIN[:n], STRANGER, *CHAIN[n:]])
    assert (found.kind, found.sequence, found.entry_id) == (FaultKind.INSERTED, n, "ann/stranger")


@pytest.mark.parametrize("n", range(COUNT - 1))
@pytest.mark.parametrize("distance", [1, 2, 3])
def test_entries_that_changed_places_are_named(n: int, distance: int) -> None:
    moved = list(CHAIN)
    if n + distance < COUNT:
        moved[n], moved[n + distance] = moved[n + distance], moved[n]
        found = fault_of(moved)
        assert (found.kind, found.sequence) == (FaultKind.REORDERED, n)
    if distance == 1:
        assert fault_of(renumbered(moved)).sequence == n


@pytest.mark.parametrize("n", range(COUNT))
def test_a_chain_written_anew_is_told_by_the_next_checkpoint(n: int) -> None:
    anew = relinked([*CHAIN[:n], other_amount(CHAIN[n]), *CHAIN[n + 1 :]])
    assert verify(anew, 0).fault is None
    found = fault_of(anew)
    signed_before = max((said.sequence for said in CHECKPOINTS if said.sequence < n), default=-1)
    covering = next(said.sequence for said in CHECKPOINTS if said.sequence >= n)
    assert signed_before < found.sequence <= n
    assert found.kind is (FaultKind.CHANGED if n == covering else FaultKind.REWRITTEN)


def test_a_changed_last_link_is_told_by_a_checkpoint_whose_own_entry_is_missing() -> None:
    found = fault_of([*CHAIN[:3], other_previous(CHAIN[3])])
    assert (found.kind, found.sequence) == (FaultKind.CHANGED, 3)


def test_repeats_behind_a_changed_entry_do_not_hide_it() -> None:
    found = fault_of([*CHAIN[:6], other_previous(CHAIN[6]), *CHAIN[3:6], *CHAIN[7:]], [])
    assert (found.kind, found.sequence) == (FaultKind.CHANGED, 6)


def test_a_forged_checkpoint_is_no_witness() -> None:
    changed = other_amount(CHAIN[2])
    lie = Tip(3, digest_as(CHAIN[3], 3, digest(changed)), digest(changed))
    forged = replace(signed(0, lie, at=1), signature=b"another's")
    assert fault_of([*CHAIN[:2], changed, CHAIN[3]], [forged]).sequence == 2


def test_a_checkpoint_said_again_long_after_does_no_harm() -> None:
    checkpoints = [*CHECKPOINTS[:2], CHECKPOINTS[0], CHECKPOINTS[2]]
    verdict = Verifier(0, checkpoints, trusted=trusted, window=5).run(CHAIN)
    assert (verdict.fault, verdict.checkpoints, verdict.signed) == (None, 3, LAST)


def test_of_two_neighbours_changed_at_once_the_earlier_is_named() -> None:
    changed = [*CHAIN[:7], other_amount(CHAIN[7]), other_amount(CHAIN[8]), *CHAIN[9:]]
    assert fault_of(changed).sequence == 7


def test_what_a_checkpoint_proves_is_not_blamed_for_what_follows() -> None:
    replaced = replace(STRANGER, sequence=5, previous=b"j" * 32)
    assert fault_of([*CHAIN[:5], replaced, *CHAIN[6:]]).sequence == 5


@pytest.mark.parametrize(
    "forged",
    [{"signature": b"another's"}, {"partition": 1}, {"entries": 11}],
    ids=["signature", "partition", "entries"],
)
def test_a_forged_checkpoint_is_named_after_what_is_wrong_before_it(forged: dict[str, object]) -> None:
    checkpoints = [*CHECKPOINTS[:1], replace(CHECKPOINTS[1], **forged)]
    assert fault_of(CHAIN, checkpoints).kind is FaultKind.CHECKPOINT
    assert fault_of(CHAIN, checkpoints).sequence == 9
    assert fault_of(CHAIN[:7], checkpoints).kind is FaultKind.CHECKPOINT
    assert fault_of([*CHAIN[:6], other_amount(CHAIN[6]), *CHAIN[7:]], checkpoints).sequence == 6


def test_a_checkpoint_of_another_chain_contradicts() -> None:
    said = signed(0, Tip(4, b"x" * 32, CHAIN[4].previous), at=1)
    assert fault_of(CHAIN, [said]) == Fault(
        FaultKind.CHANGED, 4, "ann/t4.transfer", "its hash is not the one that the house signed"
    )


def test_without_someone_to_trust_no_checkpoint_holds() -> None:
    verdict = verify(CHAIN, 0, CHECKPOINTS)
    assert verdict.fault is not None
    assert verdict.fault.kind is FaultKind.CHECKPOINT


def test_a_chain_is_verified_from_a_trusted_checkpoint_on() -> None:
    verdict = verify(CHAIN[5:], 0, CHECKPOINTS, trusted=trusted, after=CHECKPOINTS[0])
    assert (verdict.fault, verdict.entries, verdict.signed) == (None, 7, 11)
    gone = verify(CHAIN[6:], 0, CHECKPOINTS, trusted=trusted, after=CHECKPOINTS[0])
    assert gone.fault is not None
    assert (gone.fault.kind, gone.fault.sequence) == (FaultKind.REMOVED, 5)


def test_a_partitions_chain_does_not_pass_for_anothers() -> None:
    verdict = verify(CHAIN, 1)
    assert verdict.fault is not None
    assert verdict.fault.sequence == 0
    assert genesis(0) != genesis(1)


class Watched(Entry, frozen=True, kw_only=True, weakref=True):
    """An entry of which it is known whether anyone still has it."""


def test_entries_are_read_one_by_one_and_not_kept() -> None:
    there: weakref.WeakSet[Watched] = weakref.WeakSet()
    most = 0

    def stream() -> Iterator[Entry]:
        nonlocal most
        tip = start(0)
        for n in range(2_000):
            linked, tip = link(Watched(**msgspec.structs.asdict(entry(n))), tip)
            there.add(linked)
            most = max(most, len(there))
            yield linked

    assert Verifier(0, window=8).run(stream()).entries == 2_000
    assert most <= 3


def test_the_canonical_bytes_of_an_entry_never_change() -> None:
    linked, tip = link(entry(0), start(0))
    assert canonical(linked, linked.sequence, linked.previous).hex() == PINNED
    assert tip.hash.hex() == PINNED_HASH


def test_the_bytes_that_are_signed_never_change() -> None:
    said = Checkpoint(partition=1, sequence=2, hash=b"h", previous=b"p", entries=3, at=4, key_id="k", signature=b"s")
    assert signed_bytes(said) == b"bookstream ledger checkpoint 1\n\x97\x01\x02\xc4\x01h\xc4\x01p\x03\x04\xa1k"
