"""Link providers' fixtures to canonical ones, and tell of what becomes of them."""

from collections.abc import Iterable

import msgspec

from agents.ingest_speech import Speech
from bookstream import topics
from bookstream.delivery.api import Shard
from domain.events.canonical import Fixture, FixtureStatus, IdentityReview, Incident, IncidentKind, Participant
from domain.feeds.markets import GOAL_SPORTS
from domain.feeds.scores import changes_of, is_corrected
from domain.identity.catalogue import Catalogue
from domain.identity.claims import FixtureClaim, KnownFixture, Resolution, Side, completed
from domain.identity.directory import PROGRESS, FixtureDirectory
from domain.identity.resolver import resolve
from tables.ingest import LINKS, RULINGS, LinkState, look_later


class Fixtures:
    """The links of a process; each partition's are in its rows, and the directory knows all that were told of."""

    def __init__(self, directory: FixtureDirectory, catalogue: Catalogue) -> None:
        self.directory = directory
        self.catalogue = catalogue

    def learn(self, shard: Shard) -> None:
        """Take a partition's links into the directory."""
        for _, link in shard.scan(LINKS):
            self._recall(link)

    def link(self, shard: Shard, speech: Speech, claim: FixtureClaim) -> tuple[str, LinkState]:
        """Return the link of a claim and its key; what is new of the fixture is published. Sticky and idempotent."""
        key = f"{claim.provider}/{claim.provider_fixture_id}"
        link = shard.get(LINKS, key)
        if link is not None:
            claim = _filled(claim, link.claim)
            if link.claim == claim:
                return key, link
            self._recall(link)
        number = None if link is None else self.directory.betradar(link.fixture.fixture_id)
        resolution = resolve(self.directory, self.catalogue, claim)
        if link is None:
            link = LinkState(claim, resolution.fixture, resolution.confidence, swapped=resolution.swapped)
            self._obey(shard, key, link)
            shard.put(LINKS, key, link)
            look_later(shard, LINKS.name, key, speech.received_at)
            say_participants(speech, claim.sport, resolution.sides)
            _say_doubt(speech, claim, resolution)
            self._say_fixture(speech, link)
        else:
            known, link.claim, link.fixture = link.fixture, claim, resolution.fixture
            if resolution.sides:
                link.swapped = resolution.swapped
            if known != link.fixture or number != self.directory.betradar(link.fixture.fixture_id):
                self._say_fixture(speech, link)
        shard.put(LINKS, key, link)
        return key, link

    def move(self, shard: Shard, speech: Speech, key: str, fixture: KnownFixture, *, swapped: bool) -> None:
        """Link an id to another fixture, because a person decided so, and tell of that."""
        link = shard.get(LINKS, key)
        assert link is not None, f"{key} is to be moved, and was never linked"
        link.fixture, link.swapped = fixture, swapped
        self._know(link)
        shard.put(LINKS, key, link)
        self._say_fixture(speech, link)

    def _obey(self, shard: Shard, key: str, link: LinkState) -> None:
        """Let a new link go where a person's decision sends it: its own id, or the fixture that it was found to be."""
        ruling = shard.get(RULINGS, key)
        if ruling is not None:
            link.fixture, link.swapped = ruling.fixture, ruling.turned
        onward = shard.get(RULINGS, link.fixture.fixture_id)
        if onward is not None:
            link.fixture, link.swapped = onward.fixture, link.swapped != onward.turned
        if ruling is not None or onward is not None:
            self._know(link)

    def _know(self, link: LinkState) -> None:
        provider, theirs = link.claim.provider, link.claim.provider_fixture_id
        self.directory.add(link.fixture, provider, theirs)
        self.directory.turn(provider, link.fixture.fixture_id, is_turned=link.swapped)

    def advance(self, shard: Shard, speech: Speech, key: str, status: FixtureStatus, *, witnessed: bool) -> None:
        """Move a fixture's status on, never back; what was `witnessed`, not found so, is an incident too."""
        link = shard.get(LINKS, key)
        if link is None or PROGRESS[status] <= PROGRESS[link.status]:
            return
        link.status = status
        shard.put(LINKS, key, link)
        self._say_fixture(speech, link)
        if witnessed and status == "IN_PLAY":
            say_incident(speech, link.fixture, "KICK_OFF")
        elif witnessed and status == "FINISHED":
            say_incident(speech, link.fixture, "FULL_TIME", link.home_score, link.away_score)

    def _recall(self, link: LinkState) -> None:
        """Make the directory know a link; a row outranks what was heard, but what was heard may say more."""
        provider, theirs = link.claim.provider, link.claim.provider_fixture_id
        known = self.directory.linked(provider, theirs)
        if known is None or known.fixture_id != link.fixture.fixture_id:
            self.directory.add(link.fixture, provider, theirs)
        if link.claim.betradar_id:
            self.directory.number(link.fixture.fixture_id, link.claim.betradar_id)
        self.directory.turn(provider, link.fixture.fixture_id, is_turned=link.swapped)
        self.directory.reach(link.fixture.fixture_id, link.status)

    def _say_fixture(self, speech: Speech, link: LinkState) -> None:
        """Tell of a fixture what anyone knows of it: the topic keeps only its newest record."""
        fixture_id = link.fixture.fixture_id
        known = self.directory.get(fixture_id)
        told = link.fixture if known is None else completed(link.fixture, known)
        fixture = Fixture(
            **speech.head() | {"provider": link.claim.provider},
            **{name: value for name, value in msgspec.structs.asdict(told).items() if name != "time_is"},
            status=self.directory.reach(fixture_id, link.status),
            provider_fixture_id=link.claim.provider_fixture_id,
            confidence=link.confidence,
            betradar_id=self.directory.betradar(fixture_id),
        )
        speech.say(topics.FIXTURES, fixture_id, fixture)

    def unite(self, shard: Shard, speech: Speech, key: str, claim: FixtureClaim) -> KnownFixture | None:
        """Link another id to the fixture of a link, and return the fixture that it was linked to before, if another.

        The claim's link takes over what the fixture's link has been told: what was said once is not said again.
        """
        link, other_key = shard.get(LINKS, key), f"{claim.provider}/{claim.provider_fixture_id}"
        assert link is not None, f"something united with {key}, which was never linked"
        other = shard.get(LINKS, other_key)
        before = None if other is None else other.fixture
        if before is not None and before.fixture_id == link.fixture.fixture_id:
            return None
        self.directory.add(link.fixture, claim.provider, claim.provider_fixture_id)
        if other is None:
            _, other = self.link(shard, speech, claim)
        other.fixture, other.status, other.swapped = link.fixture, link.status, link.swapped
        other.home_score, other.away_score, other.figures = link.home_score, link.away_score, dict(link.figures)
        shard.put(LINKS, other_key, other)
        if before is not None:
            self._say_fixture(speech, other)
        self.directory.turn(claim.provider, link.fixture.fixture_id, is_turned=link.swapped)
        self.directory.add(link.fixture, link.claim.provider, link.claim.provider_fixture_id)
        return before

    def score(
        self, shard: Shard, speech: Speech, key: str, home: int, away: int, *, minute: int | None = None,
        scorer_id: str | None = None,
    ) -> None:  # fmt: skip
        """Tell of a score: goals one by one in sports that have them, else the score; late ones are told as such.

        A scorer is told where it is one goal that leads to the score. What is taken back is a correction:
        GOAL_CANCELLED, or SCORE_CORRECTED where goals are not told.
        """
        link = shard.get(LINKS, key)
        assert link is not None, f"a score for {key}, which was never linked"
        if (link.home_score, link.away_score) == (home, away):
            return
        if link.home_score is None or link.away_score is None:
            say_incident(speech, link.fixture, "SCORE", home, away)
        elif link.claim.sport not in GOAL_SPORTS:
            corrected = is_corrected(link.home_score, link.away_score, home, away)
            say_incident(speech, link.fixture, "SCORE_CORRECTED" if corrected else "SCORE", home, away)
        else:
            changes = changes_of(link.home_score, link.away_score, home, away)
            is_his = len(changes) == 1 and changes[0].kind == "GOAL"
            for change in changes:
                incident = Incident(
                    **speech.head(), fixture_id=link.fixture.fixture_id, kind=change.kind, side=change.side,
                    minute=minute, home_score=change.home, away_score=change.away,
                    participant_id=scorer_id if is_his else None, late=speech.late,
                )  # fmt: skip
                speech.say(topics.INCIDENTS, incident.fixture_id, incident)
        if not speech.late:
            link.home_score, link.away_score = home, away
            shard.put(LINKS, key, link)


