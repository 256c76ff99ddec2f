"""The demo from beginning to end: play, settle down, prove, tell."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from rich.console import Console
from rich.live import Live

from bookstream import history
from bookstream.counting import TopicCounts
from bookstream.demo import match, recordings
from bookstream.demo.board import Board
from bookstream.demo.books import Books, read_books
from bookstream.demo.customers import Customers
from bookstream.demo.match import SECOND, Match
from bookstream.demo.questions import QUESTIONS
from bookstream.demo.screen import picture
from bookstream.lag import wait_until_handled
from bookstream.local import LocalStack
from bookstream.money.signing import trusted_by
from bookstream.outlet import Outlet
from bookstream.proof.verify import Verifier, wait_until_quiet
from bookstream.replaying import Pace, clock_tick, play
from bookstream.rules import account_rules
from bookstream.settings import Settings
from bookstream.topics import CLOCK, PUBLIC
from domain.audit.difference import Findings
from domain.errors import Unavailable
from sinks.clickhouse.client import Answer
from sinks.clickhouse.tables import table_of

SEED = 2018
CUSTOMERS = 300
BETS_PER_SECOND = 60.0
TAIL_SECONDS = 660
REFRESH_PER_SECOND = 5
LONGEST_PAUSE_SECONDS = 30
HANDLED_SECONDS = 30.0


@dataclass(slots=True)
class Outcome:
    """What the demo tells at its end."""

    topics: dict[str, int] = field(default_factory=dict)
    bets: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    profit: dict[str, dict[str, float]] = field(default_factory=dict)
    sql: list[tuple[str, Answer]] = field(default_factory=list)
    findings: Findings = field(default_factory=Findings)
    books: Books = field(default_factory=Books)
    problems: list[str] = field(default_factory=list)


class Demo:
    """One run on a running stack.

    Args:
        settings: of the stack; `data_dir` also takes the feeds' files.
        stack: broker and workers, ready.
        speed: times real time; None is as fast as possible.
        screen: show the match there while it is played; None shows nothing.
    """

    def __init__(self, settings: Settings, stack: LocalStack, *, speed: float | None, screen: Console | None) -> None:
        self._settings = settings
        self._stack = stack
        self._screen = screen
        self._match: Match = match.load()
        self._pace = Pace(speed, longest_pause_seconds=LONGEST_PAUSE_SECONDS)
        self._board = Board(stack.bootstrap)
        self._topics = TopicCounts(stack.bootstrap)
        self._customers = Customers(
            self._match,
            self._board,
            Outlet(stack.bootstrap),
            stack.signer(),
            count=CUSTOMERS,
            per_second=BETS_PER_SECOND,
            now=lambda: self._pace.now,
            seed=SEED,
        )

    def run(self) -> Outcome:
        """Play the match and return what landed."""
        self._customers.credit(self._match.kick_off_at - 600 * SECOND)
        self._board.start()
        try:
            self._play()
            settle(self._stack.bootstrap, self._topics, self._pace.now, quiet_seconds=0.8, timeout_seconds=60)
            wait_until_handled(self._stack.bootstrap, timeout_seconds=HANDLED_SECONDS)
        finally:
            self._board.stop()
        outcome = self._tell()
        self._topics.close()
        return outcome

    def _play(self) -> None:
        files = recordings.write(self._match, self._settings.data_dir / "feeds", SEED)
        ended = threading.Event()
        watcher = threading.Thread(target=self._watch, args=(ended,), name="screen")
        watcher.start()
        self._customers.start()
        try:
            play(recordings.items(self._match, files), Outlet(self._stack.bootstrap, linger_ms=0), self._pace)
        finally:
            self._customers.stop()
            ended.set()
            watcher.join()

    def _watch(self, ended: threading.Event) -> None:
        if self._screen is None:
            return
        with Live(console=self._screen, refresh_per_second=REFRESH_PER_SECOND) as screen:
            while not ended.wait(1 / REFRESH_PER_SECOND):
                screen.update(picture(self._match, self._board, self._pace.now))
            screen.update(picture(self._match, self._board, self._pace.now))

    def _tell(self) -> Outcome:
        board = self._board
        outcome = Outcome(topics=dict(sorted(self._topics.now().items())))
        wait_for_history(self._ask, outcome.topics)
        outcome.findings = prove(self._settings, self._stack.bootstrap)
        outcome.bets = dict(sorted(board.decided.items()))
        outcome.refused = dict(board.refused.most_common())
        for market_id, exposure in sorted(board.exposures.items()):
            profits = {outcome.selection_id: -outcome.liability_minor / 100 for outcome in exposure.outcomes}
            outcome.profit[market_id.split("/", 1)[1]] = profits
        outcome.sql = [(title, self._ask(sql)) for title, sql in QUESTIONS]
        outcome.books = read_books(self._stack.bootstrap)
        outcome.problems = [*self._problems(), *outcome.books.problems(), *self._wrong_winners(outcome.books)]
        return outcome

    def _ask(self, sql: str) -> Answer:
        return history.ask(self._settings, sql)

    def _problems(self) -> list[str]:
        """Hold what came out against the facts of the match."""
        board, result, problems = self._board, self._match.result, []
        if board.score != (result.home, result.away):
            problems.append(f"the score came out as {board.score}, not {result.home}-{result.away}")
        fixtures = {quote.fixture_id for quote in board.quotes.values()}
        if len(fixtures) != 1:
            problems.append(f"three feeds of one match made {len(fixtures)} fixtures")
        unanswered = len(self._customers.asked - board.answered)
        if unanswered:
            problems.append(f"{unanswered} bets were not answered")
        if not board.decided["ACCEPTED"]:
            problems.append("no bet was accepted")
        still_open = [quote.market_id for quote in board.quotes.values() if quote.status == "OPEN"]
        if still_open:
            problems.append(f"markets are open after the match: {', '.join(still_open)}")
        return problems

    def _wrong_winners(self, books: Books) -> list[str]:
        """Hold what won against the result, whatever was said of it on the way."""
        home, away = self._match.result.home, self._match.result.away
        won = {
            "MATCH_ODDS/FT": "draw" if home == away else "home" if home > away else "away",
            "TOTAL_GOALS/FT/2500": "over" if home + away > 2 else "under",
            "BOTH_TO_SCORE/FT": "yes" if home and away else "no",
        }
        told = {market_id.split("/", 1)[1]: winners for market_id, winners in books.winners.items()}
        return [
            f"{market}: {', '.join(told.get(market, [])) or 'nothing'} won, not {winner}"
            for market, winner in won.items()
            if told.get(market) != [winner]
        ]


def settle(bootstrap: str, counts: TopicCounts, at: int, *, quiet_seconds: float, timeout_seconds: float) -> None:
    """Let the log's time pass until every bet is answered, and wait until every worker has read everything."""
    wait_until_quiet(counts.now, quiet_seconds=quiet_seconds, timeout_seconds=timeout_seconds)
    outlet, start = Outlet(bootstrap), at - at % SECOND
    for second in range(1, TAIL_SECONDS + 1):
        outlet.send(CLOCK.name, clock_tick(start + second * SECOND))
    outlet.flush()
    wait_until_quiet(counts.now, quiet_seconds=quiet_seconds, timeout_seconds=timeout_seconds)


def prove(settings: Settings, bootstrap: str, step: Callable[[str], None] = lambda _: None) -> Findings:
    """Prove all that was said on a stack of these settings, by the rules that its workers were given."""
    rules, trusted = account_rules(settings), trusted_by(settings)
    return Verifier(bootstrap, lambda sql: history.ask(settings, sql), rules, trusted=trusted).run(step)


def wait_for_history(ask: Callable[[str], Answer], topics: Mapping[str, int], seconds: float = 30) -> None:
    """Wait until the sink has caught up; `verify` says so if it never does."""
    deadline = time.monotonic() + seconds
    behind = [topic.name for topic in PUBLIC if not topic.name.endswith(".raw")]
    while behind and time.monotonic() < deadline:
        sql = f"SELECT count() FROM {table_of(behind[0]).name}"  # noqa: S608 - names are constants
        try:
            if int(ask(sql).rows[0][0]) >= topics[behind[0]]:
                behind.pop(0)
                continue
        except Unavailable:
            pass
        time.sleep(0.1)
