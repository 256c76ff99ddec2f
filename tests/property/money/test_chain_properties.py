"""One byte changed anywhere, entries taken out, put in or moved: the first entry concerned is named."""

import msgspec
from hypothesis import assume, given, reject, settings
from hypothesis import strategies as st

from domain.money.blame import FaultKind
from domain.money.checkpoint import Checkpoint
from domain.money.entry import Entry
from domain.money.verifying import Verdict, verify
from tests.unit.domain.money.ledger_chain import entry, renumbered, trusted, written

COUNT = 40
CHAINS = {every: written(COUNT, every) for every in (3, 16, COUNT)}
chains = st.sampled_from([*CHAINS.values()])
places = st.integers(0, COUNT - 1)


def verdict_of(entries: list[Entry], checkpoints: list[Checkpoint]) -> Verdict:
    return verify(entries, 0, checkpoints, trusted=trusted)


@settings(max_examples=1_500, deadline=None)
@given(chain=chains, n=places, at=st.integers(0, 10_000), mask=st.integers(1, 255))
def test_one_byte_changed_in_an_encoded_entry_is_found_and_named(
    chain: tuple[list[Entry], list[Checkpoint]], n: int, at: int, mask: int
) -> None:
    entries, checkpoints = chain
    content = bytearray(msgspec.msgpack.encode(entries[n]))
    content[at % len(content)] ^= mask
    try:
        changed = msgspec.msgpack.decode(bytes(content), type=Entry)
    except (msgspec.DecodeError, UnicodeDecodeError):
        # Whoever reads the entries names one that cannot be read.
        reject()
    # Some bytes say the same in another way.
    assume(changed != entries[n])
    fault = verdict_of([*entries[:n], changed, *entries[n + 1 :]], checkpoints).fault
    assert fault is not None
    assert (fault.kind, fault.sequence) == (FaultKind.CHANGED, n)


@settings(max_examples=300, deadline=None)
@given(chain=chains, n=places, count=st.integers(1, 20), anew=st.booleans())
def test_what_was_taken_out_is_found_and_its_first_is_named(
    chain: tuple[list[Entry], list[Checkpoint]], n: int, count: int, *, anew: bool
) -> None:
    entries, checkpoints = chain
    left = [*entries[:n], *entries[n + count :]]
    fault = verdict_of(renumbered(left) if anew else left, checkpoints).fault
    assert fault is not None
    # Of the last alone, numbered anew, nothing tells whether it or the one before was changed.
    assert fault.sequence == n or (anew and len(left) == n + 1 and fault.sequence == n - 1)


@settings(max_examples=300, deadline=None)
@given(chain=chains, n=places, junk=st.booleans(), anew=st.booleans())
def test_what_was_put_in_is_found_and_named(
    chain: tuple[list[Entry], list[Checkpoint]], n: int, *, junk: bool, anew: bool
) -> None:
    entries, checkpoints = chain
    previous = b"j" * 32 if junk else entries[n].previous
    stranger = msgspec.structs.replace(entry(99), sequence=n, previous=previous)
    forged = [*entries[:n], stranger, *entries[n:]]
    fault = verdict_of(renumbered(forged) if anew else forged, checkpoints).fault
    assert fault is not None
    assert (fault.kind, fault.sequence, fault.entry_id) == (FaultKind.INSERTED, n, stranger.entry_id)


@settings(max_examples=300, deadline=None)
@given(chain=chains, pair=st.lists(places, min_size=2, max_size=2, unique=True).map(sorted))
def test_what_changed_places_is_found_and_named(chain: tuple[list[Entry], list[Checkpoint]], pair: list[int]) -> None:
    entries, checkpoints = chain
    first, second = pair
    moved = list(entries)
    moved[first], moved[second] = moved[second], moved[first]
    fault = verdict_of(moved, checkpoints).fault
    assert fault is not None
    assert (fault.kind, fault.sequence) == (FaultKind.REORDERED, first)


@settings(max_examples=200, deadline=None)
@given(chain=chains, spans=st.lists(st.tuples(places, st.integers(1, 10)), max_size=5))
def test_however_often_entries_are_delivered_again_the_chain_holds(
    chain: tuple[list[Entry], list[Checkpoint]], spans: list[tuple[int, int]]
) -> None:
    entries, checkpoints = chain
    delivered = list(entries)
    again = 0
    for end, length in sorted(spans, reverse=True):
        repeated = entries[max(0, end + 1 - length) : end + 1]
        delivered[end + 1 : end + 1] = repeated
        again += len(repeated)
    verdict = verdict_of(delivered, checkpoints)
    assert (verdict.fault, verdict.entries, verdict.repeats) == (None, COUNT, again)
