"""Ingest's rows for providers of match events: how far a match has come, and what each event of it meant."""

import msgspec

from bookstream.delivery.api import Rows
from domain.feeds.pitch import Facts


class PitchMatch(msgspec.Struct):
    """A match of a stream. `link` is the key of its link, empty until both sides are known.

    `sides` are (the provider's id, name) of home and away as far as they are known; `index` is the place of the newest
    event, where the provider counts them; `score` is (home, away) by the goals of its events; `begun` and `ended` are
    the newest periods that did.
    """

    link: str = ""
    sides: list[tuple[str, str]] = msgspec.field(default_factory=list)
    kick_off_at: int = 0
    index: int = 0
    score: list[int] = msgspec.field(default_factory=lambda: [0, 0])
    begun: int = 0
    ended: int = 0


class PlayerLink(msgspec.Struct):
    """Whom a provider's player was found to be: it stays so. `told_at` is when he was told last, but for a day."""

    player_id: str
    team_id: str
    names: tuple[str, ...]
    told_at: int


class PlayerRuling(msgspec.Struct, frozen=True):
    """What a person decided on players: whom a `retired` one is, or that a provider's `link` names `player_id` alone.

    With neither it says that a decision is carried out.
    """

    player_id: str
    decided_at: int
    retired: str = ""
    link: tuple[str, str] | None = None


PITCH_MATCHES = Rows("pitch_match", PitchMatch)
PITCH_FACTS = Rows("pitch_facts", Facts)

PLAYERS = Rows("player", PlayerLink)
"""By the provider and its id of the player."""

PLAYER_RULINGS = Rows("player_ruling", PlayerRuling)
"""By the retired player's id, or by the provider and its id of the player; and by the decision's, as carried out."""

PITCH_ROWS = (PITCH_MATCHES, PITCH_FACTS, PLAYERS, PLAYER_RULINGS)
