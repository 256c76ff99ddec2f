"""BetsAPI's words in canonical ones."""

import pytest

from domain.errors import ContractViolation
from domain.feeds import betsapi
from domain.feeds.betsapi import ScorePath, Told
from domain.feeds.betsapi_makers import WORDS
from domain.feeds.coupon import ASIAN_HANDICAP, TOTAL_GOALS, Choice, OfferedMarket, OfferedMatch


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("3", 3000), ("3.0", 3000), ("-0.50", -500), ("+1.5", 1500), ("2.75", 2750), ("4.0,4.5", 4250),
        ("0.0,-0.5", -250), ("0,-0.5", -250), ("-1.0,-1.5", -1250), ("2.5/3", 2750), (" 9 ", 9000),
        (None, None), ("", None),
    ],
)  # fmt: skip
def test_a_line_is_read_however_it_is_written(text: str | None, line: int | None) -> None:
    assert betsapi.line_of(text) == line


@pytest.mark.parametrize("text", ["x", "0-0.5", "4.0,5.0", "4.0,4.25", "1,2,3", "2.6", "99999", "٣", "4.0,"])
def test_what_is_no_line_is_refused(text: str) -> None:
    with pytest.raises(ContractViolation, match="not a line"):
        betsapi.line_of(text)


def test_a_handicap_counts_from_the_score_and_a_total_does_not() -> None:
    assert betsapi.whole_match_line(ASIAN_HANDICAP, -500, (2, 0)) == -2500
    assert betsapi.whole_match_line(ASIAN_HANDICAP, -1000, (0, 1)) == 0
    assert betsapi.whole_match_line(ASIAN_HANDICAP, 250, None) == 250
    assert betsapi.whole_match_line(TOTAL_GOALS, 3500, (2, 0)) == 3500
    assert betsapi.whole_match_line(ASIAN_HANDICAP, None, (2, 0)) is None


@pytest.mark.parametrize(
    ("text", "odds"),
    [
        ("1.083", 1083),
        ("2", 2000),
        ("EVS", 2000),
        ("-", None),
        ("", None),
        (None, None),
        ("1.00", None),
        ("0.00", None),
    ],
)
def test_odds_are_thousandths_and_none_where_nothing_is_offered(text: str | None, odds: int | None) -> None:
    assert betsapi.odds_of(text) == odds


@pytest.mark.parametrize("text", ["two", "-2.0", "1e5", "nan", "2,5", "12345678"])
def test_what_are_no_odds_are_refused(text: str) -> None:
    with pytest.raises(ContractViolation, match="not odds"):
        betsapi.odds_of(text)


@pytest.mark.parametrize(
    ("text", "odds"),
    [("13/10", 2300), ("1/500", 1002), ("EVS", 2000), ("0/0", None), ("0/1", None), ("", None), (None, None)],
)
def test_fractions_are_decimal_odds(text: str | None, odds: int | None) -> None:
    assert betsapi.fraction_of(text) == odds


@pytest.mark.parametrize("text", ["13", "1/2/3", "-1/2", "1/x"])
def test_what_is_no_fraction_is_refused(text: str) -> None:
    with pytest.raises(ContractViolation, match="not fractional odds"):
        betsapi.fraction_of(text)


@pytest.mark.parametrize(
    ("text", "minute"), [("52", 52), ("07:36", 7), ("45+2", 45), ("90'", 90), ("0", 0), ("", None), (None, None)]
)
def test_minutes_are_read_however_they_are_written(text: str | None, minute: int | None) -> None:
    assert betsapi.minute_of(text) == minute


@pytest.mark.parametrize("text", ["HT", "9999", "4:99"])
def test_what_is_no_minute_is_refused(text: str) -> None:
    with pytest.raises(ContractViolation, match="not a minute"):
        betsapi.minute_of(text)


def test_status_codes_lead_where_they_say() -> None:
    told = {code: betsapi.status_of(code) for code in (0, 1, 2, 3, 4, 5, 8, 10, 99)}
    assert told == {
        0: "SCHEDULED", 1: "IN_PLAY", 2: None, 3: "FINISHED", 4: None, 5: "CANCELLED", 8: "CANCELLED", 10: "IN_PLAY",
        99: None,
    }  # fmt: skip
    with pytest.raises(ContractViolation, match="a status of 42"):
        betsapi.status_of(42)


