"""Every real Betfair and The Odds API file, replayed to its end and checked against what was computed without us."""

import bz2
import csv
import gzip
import hashlib
import io
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import connectors
from connectors.betfair import ladder, messages
from connectors.betfair.ladder import MarketBook
from connectors.theoddsapi.messages import Answer
from connectors.theoddsapi.parser import parse_message

REALDATA = Path(os.environ.get("BOOKSTREAM_REALDATA", Path(__file__).parents[3] / "shared" / "data"))

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not REALDATA.is_dir(), reason="the providers' recorded files are not here"),
]

# File → messages, markets, runner changes, as the folder's README counts them.
BETFAIR = {
    "soccer_28202626_middlesbrough_mancity_2017-04-30_basic.bz2": (1096, 77, 5628),
    "soccer_200markets_140events_prematch_2025-05-07.bz2": (1736, 200, 6672),
    "soccer_1.145405534_btts_slavia_beroe_2018-07-22.bz2": (681, 1, 1083),
    "tennis_1.223716976_match_odds_norrie_ruud_2024-01-20_basic.bz2": (362, 1, 534),
    "tennis_29788105_hassan_haerteis_2020-05-02.jsonl.gz": (11110, 1, 16366),
    "cricket_1.200806927_match_odds_2022-07-11.jsonl.gz": (18529, 1, 21895),
    "cricket_1.200806927_scoreboard_ccm.jsonl.gz": (2170, 0, 0),
    "basketball_1.166811431_cavs_timberwolves_2019-12-29.bz2": (11357, 1, 17813),
    "horse_1.206064380_win_moe_2022-11-07.bz2": (18793, 1, 51603),
    "horse_1.127236622_win_randwick_2016-10-01.bz2": (16096, 1, 66333),
    "horse_1.181223995_place_2021-03-30_selfrec.jsonl.gz": (21922, 1, 40078),
    "horse_rawstream_win_2025-04-01.jsonl.gz": (7679, 1, 28595),
}
STREAM_MESSAGES = 9

# File → messages, events, sports, outcomes.
THE_ODDS_API = {
    "soccer_epl_2026-04-16_flat.csv.gz": (20, 20, 0, 5097),
    "soccer_belgium_first_div_2026-04-16_flat.csv.gz": (22, 22, 0, 2678),
    "v4_RetrieveSportsAsyncResponse.json": (1, 0, 102, 0),
    "v4_RetrieveSportOddsAsyncResponse.json.gz": (1, 15, 0, 340),
    "v4_RetrieveSportScoresAsyncResponse.json": (1, 33, 0, 0),
    "v4_RetrieveSportEventsAsyncResponse.json": (1, 15, 0, 0),
    "v4_RetrieveSportEventOddsAsyncResponse.json": (1, 1, 0, 28),
    "v4_soccer_epl_odds_2024-08-19.json": (1, 11, 0, 33),
}

FULL = ("atb", "atl", "trd", "spb", "spl")
LEVELS = ("batb", "batl", "bdatb", "bdatl")
Naive = dict[str, dict[tuple[int, float], dict[str, Any]]]


def content(path: Path) -> bytes:
    """Return a file's bytes, read by the standard library."""
    opener: Any = {".gz": gzip.open, ".bz2": bz2.open}.get(path.suffix, open)
    with opener(path, "rb") as file:
        data: bytes = file.read()
    return data


def files(folder: str) -> Iterator[Path]:
    return (path for path in sorted((REALDATA / folder).rglob("*")) if path.is_file())


def naive_ladders(lines: list[bytes]) -> Naive:
    """Compute every market's ladders in the plainest way: floats as sent, one dictionary for each."""
    markets: Naive = {}
    for line in lines:
        for change in json.loads(line).get("mc") or []:
            if change.get("img"):
                markets[change["id"]] = {}
            runners = markets.setdefault(change["id"], {})
            for each in change.get("rc", []):
                state = runners.setdefault((each["id"], each.get("hc", 0)), {name: {} for name in FULL + LEVELS})
                for name in FULL:
                    state[name].update(dict(each.get(name) or []))
                for name in LEVELS:
                    state[name].update({level: (price, size) for level, price, size in each.get(name) or []})
                state.update({name: each[name] for name in ("ltp", "tv", "spn", "spf") if name in each})
    return markets


def expected(markets: Naive) -> dict[str, dict[str, Any]]:
    """Say what was computed naively in the units of the system, only levels with money on them."""
    return {
        market: {
            (f"{selection}/{round(hc * 1000)}" if hc else str(selection)): _in_units(state)
            for (selection, hc), state in runners.items()
        }
        for market, runners in markets.items()
    }


def _in_units(state: dict[str, Any]) -> dict[str, Any]:
    units: dict[str, Any] = {
        name: {round(price * 1000): round(size * 100) for price, size in state[name].items() if size} for name in FULL
    }
    units |= {
        name: {level: (round(p * 1000), round(s * 100)) for level, (p, s) in state[name].items() if s}
        for name in LEVELS
    }
    for name in ("ltp", "spn", "spf"):
        value = state.get(name)
        units[name] = round(value * 1000) if isinstance(value, int | float) else None
    units["tv"] = round(state.get("tv", 0) * 100)
    return units


def actual(books: dict[str, MarketBook]) -> dict[str, dict[str, Any]]:
    names = (*FULL, *LEVELS, "ltp", "spn", "spf", "tv")
    return {
        market: {key: {name: getattr(runner, name) for name in names} for key, runner in book.runners.items()}
        for market, book in books.items()
    }


