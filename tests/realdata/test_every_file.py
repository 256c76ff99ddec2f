"""Every file of real data is read by exactly one provider's connector, and nothing that it holds is lost unsaid."""

from collections import Counter
from functools import cache
from pathlib import Path

import pytest

import connectors
from agents.ingest import ingest_context
from bench.recordings import RECEIVED_AT, Recording, recordings
from bookstream import topics
from bookstream.codecs import encode
from bookstream.delivery.memory import MemoryLog
from connectors import PROVIDERS, WrongFile
from domain.errors import Misconfigured
from domain.identity.directory import FixtureDirectory
from tests.realdata.pitch_truth import DATA

pytestmark = [pytest.mark.realdata, pytest.mark.skipif(not DATA.is_dir(), reason="the recorded files are absent")]

NO_FEED = {
    "README.md": "what the folder holds",
    "MANIFEST.csv": "where each file comes from",
    "football_data_co_uk/NOTES_columns.md": "the key to the columns",
    "sanctions/eu_FORMAT.md": "the key to a screening list",
    "sanctions/eu_32011R0359.csv.gz": "a screening list",
    "sanctions/eu_32014R0269.csv.gz": "a screening list",
    "sanctions/ofac_add.csv.gz": "a screening list",
    "sanctions/ofac_alt.csv.gz": "a screening list",
    "sanctions/ofac_sdn.csv.gz": "a screening list",
    "sanctions/ofac_sdn_comments.csv.gz": "a screening list",
    "sanctions/labelled_name_pairs_nomenklatura.csv": "a benchmark of screening",
}


def files() -> list[str]:
    return sorted(path.relative_to(DATA).as_posix() for path in DATA.rglob("*") if path.is_file())


@cache
def read() -> dict[str, str]:
    """Return which provider each file is named to be of."""
    try:
        return {each.path.relative_to(DATA).as_posix(): each.provider for each in recordings()}
    except Misconfigured:
        return {}


def is_read(provider: str, path: Path) -> bool:
    try:
        return next(connectors.by_name(provider).recorded(path, received_at=RECEIVED_AT), None) is not None
    except WrongFile:
        return False


def test_every_file_is_read_or_stands_here_with_its_reason() -> None:
    assert sorted([*read(), *NO_FEED]) == files()


@pytest.mark.parametrize("name", sorted(read()))
def test_one_provider_alone_reads_a_file(name: str) -> None:
    assert [each for each in PROVIDERS if is_read(each, DATA / name)] == [read()[name]]


@pytest.mark.parametrize("name", sorted(NO_FEED))
def test_no_provider_reads_what_is_no_feed(name: str) -> None:
    assert [each for each in PROVIDERS if is_read(each, DATA / name)] == []


MESSAGES = {
    "betfair": 111_531 + 9,
    "betsapi": 17,
    "footballdata": 9 * 380,
    "betfairhub": 168 + 176 + 57,
    "tennisdata": 2 * 2_633,
    "tennispbp": 2_148 + 2 * 146,
    "theoddsapi": 48,
    "altenar": 1,
    "betcenter": 1,
    "bwin": 1,
    "kambi": 2,
    "pinnacle": 3,
    "sbtech": 1,
    "uof": 25,
    "statsbomb": 8_040,
    "opta": 1_666,
    "goaltimes": 17_660,
}
REFUSED = {
    "betsapi": {
        "event 233630: the score is 1-0, its lines tell of 2-0": 1,
        "market 1_2, row 333293: not a line: '0-0.5'": 1,
    },
    "footballdata": {"B365C>2.5: odds of 0.0 cannot be taken; B365C<2.5: odds of 0.0 cannot be taken": 1},
    "betfairhub": {
        "HOME_SCORE is no count: '4.625'; AWAY_SCORE is no count: '0.375'": 1,
        "HOME_SCORE is no count: '5.625'; AWAY_SCORE is no count: '1.375'": 3,
        "HOME_SCORE is no count: '6.125'; AWAY_SCORE is no count: '1.875'": 2,
        "HOME_SCORE is no count: '5.125'; AWAY_SCORE is no count: '0.875'": 3,
    },
    # Each twice: the same year is there as a spreadsheet and as CSV.
    "tennisdata": {
        "EXW: odds of 1 cannot be taken; LBW: odds of 1 cannot be taken": 2,
        "EXW: odds of 1 cannot be taken": 8,
        "EXL: odds of 1 cannot be taken": 2,
        "W1 is no count: ''; Lsets is no count: ''": 2,
        "sets of 2-1 are not those of the games": 2,
        "sets of 1-0 are not those of the games": 2,
    },
    "uof": {"not a rollback_bet_cancel of the Unified Odds Feed: Object missing required field `product`": 1},
    # The five that were put into the recording by those who tested with it.
    "statsbomb": {
        "event d9152217-8772-454c-b461-9d1d66070859: its index 1501 comes after 4000": 1,
        "event d9152217-8772-454c-b461-9d1d66070129: its index 1501 comes after 4000": 1,
        "event d9152217-8772-454c-b461-9d1d42070129: its index 1809 comes after 4000": 1,
        "not an event of StatsBomb: Expected `str` matching regex "
        r"'^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\\Z' - at `$.id`": 2,
    },
    "goaltimes": {"West Ham United v Aston Villa, 1991-08-28: its goals lead to 3:2, its result is 3:1": 1},
}
"""All that is refused of all files, message by message: each has a fault of its own, and all the rest is taken."""


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_message_is_taken_or_refused_for_a_reason_that_stands_here(provider: str) -> None:
    count, reasons = 0, Counter[str]()
    for recording in (Recording(of, DATA / name) for name, of in read().items() if of == provider):
        log = MemoryLog([ingest_context(FixtureDirectory())], batch_records=512)
        for message in recording.messages():
            log.send(topics.raw_topic(message.provider), message.stream_id.encode(), encode(message))
            count += 1
        log.run()
        for record in log.records(topics.DEAD_LETTERS.name):
            reasons[dict(record.headers)["__connect.errors.exception.message"].decode()] += 1
    assert (count, reasons) == (MESSAGES[provider], REFUSED.get(provider, {}))
