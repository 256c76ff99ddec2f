"""Single bookmakers in canonical events: each one's coupon, through its own words, by the same rules."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

import msgspec

from agents.ingest_fixtures import Fixtures
from agents.ingest_offers import Offer, event_state, say_offers, withdraw_unlisted
from agents.ingest_rules import check_time
from agents.ingest_rules_bookmakers import check_match, check_offer
from agents.ingest_turn import Turn
from bookstream import topics
from connectors.altenar import messages as altenar_messages
from connectors.betcenter import messages as betcenter_messages
from connectors.bwin import messages as bwin_messages
from connectors.kambi import messages as kambi_messages
from connectors.pinnacle import messages as pinnacle_messages
from connectors.sbtech import messages as sbtech_messages
from connectors.times import micros_of
from domain.errors import ContractViolation, RejectedInput
from domain.events.canonical import Statistic
from domain.feeds import altenar, betcenter, bwin, kambi, pinnacle, sbtech
from domain.feeds.coupon import Coupon, LeftOut, OfferedMarket, OfferedMatch, Placed, Reason, Vocabulary
from domain.feeds.dedupe import repeats_last
from domain.feeds.offers import Price
from domain.identity.claims import FixtureClaim
from domain.identity.ids import market_id
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


class _Tally(NamedTuple):
    """What an answer could not give: its faults, and (match id, why) of what is no market of a match."""

    faults: list[str]
    left_out: Counter[tuple[str, Reason]]


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
        tally = _Tally([f"offers of event {each!r}, which is not listed" for each in coupon.strays], Counter())
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
        self._say_left_out(turn, tally)
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

    def _take_match(self, turn: Turn, coupon: Coupon, match: OfferedMatch, tally: _Tally) -> bool:
        """Say what is new of a match, and whether something was offered on it."""
        if match.home is None:
            listed = self._listed(turn, match)
            if isinstance(listed, LeftOut):
                tally.left_out[listed.match_id or "", listed.reason] += len(match.markets or ())
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
        offers = self._offers(turn, state.fixture_id, match, tally)
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

    def _offers(self, turn: Turn, fixture: str, match: OfferedMatch, tally: _Tally) -> dict[str, Offer]:
        """Sort what is offered on a match into canonical markets, one for each line."""
        offers: dict[str, Offer] = {}
        for market in match.markets or ():
            try:
                check_offer(market)
                found = self._place(match, market)
                if isinstance(found, str):
                    tally.left_out[match.id, found] += 1
                elif market.is_open:
                    _collect(offers, fixture, market, found, _updated_at(turn, market))
            except RejectedInput as error:
                tally.faults.append(f"match {match.id}: {error}")
        return {
            each: offer for each, offer in offers.items() if any(price.back_odds for price in offer.prices.values())
        }

    def _say_left_out(self, turn: Turn, tally: _Tally) -> None:
        """Tell of each match how many markets of an answer are none of it, when that has changed."""
        for (match, reason), count in sorted(tally.left_out.items()):
            LEFT_OUT.labels(self._provider, reason).inc(count)
            link = turn.shard.get(LINKS, self._key(match))
            name = f"left_out_{reason.lower()}_count"
            if link is None or turn.speech.late or link.figures.get(name) == count:
                continue
            link.figures[name] = count
            turn.shard.put(LINKS, self._key(match), link)
            statistic = Statistic(
                **turn.speech.head(), fixture_id=link.fixture.fixture_id, name=name, value=float(count)
            )
            turn.speech.say(topics.STATISTICS, statistic.fixture_id, statistic)


def _updated_at(turn: Turn, market: OfferedMarket) -> int:
    text = market.updated_at
    return check_time(micros_of(text), "the time of the last change") if text else turn.raw.occurred_at


def _collect(offers: dict[str, Offer], fixture: str, market: OfferedMarket, found: Placed, updated_at: int) -> None:
    """Add a market's choices to the canonical markets that they are of.

    Raises:
        ContractViolation: another market offers one of them at other odds; what was taken first stays.
    """
    for choice, (selection, line) in zip(market.choices, found.places, strict=True):
        wanted = market_id(fixture, found.kind.market_type, found.kind.period, line)
        offer = offers.setdefault(wanted, Offer(wanted, found.kind, line, updated_at, {}))
        known = offer.prices.get(selection)
        if known is not None and known.back_odds != choice.odds:
            raise ContractViolation(f"market {market.name[:60]!r} offers {selection!r} twice, at different odds")
        offer.prices[selection] = known or Price(name=choice.name, back_odds=choice.odds)
        if offer.updated_at < updated_at:
            offers[wanted] = offer._replace(updated_at=updated_at)
