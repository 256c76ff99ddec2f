"""The ladder's rules, sentence by sentence."""

from typing import Any

import msgspec
import pytest

from connectors.betfair import ladder, messages
from connectors.betfair.definition import runner_key
from connectors.betfair.ladder import ChangeSet, MarketBook, RunnerBook
from domain.errors import ContractViolation, UndecodableInput
from tests.unit.connectors.samples import MARKET, definition, line


def apply(book: MarketBook, **change: Any) -> ChangeSet:
    message = messages.decode(line(0, change))
    assert isinstance(message, messages.MarketMessage)
    return ladder.apply(book, message.mc[0])


@pytest.fixture
def book() -> MarketBook:
    return MarketBook(MARKET)


def test_odds_are_thousandths_and_sizes_minor_units(book: MarketBook) -> None:
    apply(book, rc=[{"id": 1, "atb": [[1.01, 2.29], [1000, 0.07]], "ltp": 2.54, "tv": 1234.56, "spn": 3.3333}], tv=0.29)

    runner = book.runners["1"]
    assert runner.atb == {1010: 229, 1_000_000: 7}
    assert (runner.ltp, runner.tv, runner.spn, book.tv) == (2540, 123456, 3333, 29)


@pytest.mark.parametrize("name", ladder.FULL)
def test_a_size_is_absolute_and_zero_removes_it(name: str, book: MarketBook) -> None:
    apply(book, rc=[{"id": 1, name: [[2, 10], [3, 20]]}])
    apply(book, rc=[{"id": 1, name: [[2, 5], [3, 0], [4, 0]]}])

    assert getattr(book.runners["1"], name) == {2000: 500}


@pytest.mark.parametrize("name", ladder.DISPLAYED)
def test_a_level_is_replaced_and_size_zero_removes_it(name: str, book: MarketBook) -> None:
    apply(book, rc=[{"id": 1, name: [[0, 2, 10], [1, 1.9, 20], [2, 1.8, 30]]}])
    apply(book, rc=[{"id": 1, name: [[0, 2.1, 5], [2, 0, 0]]}])

    assert getattr(book.runners["1"], name) == {0: (2100, 500), 1: (1900, 2000)}


def test_an_image_replaces_the_market_and_keeps_the_definition_it_does_not_repeat(book: MarketBook) -> None:
    apply(book, marketDefinition=definition(), rc=[{"id": 1, "atb": [[2, 10]]}, {"id": 2, "atb": [[3, 10]]}], tv=9)
    changes = apply(book, img=True, rc=[{"id": 2, "atb": [[5, 1]]}])

    assert book.runners == {"2": RunnerBook(atb={5000: 100})}
    assert book.tv == 0
    assert book.definition is not None
    assert changes.image
    assert not changes.defined


def test_runners_of_one_selection_on_two_lines_are_apart(book: MarketBook) -> None:
    changes = apply(book, rc=[{"id": 1, "hc": -0.5, "ltp": 2}, {"id": 1, "hc": 0, "ltp": 3}, {"id": 1, "hc": 0.5}])

    assert changes.runners == ("1/-500", "1", "1/500")
    assert book.runners[runner_key(1, -500)].ltp == 2000


def test_conflation_is_told(book: MarketBook) -> None:
    assert apply(book, con=True).conflated
    assert not apply(book).conflated


def test_status_changes_are_told_with_what_was_before(book: MarketBook) -> None:
    first = apply(book, marketDefinition=definition())
    same = apply(book, marketDefinition=definition(version=8))
    suspended = apply(book, marketDefinition=definition(status="SUSPENDED", inPlay=True, betDelay=5))
    again = apply(book, rc=[{"id": 1, "ltp": 2}])

    assert (first.status_before, first.status, first.status_changed) == (None, "OPEN", True)
    assert not same.status_changed
    assert (suspended.status_before, suspended.status) == ("OPEN", "SUSPENDED")
    assert suspended.turned_in_play
    assert (again.status, again.status_changed, again.turned_in_play) == ("SUSPENDED", False, False)
    assert book.definition is not None
    assert (book.definition.bet_delay_s, book.definition.in_play) == (5, True)


def test_a_removed_runner_is_told_once_and_offers_nothing(book: MarketBook) -> None:
    runners = definition()["runners"]
    removed = [runners[0], runners[1] | {
        "status": "REMOVED", "adjustmentFactor": 12.5, "removalDate": "2023-11-14T22:10:00.000Z",
    }, runners[2]]  # fmt: skip
    apply(book, marketDefinition=definition(), rc=[{"id": 2, "atb": [[3, 1]]}])
    assert ladder.top(book, "2").back_odds == 3000

    first = apply(book, marketDefinition=definition(runners=removed))
    second = apply(book, marketDefinition=definition(runners=removed, version=9))

    assert (first.removed, second.removed) == (("2",), ())
    assert ladder.top(book, "2") == ladder.NOTHING_OFFERED
    assert book.definition is not None
    gone = book.definition.runners[1]
    assert (gone.adjustment_factor, gone.removed_at) == (12.5, 1_699_999_800_000_000)


