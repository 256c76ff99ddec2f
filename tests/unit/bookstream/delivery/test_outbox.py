"""Outputs: placed as every other client would, packed byte for byte."""

from hypothesis import given
from hypothesis import strategies as st

from bookstream.delivery.outbox import Sent, UnitOutbox, pack, unpack

blobs = st.none() | st.binary(max_size=40)
headers = st.lists(st.tuples(st.text(max_size=10), st.binary(max_size=10)), max_size=3)


@given(st.lists(st.builds(Sent, st.text(max_size=10), st.integers(0, 7), blobs, blobs, headers)))
def test_what_is_packed_is_unpacked_byte_for_byte(outputs: list[Sent]) -> None:
    assert unpack(pack(outputs)) == outputs
    assert pack(unpack(pack(outputs))) == pack(outputs)


def test_a_key_decides_the_partition_unless_one_is_given() -> None:
    outbox = UnitOutbox(5, 8)
    outbox.send("quotes", b"customer-1", b"a")
    outbox.send("quotes", b"customer-1", b"b", partition=3)
    outbox.send("quotes", None, b"c")
    outbox.send("quotes", b"customer-1", None, headers=[("reason", b"gone")])
    assert [sent.partition for sent in outbox.sent] == [1, 3, 5, 1]
    assert outbox.sent[3] == Sent("quotes", 1, b"customer-1", None, [("reason", b"gone")])