@pytest.mark.parametrize(
    ("market", "market_type", "period"),
    [
        ("1_1", "MATCH_ODDS", "FT"), ("1_2", "ASIAN_HANDICAP", "FT"), ("1_3", "TOTAL_GOALS", "FT"),
        ("1_4", "TOTAL_CORNERS", "FT"), ("1_5", "ASIAN_HANDICAP", "1H"), ("1_6", "TOTAL_GOALS", "1H"),
        ("1_7", "TOTAL_CORNERS", "1H"), ("1_8", "HALF_TIME", "1H"),
    ],
)  # fmt: skip
def test_markets_are_what_their_numbers_say(market: str, market_type: str, period: str) -> None:
    kind = betsapi.kind_of(market)
    assert kind is not None
    assert (kind.market_type, kind.period) == (market_type, period)
    assert betsapi.kind_of("18_1") is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("81' - 1st Goal -   (Reds) -", Told("GOAL", "HOME", 81)),
        ("90+2' - 4th Goal -   (Blues) - Penalty", Told("GOAL", "AWAY", 90)),
        ("44' - 1st Yellow Card -  (Reds)", Told("YELLOW_CARD", "HOME", 44)),
        ("24' -  Red Card -  (Blues)", Told("RED_CARD", "AWAY", 24)),
        ("18' - 1st Corner - Reds", None),
        ("1-0: First Half score", None),
        ("81' - 1st Goal -   (Greens) -", None),
        ("0-0 Goals 00:00 - 09:59", None),
    ],
)
def test_goals_and_cards_are_read_from_lines_of_text(text: str, told: Told | None) -> None:
    assert betsapi.told_of(text, "Reds", "Blues") == told


def test_a_market_that_is_behind_tells_no_score_anew_and_a_correction_is_news() -> None:
    path = ScorePath()
    told = [("a", (0, 0)), ("b", (0, 0)), ("a", (1, 0)), ("a", (2, 0)), ("b", (1, 0)), ("b", (2, 0)), ("b", (1, 0))]
    assert [path.tell(market, score) for market, score in told] == [True, False, True, True, False, False, True]


def test_statistics_are_named_with_their_units() -> None:
    assert betsapi.figure_of("home", "yellowcards") == "home_yellow_cards_count"
    assert betsapi.figure_of("away", "possession_rt") == "away_possession_percent"
    assert betsapi.figure_of("away", "attacks") == "away_attacks_count"
    with pytest.raises(ContractViolation, match="not a statistic"):
        betsapi.figure_of("home", "x y")


MATCH = OfferedMatch(id="1", starts="", home="Reds", away="Blues", in_play=True)


def market(name: str, *choices: Choice, key: str = "0", group: str = "", line: int | None = None) -> OfferedMarket:
    return OfferedMarket(key=key, name=name, choices=choices, group=group, line_milli=line)


def choice(code: str, line: int | None = None) -> Choice:
    return Choice(code=code, name=code, odds=1900, line_milli=line)


def test_bet365_s_handicap_is_turned_into_that_of_the_whole_match() -> None:
    found = WORDS["bet365"](
        MATCH,
        market("Asian Handicap (2-0)", choice("Reds -1", -1000), choice("Blues +1", 1000), key="10147", group="2-0"),
    )
    assert not isinstance(found, str)
    assert found.places == (("home", -3000), ("away", -3000))


def test_a_level_handicap_of_1xbet_has_no_line_and_a_total_must_have_one() -> None:
    found = WORDS["onexbet"](MATCH, market("Group 2", choice("7"), choice("8"), key="2"))
    assert not isinstance(found, str)
    assert found.places == (("home", 0), ("away", 0))
    with pytest.raises(ContractViolation, match="has no line"):
        WORDS["onexbet"](MATCH, market("Group 17", choice("9"), choice("10"), key="17"))
    assert WORDS["onexbet"](MATCH, market("Group 4711", choice("7"), key="4711")) == "UNKNOWN"


def test_sbobet_s_handicap_whose_sign_is_not_told_is_left_out() -> None:
    level = market("Asian Handicap", choice("1"), choice("2"), key="1", group="1-0", line=0)
    found = WORDS["sbobet"](MATCH, level)
    assert not isinstance(found, str)
    assert found.places == (("home", -1000), ("away", -1000))
    half = market("Asian Handicap", choice("1"), choice("2"), key="1", group="1-0", line=500)
    assert WORDS["sbobet"](MATCH, half) == "UNKNOWN"
