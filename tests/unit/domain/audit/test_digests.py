"""Digests against a set and a dict, in the memory that they claim."""

from hypothesis import given
from hypothesis import strategies as st

from domain.audit.digests import BYTES, Contents, Digests, of_text

texts = st.integers(0, 40).map(str)


@given(st.lists(st.tuples(st.booleans(), texts)))
def test_digests_are_a_set_however_adding_and_asking_are_mixed(steps: list[tuple[bool, str]]) -> None:
    digests = Digests()
    known: set[str] = set()
    for adds, text in steps:
        if adds:
            digests.add(of_text(text))
            known.add(text)
        else:
            assert (of_text(text) in digests) == (text in known)


def test_digests_that_begin_alike_are_told_apart() -> None:
    digests = Digests()
    for last in b"ab":
        digests.add(bytes(15) + bytes([last]))
    assert bytes(15) + b"a" in digests
    assert bytes(15) + b"c" not in digests
    assert b"x" + bytes(15) not in digests


def test_a_digest_takes_sixteen_bytes_asked_or_not() -> None:
    digests = Digests()
    for number in range(10_000):
        digests.add(of_text(str(number)))
    assert digests.held_bytes == len(digests) * BYTES
    assert of_text("77") in digests
    assert digests.held_bytes == len(digests) * BYTES == 160_000


@given(st.lists(st.tuples(st.integers(1, 30), texts)))
def test_contents_keep_what_was_said_first_under_each_version(said: list[tuple[int, str]]) -> None:
    contents = Contents()
    first: dict[int, str] = {}
    for version, text in said:
        assert contents.setdefault(version, of_text(text)) == (of_text(first[version]) if version in first else None)
        first.setdefault(version, text)


def test_versions_that_follow_each_other_are_one_run() -> None:
    contents = Contents()
    for version in (*range(5, 5000), *range(9000, 9999)):
        assert contents.setdefault(version, of_text(str(version))) is None
    assert [len(run) // BYTES for run in contents._runs] == [4995, 999]
