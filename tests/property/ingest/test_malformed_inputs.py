"""A few thousand malformed inputs through every parser and the handler; `make fuzz` gives as many as one likes."""

import pytest

from tests.fuzz import hostile
from tests.fuzz.campaign import Order, begun
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