def test_every_file_of_the_folders_is_known_here() -> None:
    betfair = {path.name for path in files("betfair") if path.parent.name != "stream_messages"}

    assert betfair == set(BETFAIR)
    assert {path.name for path in files("the_odds_api")} == set(THE_ODDS_API)
    assert len(list((REALDATA / "betfair" / "stream_messages").iterdir())) == STREAM_MESSAGES


@pytest.mark.parametrize("name", BETFAIR)
def test_a_recorded_stream_replays_to_the_ladders_computed_without_us(name: str) -> None:
    path = REALDATA / "betfair" / name
    lines = [line.rstrip(b"\r\n") for line in content(path).splitlines(keepends=True)]
    books: dict[str, MarketBook] = {}
    count = changes = 0

    for n, raw in enumerate(connectors.by_name("betfair").recorded(path)):
        assert raw.payload == lines[n]
        assert raw.content_hash == hashlib.sha256(lines[n]).hexdigest()
        assert raw.stream_sequence == n
        message = messages.decode(raw.payload)
        assert isinstance(message, messages.MarketMessage) == (b'"mcm"' in lines[n])
        assert raw.received_at == raw.occurred_at == json.loads(lines[n])["pt"] * 1000
        count += 1
        for change in message.mc if isinstance(message, messages.MarketMessage) else ():
            book = books.setdefault(change.id, MarketBook(change.id))
            changes += len(ladder.apply(book, change).runners)

    assert (count, len(books), changes) == BETFAIR[name]
    assert actual(books) == expected(naive_ladders(lines))


@pytest.mark.parametrize("name", BETFAIR)
def test_the_last_definition_is_the_one_that_the_file_ends_with(name: str) -> None:
    path = REALDATA / "betfair" / name
    books: dict[str, MarketBook] = {}
    last: dict[str, Any] = {}
    for raw in connectors.by_name("betfair").recorded(path):
        message = messages.decode(raw.payload)
        for change in message.mc if isinstance(message, messages.MarketMessage) else ():
            ladder.apply(books.setdefault(change.id, MarketBook(change.id)), change)
        for sent in json.loads(raw.payload).get("mc") or []:
            if "marketDefinition" in sent:
                last[sent["id"]] = sent["marketDefinition"]

    for market, sent in last.items():
        definition = books[market].definition
        assert definition is not None
        assert definition.status == sent["status"]
        assert definition.in_play == sent["inPlay"]
        assert definition.version == sent["version"]
        assert definition.bet_delay_s == sent["betDelay"]
        assert [(r.selection_id, r.handicap_milli, r.status) for r in definition.runners] == [
            (r["id"], round(r.get("hc", 0) * 1000), r["status"]) for r in sent["runners"]
        ]


@pytest.mark.parametrize(
    "path", list(files("betfair/stream_messages")) if REALDATA.is_dir() else [], ids=lambda p: p.name
)
def test_a_single_message_of_the_stream_replays(path: Path) -> None:
    (raw,) = connectors.by_name("betfair").recorded(path, received_at=1_600_000_000_000_000)

    assert raw.payload == content(path).strip()
    assert type(messages.decode(raw.payload)).__struct_config__.tag == json.loads(raw.payload)["op"]
    assert messages.unknown_fields(raw.payload) == {}
    assert raw.received_at == (json.loads(raw.payload).get("pt") or 1_600_000_000_000) * 1000


def test_the_only_fields_unknown_to_us_are_recorders_own() -> None:
    unknown: set[str] = set()
    for name in BETFAIR:
        for raw in connectors.by_name("betfair").recorded(REALDATA / "betfair" / name):
            unknown |= set(messages.unknown_fields(raw.payload))

    assert unknown == {"mc._stream_id"}


@pytest.mark.parametrize("name", THE_ODDS_API)
def test_recorded_answers_replay_to_what_the_file_says(name: str) -> None:
    path = REALDATA / "the_odds_api" / name
    raws = list(connectors.by_name("theoddsapi").recorded(path))
    answers = [parse_message(raw) for raw in raws]
    events = sum(len(answer.events) for answer in answers)
    sports = sum(len(answer.sports) for answer in answers)
    said = [price for answer in answers for price in prices(answer)]

    assert (len(raws), events, sports, len(said)) == THE_ODDS_API[name]
    assert [raw.received_at for raw in raws] == sorted(raw.received_at for raw in raws)
    if "flat" in name:
        header, rest = content(path).split(b"\n", 1)
        assert b"".join(raw.payload for raw in raws) == rest
        assert sorted(said) == sorted(flat_prices(header + b"\n" + rest))
    else:
        assert [raw.payload for raw in raws] == [content(path)]
        assert said == native_prices(json.loads(content(path)))


Price = tuple[str, str, str, str, int, int]


def prices(answer: Answer) -> list[Price]:
    return [
        (event.id, maker.key, market.key, each.name, each.odds, each.line_milli or 0)
        for event in answer.events
        for maker in event.bookmakers or ()
        for market in maker.markets
        for each in market.outcomes
    ]


def native_prices(document: Any) -> list[Price]:
    return [
        (e["id"], b["key"], m["key"], o["name"], round(o["price"] * 1000), round((o.get("point") or 0) * 1000))
        for e in (document if isinstance(document, list) else [document])
        for b in e.get("bookmakers", [])
        for m in b["markets"]
        for o in m["outcomes"]
    ]


def flat_prices(text: bytes) -> list[Price]:
    return [
        (
            row["event_id"], row["bookmaker_key"], row["market"], row["outcome_name"],
            round(float(row["price"]) * 1000), round(float(row["point"] or 0) * 1000),
        )
        for row in csv.DictReader(io.StringIO(text.decode()))
    ]  # fmt: skip
