"""What can be asked of the books, and what cannot."""

from datetime import date

import pytest

from bookstream.books.asking import day, period, quoted
from domain.errors import Misconfigured
from tests.unit.cli.conftest import Run

SECOND = 1_000_000
DAY = 86_400 * SECOND


def test_a_day_is_one_of_utc_and_today_unless_told() -> None:
    assert day("1970-01-02", date(2026, 11, 21)) == (date(1970, 1, 2), period("1970-01-02", "1970-01-03"))
    which, asked = day(None, date(1970, 1, 3))
    assert (which, asked.from_at, asked.until_at) == (date(1970, 1, 3), 2 * DAY, 3 * DAY)


def test_a_period_is_open_at_the_ends_that_are_not_told_and_knows_zones() -> None:
    whole = period(None, None)
    assert (whole.from_at, whole.text) == (0, "")
    assert whole.until_at > 200 * 365 * DAY
    hour = period("1970-01-01T02:00+02:00", "1970-01-01T01:00")
    assert (hour.from_at, hour.until_at) == (0, 3600 * SECOND)
    assert period("1970-01-02", None).text == "from 1970-01-02 00:00:00 "
    assert period(None, "1970-01-02").until == f"fromUnixTimestamp64Micro({DAY}, 'UTC')"


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "1969-12-31", "9999-12-31T23:59:59", ""])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(Misconfigured, match="is no time: write a date as"):
        period(text, None)


def test_a_literal_ends_where_it_ends() -> None:
    assert quoted("a'b\\") == "'a\\'b\\\\'"


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (("statement", "ann", "--from", "soon"), "'soon' is no time: write a date as 2026-11-21"),
        (("statement", "ann", "--from", "2026-11-21", "--until", "2026-11-21"), "nothing lies between 2026-11-21 and"),
        (("statement", "ann/b"), "customer_id must be 1 to 128 printable characters without a slash"),
        (("day", "tomorrow"), "'tomorrow' is no date: write it as 2026-11-21"),
        (("day", "9999-12-31"), "'9999-12-31' is no date"),
    ],
    ids=str,
)
def test_a_question_that_is_none_is_refused_in_one_sentence(run: Run, argv: tuple[str, ...], sentence: str) -> None:
    ran = run("books", *argv)
    assert (ran.code, ran.out) == (2, "")
    assert ran.sentence.startswith("bookstream: ")
    assert sentence in ran.sentence


def test_a_day_needs_the_topic_of_entries_unless_told_otherwise(run: Run) -> None:
    ran = run("books", "day")
    assert (ran.code, ran.out) == (3, "")
    assert "no broker" in ran.sentence
