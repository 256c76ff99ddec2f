"""The in-process bench on a small load: it measures quotes, not refusals."""

from bench.inprocess import Book, run
from bench.load import fixture_ids, fixtures, ticks, values
from bookstream.codecs import decode
from domain.events.trading import Quote


def test_each_tick_of_the_load_makes_an_open_quote_once_sources_agree() -> None:
    ids = fixture_ids(8)
    book = Book(list(values(fixtures(ids), len(ids))))
    for offset, value in enumerate(values(ticks(ids), 400)):
        book.took_us(value, offset)
    quote = decode(Quote, book.quote)
    assert quote.status == "OPEN"
    assert all(selection.odds for selection in quote.selections)
    assert quote.version > 20
    assert len(quote.inputs) >= 2


def test_figures_come_out_as_many_rounds_as_asked() -> None:
    figures = run(rounds=2, ticks_count=200)
    assert [figure.rounds for figure in figures] == [2] * 7
    assert all(figure.low > 0 for figure in figures)
    assert figures[0].ratio > 1, "the rules take longer than reading and writing alone"
