"""Whom the Unified Odds Feed names: the players of a match's timeline, joined to those whom other providers tell.

A timeline gives the number and the name of who scored and who was booked. No other message of the feed names a player
of a match: odds and settlements of players' markets give numbers alone, a status gives counts, and a player's profile
tells neither his team nor his sport. Nothing is joined by those.
"""

from typing import Final

from agents.ingest_fixtures import Fixtures
from agents.ingest_players import say_players, say_scorers
from agents.ingest_turn import Turn
from connectors.uof.rest import Person, TimelineEvent
from tables.ingest import LinkState, look_later, within
from tables.uof import UOF_MATCHES, UofMatch

GOALS: Final = frozenset(["score_change"])
CARDS: Final = frozenset(["yellow_card", "red_card", "yellow_red_card"])
MOST_NAMED: Final = 128
"""Players told of one match: no match has more, whatever its timeline says."""


def players_of(
    fixtures: Fixtures, turn: Turn, key: str, link: LinkState, events: list[TimelineEvent]
) -> dict[str, str]:
    """Tell of the players of a timeline, each once for a match; return whom each event names, by the event's id.

    Who is booked plays for the side of the card; for whom a scorer plays, a goal does not tell.
    """
    if link.claim.sport != "soccer":
        return {}
    match, row = uof_match(turn, key)
    teams = dict(zip(("home", "away"), _sides(link), strict=True))
    booked = {event.id: (event.players[0], teams.get(event.team or "")) for event in events if _names_booked(event)}
    scored = {event.id: event.scorers[0] for event in events if event.type in GOALS and event.scorers}
    new = _new(match, [*(person for person, _ in booked.values()), *scored.values()])
    for person, team in booked.values():
        if team is not None and person.id in new:
            say_players(fixtures, turn, team, [(person.id, person.name, ())])
            new.discard(person.id)
    say_scorers(fixtures, turn, link.fixture, {each.id: each.name for each in scored.values() if each.id in new})
    turn.shard.put(UOF_MATCHES, row, match)
    named = {event: person.id for event, (person, _) in booked.items()}
    named |= {event: person.id for event, person in scored.items()}
    known = set(match.named)
    squads, provider = fixtures.directory.squads, turn.raw.provider
    return {event: squads.who(provider, person) for event, person in named.items() if person in known}


def uof_match(turn: Turn, key: str) -> tuple[UofMatch, str]:
    """Return how a match of this stream stands, and its row; a new one is looked at later."""
    row = within(turn.stream_id, key)
    match = turn.shard.get(UOF_MATCHES, row)
    if match is None:
        match = UofMatch()
        look_later(turn.shard, UOF_MATCHES.name, row, turn.raw.received_at)
    return match, row


def _names_booked(event: TimelineEvent) -> bool:
    return event.type in CARDS and bool(event.players)


def _new(match: UofMatch, persons: list[Person]) -> set[str]:
    """Note who has a name and was not told of this match before."""
    new: set[str] = set()
    for person in persons:
        if person.name and person.id not in match.named and len(match.named) < MOST_NAMED:
            match.named.append(person.id)
            new.add(person.id)
    return new


def _sides(link: LinkState) -> tuple[str | None, str | None]:
    """Return the teams that the provider calls home and away."""
    home, away = link.fixture.home_id, link.fixture.away_id
    return (away, home) if link.swapped else (home, away)
