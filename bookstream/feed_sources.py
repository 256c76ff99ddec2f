"""The live connectors as the settings describe them."""

import hashlib
import ssl
from collections.abc import Callable
from pathlib import Path

import msgspec
from pydantic import SecretStr

from bookstream.feeding import Source
from bookstream.settings import PREFIX, Settings
from connectors.betfair.connector import Betfair
from connectors.betfair.protocol import BetfairOptions
from connectors.betsapi import live as betsapi
from connectors.betsapi.connector import BetsApi
from connectors.resilience.breaker import Guard
from connectors.theoddsapi.connector import TheOddsApi
from connectors.theoddsapi.protocol import TheOddsApiOptions, odds
from connectors.uof.connector import Uof
from connectors.uof.live_options import UofOptions
from domain.errors import Misconfigured


def live_source(provider: str, settings: Settings, sports: str | None = None, markets: str | None = None) -> Source:
    """Make a provider's live connector; `sports` and `markets` stand in for the settings of these names.

    Raises:
        Misconfigured: no live feed of this provider is known, or a setting that it needs is missing or wrong.
    """
    if provider not in _MAKERS:
        raise Misconfigured(f"no live feed of {provider!r}: known are {', '.join(_MAKERS)}")
    return _MAKERS[provider](settings, sports, markets)


def _betfair(settings: Settings, sports: str | None, markets: str | None) -> Source:
    host, port = settings.betfair_host.rsplit(":", 1)
    market_filter = {
        "eventTypeIds": _listed(settings.betfair_sports if sports is None else sports),
        "marketTypes": _listed(settings.betfair_markets if markets is None else markets),
    }
    # What is not named is not filtered by.
    market_filter = {name: values for name, values in market_filter.items() if values}
    guard = Guard()
    options = BetfairOptions(
        app_key=_needed(settings.betfair_app_key, "betfair_app_key"),
        session=_needed(settings.betfair_session, "betfair_session"),
        market_filter=market_filter,
        host=host,
        port=int(port),
        tls=_trusting(settings.betfair_ca, "betfair_ca"),
    )
    return Source(Betfair(options, guard=guard), guard, _subscription(host, market_filter, options.fields))


def _theoddsapi(settings: Settings, sports: str | None, markets: str | None) -> Source:
    wanted = ",".join(_listed(settings.theoddsapi_markets if markets is None else markets))
    regions = ",".join(_listed(settings.theoddsapi_regions))
    endpoints = tuple(
        odds(sport, regions=regions, markets=wanted, every_s=settings.theoddsapi_every_s)
        for sport in _listed(settings.theoddsapi_sports if sports is None else sports)
    )
    for name, given in (("sports", endpoints), ("markets", wanted), ("regions", regions)):
        if not given:
            raise Misconfigured(f"The Odds API needs {name} to poll: set {_variable(f'theoddsapi_{name}')}")
    guard = Guard()
    options = TheOddsApiOptions(
        key=_needed(settings.theoddsapi_key, "theoddsapi_key"), endpoints=endpoints, base_url=settings.theoddsapi_url
    )
    names = [endpoint.name for endpoint in endpoints]
    return Source(TheOddsApi(options, guard=guard), guard, _subscription(settings.theoddsapi_url, names))


def _betsapi(settings: Settings, sports: str | None, markets: str | None) -> Source:
    if markets:
        raise Misconfigured("BetsAPI's markets cannot be chosen: leave out --markets")
    every_s = settings.betsapi_every_s
    endpoints = tuple(
        each
        for sport in _listed(settings.betsapi_sports if sports is None else sports)
        for each in (betsapi.inplay(sport, every_s=every_s), betsapi.upcoming(sport), betsapi.ended(sport))
    )
    if not endpoints:
        raise Misconfigured(f"BetsAPI needs sports to poll: set {_variable('betsapi_sports')}")
    histories = tuple(betsapi.odds(event, every_s=every_s) for event in _listed(settings.betsapi_events))
    guard = Guard()
    options = betsapi.BetsApiOptions(
        key=_needed(settings.betsapi_token, "betsapi_token"),
        endpoints=(*endpoints, betsapi.merges(), *histories),
        base_url=settings.betsapi_url,
    )
    names = [endpoint.name for endpoint in options.endpoints]
    return Source(BetsApi(options, guard=guard), guard, _subscription(settings.betsapi_url, names))


def _uof(settings: Settings, sports: str | None, markets: str | None) -> Source:
    if sports or markets:
        raise Misconfigured("the Unified Odds Feed sends every sport and market: leave --sports and --markets out")
    host, port = settings.uof_host.rsplit(":", 1)
    producers = tuple(sorted({int(each) for each in _listed(settings.uof_producers)}))
    guard = Guard()
    options = UofOptions(
        token=_needed(settings.uof_token, "uof_token"),
        host=host,
        port=int(port),
        api_url=settings.uof_url,
        tls=_trusting(settings.uof_ca, "uof_ca"),
        node=settings.uof_node,
        language=settings.uof_language,
        producers=producers,
        schedule_days=settings.uof_schedule_days,
    )
    return Source(Uof(options, guard=guard), guard, _subscription(host, producers, settings.uof_node))


_MAKERS: dict[str, Callable[[Settings, str | None, str | None], Source]] = {
    "betfair": _betfair,
    "theoddsapi": _theoddsapi,
    "betsapi": _betsapi,
    "uof": _uof,
}


LIVE = tuple(_MAKERS)
"""The providers that have a live feed."""


def _needed(secret: SecretStr | None, name: str) -> str:
    value = secret.get_secret_value() if secret else ""
    if not value:
        raise Misconfigured(f"this feed needs credentials: set {_variable(name)}")
    return value


def _variable(name: str) -> str:
    return PREFIX + name.upper()


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _trusting(authorities: Path | None, name: str) -> ssl.SSLContext | None:
    try:
        return ssl.create_default_context(cafile=str(authorities)) if authorities else None
    except (OSError, ssl.SSLError) as error:
        raise Misconfigured(f"{_variable(name)}: {authorities}: {error}") from error


def _subscription(*parts: object) -> str:
    """Name what is asked for, so that a place is only used with the subscription it belongs to."""
    return hashlib.blake2b(msgspec.json.encode(parts, order="sorted"), digest_size=8).hexdigest()
