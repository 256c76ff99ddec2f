"""The files that history is written from, read by another implementation of Avro."""

from io import BytesIO
from typing import Any

import fastavro
import pytest

from bookstream.contracts.encoder import write_long
from sinks.clickhouse.avro_file import block, container, header

SCHEMA = {"type": "record", "name": "Row", "fields": [{"name": "n", "type": "long"}]}


@pytest.mark.parametrize("number", [0, 1, -1, 63, 64, -65, 8191, 8192, 1 << 31, (1 << 63) - 1, -(1 << 63)])
def test_a_file_is_read_back_with_the_place_of_every_record(number: int) -> None:
    blocks = [block(partition, number, 1_700_000_000_000, write_long(number)) for partition in (0, 7, 300)]
    rows: list[Any] = list(fastavro.reader(BytesIO(container(header(SCHEMA), blocks))))
    assert [(row["_partition"], row["_offset"], row["n"]) for row in rows] == [(n, number, number) for n in (0, 7, 300)]
    assert {row["_timestamp"].timestamp() for row in rows} == {1_700_000_000.0}


def test_a_number_that_is_no_long_is_not_written() -> None:
    with pytest.raises(ValueError, match="more than 64 bits"):
        block(0, 1 << 63, 0, b"")
