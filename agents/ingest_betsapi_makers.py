"""Bookmakers' own feeds as BetsAPI hands them on: their matches, and what is offered on them."""

from collections.abc import Collection
from typing import Final

import msgspec

from agents.ingest_betsapi_ids import PROVIDER, current, known_link, speaking_as, state_of
from agents.ingest_coupon import Tally, offers_of
from agents.ingest_fixtures import Fixtures
from agents.ingest_offers import say_offers, withdraw_unlisted
from agents.ingest_rules import check_time
from agents.ingest_rules_bookmakers import check_match
from agents.ingest_turn import Turn
from connectors.betsapi.coupons import coupons_of
from connectors.betsapi.raws import Bet365, BookmakerEvents
from connectors.times import micros_of
from domain.errors import RejectedInput
from domain.feeds.betsapi_makers import WORDS
from domain.feeds.coupon import OfferedMatch
from domain.identity.claims import FixtureClaim
from domain.identity.ids import DAY_US
from ops.metrics import LEFT_OUT
from tables.ingest import EVENTS, LINKS, within

Kinds = Collection[tuple[str, str]]
MAIN: Final[Kinds] = frozenset([("MATCH_ODDS", "FT"), ("HANDICAP", "FT"), ("ASIAN_HANDICAP", "FT")])
"""The markets of which a list of matches shows one each: it says nothing of the others."""


def take_makers(fixtures: Fixtures, turn: Turn, answer: Bet365 | BookmakerEvents, tally: Tally) -> None:
    """Say what is new of bookmakers' offers.

    Raises:
        ContractViolation: odds or a line of the answer are no such.
    """
    for coupon in coupons_of(answer):
        for each in coupon.left_out:
            LEFT_OUT.labels(PROVIDER, each.reason).inc()
        event_id = answer.event_id if isinstance(answer, Bet365) else None
        is_list = isinstance(answer, Bet365) and event_id is None
        for match in coupon.matches:
            try:
                key = _link(fixtures, turn, coupon.bookmaker, match, event_id if len(coupon.matches) == 1 else None)
                if match.in_play:
                    fixtures.advance(turn.shard, turn.speech, key, "IN_PLAY", witnessed=False)
                with speaking_as(fixtures, turn, f"{PROVIDER}/{coupon.bookmaker}"):
                    _take_offers(turn, key, coupon.bookmaker, match, tally, listed=MAIN if is_list else None)
            except RejectedInput as error:
                tally.faults.append(str(error))
        if is_list:
            withdraw_unlisted(turn, [f"{coupon.bookmaker}/{match.id}" for match in coupon.matches])


def _link(fixtures: Fixtures, turn: Turn, bookmaker: str, match: OfferedMatch, event_id: str | None) -> str:
    """Link a bookmaker's match, and what BetsAPI calls it, where the answer says so, to the same fixture."""
    check_match(match)
    kick_off_at = turn.raw.occurred_at // DAY_US * DAY_US
    if match.starts:
        kick_off_at = check_time(micros_of(match.starts), "the kick-off")
    claim = FixtureClaim(
        provider=f"{PROVIDER}/{bookmaker}", provider_fixture_id=match.id, sport=match.sport,
        kick_off_at=kick_off_at, time_is="EXACT" if match.starts else "DAY", name=f"{match.home} v {match.away}",
        competition=match.competition, home=match.home, away=match.away, home_reference=match.home_reference,
        away_reference=match.away_reference,
    )  # fmt: skip
    event_id = None if event_id is None else current(turn.shard, event_id)
    theirs = None if event_id is None else known_link(fixtures, turn, event_id)
    if theirs is not None:
        fixtures.unite(turn.shard, turn.speech, theirs, claim)
    key, _ = fixtures.link(turn.shard, turn.speech, claim)
    if event_id is not None and theirs is None:
        same = msgspec.structs.replace(
            claim, provider=PROVIDER, provider_fixture_id=event_id, home_reference=None, away_reference=None
        )
        fixtures.unite(turn.shard, turn.speech, key, same)
    return key


def _take_offers(
    turn: Turn,
    key: str,
    bookmaker: str,
    match: OfferedMatch,
    tally: Tally,
    *,
    listed: Collection[tuple[str, str]] | None,
) -> None:
    link = turn.shard.get(LINKS, key)
    assert link is not None, f"{key} was linked"
    name = f"{bookmaker}/{match.id}"
    state = state_of(turn, name, link.fixture.fixture_id)
    offers = offers_of(turn, key, match, WORDS[bookmaker], tally)
    say_offers(turn, state, bookmaker, offers, in_play=match.in_play, listed=listed)
    turn.shard.put(EVENTS, within(turn.stream_id, name), state)
