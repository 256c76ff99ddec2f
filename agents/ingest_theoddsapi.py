"""The Odds API in canonical events: each bookmaker's changed markets, what is offered no more, scores."""

from typing import Final

from agents.ingest_fixtures import Fixtures
from agents.ingest_offers import Offer, event_state, say_offers, withdraw, withdraw_unlisted
from agents.ingest_rules import check_event, check_market, check_time
from agents.ingest_turn import Turn
from connectors.theoddsapi.messages import Bookmaker, Event, Market
from connectors.theoddsapi.parser import parse_message
from connectors.times import micros_of
from domain.errors import ContractViolation, RejectedInput
from domain.feeds import theoddsapi
from domain.feeds.dedupe import repeats_last
from domain.feeds.markets import GOAL_SPORTS, MOST_GOALS
from domain.feeds.offers import Price
from domain.identity.claims import FixtureClaim
from domain.identity.ids import market_id
from tables.ingest import EVENTS, EventState, within

PROVIDER: Final = "theoddsapi"


class TheOddsApi:
    """Normalises this provider's answers; `take` is one answer of one stream, in order."""

    def __init__(self, fixtures: Fixtures) -> None:
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
        answer = parse_message(turn.raw)
        faults: list[str] = []
        for event in answer.events:
            try:
                self._take_event(turn, event, faults)
            except RejectedInput as error:
                faults.append(str(error))
        offered = [event.id for event in answer.events if event.bookmakers is not None]
        if turn.raw.payload[:1] == b"[" and (offered or not answer.events) and not answer.sports:
            withdraw_unlisted(turn, offered)
        if faults:
            raise ContractViolation("; ".join(faults[:10]))

    def _take_event(self, turn: Turn, event: Event, faults: list[str]) -> None:
        check_event(event)
        kick_off_at = check_time(micros_of(event.commence_time), "the time of commencing")
        sport = theoddsapi.sport_of(event.sport_key)
        claim = FixtureClaim(
            provider=PROVIDER, provider_fixture_id=event.id, sport=sport, kick_off_at=kick_off_at,
            name=f"{event.home_team} v {event.away_team}" if event.home_team else event.sport_title or event.sport_key,
            competition=event.sport_title or event.sport_key, home=event.home_team, away=event.away_team,
        )  # fmt: skip
        key, link = self._fixtures.link(turn.shard, turn.speech, claim)
        has_begun = kick_off_at <= turn.raw.occurred_at
        if event.scores is not None:
            self._take_score(turn, key, sport, event)
        if event.bookmakers is not None and has_begun:
            self._fixtures.advance(turn.shard, turn.speech, key, "IN_PLAY", witnessed=False)
        if event.bookmakers is not None:
            row = within(turn.stream_id, event.id)
            state = event_state(turn, event.id, link.fixture.fixture_id)
            for maker in event.bookmakers:
                self._take_bookmaker(turn, state, event, maker, faults, in_play=has_begun)
            withdraw(turn, state, {maker.key for maker in event.bookmakers}, in_play=has_begun)
            turn.shard.put(EVENTS, row, state)

    def _take_score(self, turn: Turn, key: str, sport: str, event: Event) -> None:
        found = {score.name: score.score for score in event.scores or ()}
        texts = [found.get(name or "") for name in (event.home_team, event.away_team)]
        if all(text is not None and text.isdecimal() and len(text) <= 6 for text in texts):
            home, away = (int(text or 0) for text in texts)
            if sport in GOAL_SPORTS and max(home, away) > MOST_GOALS:
                raise ContractViolation(f"event {event.id!r}: a score of {home}-{away}")
            if not event.completed:
                self._fixtures.advance(turn.shard, turn.speech, key, "IN_PLAY", witnessed=False)
            self._fixtures.score(turn.shard, turn.speech, key, home, away)
        elif any(text for text in texts):
            raise ContractViolation(f"event {event.id!r}: a score that is no number of either side")
        if event.completed:
            self._fixtures.advance(turn.shard, turn.speech, key, "FINISHED", witnessed=True)

    def _take_bookmaker(
        self, turn: Turn, state: EventState, event: Event, maker: Bookmaker, faults: list[str], *, in_play: bool
    ) -> None:
        offers: dict[str, Offer] = {}
        for market in maker.markets:
            try:
                check_market(market)
                updated_at = _updated_at(turn, maker, market)
                _collect(offers, state.fixture_id, event, market, updated_at)
            except RejectedInput as error:
                faults.append(f"event {event.id}, {maker.key}: {error}")
        say_offers(turn, state, maker.key, offers, in_play=in_play)


def _updated_at(turn: Turn, maker: Bookmaker, market: Market) -> int:
    text = market.last_update or maker.last_update
    return check_time(micros_of(text), "the time of the last update") if text else turn.raw.occurred_at


def _collect(offers: dict[str, Offer], fixture_id: str, event: Event, market: Market, updated_at: int) -> None:
    """Sort a market's outcomes into canonical markets: one for each line, its back and lay sides together."""
    kind = theoddsapi.kind_of(theoddsapi.sport_of(event.sport_key), market.key)
    is_lay = market.key.endswith(theoddsapi.LAY_SUFFIX)
    for outcome in market.outcomes:
        told = theoddsapi.Outcome(name=outcome.name, point=outcome.point, description=outcome.description or "")
        selection, line = theoddsapi.place_of(kind, told, event.home_team or "", event.away_team or "")
        wanted = market_id(fixture_id, kind.market_type, kind.period, line)
        offer = offers.get(wanted)
        if offer is None or offer.updated_at < updated_at:
            prices = offer.prices if offer else {}
            offer = offers[wanted] = Offer(wanted, kind, line, updated_at, prices)
        before = offer.prices.get(selection) or Price(name=outcome.name)
        offer.prices[selection] = before.with_side(outcome.odds, is_lay=is_lay)
