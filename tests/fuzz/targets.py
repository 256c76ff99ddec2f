"""What is fuzzed: each provider's parsers, from the bytes of a message to all that ingest reads of it."""

from collections.abc import Callable
from typing import Final

from agents.ingest_bookmakers import BOOKMAKERS
from agents.ingest_fields import FIELDS
from connectors.betfair import ladder
from connectors.betfair import messages as betfair
from connectors.betfairhub import messages as betfairhub
from connectors.betsapi import parser as betsapi
from connectors.betsapi.coupons import coupons_of
from connectors.betsapi.raws import Bet365, BookmakerEvents
from connectors.footballdata import messages as footballdata
from connectors.goaltimes import messages as goaltimes
from connectors.opta import parser as opta
from connectors.statsbomb import messages as statsbomb
from connectors.tennisdata import messages as tennisdata
from connectors.tennispbp import messages as tennispbp
from connectors.theoddsapi import flat
from connectors.theoddsapi import messages as theoddsapi
from connectors.theoddsapi.recorded import time_of
from connectors.uof import parser as uof

Parser = Callable[[bytes], object]


def _betfair(payload: bytes) -> None:
    message = betfair.decode(payload)
    for change in message.mc if isinstance(message, betfair.MarketMessage) else ():
        book = ladder.MarketBook(change.id)
        ladder.apply(book, change)
        for key in book.runners:
            ladder.top(book, key)


def _betsapi(payload: bytes) -> None:
    answer = betsapi.parse(payload)
    answer.said_at()
    if isinstance(answer, Bet365 | BookmakerEvents):
        coupons_of(answer)


PARSERS: Final[dict[str, tuple[Parser, ...]]] = {
    "betfair": (_betfair,),
    "betfairhub": (betfairhub.parse,),
    "betsapi": (_betsapi,),
    "footballdata": (footballdata.parse,),
    "goaltimes": (goaltimes.parse,),
    "opta": (lambda payload: opta.time_of(opta.parse(payload)),),
    "statsbomb": (statsbomb.parse,),
    "tennisdata": (tennisdata.parse,),
    "tennispbp": (tennispbp.parse,),
    "theoddsapi": (theoddsapi.parse, flat.parse, lambda payload: time_of(theoddsapi.parse(payload))),
    "uof": (lambda payload: uof.time_of(uof.parse(payload)),),
    **{name: (parse,) for name, (parse, _) in BOOKMAKERS.items()},
}


def parsers(provider: str) -> tuple[Parser, ...]:
    """Return all that reads a provider's payloads: its parsers, then what counts undeclared fields."""
    fields = FIELDS.get(provider)
    return (*PARSERS[provider], fields) if fields else PARSERS[provider]
