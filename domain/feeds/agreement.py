"""What providers say of one fixture, held against each other: score and cards once it is over, and its closing odds."""

from collections.abc import Mapping
from typing import Final

import msgspec

from domain.events.canonical import Incident, IncidentKind, Statistic
from domain.events.feeds import Compared, ProviderFigure

TOLERANCES: Final[Mapping[Compared, float]] = {"SCORE": 0.0, "CARDS": 0.0, "CLOSING_ODDS": 0.03}
"""How far apart two providers may be and agree: counts are the same or not; odds are chances without their margin."""

SCORED: Final[frozenset[IncidentKind]] = frozenset({"GOAL", "GOAL_CANCELLED", "SCORE", "SCORE_CORRECTED", "FULL_TIME"})
COUNTED: Final[Mapping[str, str]] = {
    f"{side}_{told}_cards_count": f"{side}_{card}_cards_count"
    for side in ("home", "away")
    for told, card in (("yellow", "yellow"), ("red", "red"), ("yellow_red", "red"))
}
"""Figures that count cards, and what they add to: a second yellow card is a red one."""
TELLS_EACH_CARD: Final = frozenset({"opta", "statsbomb"})
"""Who tells of every event: of cards that these do not mention there were none."""

Figures = Mapping[str, Mapping[str, float]]
"""What each provider says, by name."""


class Account(msgspec.Struct):
    """What one provider told of a fixture: its newest score, whether it is over, its figures of cards."""

    home_score: int | None = None
    away_score: int | None = None
    over: bool = False
    cards: dict[str, int] = msgspec.field(default_factory=dict)


class Comparison(msgspec.Struct, frozen=True):
    """How far apart providers are, and what each says of what at least two of them say anything of."""

    differs: bool
    apart: float
    figures: tuple[ProviderFigure, ...]


AGREED: Final = Comparison(differs=False, apart=0.0, figures=())


def hear_score(account: Account, incident: Incident) -> bool:
    """Take the score that a provider tells, and that it is over; say whether either is new."""
    if incident.market_id is not None or incident.kind not in SCORED:
        return False
    before = account.home_score, account.away_score, account.over
    if incident.home_score is not None and incident.away_score is not None:
        account.home_score, account.away_score = incident.home_score, incident.away_score
    account.over = account.over or incident.kind == "FULL_TIME"
    return before != (account.home_score, account.away_score, account.over)


def hear_cards(account: Account, statistic: Statistic) -> bool:
    """Take a count of cards, and say whether it is new; other figures say nothing."""
    count = int(statistic.value)
    if statistic.name not in COUNTED or account.cards.get(statistic.name) == count:
        return False
    account.cards[statistic.name] = count
    return True


def compare_ended(accounts: Mapping[str, Account]) -> dict[Compared, Comparison]:
    """Hold against each other what providers say of a fixture that they say is over."""
    ended = {provider: each for provider, each in accounts.items() if each.over}
    scores = {
        provider: {"home_score": float(each.home_score), "away_score": float(each.away_score)}
        for provider, each in ended.items()
        if each.home_score is not None and each.away_score is not None
    }
    cards = {provider: _cards(each) for provider, each in ended.items() if each.cards or provider in TELLS_EACH_CARD}
    return {"SCORE": compare("SCORE", scores), "CARDS": compare("CARDS", cards)}


def compare(measure: Compared, told: Figures) -> Comparison:
    """Hold figures against each other; what only one provider tells is not compared."""
    by_name: dict[str, list[float]] = {}
    for figures in told.values():
        for name, value in figures.items():
            by_name.setdefault(name, []).append(value)
    shared = {name: max(values) - min(values) for name, values in by_name.items() if len(values) > 1}
    apart = max(shared.values(), default=0.0)
    return Comparison(
        differs=apart > TOLERANCES[measure],
        apart=apart,
        figures=tuple(
            ProviderFigure(provider=provider, name=name, value=told[provider][name])
            for provider in sorted(told)
            for name in sorted(told[provider])
            if name in shared
        ),
    )


def is_news(found: Comparison, said: Comparison | None) -> bool:
    """Say whether a comparison is to be told: a difference that is another than before, or one that is gone."""
    if not found.differs:
        return said is not None and said.differs
    return said is None or not said.differs or said.figures != found.figures


def _cards(account: Account) -> dict[str, float]:
    counts = dict.fromkeys(COUNTED.values(), 0.0)
    for told, name in COUNTED.items():
        counts[name] += account.cards.get(told, 0)
    return counts
