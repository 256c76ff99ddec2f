"""What is told the other way round is turned to the fixture's own sides."""

from typing import Any

import pytest

from domain.events.canonical import Incident, MarketOdds, SelectionOdds, Statistic
from domain.feeds.turning import turned
from domain.identity.ids import market_id

HEAD: dict[str, Any] = {"event_id": "e", "occurred_at": 1, "received_at": 1, "provider": "p"}


def odds(market_type: str, line_milli: int | None, *selections: str, own: str = "") -> MarketOdds:
    offered = (SelectionOdds(selection_id=each, name=each, back_odds=2000 + n) for n, each in enumerate(selections))
    return MarketOdds(
        **HEAD, fixture_id="fx-1", market_id=market_id("fx-1", market_type, "FT", line_milli) + own,
        market_type=market_type, period="FT", line_milli=line_milli, bookmaker="b", status="OPEN", in_play=False,
        bet_delay_s=0, late=False,
        selections=tuple(offered),
    )  # fmt: skip


CASES = [
    (odds("MATCH_ODDS", None, "home", "draw", "away"), odds("MATCH_ODDS", None, "away", "draw", "home")),
    (odds("HANDICAP", -1500, "home", "away"), odds("HANDICAP", 1500, "away", "home")),
    (odds("ASIAN_HANDICAP", 0, "home", "away"), odds("ASIAN_HANDICAP", 0, "away", "home")),
    (odds("TOTAL_GOALS_HOME", 2500, "over", "under"), odds("TOTAL_GOALS_AWAY", 2500, "over", "under")),
    (odds("TOTAL_GAMES", 21500, "over", "under"), odds("TOTAL_GAMES", 21500, "over", "under")),
    (odds("CORRECT_SCORE", None, "2-1", "0-0", "r-other"), odds("CORRECT_SCORE", None, "1-2", "0-0", "r-other")),
    (odds("DOUBLE_CHANCE", None, "home_or_draw"), odds("DOUBLE_CHANCE", None, "draw_or_away")),
    (odds("DOUBLE_CHANCE", None, "home_or_away"), odds("DOUBLE_CHANCE", None, "home_or_away")),
    (odds("BETFAIR_X", None, "r-one", own="/1.5"), odds("BETFAIR_X", None, "r-one", own="/1.5")),
]  # fmt: skip


@pytest.mark.parametrize(("told", "meant"), CASES)
def test_odds_keep_their_prices_under_the_other_side(told: MarketOdds, meant: MarketOdds) -> None:
    found = turned(told)
    assert isinstance(found, MarketOdds)
    assert (found.market_id, found.market_type, found.line_milli) == (
        meant.market_id,
        meant.market_type,
        meant.line_milli,
    )
    ids = [(each.selection_id, each.back_odds) for each in found.selections]
    assert ids == [(each.selection_id, each.back_odds) for each in meant.selections]
    assert turned(found) == told


def test_scores_sides_and_figures_change_places() -> None:
    goal = Incident(
        **HEAD, fixture_id="fx-1", kind="GOAL", side="HOME", home_score=2, away_score=1, selection_id="home",
        market_id="fx-1/HANDICAP/FT/-1500",
    )  # fmt: skip
    found = turned(goal)
    assert isinstance(found, Incident)
    assert (found.side, found.home_score, found.away_score, found.selection_id) == ("AWAY", 1, 2, "away")
    assert found.market_id == "fx-1/HANDICAP/FT/1500"
    assert turned(found) == goal
    bare = Incident(**HEAD, fixture_id="fx-1", kind="KICK_OFF")
    assert turned(bare) == bare
    figure = Statistic(**HEAD, fixture_id="fx-1", name="home_aces_count", value=7.0)
    assert turned(figure) == Statistic(**HEAD, fixture_id="fx-1", name="away_aces_count", value=7.0)
