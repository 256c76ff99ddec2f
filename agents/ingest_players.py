"""Tell of teams' players: one person is one participant, whichever provider names him."""

from collections.abc import Iterable, Mapping

from agents.ingest_fixtures import Fixtures
from agents.ingest_speech import Speech
from agents.ingest_turn import Turn
from bookstream import topics
from bookstream.delivery.api import Shard
from domain.events.canonical import IdentityReview, Participant
from domain.identity.directory import TEAM_SPORT
from domain.identity.ids import DAY_US, PLAYER_REFERENCE, participant_id, player_id
from domain.identity.names import normalise
from domain.identity.players import Player, likeness
from tables.ingest import look_later
from tables.pitch import PLAYERS, PlayerLink

KEPT_US = 400 * DAY_US
"""So long a player is known here of whom nobody tells; what was published of him is known for as long as it is kept."""
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
        player = _resolved(fixtures, turn, team_id, reference, (name, *aliases))
        own = player_id(TEAM_SPORT, turn.raw.provider, reference)
        say_player(turn.speech, team_id, reference, player)
        if player.id != own:
            say_player(turn.speech, team_id, reference, Player(own, (name, *aliases)), successor_id=player.id)


def say_scorers(turn: Turn, players: Mapping[str, str]) -> None:
    """Tell of players by the name and the provider's id, where nobody says for whom they play: an own goal is, too."""
    for name, reference in players.items():
        own = player_id(TEAM_SPORT, turn.raw.provider, reference)
        say_player(turn.speech, None, reference, Player(own, (name,)))


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


def _resolved(fixtures: Fixtures, turn: Turn, team_id: str, reference: str, names: tuple[str, ...]) -> Player:
    squads, provider, row = fixtures.directory.squads, turn.raw.provider, f"{turn.raw.provider}/{reference}"
    link, at = turn.shard.get(PLAYERS, row), turn.raw.received_at
    if link is not None:
        squads.know(Player(link.player_id, link.names), team_id, (provider, reference))
    player = squads.resolve(provider, reference, team_id, *names)
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
