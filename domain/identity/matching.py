"""Which known fixture a claim is: names first, then the time, then the competition. A wrong match is worse than none.

A team plays one match at a time, and a pair seldom meets twice within days at one place. So where the names of both
sides are sure, a time that is wrong by hours or hidden does not keep two tellings apart, unless the same pair has more
than one fixture; and where one side is certain and the time the same, less is asked of the other side's name.
"""

from typing import Final, Literal, NamedTuple

import msgspec

from domain.identity.catalogue import Catalogue
from domain.identity.claims import Doubt, FixtureClaim, KnownFixture, Side
from domain.identity.directory import HOUR_US, FixtureDirectory
from domain.identity.ids import DAY_US, betradar_id
from domain.identity.names import PLAYERS_SPORTS, Name, normalise
from domain.identity.similarity import POSSIBLE, SURE, person_similarity, similarity

SAME_US: Final = 3 * HOUR_US
"""Providers state one kick-off at most this far apart when both state it right."""
NEAR_US: Final = 36 * HOUR_US
"""The same pair within this time is one match, told with a wrong time or put off."""
FARTHEST_US: Final = 3 * DAY_US
"""No two tellings of one match are farther apart, be it two days of which only the day is told."""
NEAR_IN_SERIES_US: Final = 12 * HOUR_US
"""The same in sports where a pair plays on days that follow each other: then it is a doubt."""
SERIES_SPORTS: Final = frozenset(["baseball", "basketball", "ice_hockey", "cricket"])
CERTAIN: Final = 0.95
"""A side whose name is this alike is evidence for the other side."""
TIME_WEIGHT: Final = 0.97
COMPETITION_WEIGHT: Final = 0.9

When = Literal["SAME", "NEAR", "HIDDEN"]
Which = Literal["home", "away"]
Order = tuple[Which, Which]
_ORDERS: Final[tuple[Order, Order]] = (("home", "away"), ("away", "home"))


class Match(msgspec.Struct, frozen=True):
    """A fixture that a claim is, how sure that is, and whether the provider tells its sides the other way round."""

    fixture: KnownFixture
    score: float
    swapped: bool = False


class _Asked(NamedTuple):
    """What is asked, and of what."""

    directory: FixtureDirectory
    catalogue: Catalogue
    claim: FixtureClaim
    sides: tuple[Side, Side]
    names: tuple[tuple[Name, ...], tuple[Name, ...]]


def match(
    directory: FixtureDirectory, catalogue: Catalogue, claim: FixtureClaim, sides: tuple[Side, Side]
) -> Match | Doubt | None:
    """Find the fixture that a claim is: a Match when exactly one is sure, a Doubt when one may be, else None."""
    if claim.listing != "MATCH":
        return None
    asked = _asked(directory, catalogue, claim, sides)
    found: list[Match] = []
    doubts: list[Doubt] = []
    for candidate in candidates(directory, claim, sides):
        scored = _judge(asked, candidate)
        if isinstance(scored, Doubt):
            doubts.append(scored)
        elif scored is not None:
            found.append(scored)
    if len(found) > 1:
        found = _nearest(claim, found)
    if len(found) > 1:
        found = _undoubted(directory, found)
    if len(found) == 1:
        return found[0]
    if found:
        best = max(found, key=lambda each: each.score)
        return doubt(best.fixture, best.score, "more than one fixture is like this one")
    return max(doubts, key=lambda each: each.score, default=None)


def is_turned(
    directory: FixtureDirectory,
    catalogue: Catalogue,
    claim: FixtureClaim,
    sides: tuple[Side, Side],
    known: KnownFixture,
) -> bool:
    """Say whether a claim names the sides of the fixture that it is known to be the other way round."""
    if known.home_id is None or (sides[0].id, sides[1].id) == (known.home_id, known.away_id):
        return False
    asked = _asked(directory, catalogue, claim, sides)
    straight, crossed = (min(_pair(asked, known, order)) for order in _ORDERS)
    return crossed >= SURE and crossed > straight


def candidates(directory: FixtureDirectory, claim: FixtureClaim, sides: tuple[Side, Side]) -> list[KnownFixture]:
    """Return the fixtures near in time that share a participant with a claim, or the beginnings of both names."""
    home, away = sides
    within = None if claim.time_is == "UNKNOWN" else FARTHEST_US
    alike = directory.alike(
        claim.sport, (_words_of(claim, home), _words_of(claim, away)), (home.id, away.id), claim.kick_off_at, within
    )
    numbered = (each for each in directory.of_betradar(_betradar(claim)) if each.sport == claim.sport)
    both = {each.fixture_id: each for each in (*alike, *numbered)}
    return [candidate for candidate in both.values() if candidate.home_id and candidate.away_id]


def doubt(candidate: KnownFixture, score: float, reason: str) -> Doubt:
    """Doubt whether a claim is this fixture."""
    return Doubt(candidate_id=candidate.fixture_id, candidate_name=candidate.name, score=round(score, 4), reason=reason)


