"""Single bookmakers in canonical events: each one's coupon, through its own words, by the same rules."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from agents.ingest_coupon import Tally, offers_of, say_left_out
from agents.ingest_fixtures import Fixtures
from agents.ingest_offers import event_state, say_offers, withdraw_unlisted
from agents.ingest_rules import check_time
from agents.ingest_rules_bookmakers import check_match
from agents.ingest_turn import Turn
from connectors.altenar import messages as altenar_messages
from connectors.betcenter import messages as betcenter_messages
from connectors.bwin import messages as bwin_messages
from connectors.kambi import messages as kambi_messages
from connectors.pinnacle import messages as pinnacle_messages
from connectors.sbtech import messages as sbtech_messages
from connectors.times import micros_of
from domain.errors import ContractViolation, RejectedInput
from domain.feeds import altenar, betcenter, bwin, kambi, pinnacle, sbtech
from domain.feeds.coupon import Coupon, LeftOut, OfferedMatch, Vocabulary
from domain.feeds.dedupe import repeats_last
from domain.identity.claims import FixtureClaim
from ops.metrics import LEFT_OUT
from tables.ingest import ASIDES, EVENTS, LINKS, AsideState, within

BOOKMAKERS: Final[Mapping[str, tuple[Callable[[bytes], Coupon], Vocabulary]]] = {
    "altenar": (altenar_messages.parse, altenar.place),
    "betcenter": (betcenter_messages.parse, betcenter.place),
    "bwin": (bwin_messages.parse, bwin.place),
    "kambi": (kambi_messages.parse, kambi.place),
    "pinnacle": (pinnacle_messages.parse, pinnacle.place),
    "sbtech": (sbtech_messages.parse, sbtech.place),
}
"""Each provider's parser, and its words."""
MOST_FAULTS: Final = 10
"""Faults that a dead letter names."""


class Bookmaker:
    """Normalises one bookmaker's coupons; `take` is one answer of one stream, in order."""

    def __init__(self, provider: str, fixtures: Fixtures) -> None:
        self._provider = provider
        self._parse, self._place = BOOKMAKERS[provider]
        self._fixtures = fixtures

    def gap(self, turn: Turn) -> None:
        """Go on: every answer is a whole image, so the one that shows the gap also closes it."""
        turn.say_status("UP", "connected", "the answer is whole")

    def take(self, turn: Turn) -> None:
        """Say what an answer changes.

        Raises:
            RejectedInput: for the answer, or for parts of it, when its other parts were taken.
        """
        if turn.heard.place != "LATE" and repeats_last(turn.stream.recent, turn.raw.content_hash):
            return
        coupon = self._parse(turn.raw.payload)
        tally = Tally([f"offers of event {each!r}, which is not listed" for each in coupon.strays], Counter())
        self._set_aside(turn, coupon)
        offered = []
        for match in coupon.matches:
            try:
                if self._take_match(turn, coupon, match, tally):
                    offered.append(match.id)
            except RejectedInput as error:
                tally.faults.append(str(error))
                offered.append(match.id)
        if any(match.markets is not None for match in coupon.matches):
            withdraw_unlisted(turn, offered)
        say_left_out(turn, tally)
        if tally.faults:
            raise ContractViolation("; ".join(tally.faults[:MOST_FAULTS]))

    def _set_aside(self, turn: Turn, coupon: Coupon) -> None:
        """Remember what is listed and no match, so that offers on it are known for what they are."""
        for each in coupon.left_out:
            LEFT_OUT.labels(self._provider, each.reason).inc()
        aside = {each.id: each for each in coupon.left_out}
        known = turn.shard.get(ASIDES, turn.stream_id)
        if aside and (known is None or known.listed != aside):
            turn.shard.put(ASIDES, turn.stream_id, AsideState(aside))

    def _take_match(self, turn: Turn, coupon: Coupon, match: OfferedMatch, tally: Tally) -> bool:
        """Say what is new of a match, and whether something was offered on it."""
        if match.home is None:
            listed = self._listed(turn, match)
            if isinstance(listed, LeftOut):
                tally.left_out[self._key(listed.match_id or ""), listed.reason] += len(match.markets or ())
                return False
            match = listed
        else:
            self._link(turn, match)
        key = self._key(match.id)
        link = turn.shard.get(LINKS, key)
        assert link is not None, f"{key} was linked"
        if match.in_play:
            self._fixtures.advance(turn.shard, turn.speech, key, "IN_PLAY", witnessed=False)
        if match.markets is None:
            return False
        row = within(turn.stream_id, match.id)
        state = event_state(turn, match.id, link.fixture.fixture_id)
        offers = offers_of(turn, key, match, self._place, tally)
        say_offers(turn, state, coupon.bookmaker or self._provider, offers, in_play=match.in_play)
        turn.shard.put(EVENTS, row, state)
        return True

    def _key(self, match: str) -> str:
        return f"{self._provider}/{match}"

    def _listed(self, turn: Turn, match: OfferedMatch) -> OfferedMatch | LeftOut:
        """Name a match by what the stream listed under its id.

        Raises:
            ContractViolation: it listed nothing.
        """
        aside = turn.shard.get(ASIDES, turn.stream_id)
        if aside is not None and match.id in aside.listed:
            return aside.listed[match.id]
        link = turn.shard.get(LINKS, self._key(match.id))
        if link is None:
            raise ContractViolation(f"offers of event {match.id[:64]!r}, which is not listed")
        return msgspec.structs.replace(match, sport=link.claim.sport, home=link.claim.home, away=link.claim.away)

    def _link(self, turn: Turn, match: OfferedMatch) -> None:
        check_match(match)
        claim = FixtureClaim(
            provider=self._provider, provider_fixture_id=match.id, sport=match.sport,
            kick_off_at=check_time(micros_of(match.starts), "the kick-off"), name=f"{match.home} v {match.away}",
            competition=match.competition, home=match.home, away=match.away, home_reference=match.home_reference,
            away_reference=match.away_reference, betradar_id=match.betradar_id,
        )  # fmt: skip
        self._fixtures.link(turn.shard, turn.speech, claim)
