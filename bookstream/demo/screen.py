"""The match live in the terminal: score and clock, quotes as they move, bets, exposure."""

from collections import Counter

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from bookstream.demo.board import Board
from bookstream.demo.match import Match
from domain.events.trading import Quote

ICONS = {"GOAL": "⚽", "YELLOW_CARD": "🟨", "RED_CARD": "🟥"}
TITLES = {"MATCH_ODDS": "Match odds", "TOTAL_GOALS": "Total goals", "BOTH_TO_SCORE": "Both to score"}


def picture(match: Match, board: Board, at: int) -> RenderableType:
    """Draw everything as it is at a time of the match."""
    return Group(_scoreboard(match, board, at), _quotes(board), Columns([_bets(board), _exposure(board)], expand=True))


def _scoreboard(match: Match, board: Board, at: int) -> Panel:
    home, away = board.score
    line = Text.assemble(
        (f"{match.home} ", "bold"), (f"{home} – {away}", "bold black on yellow"), (f" {match.away}", "bold"),
        (f"    {match.clock(at)}", "cyan"), justify="center",
    )  # fmt: skip
    happened = [i for i in match.incidents if match.at(i) <= at][-4:]
    story = Text(
        "   ".join(f"{ICONS[i.kind]} {i.label} {i.player}" for i in happened) or "not yet begun",
        "dim",
        justify="center",
    )
    bar = ProgressBar(total=100, completed=match.played(at) * 100)
    return Panel(Group(line, bar, story), title=f"{match.competition} {match.season}", border_style="dim")


def _quotes(board: Board) -> Table:
    grid = Table(box=None, expand=True, header_style="dim", pad_edge=False)
    for name in ("market", "status", "quote", "selections", "book", "stake up to"):
        grid.add_column(name, justify="left" if name in {"market", "status", "selections"} else "right")
    for quote in sorted(board.quotes.values(), key=lambda q: (q.market_type, q.line_milli or 0)):
        style = {"OPEN": "green", "SUSPENDED": "red", "CLOSED": "dim"}[quote.status]
        status = quote.status.lower() if quote.status == "OPEN" else f"{quote.status.lower()}: {quote.reason.lower()}"
        stakes = [s.max_stake_minor for s in quote.selections if s.odds]
        grid.add_row(
            _market(quote), Text(status, style), f"v{quote.version}", _prices(board, quote),
            f"{quote.overround:.1%}" if quote.overround else "", f"{max(stakes, default=0) / 100:,.0f}",
        )  # fmt: skip
    return grid


def _market(quote: Quote) -> str:
    line = f" {quote.line_milli / 1000:g}" if quote.line_milli is not None else ""
    return TITLES.get(quote.market_type, quote.market_type.replace("_", " ").capitalize()) + line


def _prices(board: Board, quote: Quote) -> Text:
    text = Text()
    for selection in quote.selections:
        before = board.previous.get((quote.market_id, selection.selection_id))
        odds = selection.odds
        arrow, style = " ", ""
        if odds and before and odds != before:
            arrow, style = ("▲", "green") if odds > before else ("▼", "red")
        shown = f"{odds / 1000:.2f}" if odds else "–"
        text.append(f"{selection.name} ", "dim").append(f"{shown}{arrow}  ", style if quote.status == "OPEN" else "dim")
    return text


def _bets(board: Board) -> Table:
    grid = Table(box=None, title="Bets", title_justify="left", title_style="bold", header_style="dim", pad_edge=False)
    for name in ("decision", "bets"):
        grid.add_column(name, justify="right" if name == "bets" else "left")
    for outcome, count in sorted(board.decided.items()):
        grid.add_row(outcome.lower(), f"{count:,}")
    for code, count in board.refused.most_common(4):
        grid.add_row(Text(f"  {code.lower().replace('_', ' ')}", "dim"), Text(f"{count:,}", "dim"))
    if board.settled:
        statuses = Counter(settlement.status for settlement in list(board.settled.values()))
        paid = sum(settlement.returned_minor for settlement in list(board.settled.values()))
        grid.add_row(Text("settled", "bold"), "")
        for status, count in sorted(statuses.items()):
            grid.add_row(Text(f"  {status.lower()}", "dim"), Text(f"{count:,}", "dim"))
        grid.add_row(Text("  settled otherwise", "dim"), Text(f"{len(board.corrected):,}", "dim"))
        grid.add_row(Text("  paid out", "dim"), Text(f"{paid / 100:,.0f}", "dim"))
    return grid


def _exposure(board: Board) -> Table:
    grid = Table(box=None, title="If it ends so, the house wins", title_justify="left", title_style="bold",
                 header_style="dim", pad_edge=False)  # fmt: skip
    for name in ("market", "bets", "worst", "by selection"):
        grid.add_column(name, justify="right" if name in {"bets", "worst"} else "left")
    for market_id, exposure in sorted(board.exposures.items()):
        quote = board.quotes.get(market_id)
        by_outcome = "  ".join(f"{o.selection_id} {-o.liability_minor / 100:+,.0f}" for o in exposure.outcomes)
        title = _market(quote) if quote else market_id
        grid.add_row(title, f"{exposure.bets:,}", f"{-exposure.worst_case_minor / 100:+,.0f}", by_outcome)
    return grid
