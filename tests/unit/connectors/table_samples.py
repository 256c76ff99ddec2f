"""Rows of CSV tables, made up for tests: each payload is a header and a row, as the connectors move them."""

from collections.abc import Mapping, Sequence

SEASON = (
    "Div,Date,Time,HomeTeam,AwayTeam,FTHG,FTAG,FTR,HTHG,HTAG,HTR,Referee,HS,AS,HC,AC,HY,AY,HR,AR,B365H,B365D,B365A,"
    "AvgH,AvgD,AvgA,B365>2.5,B365<2.5,AHh,B365AHH,B365AHA,B365CH,B365CD,B365CA,PSCH,PSCD,PSCA,AHCh,B365CAHH,B365CAHA"
)
SEASON_ROW = {
    "Div": "E0", "Date": "09/08/2019", "Time": "20:00", "HomeTeam": "Rovers", "AwayTeam": "Wanderers", "FTHG": "4",
    "FTAG": "1", "FTR": "H", "HTHG": "2", "HTAG": "0", "HTR": "H", "Referee": "A Whistle", "HS": "15", "AS": "12",
    "HC": "11", "AC": "2", "HY": "0", "AY": "2", "HR": "0", "AR": "1", "B365H": "1.14", "B365D": "10", "B365A": "19",
    "AvgH": "1.14", "AvgD": "8.75", "AvgA": "19.83", "B365>2.5": "1.4", "B365<2.5": "3", "AHh": "-2.25",
    "B365AHH": "1.96", "B365AHA": "1.94", "B365CH": "1.15", "B365CD": "9.5", "B365CA": "21", "PSCH": "1.14",
    "PSCD": "10.43", "PSCA": "19.63", "AHCh": "-2", "B365CAHH": "1.91", "B365CAHA": "1.99",
}  # fmt: skip


def payload(header: str, *rows: Mapping[str, str]) -> bytes:
    """Write a header and rows as one message."""
    columns = header.split(",")
    lines = [header, *(",".join(row.get(name, "") for name in columns) for row in rows)]
    return "".join(f"{line}\r\n" for line in lines).encode()


def football_row(**changes: str) -> bytes:
    """Write one match of a season."""
    return payload(SEASON, {**SEASON_ROW, **changes})


def football_rows(count: int = 10) -> list[bytes]:
    """Write matches on days that follow each other."""
    return [football_row(Date=f"{1 + n % 28:02}/{1 + n // 28:02}/2020", FTHG=str(4 + n % 9)) for n in range(count)]


def written(payloads: Sequence[bytes]) -> bytes:
    """Write the file that messages came from: their header once."""
    header = payloads[0].split(b"\n", 1)[0] + b"\n"
    return header + b"".join(each.removeprefix(header) for each in payloads)


YEAR = (
    "ATP,Location,Tournament,Date,Series,Court,Surface,Round,Best of,Winner,Loser,WRank,LRank,WPts,LPts,W1,L1,W2,L2,"
    "W3,L3,W4,L4,W5,L5,Wsets,Lsets,Comment,B365W,B365L,PSW,PSL,MaxW,MaxL"
)
YEAR_ROW = {
    "ATP": "1", "Location": "Springfield", "Tournament": "Springfield Open", "Date": "2017-01-02", "Series": "ATP250",
    "Court": "Outdoor", "Surface": "Hard", "Round": "1st Round", "Best of": "3", "Winner": "Zed A.", "Loser": "Abe B.",
    "WRank": "39", "LRank": "54", "WPts": "1102", "LPts": "854", "W1": "4", "L1": "6", "W2": "6", "L2": "3", "W3": "7",
    "L3": "6", "Wsets": "2", "Lsets": "1", "Comment": "Completed", "B365W": "1.5", "B365L": "2.5", "PSW": "1.58",
    "PSL": "2.52", "MaxW": "1.59", "MaxL": "2.55",
}  # fmt: skip


def tennis_row(**changes: str) -> bytes:
    """Write one match of a year of tennis."""
    return payload(YEAR, {**YEAR_ROW, **changes})


def tennis_rows(count: int = 10) -> list[bytes]:
    """Write matches on days that follow each other."""
    return [tennis_row(Date=f"2017-{1 + n // 28:02}-{1 + n % 28:02}", WRank=str(1 + n)) for n in range(count)]


