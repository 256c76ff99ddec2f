"""Every real document of the Unified Odds Feed is read, and holds what plain text search counts in it."""

import gzip
import os
import re
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest

from connectors.uof import parser
from connectors.uof.connector import Uof
from connectors.uof.messages import OddsChange
from domain.errors import ContractViolation

REALDATA = Path(os.environ.get("BOOKSTREAM_REALDATA") or Path(__file__).parents[3] / "shared" / "data")
FOLDER = REALDATA / "uof_mit"
EPOCH = 1_700_000_000_000_000

pytestmark = [pytest.mark.realdata, pytest.mark.skipif(not FOLDER.is_dir(), reason="the recorded files are absent")]

FILES = sorted(path for path in FOLDER.rglob("*.xml*"))
REJECTED = {"uof_mit/rollback_bet_cancel.xml": "missing required field `product`"}
"""Written by hand by its source, without the producer that every message names."""

COUNTED = ("market", "outcome", "competitor", "event", "producer", "specifier", "period_score", "player")


def name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def content(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def elements(document: Any) -> Counter[str]:
    """Count the elements of a parsed document by the tag that its declaration gives them."""
    counted: Counter[str] = Counter()
    for field in msgspec.structs.fields(document):
        for each in value if isinstance(value := getattr(document, field.name), list) else ():
            counted[field.encode_name.strip("<>")] += 1
            counted += elements(each)
    return counted


def test_the_folder_holds_the_files_that_its_readme_lists() -> None:
    assert len(FILES) == 25


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_file_is_one_message_with_its_bytes_untouched(path: Path) -> None:
    (message,) = Uof().recorded(path, received_at=EPOCH)

    assert message.payload == content(path)
    said = re.search(rb'timestamp="(\d{13})"', message.payload)
    if said:
        assert message.occurred_at == int(said[1]) * 1000


@pytest.mark.parametrize("path", [each for each in FILES if name_of(each) not in REJECTED], ids=name_of)
def test_a_document_holds_every_element_that_a_search_finds_in_its_text(path: Path) -> None:
    text = content(path).decode("utf-8-sig")
    if path.name == "api_match_summary.xml":
        # Players of a team and the races of a stage are counted as unknown, not read.
        text = re.sub(r"<(players|races)>.*?</\1>", "", text, flags=re.DOTALL)
    found = elements(parser.parse(content(path)))

    for tag in COUNTED:
        assert found[tag] == len(re.findall(rf"<{tag}[\s/>]", text)), tag


@pytest.mark.parametrize("path", [each for each in FILES if name_of(each) in REJECTED], ids=name_of)
def test_what_breaks_the_contract_is_rejected_with_its_reason(path: Path) -> None:
    with pytest.raises(ContractViolation, match=re.escape(REJECTED[name_of(path)])):
        parser.parse(content(path))


def test_every_price_of_the_odds_change_is_the_one_in_its_text() -> None:
    payload = content(FOLDER / "odds_change-0.xml")
    document = parser.parse(payload)
    assert isinstance(document, OddsChange)
    outcomes = [outcome for market in document.markets for outcome in market.outcomes]
    assert len(outcomes) == 60
    priced = [float(each) for each in re.findall(rb'<outcome [^>]*?odds="([^"]+)"', payload)]
    assert [each.odds for each in outcomes if each.odds is not None] == priced
    inactive = len(re.findall(rb'<outcome [^>]*?active="0"', payload))
    assert sum(each.active is False for each in outcomes) == inactive


def test_messages_of_the_feed_hold_nothing_undeclared() -> None:
    feed = [content(path) for path in FILES if re.search(rb"timestamp=", content(path))]

    assert len(feed) == 13
    assert [parser.unknown_fields(payload) for payload in feed] == [Counter()] * 13


def test_what_is_not_read_of_a_rest_answer_is_counted_by_its_path() -> None:
    unknown = parser.unknown_fields(content(FOLDER / "fixture-0.xml"))

    assert unknown["<fixture>.<tv_channels>"] == unknown["<fixture>.<venue>"] == 1