def _asked(directory: FixtureDirectory, catalogue: Catalogue, claim: FixtureClaim, sides: tuple[Side, Side]) -> _Asked:
    home, away = (_names(claim.sport, claim.competition, (side.name, side.called)) for side in sides)
    return _Asked(directory, catalogue, claim, sides, (home, away))


def _betradar(claim: FixtureClaim) -> str | None:
    return claim.betradar_id or betradar_id(claim.provider_fixture_id)


def _words_of(claim: FixtureClaim, side: Side) -> tuple[str, ...]:
    words = normalise(claim.sport, side.name).words
    return words + normalise(claim.sport, side.called).words if side.called else words


def _when(claim: FixtureClaim, candidate: KnownFixture) -> When | None:
    """Compare the times: SAME, NEAR, HIDDEN where one is, None when they are too far apart for one match."""
    if "UNKNOWN" in {claim.time_is, candidate.time_is}:
        return "HIDDEN"
    apart = abs(claim.kick_off_at - candidate.kick_off_at)
    if "DAY" in {claim.time_is, candidate.time_is}:
        days = abs(claim.kick_off_at // DAY_US - candidate.kick_off_at // DAY_US)
        return "SAME" if days == 0 else "NEAR" if days * DAY_US <= NEAR_US + DAY_US / 2 else None
    if apart <= SAME_US:
        return "SAME"
    near = NEAR_IN_SERIES_US if claim.sport in SERIES_SPORTS else NEAR_US
    return "NEAR" if apart <= near else None


def _judge(asked: _Asked, candidate: KnownFixture) -> Match | Doubt | None:
    """Compare with a candidate; what the provider itself tells apart is not one."""
    claim = asked.claim
    when = _when(claim, candidate)
    ours, theirs = _betradar(claim), asked.directory.betradar(candidate.fixture_id)
    if ours is not None and ours == theirs:
        scored = _compare_numbered(asked, candidate, when)
    else:
        scored = _compare(asked, candidate, when) if when is not None else None
        if None not in {ours, theirs} and isinstance(scored, Match):
            scored = doubt(candidate, scored.score, "Betradar has another id for it") if when == "SAME" else None
    if not isinstance(scored, Match) or asked.directory.called(candidate.fixture_id, claim.provider) is None:
        return scored
    # This provider has told of it under another id: a second listing, or a second match of the pair.
    if when == "SAME" or (when == "NEAR" and claim.sport not in PLAYERS_SPORTS):
        return doubt(candidate, scored.score, "the provider has another fixture like this one")
    return None


def _compare(asked: _Asked, candidate: KnownFixture, when: When) -> Match | Doubt | None:
    """Score a candidate: a Match when it is the same fixture, a Doubt when it may be, else None."""
    straight = _pair(asked, candidate, _ORDERS[0])
    crossed = _pair(asked, candidate, _ORDERS[1]) if min(straight) < SURE else (0.0, 0.0)
    swapped = min(crossed) > min(straight)
    low, high = sorted(crossed if swapped else straight)
    is_sure, may_be_told = low >= SURE, high >= CERTAIN and low >= POSSIBLE
    same_place = _competition(asked, candidate) if is_sure or may_be_told else None
    # A side that is not sure by its name is, by its opponent: at the same time, or in the same competition.
    if not (is_sure or (may_be_told and (when == "SAME" or same_place is True))):
        is_exact = when == "SAME" and {asked.claim.time_is, candidate.time_is} == {"EXACT"}
        return _lesser_doubt(candidate, low, max(*straight, *crossed)) if is_exact else None
    score = low * (1.0 if when == "SAME" else TIME_WEIGHT) * (COMPETITION_WEIGHT if same_place is False else 1.0)
    if swapped and asked.claim.sport not in PLAYERS_SPORTS:
        return doubt(candidate, score, "home and away are swapped") if is_sure else None
    if same_place is False and (when != "SAME" or not is_sure):
        return doubt(candidate, score, "the competitions are not the same")
    if when != "SAME" and asked.claim.sport in SERIES_SPORTS:
        return doubt(candidate, score, "the kick-offs are hours apart")
    return Match(candidate, score, swapped)


def _compare_numbered(asked: _Asked, candidate: KnownFixture, when: When | None) -> Match | Doubt | None:
    """Score a candidate that has Betradar's id of the claim: its names need only not contradict; the time may.

    One side's may, where the other is certain and the time the same.
    """
    straight, crossed = (_pair(asked, candidate, order) for order in _ORDERS)
    swapped = min(crossed) > min(straight)
    low, high = sorted(crossed if swapped else straight)
    order = _ORDERS[1] if swapped else _ORDERS[0]
    are_two = any(_are_two(asked, side, candidate, which) for side, which in enumerate(order))
    if are_two or (low < POSSIBLE and not (high >= CERTAIN and when == "SAME")):
        return doubt(candidate, low, "Betradar's id is the same, the names are not")
    if swapped and asked.claim.sport not in PLAYERS_SPORTS:
        return doubt(candidate, low, "home and away are swapped")
    return Match(candidate, max(low, SURE), swapped)


def _lesser_doubt(candidate: KnownFixture, low: float, high: float) -> Doubt | None:
    if low >= POSSIBLE:
        return doubt(candidate, low, "the names are alike, but not enough")
    if high == 1.0:
        return doubt(candidate, low, "one team in two fixtures at once")
    return None


def _pair(asked: _Asked, candidate: KnownFixture, order: Order) -> tuple[float, float]:
    """Score both sides; where one is certain, the other is compared by every name in use for it."""
    one, other = (_alike(asked, side, candidate, which) for side, which in enumerate(order))
    if one >= CERTAIN and other < SURE:
        other = max(other, _alike_by_any_name(asked, 1, candidate, order[1]))
    elif other >= CERTAIN and one < SURE:
        one = max(one, _alike_by_any_name(asked, 0, candidate, order[0]))
    return one, other


def _alike(asked: _Asked, side: int, candidate: KnownFixture, which: Which) -> float:
    other_id, other = _side_of(candidate, which)
    if asked.sides[side].id == other_id:
        return 1.0
    if asked.catalogue.are_two(asked.sides[side].id, other_id):
        return 0.0
    score = _best(candidate.sport, asked.names[side], _names(candidate.sport, candidate.competition, (other,)))
    # Most are told apart by their likeness, which is cheaper to know than what the catalogue says of both names.
    return 0.0 if score >= POSSIBLE and _are_two(asked, side, candidate, which) else score


def _alike_by_any_name(asked: _Asked, side: int, candidate: KnownFixture, which: Which) -> float:
    claim, ours, (other_id, other) = asked.claim, asked.sides[side], _side_of(candidate, which)
    if _are_two(asked, side, candidate, which):
        return 0.0
    theirs = (other, *asked.directory.names_of(other_id))
    return _best(
        claim.sport,
        _names(claim.sport, claim.competition, (ours.name, ours.called, *ours.aliases)),
        _names(claim.sport, candidate.competition, theirs),
    )


def _are_two(asked: _Asked, side: int, candidate: KnownFixture, which: Which) -> bool:
    """Say whether a side is known to be another club than the candidate's: "Dundee" is no short "Dundee United"."""
    ours, (other_id, other) = asked.sides[side].id, _side_of(candidate, which)
    if ours == other_id:
        return False
    if asked.catalogue.are_two(ours, other_id):
        return True
    (theirs,) = _names(candidate.sport, candidate.competition, (other,))
    return any(asked.catalogue.name_two(candidate.sport, name, theirs) for name in asked.names[side])


def _side_of(candidate: KnownFixture, which: Which) -> tuple[str, str]:
    found = (candidate.home_id, candidate.home) if which == "home" else (candidate.away_id, candidate.away)
    return found[0] or "", found[1] or ""


def _names(sport: str, competition: str, texts: tuple[str, ...]) -> tuple[Name, ...]:
    if len(texts) == 1:
        return (normalise(sport, texts[0], competition),)
    return tuple(dict.fromkeys(normalise(sport, text, competition) for text in texts if text))


def _best(sport: str, ours: tuple[Name, ...], theirs: tuple[Name, ...]) -> float:
    score = person_similarity if sport in PLAYERS_SPORTS else similarity
    return min(max((score(one, other) for one in ours for other in theirs), default=0.0), 0.99)


def _competition(asked: _Asked, candidate: KnownFixture) -> bool | None:
    """Say whether both tell the same competition; None when that cannot be known from their names."""
    claim, catalogue = asked.claim, asked.catalogue
    if not claim.competition or not candidate.competition:
        return None
    ours = catalogue.competition(claim.sport, claim.competition)
    if ours.id == candidate.competition_id:
        return True
    theirs = catalogue.competition(claim.sport, candidate.competition)
    known = catalogue.knows_competition(ours.id) and catalogue.knows_competition(theirs.id)
    return False if known else None


def _undoubted(directory: FixtureDirectory, found: list[Match]) -> list[Match]:
    """Of several that are sure by name, leave out those that are themselves in doubt: no reason to doubt the other."""
    if any(each.score < SURE * TIME_WEIGHT for each in found):
        return found
    return [each for each in found if not directory.is_doubted(each.fixture.fixture_id)] or found


def _nearest(claim: FixtureClaim, found: list[Match]) -> list[Match]:
    """Of several, keep the one that is much nearer in time than the others: a pair that meets again."""
    if claim.time_is == "UNKNOWN" or any(each.fixture.time_is == "UNKNOWN" for each in found):
        return found
    first, second, *_ = sorted(found, key=lambda each: abs(each.fixture.kick_off_at - claim.kick_off_at))
    near, far = (abs(each.fixture.kick_off_at - claim.kick_off_at) for each in (first, second))
    return [first] if near <= SAME_US and far - near >= DAY_US // 2 else found
