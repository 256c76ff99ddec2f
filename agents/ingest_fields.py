"""How to count the fields of each provider's messages that its parser does not declare."""

from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, Protocol

from connectors.altenar import messages as altenar
from connectors.betcenter import messages as betcenter
from connectors.betfair import messages as betfair
from connectors.betsapi import parser as betsapi
from connectors.bwin import messages as bwin
from connectors.footballdata import messages as footballdata
from connectors.goaltimes import messages as goaltimes
from connectors.kambi import messages as kambi
from connectors.opta import parser as opta
from connectors.pinnacle import messages as pinnacle
from connectors.sbtech import messages as sbtech
from connectors.statsbomb import messages as statsbomb
from connectors.tennisdata import messages as tennisdata
from connectors.theoddsapi import messages as theoddsapi
from connectors.unknown import count_unknown
from connectors.uof import parser as uof

Fields = Callable[[bytes], Counter[str]]


class Row(Protocol):
    """What a table's parser makes of a message."""

    @property
    def unknown(self) -> tuple[str, ...]:
        """Name the columns that nobody knows."""


def _columns(parse: Callable[[bytes], Row]) -> Fields:
    """Count a table's columns by its own parser."""
    return lambda payload: Counter(parse(payload).unknown)


def _declared(answer: Any) -> Fields:  # noqa: ANN401 - a type
    """Count what the type of an answer does not declare."""
    return partial(count_unknown, answer)


FIELDS: Final[Mapping[str, Fields]] = {
    "altenar": _declared(altenar.Answer),
    "betcenter": _declared(betcenter.Answer),
    "betfair": betfair.unknown_fields,
    "betsapi": betsapi.unknown_fields,
    "bwin": _declared(bwin.Answer),
    "footballdata": _columns(footballdata.parse),
    "goaltimes": _columns(goaltimes.parse),
    "kambi": _declared(kambi.Answer),
    "opta": opta.unknown_fields,
    "pinnacle": pinnacle.unknown_fields,
    "sbtech": _declared(sbtech.Answer),
    "statsbomb": statsbomb.unknown_fields,
    "tennisdata": _columns(tennisdata.parse),
    "theoddsapi": theoddsapi.unknown_fields,
    "uof": uof.unknown_fields,
}
