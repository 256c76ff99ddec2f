"""One made-up match as each of the six bookmakers writes it: the same results, total and handicap at the same odds.

`n` changes the home side's odds: 2.00, 2.01 and so on. Beside the match each lists what is none of it.
"""

import json
from collections.abc import Callable
from typing import Any, Final

HOME, AWAY = "Rovers FC", "SV United"
STARTS = "2023-11-15T20:00:00Z"
BETRADAR = 26279046


def packed(document: Any) -> bytes:
    """Write one line, as a collector would."""
    return json.dumps(document, separators=(",", ":")).encode()


def wrapped(provider: str, data: Any, request: str = "EVENT", **more: str) -> dict[str, Any]:
    """Give an answer in the collector's wrapper."""
    return {"provider": provider, "data": data, "requestType": request, **more}


def altenar(n: int = 0) -> dict[str, Any]:
    """Give Altenar's answer: the main total is told by its special odds name, with a space after it."""

    def market(kind: str, name: str, line: str, *choices: tuple[int, str, float]) -> dict[str, Any]:
        items = [{"Id": each[0], "Name": each[1], "Price": each[2], "SelectionTypeId": each[0]} for each in choices]
        return {"Id": 7, "Name": name, "MarketTypeId": kind, "SpecialOddsName": line, "Status": 1, "Items": items}

    markets = [
        market("1_", "1X2", "", (1, "1", 2 + n / 100), (2, "X", 3.4), (3, "2", 3.75)),
        market("18_mb", "Total", "2.5 ", (12, "Over 2.5", 1.9), (13, "Under 2.5", 1.95)),
        market("16_-0.25", "Handicap", "-0.25", (1714, "1 (-0.25)", 1.8), (1715, "2 (+0.25)", 2.05)),
        market("99_", "Most corners", "", (5, "1", 1.7), (6, "2", 2.2)),
        market("77_", "First goal", "", (5, "1", 1.6), (6, "2", 2.4)),
    ]
    match = {
        "Id": 1, "Name": f"{HOME} vs. {AWAY}", "EventDate": STARTS, "SportId": 1, "SportName": "Football",
        "ChampName": "First League", "ExtId": str(BETRADAR), "IsLiveEvent": False, "Items": markets,
        "Competitors": [{"Name": AWAY, "Order": 2}, {"Name": HOME, "Order": 1}],
    }  # fmt: skip
    outright = {**match, "Id": 2, "Name": "Winner", "ExtId": "", "Items": [], "Competitors": []}
    return wrapped("ALTENAR", {"Result": {"Items": [{"Events": [match, outright]}]}}, bookmaker="palace")


def bwin(n: int = 0) -> dict[str, Any]:
    """Give bwin's answer: results call the sides by their short names; there is no Asian handicap."""

    def game(name: str, group: str, *results: tuple[str, float], **more: Any) -> dict[str, Any]:
        found = [{"id": i, "odds": odds, "name": {"value": word}} for i, (word, odds) in enumerate(results)]
        return {
            "id": 7,
            "name": {"value": name},
            "results": found,
            "templateCategory": {"name": {"value": group}},
        } | more

    games = [
        game("Match Result", "Result (3Way)", ("Rovers", 2 + n / 100), ("X", 3.4), ("United", 3.75)),
        game("Total Goals - Over/Under", "Goals", ("Over 2,5", 1.9), ("Under 2,5", 1.95), attr="2,5"),
        game("Double Chance", "Double Chance", ("Rovers or X", 1.25), ("X or United", 1.75), ("Rovers or United", 1.3)),
        game("Handicap 0:1", "Handicap (3Way)", ("Rovers", 3.6), ("X", 3.5), ("United", 1.85)),
        game("Total Corners", "Corners", ("Over 9,5", 1.9), ("Under 9,5", 1.8), attr="9,5"),
        game("1st Goal", "Goals", ("Rovers", 1.6), ("No goal", 11), ("United", 2.4)),
    ]
    match = {
        "id": "1", "name": {"value": f"{HOME} - {AWAY}"}, "startDate": STARTS, "sport": named(4, "Football"),
        "competition": named(9, "First League"), "addons": {"betRadar": BETRADAR}, "fixtureType": "Standard",
        "stage": "PreMatch", "games": games,
        "participants": [
            {"participantId": 11, "name": {"value": HOME, "short": "Rovers"}},
            {"participantId": 12, "name": {"value": AWAY, "short": "United"}},
        ],
    }  # fmt: skip
    outright = {**match, "id": "2", "fixtureType": "Outright", "games": [], "participants": [], "addons": {}}
    return wrapped("BWIN", {"fixtures": [match, outright]})


def named(number: int, name: str) -> dict[str, Any]:
    """Give an id with a name."""
    return {"id": number, "name": {"value": name}}


