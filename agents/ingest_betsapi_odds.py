"""BetsAPI's histories of odds: every state of a market one by one, the oldest first, with the score and the minute.

A history is told whole each time it is asked for: what is not newer than what was told causes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from agents.ingest_betsapi_ids import PROVIDER, named_link, source_of, state_of, subject_of
from agents.ingest_coupon import Tally
from agents.ingest_figures import take_count
from agents.ingest_fixtures import Fixtures
from agents.ingest_offers import Offer, say_offer, say_withdrawn
from agents.ingest_rules import check_time
from agents.ingest_rules_betsapi import check_row
from agents.ingest_turn import Turn
from connectors.betsapi.messages import SECOND, OddsHistory, OddsRow, OddsSummary
from domain.errors import ContractViolation, RejectedInput
from domain.feeds.betsapi import (
    Score,
    ScorePath,
    kind_of,
    line_of,
    minute_of,
    odds_of,
    score_of,
    sport_of,
    whole_match_line,
)
from domain.feeds.markets import AWAY, DRAW, HOME, MOST_GOALS, MarketKind
from domain.feeds.offers import Price
from domain.identity.claims import FixtureClaim
from domain.identity.ids import market_id
from tables.ingest import EVENTS, LINKS, EventState, within

CLOCK: Final = "match_clock_minutes"
_SWAPPED: Final = {HOME: AWAY, AWAY: HOME}


class State(NamedTuple):
    """A row in its place: when it was true, its market, what it says of the match, and whether the match was on."""

    at: int
    market: str
    row: OddsRow
    score: Score | None
    minute: int | None

    @property
    def in_play(self) -> bool:
        """Say whether the match was on: before the kick-off the clock may stand at 0, but there is no score."""
        return self.score is not None and self.minute is not None


@dataclass(slots=True)
class Telling:
    """One bookmaker's states of one event, being told."""

    turn: Turn
    key: str
    bookmaker: str
    state: EventState
    swapped: bool = False
    tally: Tally = field(kw_only=True)

    def told_until(self, kind: MarketKind | None = None) -> int:
        """Return the time of the newest state told, of one kind of market or of all."""
        told = self.state.offers.get(self.bookmaker, {})
        return max(
            (offer.updated_at for each, offer in told.items() if kind is None or self.is_of(each, kind)), default=-1
        )

    def is_of(self, market: str, kind: MarketKind) -> bool:
        """Say whether a canonical market is one of a kind's lines."""
        shape = self.state.markets[market]
        return (shape.market_type, shape.period) == (kind.market_type, kind.period)


def take_history(fixtures: Fixtures, turn: Turn, history: OddsHistory, tally: Tally) -> None:
    """Say a bookmaker's states, and the match's score and clock as its rows tell them."""
    subject = subject_of(turn)
    states = _states(history.markets, tally)
    key = named_link(fixtures, turn, _claim(turn, subject, history.markets, states))
    telling = _telling(turn, key, subject, source_of(turn), tally)
    news = _score_news(telling, states)
    heard_before = telling.told_until()
    for number, each in enumerate(states):
        turn.speech.at = each.at
        if each.at > heard_before:
            _say_match(fixtures, telling, each, news.get(number))
        _say_state(telling, each)
    turn.shard.put(EVENTS, within(turn.stream_id, subject), telling.state)


def take_summary(fixtures: Fixtures, turn: Turn, summary: OddsSummary, tally: Tally) -> None:
    """Say the first and the latest state of each bookmaker's markets."""
    subject = subject_of(turn)
    markets = {
        (name, market): _span(maker.odds.start.get(market), maker.odds.end.get(market))
        for name, maker in summary.bookmakers.items()
        for market in dict.fromkeys((*maker.odds.start, *maker.odds.end))
    }
    by_market = {f"{name} {market}": rows for (name, market), rows in markets.items()}
    key = named_link(fixtures, turn, _claim(turn, subject, by_market, []))
    for name, maker in summary.bookmakers.items():
        if not 0 < len(name) <= 64:
            tally.faults.append(f"a bookmaker called {name[:64]!r}")
            continue
        telling = _telling(turn, key, subject, name.lower(), tally)
        telling.swapped = maker.matching_dir == -1
        own = {market: rows for (whose, market), rows in markets.items() if whose == name}
        for each in _states(own, tally):
            turn.speech.at = each.at
            _say_state(telling, each)
        turn.shard.put(EVENTS, within(turn.stream_id, subject), telling.state)


def _span(start: OddsRow | None, end: OddsRow | None) -> tuple[OddsRow, ...]:
    """Return a market's rows, newest first; one that never changed is there once."""
    return tuple(row for row in (end, start if start != end else None) if row is not None)


def _telling(turn: Turn, key: str, subject: str, bookmaker: str, tally: Tally) -> Telling:
    link = turn.shard.get(LINKS, key)
    assert link is not None, f"odds of {key}, which was never linked"
    return Telling(turn, key, bookmaker, state_of(turn, subject, link.fixture.fixture_id), tally=tally)


