"""BetsAPI's ids: whom an answer is about, which ids were merged, and the row of what was told of an event's offers."""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from typing import Final
from urllib.parse import parse_qs, urlsplit

import msgspec

from agents.ingest_fixtures import Fixtures
from agents.ingest_offers import event_state, withdraw
from agents.ingest_rules import check_time
from agents.ingest_rules_betsapi import check_merge
from agents.ingest_turn import Turn
from bookstream import topics
from bookstream.delivery.api import Shard
from connectors.betsapi.messages import SECOND, Merge
from domain.errors import RejectedInput
from domain.events.canonical import IdentityReview
from domain.identity.claims import FixtureClaim, KnownFixture
from domain.identity.ids import DAY_US
from tables.betsapi import BETSAPI_MERGES, BetsApiMerge
from tables.ingest import EVENTS, LINKS, EventState, look_later, within

PROVIDER: Final = "betsapi"
DEFAULT_SOURCE: Final = "bet365"
"""Whose odds a history tells where the request named no bookmaker, by the provider's documentation."""
MOST_MERGES: Final = 8
"""An id was merged into another so many times in a row at most; a longer chain is a circle."""
MERGE_KEPT_US: Final = 30 * DAY_US


@contextmanager
def speaking_as(fixtures: Fixtures, turn: Turn, provider: str) -> Iterator[None]:
    """Tell of fixtures as one who is handed on names their sides, not as the aggregator does."""
    own, turn.speech.turned = turn.speech.turned, fixtures.directory.turned(provider)
    try:
        yield
    finally:
        turn.speech.turned = own


def link_key(event_id: str) -> str:
    """Return the key of an event's link."""
    return f"{PROVIDER}/{event_id}"


def subject_of(turn: Turn) -> str:
    """Return the id of the event that an answer is about, which only its request names; else a name of the stream's."""
    asked = parse_qs(urlsplit(turn.raw.endpoint).query)
    event_id = asked.get("event_id", [""])[0]
    if event_id.isdecimal() and len(event_id) <= 64:
        return current(turn.shard, event_id)
    return "unnamed-" + blake2b(turn.stream_id.encode(), digest_size=8).hexdigest()


def source_of(turn: Turn) -> str:
    """Return the bookmaker whose odds were asked for."""
    return parse_qs(urlsplit(turn.raw.endpoint).query).get("source", [DEFAULT_SOURCE])[0].lower()[:64]


def current(shard: Shard, event_id: str) -> str:
    """Return the id that an id was merged into, if it was."""
    for _ in range(MOST_MERGES):
        merge = shard.get(BETSAPI_MERGES, event_id)
        if merge is None:
            break
        event_id = merge.to_id
    return event_id


def known_link(fixtures: Fixtures, turn: Turn, event_id: str) -> str | None:
    """Return the key of an event's link, made of what the process's directory knows where this partition has none."""
    key = link_key(event_id)
    if turn.shard.get(LINKS, key) is not None:
        return key
    known = fixtures.directory.linked(PROVIDER, event_id)
    if known is None:
        return None
    claim = FixtureClaim(
        provider=PROVIDER, provider_fixture_id=event_id, sport=known.sport, kick_off_at=known.kick_off_at,
        time_is=known.time_is, name=known.name, competition=known.competition, home=known.home, away=known.away,
    )  # fmt: skip
    return fixtures.link(turn.shard, turn.speech, claim)[0]


def named_link(fixtures: Fixtures, turn: Turn, claim: FixtureClaim) -> str:
    """Return the key of the link of an answer's subject; the claim, which names no sides, makes it where none is."""
    found = known_link(fixtures, turn, claim.provider_fixture_id)
    return found or fixtures.link(turn.shard, turn.speech, claim)[0]


def state_of(turn: Turn, name: str, fixture_id: str) -> EventState:
    """Return what was told of an event's offers; what was told of a fixture that it is no more is withdrawn."""
    state = event_state(turn, name, fixture_id)
    if state.fixture_id != fixture_id:
        withdraw(turn, state, (), in_play=True)
        state = EventState(fixture_id)
        turn.shard.put(EVENTS, within(turn.stream_id, name), state)
    return state


def take_merges(fixtures: Fixtures, turn: Turn, merges: tuple[Merge, ...], faults: list[str]) -> None:
    """Note which ids were merged, the oldest first: the fixture of the id that stays is that of both."""
    for merge in sorted(merges, key=lambda each: each.created_at):
        try:
            check_merge(merge)
            check_time(merge.created_at * SECOND, "the time of a merge")
        except RejectedInput as error:
            faults.append(str(error))
            continue
        known = turn.shard.get(BETSAPI_MERGES, merge.from_id)
        if known is None or known.to_id != merge.to_id:
            _merge(fixtures, turn, merge.from_id, merge.to_id)
            turn.shard.put(BETSAPI_MERGES, merge.from_id, BetsApiMerge(merge.to_id, turn.raw.received_at))
            if known is None:
                look_later(turn.shard, BETSAPI_MERGES.name, merge.from_id, turn.raw.received_at)


def _merge(fixtures: Fixtures, turn: Turn, from_id: str, to_id: str) -> None:
    """Let both ids link to one fixture: that of the id that stays, or, while it has none, that of the other."""
    old, new = known_link(fixtures, turn, from_id), known_link(fixtures, turn, to_id)
    old_link = turn.shard.get(LINKS, old) if old else None
    if old is None or old_link is None:
        return
    if new is None:
        fixtures.unite(turn.shard, turn.speech, old, msgspec.structs.replace(old_link.claim, provider_fixture_id=to_id))
        return
    before = fixtures.unite(turn.shard, turn.speech, new, old_link.claim)
    new_link = turn.shard.get(LINKS, new)
    if before is not None and new_link is not None:
        _ask(turn, from_id, before, new_link.fixture)


def _ask(turn: Turn, from_id: str, before: KnownFixture, now: KnownFixture) -> None:
    """Ask a person to merge a canonical fixture whose provider now says that it is another one."""
    review = IdentityReview(
        **turn.speech.head(), sport=before.sport, provider_fixture_id=from_id, provider_name=before.name,
        kick_off_at=before.kick_off_at, candidate_id=now.fixture_id, candidate_name=now.name, score=1.0,
        reason=f"the provider has merged {before.fixture_id} into this fixture",
    )  # fmt: skip
    turn.speech.say(topics.IDENTITY_REVIEWS, from_id, review)
