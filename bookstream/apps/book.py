"""The book context: one writer for each fixture: prices, quotes, exposure, verdicts."""

from agents.book import book_context
from bookstream.apps.composing import compose, prepared
from bookstream.rules import book_rules

app = compose("book", lambda: book_context(book_rules(prepared("book"))))
