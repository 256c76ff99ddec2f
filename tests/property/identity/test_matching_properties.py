"""What holds for any two providers: which of their tellings are one match does not depend on who is first."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from domain.identity.catalogue import catalogue
from domain.identity.claims import FixtureClaim
from domain.identity.directory import HOUR_US, FixtureDirectory
from domain.identity.resolver import resolve

KICK_OFF = 1_493_557_500_000_000


def claim(provider: str, sides: tuple[str, str], **more: Any) -> FixtureClaim:
    fields: dict[str, Any] = {"provider_fixture_id": provider, "kick_off_at": KICK_OFF} | more
    return FixtureClaim(provider=provider, sport="soccer", home=sides[0], away=sides[1], **fields)


def linked(*claims: FixtureClaim) -> dict[tuple[str, str], str]:
    directory = FixtureDirectory()
    return {
        (each.provider, each.provider_fixture_id): resolve(directory, catalogue(), each).fixture.fixture_id
        for each in claims
    }


TEAMS = [
    "Arsenal", "Chelsea", "Man City", "Manchester United", "Slavia Sofia", "Beroe", "Club Brugge", "Cercle Brugge",
    "Inter", "Inter Miami", "Dundee", "Dundee United",
]  # fmt: skip
fixtures = st.lists(
    st.tuples(st.sampled_from(TEAMS), st.sampled_from(TEAMS), st.integers(0, 6)).filter(lambda it: it[0] != it[1]),
    min_size=1, max_size=8, unique=True,
)  # fmt: skip


@given(fixtures, st.randoms(use_true_random=False), st.integers(-2, 2))
def test_the_order_in_which_two_providers_tell_changes_no_link(matches: Any, order: Any, hours: int) -> None:
    """Each team plays one match a day at most; then which tellings are one match depends on nothing but them."""
    playing: set[tuple[str, int]] = set()
    claims: list[FixtureClaim] = []
    for number, (home, away, day) in enumerate(matches):
        near = {(team, day + near) for team in (home, away) for near in (-2, -1, 0, 1, 2)}
        if near & playing:
            continue
        playing |= {(home, day), (away, day)}
        at = KICK_OFF + day * 24 * HOUR_US
        claims += [
            claim("a", (home, away), provider_fixture_id=f"{number}", kick_off_at=at),
            claim("b", (home, away), provider_fixture_id=f"{number}", kick_off_at=at + hours * HOUR_US),
        ]
    order.shuffle(claims)
    links = linked(*claims)
    for (_, reference), fixture in links.items():
        assert {fixture} == {links["a", reference], links["b", reference]}
    assert len(set(links.values())) == len(claims) // 2


@given(
    st.sampled_from(TEAMS), st.sampled_from(TEAMS), st.sampled_from(TEAMS), st.sampled_from(TEAMS), st.integers(-40, 40)
)
def test_whether_two_tellings_are_one_match_does_not_depend_on_who_tells_first(
    home: str, away: str, other_home: str, other_away: str, hours: int
) -> None:
    one = claim("a", (home, away))
    other = claim("b", (other_home, other_away), kick_off_at=KICK_OFF + hours * HOUR_US)
    assert len(set(linked(one, other).values())) == len(set(linked(other, one).values()))
