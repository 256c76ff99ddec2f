"""What a person who decides on identity has before him: fixtures, players, open reviews, what follows from a word."""

from typing import Final

from domain.errors import ContractViolation, UnknownReference
from domain.events.canonical import Fixture, IdentityAction, IdentityDecision, IdentityReview, Participant
from domain.feeds.rows import day_of
from domain.identity.decisions import Link, Word
from domain.identity.ids import PLAYER_REFERENCE, kind_of, provider_fixture_id, split_id
from domain.identity.player_desk import PlayerDesk

SWAPPED: Final = "home and away are swapped"
"""The reason of a review whose sides are listed the other way round."""
Told = Fixture | Participant | IdentityReview | IdentityDecision


class Desk:
    """Fed `fixtures`, `participants`, `identity.reviews` and `identity.decisions`, each in its order.

    A repeat changes nothing. What is about players goes to the players' desk.
    """

    def __init__(self) -> None:
        self.players = PlayerDesk()
        self.fixtures: dict[str, Fixture] = {}
        self._links: dict[Link, tuple[int, str]] = {}
        self._reviews: dict[Link, IdentityReview] = {}
        self._decided: dict[Link, IdentityDecision] = {}
        self._retired: dict[str, str] = {}

    def feed(self, event: Told) -> None:
        """Take in what was said."""
        if isinstance(event, Fixture):
            self.fixtures[event.fixture_id] = event
            if event.successor_id is not None:
                self._retired[event.fixture_id] = event.successor_id
            elif event.provider_fixture_id:
                self._tell((event.provider, event.provider_fixture_id), event.received_at, event.fixture_id)
        elif isinstance(event, Participant):
            self.players.tell(event)
        elif isinstance(event, IdentityReview):
            if _is_player(event.provider_fixture_id):
                self.players.ask(event)
            elif kind_of(event.candidate_id or "") == "fixture":
                self._reviews[event.provider, event.provider_fixture_id] = event
        elif kind_of(event.fixture_id) == "player":
            self.players.take(event)
        else:
            self._take(event)

    def open_reviews(self) -> list[IdentityReview]:
        """Return the reviews that nobody has decided, the likest first."""
        left = [review for link, review in self._reviews.items() if not self._is_decided(link, review)]
        left += self.players.open_reviews()
        return sorted(left, key=lambda each: (-each.score, each.provider, each.provider_fixture_id))

    def context(self, review: IdentityReview) -> tuple[str, str]:
        """Return the id that a reviewed one has by itself, and what else tells it: its sport and its time, or team."""
        if _is_player(review.provider_fixture_id):
            own, team = self.players.context(review)
            return own, f"{review.sport}, {team}" if team else review.sport
        own = self._own((review.provider, review.provider_fixture_id), review)
        return own, f"{review.sport}, {day_of(review.kick_off_at)}"

    def review(self, link: Link) -> IdentityReview:
        """Return a provider's open review.

        Raises:
            UnknownReference: there is none.
        """
        review = self._reviews.get(link)
        if review is None or self._is_decided(link, review):
            raise UnknownReference(f"no open review of {link[0]}:{link[1]}: `bookstream identity review` lists them")
        return review

    def fixture(self, fixture_id: str) -> Fixture:
        """Return a fixture that goes on.

        Raises:
            UnknownReference: nobody has told of it, or it was merged into another.
        """
        known = self.fixtures.get(fixture_id)
        if known is None:
            raise UnknownReference(f"nobody has told of fixture {fixture_id}")
        if fixture_id in self._retired:
            raise UnknownReference(f"{fixture_id} was merged into {self._retired[fixture_id]}")
        return known

    def merge(
        self, kept: str, retired: str, word: Word, *, turned: bool | None, link: Link | None = None
    ) -> IdentityDecision:
        """Decide that two fixtures, or two players, are one.

        Whether a fixture's sides are turned is told by their names where it is not said.

        Raises:
            UnknownReference: one of them is not known.
            ContractViolation: one is a fixture and one a player, or players' sides are to be turned.
        """
        if kind_of(kept) != kind_of(retired):
            raise ContractViolation(f"{kept} is a {kind_of(kept)}, {retired} a {kind_of(retired)}: they are never one")
        if kind_of(kept) == "player":
            if turned is not None:
                raise ContractViolation("players have no home and away to turn")
            return self.players.merge(kept, retired, word)
        stays, goes = self.fixture(kept), self.fixture(retired)
        if turned is None:
            turned = bool(goes.home_id) and (goes.home_id == stays.away_id or goes.away_id == stays.home_id)
        return _decision("MERGE", stays, word, fixture_id=kept, retired_id=retired, link=link, turned=turned)

    def accept(self, link: Link, word: Word) -> IdentityDecision:
        """Decide that a reviewed match is one.

        Raises:
            UnknownReference: there is no such review, or one of its fixtures is not known.
        """
        if _is_player(link[1]):
            return self.players.accept(link, word)
        review = self.review(link)
        candidate, own = self._onward(review.candidate_id or ""), self._own(link, review)
        return self.merge(candidate, own, word, turned=True if review.reason == SWAPPED else None, link=link)

    def reject(self, link: Link, word: Word) -> IdentityDecision:
        """Decide that a reviewed match is none.

        Raises:
            UnknownReference: there is no such review, or its candidate is not known.
        """
        if _is_player(link[1]):
            return self.players.reject(link, word)
        review = self.review(link)
        known = self.fixture(self._onward(review.candidate_id or self._own(link, review)))
        return _decision("REJECT", known, word, fixture_id=known.fixture_id, retired_id=None, link=link)

    def split(self, link: Link, word: Word, *, left: str | None = None) -> IdentityDecision:
        """Decide that what a provider calls so is a fixture of its own; `left` is what it was taken for.

        Raises:
            UnknownReference: nobody knows what it was taken for.
        """
        if _is_player(link[1]):
            return self.players.split(link, word, left=left)
        left = left or self._links.get(link, (0, ""))[1]
        if not left:
            raise UnknownReference(f"nobody has told of {link[0]}:{link[1]}")
        known = self.fixture(self._onward(left))
        new = split_id(known.sport, *link, word.event_id)
        return _decision("SPLIT", known, word, fixture_id=new, retired_id=known.fixture_id, link=link)

    def _take(self, decision: IdentityDecision) -> None:
        if decision.action == "MERGE" and decision.retired_id:
            self._retired[decision.retired_id] = decision.fixture_id
        if decision.subject_provider and decision.subject_fixture_id:
            link = (decision.subject_provider, decision.subject_fixture_id)
            self._decided[link] = decision
            if decision.action != "REJECT":
                self._tell(link, decision.received_at, decision.fixture_id)

    def _tell(self, link: Link, at: int, fixture: str) -> None:
        """Note what a provider's fixture is by the newest word; topics are not read in the order of time."""
        if at >= self._links.get(link, (0, ""))[0]:
            self._links[link] = (at, fixture)

    def _own(self, link: Link, review: IdentityReview) -> str:
        """Return the fixture that a reviewed claim was kept apart as."""
        return self._links[link][1] if link in self._links else provider_fixture_id(review.sport, *link)

    def _onward(self, fixture: str) -> str:
        """Return what a fixture was merged into, at last; itself where it was not."""
        seen = {fixture}
        while (onward := self._retired.get(fixture)) is not None and onward not in seen:
            fixture = onward
            seen.add(fixture)
        return fixture

    def _is_decided(self, link: Link, review: IdentityReview) -> bool:
        """Say whether a review was answered, or its fixture merged without one."""
        own = provider_fixture_id(review.sport, *link)
        return own in self._retired or link in self._decided


def _is_player(theirs: str) -> bool:
    """Say whether what a provider calls so is a player, not a fixture."""
    return theirs.startswith(PLAYER_REFERENCE)


def _decision(
    action: IdentityAction, known: Fixture, word: Word, *, fixture_id: str, retired_id: str | None, link: Link | None,
    turned: bool = False,
) -> IdentityDecision:  # fmt: skip
    provider, theirs = link or (None, None)
    return IdentityDecision(
        event_id=word.event_id, occurred_at=word.at, received_at=word.at, provider="cli", action=action,
        fixture_id=fixture_id, retired_id=retired_id, subject_provider=provider, subject_fixture_id=theirs,
        turned=turned, sport=known.sport, competition_id=known.competition_id, competition=known.competition,
        name=known.name, home_id=known.home_id, away_id=known.away_id, home=known.home, away=known.away,
        kick_off_at=known.kick_off_at, actor=word.actor, reason=word.reason,
    )  # fmt: skip
