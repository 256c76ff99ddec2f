"""The fixtures that are known now, found by provider's id, by pair and by hour; bounded in time and number."""

from typing import Final

from domain.events.canonical import Fixture, FixtureStatus, Participant
from domain.identity.claims import KnownFixture, completed
from domain.identity.ids import DAY_US

HOUR_US: Final = 3_600_000_000
KEEP_US: Final = 7 * DAY_US
MOST_FIXTURES: Final = 100_000
MOST_REFERENCES: Final = 200_000

PROGRESS: Final[dict[FixtureStatus, int]] = {"SCHEDULED": 0, "IN_PLAY": 1, "FINISHED": 2, "CANCELLED": 2}
"""How far each status is; nothing leads back."""

Link = tuple[str, str]


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
        self._near: dict[tuple[str, str], set[str]] = {}
        self._references: dict[Link, tuple[str, str]] = {}

    def __len__(self) -> int:
        return len(self._fixtures)

    def feed(self, event: Fixture | Participant) -> None:
        """Take in what a worker published, this one too; an older record takes no name away. Idempotent."""
        if isinstance(event, Participant):
            if event.provider_participant_id:
                link = (event.provider, event.provider_participant_id)
                self.refer(link, event.participant_id, event.name)
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

    def add(self, fixture: KnownFixture, provider: str, provider_fixture: str) -> None:
        """Know a fixture and that this provider calls it so; what was known of it before is replaced."""
        self._unlist(fixture.fixture_id)
        self._fixtures[fixture.fixture_id] = fixture
        self._by_link[provider, provider_fixture] = fixture.fixture_id
        self._links.setdefault(fixture.fixture_id, {})[provider] = provider_fixture
        for key in _places(fixture):
            self._near.setdefault(key, set()).add(fixture.fixture_id)
        if len(self._fixtures) > self._most:
            earliest = sorted(self._fixtures.values(), key=lambda known: known.kick_off_at)
            for known in earliest[: max(1, self._most // 10)]:
                self._drop(known.fixture_id)

    def refer(self, link: Link, participant: str, name: str) -> None:
        """Know which participant a provider's own id means."""
        self._references[link] = (participant, name)
        if len(self._references) > MOST_REFERENCES:
            del self._references[next(iter(self._references))]

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

    def of_pair(self, home_id: str, away_id: str) -> list[KnownFixture]:
        """Return the fixtures of these two, home and away as given."""
        return [self._fixtures[fixture] for fixture in sorted(self._near.get((home_id, away_id), ()))]

    def around(self, sport: str, kick_off_at: int, within_us: int) -> list[KnownFixture]:
        """Return the fixtures of a sport that kick off within `within_us` of a time."""
        first, last = (kick_off_at - within_us) // HOUR_US, (kick_off_at + within_us) // HOUR_US
        found = (
            self._fixtures[fixture]
            for hour in range(first, last + 1)
            for fixture in sorted(self._near.get((sport, str(hour)), ()))
        )
        return [known for known in found if abs(known.kick_off_at - kick_off_at) <= within_us]

    def _unlist(self, fixture: str) -> None:
        known = self._fixtures.get(fixture)
        if known is not None:
            for key in _places(known):
                self._near[key].discard(fixture)
                if not self._near[key]:
                    del self._near[key]

    def _drop(self, fixture: str) -> None:
        self._unlist(fixture)
        del self._fixtures[fixture]
        self._reached.pop(fixture, None)
        for link in self._links.pop(fixture, {}).items():
            self._by_link.pop(link, None)


def _places(fixture: KnownFixture) -> list[tuple[str, str]]:
    """Return where a fixture is looked for: by its sport and hour, and by its pair."""
    places = [(fixture.sport, str(fixture.kick_off_at // HOUR_US))]
    if fixture.home_id and fixture.away_id:
        places.append((fixture.home_id, fixture.away_id))
    return places
