"""A person's decisions on players, made true in this partition: its links, and what is said of whom from then on.

Every partition reads every decision, and keeps it: a link that is made later obeys it, too. The partition that the
decision's key hashes to also says what became of the players. What was told under a retired id stays so: whoever looks
it up follows `successor_id`. The same decision again finds nothing to do.
"""

import msgspec

from agents.ingest_fixtures import Fixtures
from agents.ingest_players import say_player
from agents.ingest_speech import Speech
from bookstream.delivery.api import Shard
from domain.errors import ContractViolation
from domain.events.canonical import IdentityDecision
from domain.identity.decisions import player_link
from domain.identity.directory import TEAM_SPORT
from domain.identity.ids import player_id
from domain.identity.players import Link, Player
from tables.ingest import look_later
from tables.pitch import PLAYER_RULINGS, PLAYERS, PlayerRuling


def decide_on_players(
    fixtures: Fixtures, shard: Shard, speech: Speech, decision: IdentityDecision, *, is_owner: bool
) -> None:
    """Carry a decision out, as far as it is this partition's. Idempotent.

    Raises:
        ContractViolation: it contradicts an earlier one.
    """
    if shard.get(PLAYER_RULINGS, decision.event_id) is not None:
        return
    if decision.action == "MERGE":
        _merge(fixtures, shard, speech, decision, is_owner=is_owner)
    elif decision.action == "SPLIT":
        _split(fixtures, shard, speech, decision, is_owner=is_owner)


def learn_rulings(fixtures: Fixtures, shard: Shard) -> None:
    """Let the directory obey a partition's rulings; who was parted, and merged later, is merged."""
    rulings = [ruling for _, ruling in shard.scan(PLAYER_RULINGS)]
    for ruling in rulings:
        if ruling.link is not None:
            fixtures.directory.squads.part(*ruling.link)
    for ruling in rulings:
        if ruling.retired not in {"", ruling.player_id}:
            fixtures.directory.squads.join(ruling.retired, ruling.player_id)


def _merge(fixtures: Fixtures, shard: Shard, speech: Speech, decision: IdentityDecision, *, is_owner: bool) -> None:
    kept, retired, squads = decision.fixture_id, decision.retired_id or "", fixtures.directory.squads
    if _is_settled(shard, kept, retired, is_owner=is_owner):
        return
    for key, earlier in list(shard.scan(PLAYER_RULINGS)):
        if earlier.player_id == retired and earlier.retired:
            shard.put(PLAYER_RULINGS, key, msgspec.structs.replace(earlier, player_id=kept))
    _rule(shard, retired, PlayerRuling(kept, decision.received_at, retired=retired), decision)
    squads.join(retired, kept)
    for key, link in list(shard.scan(PLAYERS)):
        if link.player_id == retired:
            provider, _, reference = key.partition("/")
            player = squads.know(Player(kept, link.names), link.team_id, (provider, reference))
            shard.put(PLAYERS, key, msgspec.structs.replace(link, player_id=kept, names=player.names))
            _say_leading(speech, (provider, reference), link.team_id, Player(retired, link.names), kept)
    if is_owner:
        names = decision.names or (retired,)
        say_player(speech, decision.team_id, "", Player(retired, names), successor_id=kept)
        _say_kept(fixtures, speech, decision, kept, tuple(dict.fromkeys((decision.name, *names))))


def _is_settled(shard: Shard, kept: str, retired: str, *, is_owner: bool) -> bool:
    """Say whether nothing is left to do for a merge: it was done, or something else was that rules it out.

    Raises:
        ContractViolation: something else was; told in one partition.
    """
    before, onward = (_merged(shard, player) for player in (retired, kept))
    if onward is not None and is_owner:
        raise ContractViolation(f"{kept} was merged into {onward} before")
    if before not in {None, kept} and is_owner:
        raise ContractViolation(f"{retired} was merged into {before} before")
    return before is not None or onward is not None


def _merged(shard: Shard, player: str) -> str | None:
    """Return whom a player was merged into and not split off again."""
    ruling = shard.get(PLAYER_RULINGS, player)
    return ruling.player_id if ruling is not None and ruling.player_id != player else None


def _split(fixtures: Fixtures, shard: Shard, speech: Speech, decision: IdentityDecision, *, is_owner: bool) -> None:
    provider, reference = player_link(decision)
    own, left, key = decision.fixture_id, decision.retired_id or "", f"{provider}/{reference}"
    link, squads = shard.get(PLAYERS, key), fixtures.directory.squads
    if link is not None and link.player_id != left:
        raise ContractViolation(f"{key} is {link.player_id}, not {left}")
    _rule(shard, key, PlayerRuling(own, decision.received_at, link=(provider, reference)), decision)
    if shard.get(PLAYER_RULINGS, own) is not None:
        shard.put(PLAYER_RULINGS, own, PlayerRuling(own, decision.received_at, retired=own))
    squads.part(provider, reference)
    player, team_id = Player(own, decision.names), link.team_id if link is not None else decision.team_id
    if team_id is not None:
        player = squads.know(player, team_id, (provider, reference))
    if link is not None:
        shard.put(PLAYERS, key, msgspec.structs.replace(link, player_id=own, names=decision.names))
    if is_owner:
        say_player(speech, team_id, reference, player, provider=provider)
        _say_kept(fixtures, speech, decision, left, ())


def _say_kept(
    fixtures: Fixtures, speech: Speech, decision: IdentityDecision, player: str, names: tuple[str, ...]
) -> None:
    """Tell the player who stays again, by nobody's number: the last word on him is not one that was decided against."""
    known = fixtures.directory.squads.names_of(decision.team_id or "", player) or names
    if known:
        say_player(speech, decision.team_id, "", Player(player, known))


def _say_leading(speech: Speech, link: Link, team_id: str, retired: Player, kept: str) -> None:
    """Tell that a provider's number, which led to a retired player, leads to the one who stays."""
    own = player_id(TEAM_SPORT, *link)
    if own not in {retired.id, kept}:
        player = Player(own, retired.names)
        say_player(speech, team_id, link[1], player, successor_id=kept, provider=link[0])


def _rule(shard: Shard, key: str, ruling: PlayerRuling, decision: IdentityDecision) -> None:
    """Remember what is ruled, and that the decision is carried out: once more it must not undo later ones."""
    carried_out = PlayerRuling(ruling.player_id, decision.received_at)
    for each, row in ((key, ruling), (decision.event_id, carried_out)):
        if shard.get(PLAYER_RULINGS, each) is None:
            look_later(shard, PLAYER_RULINGS.name, each, decision.received_at)
        shard.put(PLAYER_RULINGS, each, row)
