"""What was said of markets' results, told again under another fixture: when a person decides that it is another.

A provider's words keep their own times, and the decision's time is their number: so what is taken back where they
stood, and what is said again when they come back there, stand above what was said before. Of a fixture that is
retired nothing is taken back: it is the same match, and its bets are settled by what was said of it.
"""

from collections.abc import Iterator, Mapping

import msgspec

from agents.ingest_betfair_results import Moved, say_moved
from agents.ingest_moves import Move
from agents.ingest_speech import Speech
from agents.ingest_uof_results import PROVIDER, say_gone, say_words
from bookstream.delivery.api import Shard
from tables.ingest import BOOKS, BookState
from tables.uof import UOF_LINES, UofLine


def move_results(shard: Shard, speech: Speech, move: Move, turned_before: Mapping[str, bool]) -> None:
    """Say the moved links' results under their fixture, and take them back where they were; before the rows follow."""
    for key, line in _lines(shard, move):
        if not move.is_merge:
            _of_sides(speech, move.left, is_turned=turned_before.get(key, False))
            say_gone(speech, move.left, line, number=speech.at)
        _of_sides(speech, move.to.fixture_id, is_turned=move.links[key].swapped)
        moved = msgspec.structs.replace(line, market_id=move.market(line.market_id))
        say_words(speech, move.to.fixture_id, moved, number=speech.at)
    for book in _books(shard, move):
        now = Moved(book.link.partition("/")[0], speech.at)
        if not move.is_merge:
            _of_sides(speech, move.left, is_turned=turned_before.get(book.link, False))
            say_moved(speech, book, now, is_gone=True)
        _of_sides(speech, move.to.fixture_id, is_turned=move.links[book.link].swapped)
        lines = [msgspec.structs.replace(each, market_id=move.market(each.market_id)) for each in book.lines]
        moved_book = msgspec.structs.replace(book, fixture_id=move.to.fixture_id, lines=lines)
        say_moved(speech, moved_book, now, is_gone=False)


def _lines(shard: Shard, move: Move) -> Iterator[tuple[str, UofLine]]:
    for key, line in list(shard.scan(UOF_LINES)):
        link_key = f"{PROVIDER}/{key.partition(chr(0))[2].partition('/')[0]}"
        if link_key in move.links and line.kind is not None and line.market_id.startswith(f"{move.left}/"):
            yield link_key, line


def _books(shard: Shard, move: Move) -> Iterator[BookState]:
    for _, book in list(shard.scan(BOOKS)):
        if book.link in move.links and book.fixture_id == move.left:
            yield book


def _of_sides(speech: Speech, fixture_id: str, *, is_turned: bool) -> None:
    speech.turned = frozenset([fixture_id] if is_turned else ())
