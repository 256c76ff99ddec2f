"""When a provider breaks its contract, and which of its fields are new."""

from hypothesis import given
from hypothesis import strategies as st

from domain.feeds.contract import (
    BROKEN_AT,
    LOOKED_AT_EVERY,
    LOOKED_AT_FIRST,
    MOST_PATHS,
    NEWEST,
    OTHER,
    Contract,
    UndeclaredFields,
    is_looked_at,
    note_fields,
    refusals,
    take,
)


def changed(contract: Contract, messages: str) -> list[bool]:
    """Take messages, "x" for each that is refused, and say at which of them the contract broke or was mended."""
    return [take(contract, refused=each == "x") for each in messages]


def test_one_bad_message_breaks_nothing() -> None:
    contract = Contract()
    assert not any(changed(contract, ".x.x"))
    assert not contract.broken


def test_too_many_refused_among_the_newest_break_it_once() -> None:
    contract = Contract()
    assert changed(contract, "x.x.xx") == [False, False, False, False, True, False]
    assert contract.broken


def test_it_holds_again_when_none_of_the_newest_was_refused() -> None:
    contract = Contract()
    changed(contract, "x" * BROKEN_AT)
    assert changed(contract, "." * NEWEST) == [False] * (NEWEST - 1) + [True]
    assert not contract.broken


@given(messages=st.text(".x", max_size=200))
def test_as_many_are_counted_as_were_refused_among_the_newest(messages: str) -> None:
    contract = Contract()
    changed(contract, messages)
    assert refusals(contract) == messages[-NEWEST:].count("x")
    assert contract.broken or refusals(contract) < BROKEN_AT


def test_the_first_messages_are_looked_at_and_then_some() -> None:
    looked_at = [number for number in range(100) if is_looked_at(number)]
    assert looked_at == [*range(LOOKED_AT_FIRST), *range(LOOKED_AT_FIRST, 100, LOOKED_AT_EVERY)]


def test_a_field_that_appears_later_is_new_and_one_left_out_from_the_beginning_is_not() -> None:
    fields = UndeclaredFields()
    for _ in range(LOOKED_AT_FIRST):
        assert note_fields(fields, {"weather": 2}) == []
    assert note_fields(fields, {"weather": 1, "home.manager": 3}) == ["home.manager"]
    assert note_fields(fields, {"home.manager": 1}) == []
    assert fields.paths == {"weather": 2 * LOOKED_AT_FIRST + 1, "home.manager": 4}


def test_names_without_end_fill_no_memory() -> None:
    fields = UndeclaredFields()
    for number in range(3 * MOST_PATHS):
        note_fields(fields, {f"{number}{'x' * 10_000}": 1})
    assert len(fields.paths) == MOST_PATHS + 1
    assert sum(fields.paths.values()) == 3 * MOST_PATHS
    assert fields.paths[OTHER] == 2 * MOST_PATHS
    assert max(map(len, fields.paths)) <= 120