def betcenter(n: int = 0) -> dict[str, Any]:
    """Give Betcenter's answer: corners in the category of the match, tips of totals by what they cover."""

    def market(text: str, *tips: tuple[str, int], categories: tuple[int, ...] = (1,), **more: Any) -> dict[str, Any]:
        found = [{"id": i, "text": word, "odds": odds} for i, (word, odds) in enumerate(tips)]
        return {"id": 7, "text": text, "tips": found, "categoryIds": list(categories)} | more

    markets = [
        market("Who will win the match?", ("1", 200 + n), ("X", 340), ("2", 375)),
        market("Over + / Under - 2.5", ("3+", 190), ("0-2", 195), anchor=2.5),
        market("Handicap 0:1", ("1", 360), ("X", 350), ("2", 185), hc="0:1"),
        market("Double Chance", ("1X", 125), ("12", 130), ("x2", 175)),
        market("Over+/Under - Corners 8.5", ("9+", 150), ("0-8", 240), anchor=8.5),
        market(" A. Striker scores + result", ("1", 400), ("X", 900), ("2", 1500), categories=(7,)),
        market("Red card in game", ("Yes", 472), ("No", 115), categories=(9, 10)),
        market("1st goal?", ("1", 160), ("X", 1100), ("2", 240)),
    ]
    teams = [{"id": 12, "name": AWAY, "order": 1}, {"id": 11, "name": HOME, "order": 0}]
    match = {
        "id": 1, "startTime": STARTS, "sport": 1, "teams": teams, "markets": markets, "statisticsId": BETRADAR,
        "leagueInfo": {"name": "First League"},
    }  # fmt: skip
    return wrapped("BETCENTER", {"games": [match, {**match, "id": 2, "teams": [], "markets": []}]})


def kambi(n: int = 0) -> dict[str, Any]:
    """Give Kambi's bet offers: an event is repeated on the second page, an outcome is suspended without odds."""

    def offer(
        label: str, counted: str | None, *outcomes: tuple[str, int | None], line: int | None = None
    ) -> dict[str, Any]:
        found = [
            {
                "id": i, "label": kind, "type": kind, "line": line, "odds": odds,
                "status": "OPEN" if odds else "SUSPENDED", "changedDate": "2023-11-14T22:00:00Z",
            }
            for i, (kind, odds) in enumerate(outcomes)
        ]  # fmt: skip
        criterion = {"id": 5, "englishLabel": label, "occurrenceType": counted}
        return {"id": 7, "eventId": 1, "criterion": criterion, "outcomes": found}

    results = offer("Full Time", "GOALS", ("OT_ONE", 2000 + n * 10), ("OT_CROSS", 3400), ("OT_TWO", 3750))
    rest = [
        offer("Total Goals", "GOALS", ("OT_UNDER", 1950), ("OT_OVER", 1900), line=2500),
        offer("Total Goals", "GOALS", ("OT_UNDER", None), ("OT_OVER", 15000), line=6500),
        offer(f"Total Goals by {AWAY}", None, ("OT_UNDER", 1700), ("OT_OVER", 2100), line=1500),
        offer("Total Corners", None, ("OT_UNDER", 1870), ("OT_OVER", 1870), line=9500),
        offer("Most Cards", "CARDS", ("OT_ONE", 1970), ("OT_CROSS", 3650), ("OT_TWO", 3100)),
        offer("First Goal", "GOALS", ("OT_ONE", 1600), ("OT_TWO", 2400)),
    ]
    pages = [{"events": kambi_events(), "betOffers": [results]}, {"events": kambi_events()[:1], "betOffers": rest}]
    return wrapped("KAMBI", pages, "BET_OFFER", bookmaker="napoleon")


def kambi_events() -> list[dict[str, Any]]:
    """Give Kambi's list of events: the match, and who wins the season."""
    match = {
        "id": 1, "name": f"{HOME} - {AWAY}", "homeName": HOME, "awayName": AWAY, "start": STARTS, "sport": "FOOTBALL",
        "group": "First League", "state": "NOT_STARTED", "tags": ["OFFERED_LIVE", "MATCH"],
        "participants": [{"participantId": 11, "home": True}, {"participantId": 12, "home": False}],
    }  # fmt: skip
    season = {**match, "id": 2, "homeName": "First League 2023/2024", "awayName": None, "tags": ["COMPETITION"]}
    return [match, season]


def kambi_list() -> dict[str, Any]:
    """Give the answer that is a list of Kambi's events."""
    return wrapped("KAMBI", {"events": kambi_events()})


