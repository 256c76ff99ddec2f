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