def _states(markets: Mapping[str, Sequence[OddsRow]], tally: Tally) -> list[State]:
    """Put all rows into their order: the oldest first. Those of one second follow each other by a microsecond."""
    states: list[State] = []
    for market, rows in markets.items():
        before, within_second = -1, 0
        oldest_first = list(reversed(rows))
        oldest_first.sort(key=lambda each: each.add_time)  # stable: of one second, as they came
        for row in oldest_first:
            within_second = within_second + 1 if row.add_time == before else 0
            before = row.add_time
            try:
                check_row(row)
                at = check_time(row.add_time * SECOND, "the time of a state") + within_second
                states.append(State(at, market, row, score_of(row.ss), minute_of(row.time_str)))
            except RejectedInput as error:
                tally.faults.append(f"market {market[:20]}, row {row.id}: {error}")
    return sorted(states, key=lambda each: each.at)


def _claim(turn: Turn, subject: str, markets: Mapping[str, Sequence[OddsRow]], states: Sequence[State]) -> FixtureClaim:
    """Claim the event that an answer does not name; the match clock tells its kick-off, where it is told."""
    begun = next((each for each in states if each.in_play and 0 < (each.minute or 0) <= 45), None)
    number = next(iter(markets), "1_").rpartition(" ")[2].partition("_")[0]
    is_told = number.isdecimal() and len(number) <= 3
    return FixtureClaim(
        provider=PROVIDER, provider_fixture_id=subject, sport=sport_of(int(number)) if is_told else "soccer",
        kick_off_at=turn.raw.occurred_at if begun is None else begun.at - (begun.minute or 0) * 60 * SECOND,
        time_is="UNKNOWN" if begun is None else "EXACT",
    )  # fmt: skip


def _score_news(telling: Telling, states: Sequence[State]) -> dict[int, Score]:
    """Return which rows tell a new score, after what was told: a history may be behind other answers."""
    path, news = ScorePath(), dict[int, Score]()
    for number, each in enumerate(states):
        if each.score is not None and path.tell(each.market, each.score):
            news[number] = each.score
    link = telling.turn.shard.get(LINKS, telling.key)
    if link is None or link.home_score is None or link.away_score is None:
        return news
    known, numbers = (link.home_score, link.away_score), list(news)
    scores = [news[number] for number in numbers]
    if known in scores:
        last = len(scores) - 1 - scores[::-1].index(known)
        return {number: news[number] for number in numbers[last + 1 :]}
    is_behind = bool(scores) and scores[-1][0] <= known[0] and scores[-1][1] <= known[1]
    return {} if is_behind else news


def _say_match(fixtures: Fixtures, telling: Telling, each: State, score: Score | None) -> None:
    """Say the score, the clock, and that the match is on: seen to begin where it was seen before."""
    turn = telling.turn
    if each.in_play:
        fixtures.advance(turn.shard, turn.speech, telling.key, "IN_PLAY", witnessed=bool(telling.state.offers))
    if score is not None:
        if max(score) > MOST_GOALS:
            telling.tally.faults.append(f"row {each.row.id}: a score of {score[0]}-{score[1]}")
        else:
            fixtures.score(turn.shard, turn.speech, telling.key, *score, minute=each.minute)
    if each.in_play:
        take_count(turn, telling.key, CLOCK, each.minute, may_fall=True)


def _say_state(telling: Telling, each: State) -> None:
    kind = kind_of(each.market)
    if kind is None:
        telling.tally.left_out[telling.key, "UNKNOWN"] += 1
        return
    if each.at <= telling.told_until(kind):
        return
    try:
        offer = _offer(telling, kind, each)
    except RejectedInput as error:
        telling.tally.faults.append(f"market {each.market}, row {each.row.id}: {error}")
        return
    known = telling.state.offers.get(telling.bookmaker, {})
    for market in [name for name, told in known.items() if told.offered and telling.is_of(name, kind)]:
        if offer is None or market != offer.market_id:
            say_withdrawn(telling.turn, telling.state, telling.bookmaker, market, in_play=each.in_play)
    if offer is not None:
        say_offer(telling.turn, telling.state, telling.bookmaker, offer, in_play=each.in_play)


def _offer(telling: Telling, kind: MarketKind, each: State) -> Offer | None:
    """Return what a state offers; None where the market is suspended.

    Raises:
        ContractViolation: its odds or its line are no such, or it has no line.
    """
    row = each.row
    texts = {"over": row.over_od, "under": row.under_od}
    if kind.shape == "SIDES":
        texts = {HOME: row.home_od, AWAY: row.away_od} | ({} if kind.by_line else {DRAW: row.draw_od})
    prices = {_side(name, swapped=telling.swapped): odds_of(text) for name, text in texts.items()}
    if not any(prices.values()):
        return None
    line = whole_match_line(kind, line_of(row.handicap), each.score) if kind.by_line else None
    if kind.by_line and line is None:
        raise ContractViolation("a state without a line")
    if telling.swapped and line is not None and kind.shape == "SIDES":
        line = -line
    wanted = market_id(telling.state.fixture_id, kind.market_type, kind.period, line)
    named = {name: Price(name=name, back_odds=odds) for name, odds in prices.items()}
    return Offer(wanted, kind, line, each.at, named)


def _side(name: str, *, swapped: bool) -> str:
    return _SWAPPED.get(name, name) if swapped else name
