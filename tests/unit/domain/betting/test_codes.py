"""The closed set of codes."""

import msgspec
import pytest

from domain.betting.codes import Code


@pytest.mark.parametrize("code", list(Code))
def test_every_code_says_what_it_means_in_one_line(code: Code) -> None:
    assert code.meaning
    assert "\n" not in code.meaning
    assert code.value == code.name


def test_no_two_codes_mean_the_same() -> None:
    assert len({code.meaning for code in Code}) == len(Code) == 41


def test_a_code_travels_as_its_name() -> None:
    assert Code.TIMEOUT == "TIMEOUT"
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(Code.TIMEOUT)) == "TIMEOUT"
    assert Code("TIMEOUT") is Code.TIMEOUT
