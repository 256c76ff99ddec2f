"""The book context on its real delivery, each event by itself: `faust -A bench.book_each_event worker`."""

from agents.book import book_context
from bench.each_event import each_event_context
from bookstream.apps.composing import compose, prepared
from bookstream.rules import book_rules

app = compose("book", lambda: each_event_context(book_context(book_rules(prepared("book")))))
