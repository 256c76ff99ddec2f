"""The fixtures that are known now, found by provider's id, participant, day and name; bounded in time and number."""

from collections.abc import Iterable, Set
from typing import Final, TypeVar

from domain.events.canonical import Fixture, FixtureStatus, Participant
from domain.identity import names
from domain.identity.claims import KnownFixture, completed
from domain.identity.ids import DAY_US, betradar_id
from domain.identity.players import Player, Squads

HOUR_US: Final = 3_600_000_000
KEEP_US: Final = 7 * DAY_US
MOST_FIXTURES: Final = 100_000
MOST_REFERENCES: Final = 200_000
MOST_NAMES: Final = 16
"""Names kept of one participant."""
DOUBTED: Final = 0.5
"""The confidence of a fixture that was kept apart in doubt."""
BEGINNING: Final = 3
HOME: Final = 0
AWAY: Final = 1
COMMON: Final = 50
"""A beginning that more fixtures of a day have says little."""
TEAM_SPORT: Final = "soccer"
"""The sport whose teams' players are told."""
NO_DAY: Final = -1
"""Where fixtures are kept whose time nobody has told."""
_NONE: Final[frozenset[str]] = frozenset()

PROGRESS: Final[dict[FixtureStatus, int]] = {"SCHEDULED": 0, "IN_PLAY": 1, "FINISHED": 2, "CANCELLED": 2}
"""How far each status is; nothing leads back."""

Key = TypeVar("Key")
Link = tuple[str, str]
Beginning = tuple[int, str]
"""Which side, and what a word of its name begins with."""


