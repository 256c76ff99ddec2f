"""Real recordings beside the checkout: which provider's each file is."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from connectors import PROVIDERS, WrongFile, by_name
from connectors.contract import TruncatedFile
from domain.errors import Misconfigured
from domain.events.feeds import RawMessage

ROOT: Final = Path(__file__).parents[1]
VARIABLE: Final = "BOOKSTREAM_REALDATA"
OF_FOLDER: Final = {
    "betfair": ("betfair",),
    "betfair_aleague": ("betfairhub",),
    "betsapi": ("betsapi",),
    "football_data_co_uk": ("footballdata",),
    "football_results": ("goaltimes", "footballdata"),
    "opta_f24": ("opta",),
    "statsbomb": ("statsbomb",),
    "tennis": ("tennisdata", "tennispbp"),
    "the_odds_api": ("theoddsapi",),
    "uof_mit": ("uof",),
    "bookmakers_belgium_2021-03-12": ("altenar", "betcenter", "bwin", "kambi", "pinnacle", "sbtech"),
}
RECEIVED_AT: Final = 1_800_000_000_000_000
"""Stands in where a file says no time: later than all that any of them says."""


class Recording(NamedTuple):
    """One recorded file of one provider."""

    provider: str
    path: Path

    def messages(self) -> Iterator[RawMessage]:
        """Yield its messages."""
        return by_name(self.provider).recorded(self.path, received_at=RECEIVED_AT)


def recordings() -> list[Recording]:
    """Find every file that a provider reads, in order.

    Raises:
        Misconfigured: there are none.
    """
    data = Path(os.environ.get(VARIABLE) or ROOT.parent / "shared" / "data")
    found = []
    for folder, providers in OF_FOLDER.items():
        for path in sorted(path for path in (data / folder).rglob("*") if path.is_file()):
            provider = next((each for each in providers if each in PROVIDERS and _reads(each, path)), None)
            if provider is not None:
                found.append(Recording(provider, path))
    if not found:
        raise Misconfigured(f"this bench needs recordings, and {data} has none: set {VARIABLE}")
    return found


def _reads(provider: str, path: Path) -> bool:
    try:
        next(Recording(provider, path).messages(), None)
    except WrongFile:
        return False
    except TruncatedFile:
        return True
    return True