def say_incident(
    speech: Speech, fixture: KnownFixture, kind: IncidentKind, home: int | None = None, away: int | None = None
) -> None:
    """Tell of an incident of a whole fixture."""
    incident = Incident(
        **speech.head(), fixture_id=fixture.fixture_id, kind=kind, home_score=home, away_score=away, late=speech.late
    )
    speech.say(topics.INCIDENTS, incident.fixture_id, incident)


def say_participants(speech: Speech, sport: str, sides: Iterable[Side]) -> None:
    """Tell of teams, players or runners."""
    for side in sides:
        also = () if side.called in {"", side.name} else (side.called,)
        participant = Participant(
            **speech.head(), participant_id=side.id, kind=side.kind, sport=sport, name=side.name,
            aliases=tuple(dict.fromkeys((*side.aliases, *also))), provider_participant_id=side.reference or "",
        )  # fmt: skip
        speech.say(topics.PARTICIPANTS, participant.participant_id, participant)


def _filled(claim: FixtureClaim, before: FixtureClaim) -> FixtureClaim:
    """Keep what a provider said before where it now leaves it out, as each of its markets may."""
    return msgspec.structs.replace(
        claim,
        name=claim.name or before.name,
        competition=claim.competition or before.competition,
        home=claim.home or before.home,
        away=claim.away or before.away,
        home_reference=claim.home_reference or before.home_reference,
        away_reference=claim.away_reference or before.away_reference,
        betradar_id=claim.betradar_id or before.betradar_id,
    )


def _say_doubt(speech: Speech, claim: FixtureClaim, resolution: Resolution) -> None:
    doubt = resolution.doubt
    if doubt is None:
        return
    review = IdentityReview(
        **speech.head(), sport=claim.sport, provider_fixture_id=claim.provider_fixture_id,
        provider_name=resolution.fixture.name, kick_off_at=claim.kick_off_at, candidate_id=doubt.candidate_id,
        candidate_name=doubt.candidate_name, score=doubt.score, reason=doubt.reason,
    )  # fmt: skip
    speech.say(topics.IDENTITY_REVIEWS, review.provider_fixture_id, review)
