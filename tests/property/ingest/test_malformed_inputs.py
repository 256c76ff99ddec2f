"""A few thousand malformed inputs through every parser and the handler; `make fuzz` gives as many as one likes."""

from random import Random

import msgspec
import pytest

from bookstream.codecs import decode, encode
from domain.events.feeds import RawMessage
from tests.fuzz import hostile
from tests.fuzz.campaign import Order, begun
from tests.fuzz.handler import NOW, Handler
from tests.fuzz.seeds import made_up
from tests.fuzz.targets import PARSERS

EXHAUSTING = [each for each in hostile.DOCUMENTS if len(each) < 2_000_000]


@pytest.mark.parametrize("provider", sorted(PARSERS))
def test_only_typed_errors_escape_and_each_refused_message_is_a_dead_letter(
    provider: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    order = Order(
        provider, str(tmp_path_factory.mktemp("kept")), mutated=150, strategies=20, handled=60, files=10,
        hostile=False, recordings=False, limited=False,
    )  # fmt: skip
    with begun(order) as campaign:
        for document in EXHAUSTING:
            campaign.parse("hostile", document)
        figures = campaign.run()

    assert not figures.failures, "\n".join(figures.failures)
    assert sum(figures.outcomes.values()) == sum(figures.inputs.values()) > 240
    assert figures.outcomes["accepted"] > 0
    assert figures.outcomes["undecodable"] + figures.outcomes["contract_violation"] > 50


@pytest.mark.parametrize(
    ("sequence", "at"), [(-1, NOW), (2**63 - 1, NOW), (1, 2**63 - 1), (1, -(2**63)), (1, 4_102_444_800_000_000)]
)
def test_a_number_or_a_time_that_fits_into_no_row_is_refused(sequence: int, at: int) -> None:
    handles, (seed, *_) = Handler("goaltimes"), made_up("goaltimes")
    rng = Random(1)
    assert handles.take(handles.record(rng, seed, seed.payload, plain=True)) is None
    record = handles.record(rng, seed, seed.payload, plain=True)
    assert record.value is not None
    raw = msgspec.structs.replace(decode(RawMessage, record.value), stream_sequence=sequence, received_at=at)

    assert handles.take(handles.spoilt(record, encode(raw))) == "contract_violation"