class FixtureDirectory:
    """An index of fixtures, fed from the `fixtures` and `participants` topics and from what is resolved here.

    A fixture leaves it a week after its kick-off, or when more than `most` are known: the earliest first. One thread
    at a time.
    """

    def __init__(self, most: int = MOST_FIXTURES) -> None:
        self._most = most
        self._fixtures: dict[str, KnownFixture] = {}
        self._by_link: dict[Link, str] = {}
        self._links: dict[str, dict[str, str]] = {}
        self._reached: dict[str, FixtureStatus] = {}
        self._days: dict[str, dict[int, dict[Beginning, set[str]]]] = {}
        self._of_participant: dict[str, set[str]] = {}
        self._names: dict[str, dict[str, None]] = {}
        self._doubted: set[str] = set()
        self._turned: dict[str, set[str]] = {}
        self._betradar: dict[str, str] = {}
        self._of_betradar: dict[str, set[str]] = {}
        self._references: dict[Link, tuple[str, str]] = {}
        self.squads = Squads(TEAM_SPORT)

    def __len__(self) -> int:
        return len(self._fixtures)

    def feed(self, event: Fixture | Participant) -> None:
        """Take in what a worker published, this one too; an older record takes no name away. Idempotent."""
        if isinstance(event, Participant) and event.team_id is not None:
            reference = event.provider_participant_id
            player = Player(event.successor_id or event.participant_id, (event.name, *event.aliases))
            self.squads.know(player, event.team_id, (event.provider, reference) if reference else None)
            if event.successor_id is not None:
                self.squads.drop(event.team_id, event.participant_id)
            return
        if isinstance(event, Participant):
            if event.provider_participant_id:
                link = (event.provider, event.provider_participant_id)
                self.refer(link, event.participant_id, event.name)
            self.name(event.participant_id, event.name, *event.aliases)
            return
        if event.successor_id is not None:
            self.retire(event.fixture_id)
            return
        fixture = KnownFixture(
            fixture_id=event.fixture_id,
            sport=event.sport,
            kick_off_at=event.kick_off_at,
            name=event.name,
            competition_id=event.competition_id,
            competition=event.competition,
            home_id=event.home_id,
            away_id=event.away_id,
            home=event.home,
            away=event.away,
        )
        known = self._fixtures.get(event.fixture_id)
        self.add(completed(fixture, known) if known else fixture, event.provider, event.provider_fixture_id)
        self.reach(event.fixture_id, event.status)
        if event.betradar_id is not None:
            self.number(event.fixture_id, event.betradar_id)
        if event.confidence <= DOUBTED:
            self.doubt(event.fixture_id)

    def add(self, fixture: KnownFixture, provider: str, provider_fixture: str) -> None:
        """Know a fixture and that this provider calls it so; what was known of it before is replaced."""
        self._unlist(fixture.fixture_id)
        self._fixtures[fixture.fixture_id] = fixture
        self._by_link[provider, provider_fixture] = fixture.fixture_id
        self._links.setdefault(fixture.fixture_id, {})[provider] = provider_fixture
        self._list(fixture)
        if betradar := betradar_id(provider_fixture):
            self.number(fixture.fixture_id, betradar)
        if len(self._fixtures) > self._most:
            earliest = sorted(self._fixtures.values(), key=lambda known: known.kick_off_at)
            for known in earliest[: max(1, self._most // 10)]:
                self._drop(known.fixture_id)

    def retire(self, fixture: str) -> None:
        """Forget a fixture that was merged into another, so that nothing is found to be it. Idempotent."""
        if fixture in self._fixtures:
            self._drop(fixture)

    def refer(self, link: Link, participant: str, name: str) -> None:
        """Know which participant a provider's own id means."""
        self._references[link] = (participant, name)
        if len(self._references) > MOST_REFERENCES:
            del self._references[next(iter(self._references))]

    def name(self, participant: str, *texts: str) -> None:
        """Know names of a participant; the first ones stay when there are too many."""
        known = self._names.setdefault(participant, {})
        for text in texts:
            if text and len(known) < MOST_NAMES:
                known[text] = None
        if len(self._names) > MOST_REFERENCES:
            del self._names[next(iter(self._names))]

    def forget(self, now: int) -> int:
        """Drop what kicked off more than a week before `now` and return how many."""
        old = [known.fixture_id for known in self._fixtures.values() if known.kick_off_at < now - KEEP_US]
        for fixture in old:
            self._drop(fixture)
        return len(old)

    def reach(self, fixture: str, status: FixtureStatus) -> FixtureStatus:
        """Note how far a fixture has come by anyone's word, and return how far that is; it never goes back."""
        before = self._reached.get(fixture, "SCHEDULED")
        if PROGRESS[status] > PROGRESS[before]:
            before = self._reached[fixture] = status
        return before

    def doubt(self, fixture: str) -> None:
        """Note that a fixture may be another one: it was kept apart, and a person is asked."""
        self._doubted.add(fixture)

    def is_doubted(self, fixture: str) -> bool:
        """Say whether a fixture may be another one."""
        return fixture in self._doubted

    def turn(self, provider: str, fixture: str, *, is_turned: bool) -> None:
        """Note whether a provider names the sides of a fixture the other way round."""
        known = self._turned.setdefault(provider, set())
        if is_turned:
            known.add(fixture)
        else:
            known.discard(fixture)

    def turned(self, provider: str) -> Set[str]:
        """Return the fixtures whose sides a provider names the other way round, now and as they change."""
        return self._turned.setdefault(provider, set())

    def number(self, fixture: str, betradar: str) -> None:
        """Note what Betradar calls a fixture, by the first who says so."""
        if self._betradar.setdefault(fixture, betradar) == betradar:
            self._of_betradar.setdefault(betradar, set()).add(fixture)

    def betradar(self, fixture: str) -> str | None:
        """Return what Betradar calls a fixture, where anyone has said so."""
        return self._betradar.get(fixture)

    def of_betradar(self, betradar: str | None) -> list[KnownFixture]:
        """Return the fixtures that Betradar calls so, by anyone's word."""
        found = sorted(self._of_betradar.get(betradar, _NONE)) if betradar else ()
        return [self._fixtures[fixture] for fixture in found]

    def get(self, fixture: str) -> KnownFixture | None:
        """Return a fixture by its canonical id."""
        return self._fixtures.get(fixture)

    def linked(self, provider: str, provider_fixture: str) -> KnownFixture | None:
        """Return the fixture that this provider's id was resolved to."""
        fixture = self._by_link.get((provider, provider_fixture))
        return self._fixtures.get(fixture) if fixture else None

    def called(self, fixture: str, provider: str) -> str | None:
        """Return this provider's id of a fixture, if it has told of it."""
        return self._links.get(fixture, {}).get(provider)

    def participant(self, provider: str, reference: str | None) -> tuple[str, str] | None:
        """Return (participant_id, name) of a provider's own id, if a named feed of it was ever seen."""
        return self._references.get((provider, reference)) if reference else None

    def names_of(self, participant: str) -> tuple[str, ...]:
        """Return the names that providers use for a participant."""
        return tuple(self._names.get(participant, ()))

    def alike(
        self,
        sport: str,
        words: tuple[tuple[str, ...], tuple[str, ...]],
        participants: tuple[str, str],
        kick_off_at: int,
        within_us: int | None,
    ) -> list[KnownFixture]:
        """Return the fixtures of a sport that have one of the participants, or begin words of both sides alike.

        Only those that kick off within `within_us`, or whose time nobody knows; None for any time.
        """
        days: Iterable[int] = self._days.get(sport, {})
        if within_us is not None:
            days = range((kick_off_at - within_us) // DAY_US, (kick_off_at + within_us) // DAY_US + 1)
        found: set[str] = set()
        for participant in participants:
            found |= self._of_participant.get(participant, _NONE)
        for day in (*days, NO_DAY):
            index = self._days.get(sport, {}).get(day)
            if index is not None:
                home, away = words
                found |= _hits(index, HOME, home) & _hits(index, AWAY, away)
                found |= _hits(index, HOME, away) & _hits(index, AWAY, home)
        near = (self._fixtures[fixture] for fixture in sorted(found))
        return [
            known
            for known in near
            if within_us is None or known.time_is == "UNKNOWN" or abs(known.kick_off_at - kick_off_at) <= within_us
        ]

    def _list(self, fixture: KnownFixture) -> None:
        index = self._days.setdefault(fixture.sport, {}).setdefault(_day(fixture), {})
        for beginning in _beginnings_of(fixture):
            index.setdefault(beginning, set()).add(fixture.fixture_id)
        for participant in (fixture.home_id, fixture.away_id):
            if participant:
                self._of_participant.setdefault(participant, set()).add(fixture.fixture_id)

    def _unlist(self, fixture: str) -> None:
        known = self._fixtures.get(fixture)
        if known is None:
            return
        days = self._days[known.sport]
        index = days[_day(known)]
        for beginning in _beginnings_of(known):
            _discard(index, beginning, fixture)
        if not index:
            del days[_day(known)]
        for participant in (known.home_id, known.away_id):
            if participant:
                _discard(self._of_participant, participant, fixture)

    def _drop(self, fixture: str) -> None:
        self._unlist(fixture)
        del self._fixtures[fixture]
        self._reached.pop(fixture, None)
        self._doubted.discard(fixture)
        if fixture in self._betradar:
            _discard(self._of_betradar, self._betradar.pop(fixture), fixture)
        for link in self._links.pop(fixture, {}).items():
            self._by_link.pop(link, None)
            self._turned.get(link[0], set()).discard(fixture)


def _beginnings_of(fixture: KnownFixture) -> set[Beginning]:
    """Return what the words of a fixture's names begin with: three letters, or the initial that a word is cut to."""
    return {
        (side, word[:BEGINNING])
        for side, text in ((HOME, fixture.home or ""), (AWAY, fixture.away or ""))
        for word in names.normalise(fixture.sport, text).words
    }


def _hits(index: dict[Beginning, set[str]], side: int, words: tuple[str, ...]) -> set[str]:
    """Return the fixtures that have a word beginning like one of these on a side.

    What many names of the day share ("City", "United") is looked at only when a name has no other word.
    """
    keys = {(side, word[:BEGINNING]) for word in words}
    each = sorted((index.get(key, _NONE) for key in keys), key=len)
    rare = [found for found in each if len(found) <= COMMON]
    return set().union(*(rare or each[:1]))


def _day(fixture: KnownFixture) -> int:
    return NO_DAY if fixture.time_is == "UNKNOWN" else fixture.kick_off_at // DAY_US


def _discard(index: dict[Key, set[str]], key: Key, fixture: str) -> None:
    index[key].discard(fixture)
    if not index[key]:
        del index[key]
