"""Feeds in: a connector moves a provider's bytes, live or from recorded files; the parser beside it is pure.

`by_name("betfair").recorded(path)` replays; with the provider's options `live()` connects.
"""

from importlib import import_module
from typing import Any

from connectors.contract import Connector, DamagedFile, Item, Position, TruncatedFile, WrongFile
from domain.errors import Misconfigured

__all__ = ["PROVIDERS", "Connector", "DamagedFile", "Item", "Position", "TruncatedFile", "WrongFile", "by_name"]

# Imported when asked for: a worker that only parses needs no HTTP client.
_CLASSES = {
    "betfair": ("connectors.betfair.connector", "Betfair"),
    "betsapi": ("connectors.betsapi.connector", "BetsApi"),
    "footballdata": ("connectors.footballdata.connector", "FootballData"),
    "betfairhub": ("connectors.betfairhub.connector", "BetfairHub"),
    "tennisdata": ("connectors.tennisdata.connector", "TennisData"),
    "tennispbp": ("connectors.tennispbp.connector", "TennisPbp"),
    "theoddsapi": ("connectors.theoddsapi.connector", "TheOddsApi"),
    "altenar": ("connectors.altenar.connector", "Altenar"),
    "betcenter": ("connectors.betcenter.connector", "Betcenter"),
    "bwin": ("connectors.bwin.connector", "Bwin"),
    "kambi": ("connectors.kambi.connector", "Kambi"),
    "pinnacle": ("connectors.pinnacle.connector", "Pinnacle"),
    "sbtech": ("connectors.sbtech.connector", "Sbtech"),
    "uof": ("connectors.uof.connector", "Uof"),
    "statsbomb": ("connectors.statsbomb.connector", "StatsBomb"),
    "goaltimes": ("connectors.goaltimes.connector", "GoalTimes"),
    "opta": ("connectors.opta.connector", "Opta"),
}

PROVIDERS = tuple(_CLASSES)


def by_name(provider: str, options: Any = None) -> Connector:  # noqa: ANN401 - each provider's options are its own
    """Make the connector of a provider; without options it can only replay recordings.

    Raises:
        Misconfigured: no such provider is known.
    """
    if provider not in _CLASSES:
        raise Misconfigured(f"unknown provider {provider!r}: known are {', '.join(PROVIDERS)}")
    module, name = _CLASSES[provider]
    connector: Connector = getattr(import_module(module), name)(options)
    return connector
