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
from connectors.resilience.breaker import Guard
from connectors.theoddsapi.connector import TheOddsApi
from connectors.theoddsapi.protocol import TheOddsApiOptions, odds
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
        tls=_trusting(settings.betfair_ca),
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


_MAKERS: dict[str, Callable[[Settings, str | None, str | None], Source]] = {
    "betfair": _betfair,
    "theoddsapi": _theoddsapi,
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


def _trusting(authorities: Path | None) -> ssl.SSLContext | None:
    try:
        return ssl.create_default_context(cafile=str(authorities)) if authorities else None
    except (OSError, ssl.SSLError) as error:
        raise Misconfigured(f"{_variable('betfair_ca')}: {authorities}: {error}") from error


def _subscription(*parts: object) -> str:
    """Name what is asked for, so that a place is only used with the subscription it belongs to."""
    return hashlib.blake2b(msgspec.json.encode(parts, order="sorted"), digest_size=8).hexdigest()