def test_the_best_prices_come_from_the_most_displayed_ladder_there_is() -> None:
    runner = RunnerBook(atb={2000: 100, 1900: 1}, atl={2100: 300, 2200: 1})
    assert ladder.best(runner) == ladder.Top(2000, 100, 2100, 300)
    runner.batb = {1: (1950, 7), 2: (1900, 9)}
    assert ladder.best(runner) == ladder.Top(1950, 7, 2100, 300)
    runner.bdatl, runner.bdatb = {0: (2060, 4)}, {0: (2040, 5)}
    assert ladder.best(runner) == ladder.Top(2040, 5, 2060, 4)
    assert ladder.top(MarketBook(MARKET), "1") == ladder.NOTHING_OFFERED


@pytest.mark.parametrize("said", ["NaN", "Infinity", "-Infinity"])
def test_a_starting_price_that_is_none_yet_is_none(said: str, book: MarketBook) -> None:
    apply(book, rc=[{"id": 1, "spn": 4.2, "spf": 4.4}])
    apply(book, rc=[{"id": 1, "spf": said}])

    assert (book.runners["1"].spn, book.runners["1"].spf) == (4200, None)


def test_a_broken_definition_leaves_the_book_as_it_was(book: MarketBook) -> None:
    apply(book, marketDefinition=definition(), rc=[{"id": 1, "atb": [[2, 1]]}])
    before = msgspec.msgpack.encode(book)

    with pytest.raises(ContractViolation, match="not an ISO 8601 time: 'tomorrow'"):
        apply(book, img=True, marketDefinition=definition(marketTime="tomorrow"), rc=[{"id": 1, "atb": [[9, 9]]}])

    assert msgspec.msgpack.encode(book) == before


def test_a_book_is_a_row(book: MarketBook) -> None:
    apply(
        book,
        marketDefinition=definition(keyLineDefinition={"kl": [{"id": 1, "hc": -1.5}]}, lineMaxUnit=300.5),
        rc=[{"id": 1, "hc": 1.5, "atb": [[2, 1]], "batl": [[0, 3, 1]], "ltp": 2}],
    )

    row = msgspec.msgpack.encode(book)

    assert msgspec.msgpack.decode(row, type=MarketBook) == book
    assert book.definition is not None
    assert (book.definition.key_line, book.definition.line_max_milli) == (("1/-1500",), 300_500)


@pytest.mark.parametrize(
    ("payload", "error"),
    [
        (b"", UndecodableInput),
        (b'{"op":"mcm"', UndecodableInput),
        (b'{"op":"mcm","clk":"\xff"}', UndecodableInput),
        (b'{"op":"mcm","x":' + b"[" * 100_000, UndecodableInput),
        (b"[]", ContractViolation),
        (b"{}", ContractViolation),
        (b'{"op":"ocm","pt":1}', ContractViolation),
        (b'{"op":"mcm","pt":-1}', ContractViolation),
        (b'{"op":"mcm","pt":"now"}', ContractViolation),
        (line(0, {"rc": [{"atb": [[2, 1]]}]}), ContractViolation),
        (line(0, {"rc": [{"id": 1, "atb": [[2, -1]]}]}), ContractViolation),
        (line(0, {"rc": [{"id": 1, "atb": [[2]]}]}), ContractViolation),
        (line(0, {"rc": [{"id": 1, "atb": [[1e300, 1]]}]}), ContractViolation),
        (line(0, {"rc": [{"id": 1, "batb": [[-1, 2, 3]]}]}), ContractViolation),
        (line(0, {"rc": [{"id": 2**70, "ltp": 2}]}), ContractViolation),
        (line(0, {"marketDefinition": definition(status="ASLEEP")}), ContractViolation),
        (line(0, {"marketDefinition": definition(version=2**70)}), ContractViolation),
    ],
)
def test_what_is_no_message_is_rejected_by_what_is_wrong_with_it(payload: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        messages.decode(payload)


def test_a_message_is_written_as_it_was_read() -> None:
    payload = line(3, {"img": True, "rc": [{"id": 1, "atb": [[2.5, 10.0]], "ltp": 2.5}], "tv": 7.5}, ct="SUB_IMAGE")
    message = messages.decode(payload)

    assert msgspec.json.decode(messages.encode(message)) == msgspec.json.decode(payload)