def pinnacle_list() -> dict[str, Any]:
    """Give Pinnacle's list: the match, its corners as a match of the same sides, a special of its own words."""
    league = {"name": "First League", "sport": {"name": "Soccer"}}
    match = {
        "id": 1, "type": "matchup", "startTime": STARTS, "units": "Regular", "parentId": None, "isLive": False,
        "league": league, "participants": [side(HOME, "home"), side(AWAY, "away")],
    }  # fmt: skip
    corners = {
        **match, "id": 2, "parentId": 1, "units": "Corners", "league": {**league, "name": "First League Corners"},
        "participants": [side(f"{HOME} (Corners)", "home"), side(f"{AWAY} (Corners)", "away")],
    }  # fmt: skip
    special = {
        **match, "id": 3, "parentId": 1, "type": "special", "units": None,
        "participants": [side("Yes", "neutral"), side("No", "neutral")],
    }  # fmt: skip
    return wrapped("PINNACLE", [special, corners, match])


def side(name: str, alignment: str) -> dict[str, Any]:
    """Give a participant of a match-up."""
    return {"name": name, "alignment": alignment}


def pinnacle(n: int = 0) -> dict[str, Any]:
    """Give Pinnacle's lines, in American odds: +100 is 2.00, and each n a hundredth more."""

    def line(
        kind: str, key: str, *prices: tuple[str, float | None, int], matchup: int = 1, **more: Any
    ) -> dict[str, Any]:
        found = [{"designation": word, "points": points, "price": price} for word, points, price in prices]
        return {
            "matchupId": matchup, "key": key, "type": kind, "period": 0, "cutoffAt": "2023-11-15T20:00:00+00:00",
            "prices": found,
        } | more  # fmt: skip

    lines = [
        line("moneyline", "s;0;m", ("home", None, 100 + n), ("away", None, 275), ("draw", None, 240)),
        line("total", "s;0;ou;2.5", ("over", 2.5, -111), ("under", 2.5, -105)),
        line("spread", "s;0;s;-0.25", ("home", -0.25, -125), ("away", 0.25, 105)),
        line("team_total", "s;0;tt;1.5;away", ("over", 1.5, 110), ("under", 1.5, -143), side="away"),
        line("total", "s;0;ou;9.5", ("over", 9.5, -110), ("under", 9.5, -113), matchup=2),
        line("moneyline", "s;0;m", ("", None, -270), ("", None, 205), matchup=3),
    ]
    return wrapped("PINNACLE", lines, "BET_OFFER")


def sbtech(n: int = 0) -> dict[str, Any]:
    """Give SBTech's answer: each outcome has its own line, the shown odds are cut, not rounded."""

    def market(kind: str, name: str, *choices: tuple[str, float | None, str]) -> dict[str, Any]:
        found = [
            {
                "id": str(i), "outcomeType": word, "name": word, "points": points, "status": "Active",
                "displayOdds": {"decimal": odds}, "trueOdds": float(odds) + 0.0099,
            }
            for i, (word, points, odds) in enumerate(choices)
        ]  # fmt: skip
        return {"id": kind, "eventId": "1", "name": name, "marketType": {"id": kind, "name": name}, "selections": found}

    markets = [
        market("1_0", "1X2", ("Away", None, "3.75"), ("Tie", None, "3.40"), ("Home", None, f"{2 + n / 100:.2f}")),
        market("3_0", "OU", ("Under", 2.5, "1.95"), ("Over", 2.5, "1.90"), ("Over", 3, "2.40"), ("Under", 3, "1.55")),
        market("2_0", "Asian Handicap", ("Away", 0.25, "2.05"), ("Home", -0.25, "1.80")),
        market("9_0", "Corners OU", ("Under", 9.5, "1.90"), ("Over", 9.5, "1.80")),
        market("8_0", "First Goal", ("Home", None, "1.60"), ("Away", None, "2.40")),
    ]
    sides = [{"id": "12", "name": AWAY, "venueRole": "Away"}, {"id": "11", "name": HOME, "venueRole": "Home"}]
    match = {
        "id": "1", "type": "Fixture", "sportId": "1", "sportName": "Football", "startEventDate": STARTS,
        "leagueName": "First League", "participants": sides, "isLive": False,
    }  # fmt: skip
    outright = {**match, "id": "2", "type": "Outright", "participants": []}
    return wrapped("SBTECH", [{"events": [match, outright], "markets": markets}], bookmaker="777")


OFFERS: Final[dict[str, Callable[[int], dict[str, Any]]]] = {
    "altenar": altenar, "betcenter": betcenter, "bwin": bwin, "kambi": kambi, "pinnacle": pinnacle, "sbtech": sbtech,
}  # fmt: skip
"""Each bookmaker's answer with offers; Pinnacle's needs its list before it."""


def payloads(provider: str, count: int = 12) -> list[bytes]:
    """Give a bookmaker's answers, each with another price."""
    return [packed(OFFERS[provider](n)) for n in range(count)]