HUB = (
    "EVENT_DATE,PATH,EVENT_ID,MARKET_TYPE,MARKET_ID,MARKET_NAME,SELECTION_ID,RUNNER_NAME,HANDICAP,RUNNER_STATUS,"
    "IS_WINNER,TOTAL_GOALS,HOME_TEAM,AWAY_TEAM,HOME_MARGIN,HOME_SCORE,AWAY_SCORE,BEST_BACK_PRICE_1_MIN_PRIOR,"
    "BEST_LAY_PRICE_1_MIN_PRIOR,MATCHED_VOLUME_1_MIN_PRIOR,HALF_TIME,BEST_BACK_PRICE_HALF_TIME,"
    "BEST_LAY_PRICE_HALF_TIME,MATCHED_VOLUME_HALF_TIME,TOTAL_MATCHED_VOLUME,LAST_PREPLAY_PRICE"
)
HUB_MATCH = {
    "EVENT_DATE": "2024-10-18 00:00:00.000 Z", "PATH": "Soccer/First League/Fixtures 18 Oct/Rovers v Wanderers",
    "EVENT_ID": "33000001", "TOTAL_GOALS": "3", "HOME_TEAM": "Rovers", "AWAY_TEAM": "Wanderers", "HOME_MARGIN": "1",
    "HOME_SCORE": "2", "AWAY_SCORE": "1", "HALF_TIME": "2024-10-18 09:26:15.000 Z",
}  # fmt: skip
HUB_RUNNERS = (
    ("100", "Match Odds", "11", "Rovers", "0", "WINNER", "2.5", "2.52", "1000.5", "1.5"),
    ("100", "Match Odds", "12", "Wanderers", "0", "LOSER", "3", "3.05", "20", "7"),
    ("100", "Match Odds", "58805", "The Draw", "0", "LOSER", "3.4", "", "", "4"),
    ("101", "Asian Handicap", "12", "Wanderers", "0.5", "LOSER", "1.9", "1.95", "", ""),
    ("101", "Asian Handicap", "11", "Rovers", "-0.5", "WINNER", "2.05", "2.1", "", ""),
    ("101", "Asian Handicap", "11", "Rovers", "-4", "LOSER", "", "", "", ""),
    ("102", "Over/Under 2.5 Goals", "47972", "Under 2.5 Goals", "0", "LOSER", "2.1", "2.12", "", ""),
    ("102", "Over/Under 2.5 Goals", "47973", "Over 2.5 Goals", "0", "WINNER", "1.9", "1.92", "", ""),
)


def hub_row(runner: Sequence[str], **changes: str) -> dict[str, str]:
    """Give one runner of a match."""
    names = (
        "MARKET_ID", "MARKET_NAME", "SELECTION_ID", "RUNNER_NAME", "HANDICAP", "RUNNER_STATUS",
        "BEST_BACK_PRICE_1_MIN_PRIOR", "BEST_LAY_PRICE_1_MIN_PRIOR", "MATCHED_VOLUME_1_MIN_PRIOR",
        "BEST_BACK_PRICE_HALF_TIME",
    )  # fmt: skip
    return {**HUB_MATCH, **dict(zip(names, runner, strict=True)), **changes}


def hub_match(*runners: Sequence[str], **changes: str) -> bytes:
    """Write all runners of one match, of the sample where none are given."""
    return payload(HUB, *(hub_row(each, **changes) for each in runners or HUB_RUNNERS))


def hub_matches(count: int = 10) -> list[bytes]:
    """Write matches that follow each other."""
    days = (f"2024-{1 + n // 28:02}-{1 + n % 28:02} 00:00:00.000 Z" for n in range(count))
    return [hub_match(EVENT_ID=str(33000001 + n), EVENT_DATE=day, HALF_TIME="") for n, day in enumerate(days)]


POINTS = "pbp_id,date,tny_name,tour,draw,server1,server2,winner,pbp,score,adf_flag,wh_minutes"
TIE_BREAK = "S/RR/SS/SR/RR/R"
"""The first server wins it 7-3."""
POINTS_ROW = {
    "pbp_id": "10000001", "date": "02 Jan 17", "tny_name": "ATPSpringfield-SpringfieldOpen", "tour": "ATP",
    "draw": "Main", "server1": "Zoe Zed", "server2": "Ann Abe", "winner": "1",
    "pbp": ";".join([*["SSSA"] * 12, TIE_BREAK]) + "." + ";".join(["RRRR", "SSSS", "RRDR", "SSSS", "RRRR", "SSSS"]),
    "score": "7-6(3) 6-0", "adf_flag": "1", "wh_minutes": "86",
}  # fmt: skip


def points_row(**changes: str) -> bytes:
    """Write one match of tennis by its points."""
    return payload(POINTS, {**POINTS_ROW, **changes})


def points_rows(count: int = 10) -> list[bytes]:
    """Write matches that follow each other."""
    return [points_row(pbp_id=str(10000001 + n)) for n in range(count)]
