"""Tell of teams' players: one person is one participant, whichever provider names him."""

from collections.abc import Iterable, Mapping
from typing import Final

from agents.ingest_fixtures import Fixtures
from agents.ingest_speech import Speech
from agents.ingest_turn import Turn
from bookstream import topics
from bookstream.delivery.api import Shard
from domain.events.canonical import IdentityReview, Participant
from domain.identity.claims import KnownFixture
from domain.identity.directory import TEAM_SPORT
from domain.identity.ids import DAY_US, PLAYER_REFERENCE, participant_id, player_id
from domain.identity.names import normalise
from domain.identity.players import Player, likeness
from tables.ingest import look_later
from tables.pitch import PLAYERS, PlayerLink

KEPT_US = 400 * DAY_US
"""So long a player is known here of whom nobody tells; what was published of him is known for as long as it is kept."""
LINE_UPS: Final = ("statsbomb", "opta")
"""Who tells who plays in a match."""
Named = tuple[str, str, tuple[str, ...]]


def team_of(fixtures: Fixtures, turn: Turn, reference: str, name: str) -> str:
    """Return the id of a team: what the provider's id of it was found to be, else what its name says."""
    known = fixtures.directory.participant(turn.raw.provider, reference)
    if known is not None:
        return known[0]
    called = normalise(TEAM_SPORT, name)
    team = fixtures.catalogue.team(TEAM_SPORT, called)
    return team.id if team is not None else participant_id(TEAM_SPORT, called.key)


def say_players(fixtures: Fixtures, turn: Turn, team_id: str, players: Iterable[Named]) -> None:
    """Tell of a team's players: each is (the provider's id, name, other names). Whom one was found to be stays.

    Where a provider's own id of a player names somebody whom another told before, it is told to lead to him: events
    that came earlier, or in another partition, may name it.
    """
    for reference, name, aliases in players:
        _say_one(fixtures, turn, team_id, reference, (name, *aliases))


def say_scorers(fixtures: Fixtures, turn: Turn, fixture: KnownFixture, players: Mapping[str, str]) -> dict[str, str]:
    """Tell of players by the provider's id and the name, where nobody says for whom they play; return who each is.

    The goal does not tell: an own goal stands with those who gained by it. So he is a player of either side who was
    told before, by his number or by his whole name, which nobody else of the two has; of one whom nobody told of, the
    provider's id alone is told, without a team.
    """
    for reference, name in players.items():
        found = _found(fixtures, turn, fixture, reference, name)
        if found is None:
            own = Player(player_id(TEAM_SPORT, turn.raw.provider, reference), (name,))
            who = fixtures.directory.squads.who(turn.raw.provider, reference)
            say_player(turn.speech, None, reference, own, successor_id=None if who == own.id else who)
        else:
            _say_one(fixtures, turn, found[0], reference, (name,), meant=found[1])
    return {reference: fixtures.directory.squads.who(turn.raw.provider, reference) for reference in players}


def say_player(
    speech: Speech, team_id: str | None, reference: str, player: Player, *, successor_id: str | None = None,
    provider: str | None = None,
) -> None:  # fmt: skip
    """Tell of a player, or of whom he was found to be; by another provider's number where one is named."""
    participant = Participant(
        **speech.head() | {"provider": provider or speech.provider}, participant_id=player.id, kind="PLAYER",
        sport=TEAM_SPORT, name=player.names[0], aliases=player.names[1:], provider_participant_id=reference,
        team_id=team_id, successor_id=successor_id,
    )  # fmt: skip
    speech.say(topics.PARTICIPANTS, player.id, participant)


def learn_players(fixtures: Fixtures, shard: Shard) -> None:
    """Take a partition's players into the directory."""
    for row, link in shard.scan(PLAYERS):
        provider, _, reference = row.partition("/")
        fixtures.directory.squads.know(Player(link.player_id, link.names), link.team_id, (provider, reference))


def _found(fixtures: Fixtures, turn: Turn, fixture: KnownFixture, reference: str, name: str) -> tuple[str, str] | None:
    """Return the team and the id of one who plays for either side of a fixture.

    By his name alone only where this match's line-ups are told: one of the same name may have played there in another
    year.
    """
    directory, link = fixtures.directory, turn.shard.get(PLAYERS, f"{turn.raw.provider}/{reference}")
    if link is not None:
        return link.team_id, link.player_id
    teams = [team for team in (fixture.home_id, fixture.away_id) if team]
    known = directory.squads.who(turn.raw.provider, reference)
    for team in teams:
        if directory.squads.names_of(team, known):
            return team, known
    if any(directory.called(fixture.fixture_id, each) for each in LINE_UPS):
        return directory.squads.find(teams, name)
    return None


def _say_one(
    fixtures: Fixtures, turn: Turn, team_id: str, reference: str, names: tuple[str, ...], *, meant: str | None = None,
) -> None:  # fmt: skip
    player = _resolved(fixtures, turn, team_id, reference, names, meant=meant)
    own = player_id(TEAM_SPORT, turn.raw.provider, reference)
    say_player(turn.speech, team_id, reference, player)
    if player.id != own:
        say_player(turn.speech, team_id, reference, Player(own, names), successor_id=player.id)


def _resolved(
    fixtures: Fixtures, turn: Turn, team_id: str, reference: str, names: tuple[str, ...], *, meant: str | None,
) -> Player:  # fmt: skip
    squads, provider, row = fixtures.directory.squads, turn.raw.provider, f"{turn.raw.provider}/{reference}"
    link, at = turn.shard.get(PLAYERS, row), turn.raw.received_at
    if link is not None:
        squads.know(Player(link.player_id, link.names), team_id, (provider, reference))
    if meant is None:
        player = squads.resolve(provider, reference, team_id, *names)
    else:
        player = squads.know(Player(meant, names), team_id, (provider, reference))
    told_at = at if link is None or at - link.told_at >= DAY_US else link.told_at
    now = PlayerLink(player.id, team_id, player.names, told_at)
    if link is None:
        look_later(turn.shard, PLAYERS.name, row, at)
        _say_doubt(fixtures, turn, team_id, reference, player)
    if now != link:
        turn.shard.put(PLAYERS, row, now)
    return player


def _say_doubt(fixtures: Fixtures, turn: Turn, team_id: str, reference: str, player: Player) -> None:
    for doubted in player.doubted:
        names = fixtures.directory.squads.names_of(team_id, doubted)
        review = IdentityReview(
            **turn.speech.head(), sport=TEAM_SPORT, provider_fixture_id=f"{PLAYER_REFERENCE}{reference}",
            provider_name=player.names[0], kick_off_at=turn.raw.occurred_at, candidate_id=doubted,
            candidate_name=names[0], score=likeness(player.names, names), reason="a player of this team may be meant",
        )  # fmt: skip
        turn.speech.say(topics.IDENTITY_REVIEWS, review.provider_fixture_id, review)
