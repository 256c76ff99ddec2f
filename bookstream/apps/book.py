"""The book context: one writer for each fixture: prices, quotes, exposure, verdicts."""

from agents.book import book_context
from bookstream.apps.composing import compose, prepared

app = compose(book_context(currency=prepared("book").currency))
