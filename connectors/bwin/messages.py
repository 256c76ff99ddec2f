"""bwin's answers: fixtures with their games (markets), odds in three notations, times in UTC.

`addons.betRadar` is the Betradar match id. A total's line is `attr`, with a decimal comma; a three-way handicap's
stands in its name ("Handicap 0:1"). Results name the sides by their short names, or by "Team 1" and "Team 2".
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from connectors.bookmakers.capture import DecimalOdds, Name, Number, Stamp, Text, head_start, milli_of, read
from domain.feeds.coupon import Choice, Coupon, LeftOut, OfferedMarket, OfferedMatch

FOOTBALL = 4
VISIBLE = "Visible"
PRE_MATCH = "PreMatch"
PAIR = "Standard"
"""The type of a fixture of two sides."""


class Word(msgspec.Struct):
    """A name in the language of the answer; `short` is how results call a participant."""

    value: Name
    short: str | None = None


class Result(msgspec.Struct):
    """One outcome."""

    id: int
    odds: DecimalOdds
    name: Word
    visibility: Text = VISIBLE


class Category(msgspec.Struct):
    """What kind of market a game is."""

    name: Word


class Game(msgspec.Struct, rename="camel"):
    """One market; `attr` is its line."""

    id: int
    name: Word
    results: list[Result]
    template_category: Category
    visibility: Text = VISIBLE
    attr: Annotated[str, Meta(max_length=20)] = ""


class Participant(msgspec.Struct, rename="camel"):
    """One side, home first."""

    name: Word
    participant_id: int | None = None


class Addons(msgspec.Struct, rename="camel"):
    """What others call the fixture."""

    bet_radar: Number | None = None


class Named(msgspec.Struct):
    """A sport or a competition."""

    id: int
    name: Word


class Fixture(msgspec.Struct, rename="camel"):
    """One match, or what else is bet on."""

    id: Name
    name: Word
    start_date: Stamp
    sport: Named
    competition: Named
    participants: list[Participant]
    games: list[Game]
    addons: Addons = msgspec.field(default_factory=Addons)
    fixture_type: Text = PAIR
    stage: Text = PRE_MATCH
    is_open_for_betting: bool = True


class Data(msgspec.Struct):
    """What the bookmaker answered."""

    fixtures: list[Fixture]


class Answer(msgspec.Struct, tag_field="provider", tag="BWIN"):
    """A captured answer."""

    data: Data
    bookmaker: Text = ""


_decoder = msgspec.json.Decoder(Answer)


def parse(payload: bytes) -> Coupon:
    """Parse a captured answer; see `Bookmaker.parse`."""
    answer = read(_decoder, payload, "bwin")
    matches, others = [], []
    for fixture in answer.data.fixtures:
        if fixture.fixture_type == PAIR and len(fixture.participants) == 2:
            matches.append(_match(fixture))
        else:
            others.append(LeftOut(id=fixture.id, reason="OUTRIGHT"))
    return Coupon(bookmaker=answer.bookmaker, matches=tuple(matches), left_out=tuple(others))


def _match(fixture: Fixture) -> OfferedMatch:
    home, away = fixture.participants
    words = _words(home, "1") | _words(away, "2")
    return OfferedMatch(
        id=fixture.id,
        starts=fixture.start_date,
        sport="soccer" if fixture.sport.id == FOOTBALL else fixture.sport.name.value.lower(),
        home=home.name.value,
        away=away.name.value,
        home_reference=_reference(home),
        away_reference=_reference(away),
        competition=fixture.competition.name.value,
        betradar_id=None if fixture.addons.bet_radar is None else str(fixture.addons.bet_radar),
        in_play=fixture.stage != PRE_MATCH,
        markets=tuple(_market(game, words, is_open=fixture.is_open_for_betting) for game in fixture.games),
    )


def _words(side: Participant, number: str) -> dict[str, str]:
    return {name: number for name in (side.name.value, side.name.short) if name}


def _reference(side: Participant) -> str | None:
    return None if side.participant_id is None else str(side.participant_id)


def _market(game: Game, words: dict[str, str], *, is_open: bool) -> OfferedMarket:
    line = milli_of(game.attr)
    return OfferedMarket(
        key=game.template_category.name.value,
        name=game.name.value,
        group=game.template_category.name.value,
        line_milli=head_start(game.name.value.rpartition(" ")[2]) if line is None else line,
        is_open=is_open and game.visibility == VISIBLE,
        choices=tuple(
            Choice(
                code=_code(result.name.value, words),
                name=result.name.value,
                odds=round(result.odds * 1000) if result.visibility == VISIBLE else None,
            )
            for result in game.results
        ),
    )


def _code(name: str, words: dict[str, str]) -> str:
    """Write a result with numbers for the sides: "Charleroi or X" is "1X", "Over 2,5" is "Over"."""
    sides = [words.get(part, part) for part in name.split(" or ")]
    if all(side in {"1", "X", "2"} for side in sides):
        return "".join(sides)
    word, _, rest = name.partition(" ")
    return word if word in {"Over", "Under"} and rest[:1].isdecimal() else name
