"""What a person who decides on players has before him: whom providers name, open reviews, and what follows from a word.

A player's id is made of the number of the provider that told of him first, so a provider's number always leads to him:
as himself, or by the successor that was told or decided.
"""

from domain.errors import UnknownReference
from domain.events.canonical import IdentityAction, IdentityDecision, IdentityReview, Participant
from domain.identity.decisions import Link, Word
from domain.identity.directory import TEAM_SPORT
from domain.identity.ids import PLAYER_REFERENCE, player_id


class PlayerDesk:
    """Fed `participants`, then reviews of players and decisions on them, each in its order; a repeat changes nothing.

    A link is (provider, "player/" and its id of him).
    """

    def __init__(self) -> None:
        self._told: dict[str, Participant] = {}
        self._onward: dict[str, str] = {}
        self._reviews: dict[Link, dict[str, IdentityReview]] = {}
        self._decided: dict[Link, IdentityDecision] = {}
        self._heard: set[str] = set()

    def tell(self, event: Participant) -> None:
        """Take in who somebody is by the newest word."""
        self._told[event.participant_id] = event
        if event.successor_id is not None:
            self._onward[event.participant_id] = event.successor_id
        else:
            self._onward.pop(event.participant_id, None)

    def ask(self, review: IdentityReview) -> None:
        """Take in a question: one for each player who may be meant."""
        link = (review.provider, review.provider_fixture_id)
        self._reviews.setdefault(link, {})[review.candidate_id or ""] = review

    def take(self, decision: IdentityDecision) -> None:
        """Take in a decision; every partition has it."""
        if decision.event_id in self._heard:
            return
        self._heard.add(decision.event_id)
        if decision.action == "MERGE" and decision.retired_id:
            self._onward[decision.retired_id] = decision.fixture_id
        elif decision.action == "SPLIT":
            self._onward.pop(decision.fixture_id, None)
        if decision.subject_provider and decision.subject_fixture_id:
            self._decided[decision.subject_provider, decision.subject_fixture_id] = decision

    def open_reviews(self) -> list[IdentityReview]:
        """Return the reviews that nobody has decided: neither has the player become one, nor the other one he."""
        return [
            review
            for link, asked in self._reviews.items() if link not in self._decided and _own(link) not in self._onward
            for candidate, review in asked.items() if self._last(candidate) != _own(link)
        ]  # fmt: skip

    def context(self, review: IdentityReview) -> tuple[str, str]:
        """Return whom a reviewed one is known as, and the team whose player is asked about."""
        known = self._told.get(self._last(review.candidate_id or ""))
        team = self._told.get(known.team_id or "") if known else None
        return _own((review.provider, review.provider_fixture_id)), team.name if team else ""

    def accept(self, link: Link, word: Word) -> IdentityDecision:
        """Decide that a reviewed player is the one who is asked about.

        Raises:
            UnknownReference: there is no such review, more than one may be meant, or nobody has told of one of them.
        """
        meant = sorted({self._last(review.candidate_id or "") for review in self._open(link)})
        if len(meant) > 1:
            several = " or ".join(meant)
            raise UnknownReference(f"{link[0]}:{link[1]}, {_own(link)}, may be {several}: merge it into one of them")
        return self.merge(meant[0], _own(link), word, link=link)

    def reject(self, link: Link, word: Word) -> IdentityDecision:
        """Decide that a reviewed player is none of those who are asked about.

        Raises:
            UnknownReference: there is no such review, or nobody has told of who is asked about.
        """
        known = self._player(self._last(self._open(link)[0].candidate_id or ""))
        return _decision("REJECT", known, word, player=known.participant_id, retired=None, link=link)

    def merge(self, kept: str, retired: str, word: Word, *, link: Link | None = None) -> IdentityDecision:
        """Decide that two players are one.

        Raises:
            UnknownReference: one of them is not known, is no team's player, or was found to be another.
        """
        stays, goes = self._player(kept), self._player(retired)
        return _decision("MERGE", stays, word, player=kept, retired=retired, link=link, names=_names(goes))

    def split(self, link: Link, word: Word, *, left: str | None = None) -> IdentityDecision:
        """Decide that what a provider calls so is a player of his own, by the id of its number.

        Raises:
            UnknownReference: nobody has told of him, or he is nobody else.
        """
        own = _own(link)
        told, is_now = self._told.get(own), self._last(own)
        if told is None:
            raise UnknownReference(f"nobody has told of {link[0]}:{link[1]}")
        if is_now == own:
            raise UnknownReference(f"{link[0]}:{link[1]} is {own} by himself: split off what others were taken for him")
        if left not in {None, is_now}:
            raise UnknownReference(f"{link[0]}:{link[1]} is {is_now}, not {left}")
        return _decision("SPLIT", told, word, player=own, retired=is_now, link=link, names=_names(told))

    def _open(self, link: Link) -> list[IdentityReview]:
        found = [each for each in self.open_reviews() if (each.provider, each.provider_fixture_id) == link]
        if not found:
            raise UnknownReference(f"no open review of {link[0]}:{link[1]}: `bookstream identity review` lists them")
        return found

    def _player(self, player: str) -> Participant:
        """Return a player who goes on."""
        known = self._told.get(player)
        if known is None:
            raise UnknownReference(f"nobody has told of player {player}")
        if known.kind != "PLAYER" or known.sport != TEAM_SPORT:
            raise UnknownReference(f"{player}, {known.name}, is no team's player")
        if player in self._onward:
            raise UnknownReference(f"{player} was found to be {self._last(player)}")
        return known

    def _last(self, player: str) -> str:
        """Return whom a player was found to be, at last; himself where he was not."""
        seen = {player}
        while (onward := self._onward.get(player)) is not None and onward not in seen:
            player = onward
            seen.add(player)
        return player


def _own(link: Link) -> str:
    """Return the id that a provider's number gives."""
    return player_id(TEAM_SPORT, link[0], link[1].removeprefix(PLAYER_REFERENCE))


def _names(told: Participant) -> tuple[str, ...]:
    return (told.name, *told.aliases)


def _decision(
    action: IdentityAction, known: Participant, word: Word, *, player: str, retired: str | None, link: Link | None,
    names: tuple[str, ...] = (),
) -> IdentityDecision:  # fmt: skip
    provider, theirs = link or (None, None)
    return IdentityDecision(
        event_id=word.event_id, occurred_at=word.at, received_at=word.at, provider="cli", action=action,
        fixture_id=player, retired_id=retired, subject_provider=provider, subject_fixture_id=theirs, turned=False,
        sport=known.sport, competition_id="", competition="", name=known.name, home_id=None, away_id=None, home=None,
        away=None, kick_off_at=0, actor=word.actor, reason=word.reason, team_id=known.team_id, names=names,
    )  # fmt: skip
