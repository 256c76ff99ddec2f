"""Good messages to spoil: recordings where they are, and made-up samples."""

import json
import random
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final, NamedTuple

from bench.recordings import recordings
from bookstream.faults import uof_messages
from connectors.contract import DamagedFile, TruncatedFile
from connectors.tables import CONTENT_TYPE as TABLE
from domain.errors import Misconfigured
from domain.events.feeds import RawMessage
from tests.unit.connectors import (
    betsapi_samples,
    bookmaker_samples,
    goaltimes_samples,
    pitch_samples,
    samples,
    table_samples,
)

JSON: Final = "application/json"
XML: Final = "application/xml"
SMALL: Final = 4_000
"""Bytes of a message that is spoilt as it is; a larger one is cut to its first elements, to be spoilt more often."""
PER_FILE: Final = 40


class Seed(NamedTuple):
    """A payload, its content type, and where it was said to come from."""

    payload: bytes
    content_type: str
    endpoint: str


def made_up(provider: str) -> list[Seed]:
    """Return a provider's samples."""
    content_type, payloads = _SAMPLES.get(provider) or (JSON, bookmaker_samples.payloads(provider, 4))
    return [Seed(payload, content_type, f"file:{provider}") for payload in payloads]


def recorded(provider: str) -> list[Seed]:
    """Return messages of a provider's recordings, none where there are no recordings."""
    try:
        files = [each for each in recordings() if each.provider == provider]
    except Misconfigured:
        return []
    found: list[Seed] = []
    for file in files:
        found += (seed for message in _spread(file.messages()) for seed in _pieces(message))
    return found


def seeds(provider: str, *, recordings: bool = True) -> list[Seed]:
    """Return the good messages of a provider that are at hand."""
    return [*made_up(provider), *(recorded(provider) if recordings else ())]


def _spread(messages: Iterator[RawMessage]) -> Iterator[RawMessage]:
    """Yield a file's first messages, and some of what follows."""
    try:
        yield from islice(messages, PER_FILE)
        yield from islice(messages, 0, 25 * PER_FILE, 50)
    except (TruncatedFile, DamagedFile):
        return


def _pieces(message: RawMessage) -> list[Seed]:
    payload = message.payload
    if len(payload) <= SMALL or not payload.lstrip().startswith((b"{", b"[")):
        return [Seed(payload[: 4 * SMALL], message.content_type, message.endpoint)]
    document = json.loads(payload)
    rng = random.Random(len(payload))
    cut = [document, *(_shortened(document, most, rng) for most in (1, 2, 3, 4) * 8)]
    return [Seed(json.dumps(each).encode(), message.content_type, message.endpoint) for each in cut]


def _shortened(value: Any, most: int, rng: random.Random) -> Any:
    """Keep some elements of every list, and of every object that is one list in truth."""
    if isinstance(value, list):
        at = rng.randrange(2) if len(value) > most else 0
        return [_shortened(each, most, rng) for each in value[at : at + most]]
    if isinstance(value, dict):
        items = list(value.items())
        return {key: _shortened(each, most, rng) for key, each in (items[:most] if len(items) > 60 else items)}
    return value


def _match() -> list[bytes]:
    return [
        *pitch_samples.statsbomb_start(),
        pitch_samples.statsbomb_event(60, "Shot", shot=pitch_samples.shot(97)),
        pitch_samples.statsbomb_event(61, "Bad Behaviour", bad_behaviour={"card": {"id": 7}}),
        pitch_samples.statsbomb_event(63, "Half End"),
        pitch_samples.statsbomb_lineup(),
    ]


def _games() -> list[bytes]:
    game, event = pitch_samples.opta_game, pitch_samples.opta_event
    return [
        game(event(0, 32), event(60, 16)),
        game(event(60, 43, version=2)),
        game(event(61, 17, 31), event(62, 30)),
        pitch_samples.opta_result(),
    ]


def _betsapi() -> list[bytes]:
    lines = betsapi_samples.odds(**{"1_1": [betsapi_samples.row(n) for n in range(3)]})
    return [*betsapi_samples.inplay_answers(3), betsapi_samples.answer([betsapi_samples.timeline()]), lines]


_SAMPLES: Final[dict[str, tuple[str, list[bytes]]]] = {
    "betfair": (JSON, samples.exchange_payloads(4)),
    "theoddsapi": (JSON, samples.answers(3)),
    "uof": (XML, uof_messages.odds_changes(4)),
    "betsapi": (JSON, _betsapi()),
    "statsbomb": (JSON, _match()),
    "opta": (XML, _games()),
    "footballdata": (TABLE, table_samples.football_rows(3)),
    "tennisdata": (TABLE, table_samples.tennis_rows(3)),
    "betfairhub": (TABLE, table_samples.hub_matches(3)),
    "tennispbp": (TABLE, table_samples.points_rows(3)),
    "goaltimes": (TABLE, goaltimes_samples.goal_lists(3)),
}
