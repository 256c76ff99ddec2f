"""A few hundred simulated customers, who bet on what they see: from outside, by Kafka alone, as an application would.

Most bets are honest singles. Some are what a book meets every day: a price that has just moved, a stake above the
balance, an expired token, the same bet sent twice, a market that nobody knows, a stake of nothing.
"""

import threading
import time
from collections.abc import Callable
from random import Random

import msgspec

from bookstream.demo.board import Board
from bookstream.demo.match import SECOND, Match
from bookstream.outlet import Outlet
from bookstream.tokens import TokenSigner
from bookstream.topics import BET_REQUESTS, TRANSFERS
from domain.events.betting import BetRequest, PricePolicy, SlipLeg, WalletTransfer, bet_key
from domain.events.trading import Quote, QuotedSelection

CHANNEL = "web"
HOUR = 3600 * SECOND
POLICIES: tuple[PricePolicy, ...] = ("exact", "better", "any")
TWICE, EXPIRED, UNKNOWN_MARKET, NOTHING, TOO_MUCH = 0.03, 0.01, 0.005, 0.005, 0.02


class Customers:
    """Credits every customer, then bets at a steady rate until stopped.

    Args:
        match: says when tokens must begin and end.
        board: what the customers see.
        outlet: where their requests go; used by this thread alone.
        signer: signs their tokens.
        count: how many customers.
        per_second: bets a second of the wall's clock, all customers together.
        now: the log's time.
        seed: the same seed gives the same customers; what they see depends on the run.
        limit: how many bets they place at most; with it, they catch up after a time of no open market.
    """

    def __init__(
        self,
        match: Match,
        board: Board,
        outlet: Outlet,
        signer: TokenSigner,
        *,
        count: int,
        per_second: float,
        now: Callable[[], int],
        seed: int,
        limit: int | None = None,
    ) -> None:
        self._board = board
        self._outlet = outlet
        self._per_second = per_second
        self._limit = limit
        self._now = now
        self._random = Random(f"customers {seed}")
        start, end = match.kick_off_at - HOUR, match.full_time_at + HOUR
        self._names = [f"customer-{number:03d}" for number in range(1, count + 1)]
        self._tokens = {n: signer.mint(n, issued_at=start, expires_at=end) for n in self._names}
        self._expired = {
            n: signer.mint(n, issued_at=start - HOUR, expires_at=start) for n in self._random.sample(self._names, 5)
        }
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._bet_on, name="customers", daemon=True)
        self.sent = 0
        self.asked: set[str] = set()

    def credit(self, at: int) -> None:
        """Pay every customer's first deposit into the account."""
        for name in self._names:
            amount = self._random.choice((50_00, 200_00, 500_00, 500_00, 1000_00, 5000_00))
            self._outlet.send(TRANSFERS.name, _deposit(name, amount, at))
        self._outlet.flush()

    def start(self) -> None:
        """Begin to bet."""
        self._thread.start()

    def stop(self) -> None:
        """Bet no more, and wait until everything sent is acknowledged."""
        self._stop.set()
        self._thread.join()
        self._outlet.flush()

    def _bet_on(self) -> None:
        due = time.monotonic()
        while not self._stop.is_set() and (self._limit is None or len(self.asked) < self._limit):
            due += self._random.expovariate(self._per_second)
            time.sleep(max(0.0, due - time.monotonic()))
            quotes = self._board.open_quotes()
            while self._limit is not None and not quotes and not self._stop.wait(0.05):
                quotes = self._board.open_quotes()
            if quotes:
                self._bet(self._random.choice(quotes))

    def _bet(self, quote: Quote) -> None:
        offered = [selection for selection in quote.selections if selection.odds]
        if not offered:
            return
        # Short prices are popular: a customer's choice follows the chance of winning.
        weights = [0.15 + selection.fair_probability for selection in offered]
        selection = self._random.choices(offered, weights)[0]
        request = self._request(quote, selection)
        self._outlet.send(BET_REQUESTS.name, request)
        self.sent += 1
        self.asked.add(bet_key(request.customer_id, request.bet_id))
        if self._random.random() < TWICE:
            self._outlet.send(BET_REQUESTS.name, request)
            self.sent += 1

    def _request(self, quote: Quote, selection: QuotedSelection) -> BetRequest:
        random, now = self._random, self._now()
        name = random.choice(self._names)
        leg = SlipLeg(
            fixture_id=quote.fixture_id,
            market_id=quote.market_id,
            selection_id=selection.selection_id,
            odds=selection.odds or 0,
            quote_version=quote.version,
        )
        bet_id = f"demo-{self.sent:06d}"
        request = BetRequest(
            event_id=bet_id,
            occurred_at=now,
            received_at=now,
            provider=CHANNEL,
            bet_id=bet_id,
            customer_id=name,
            token=self._tokens[name],
            currency="GBP",
            stake_minor=random.choice((1_00, 2_00, 2_00, 5_00, 5_00, 10_00, 20_00, 50_00)),
            price_policy=random.choices(POLICIES, (2, 5, 3))[0],
            accept_partial=random.random() < 0.6,
            legs=(leg,),
        )
        return self._spoiled(request, random.random())

    def _spoiled(self, request: BetRequest, chance: float) -> BetRequest:
        """Make a small share of the bets ones that must be refused."""
        replace = msgspec.structs.replace
        if chance < EXPIRED:
            name = self._random.choice(list(self._expired))
            return replace(request, customer_id=name, token=self._expired[name])
        if chance < EXPIRED + NOTHING:
            return replace(request, stake_minor=self._random.choice((0, -100)))
        if chance < EXPIRED + NOTHING + UNKNOWN_MARKET:
            market = f"{request.legs[0].fixture_id}/NEXT_MANAGER/FT"
            return replace(request, legs=(replace(request.legs[0], market_id=market),))
        if chance < EXPIRED + NOTHING + UNKNOWN_MARKET + TOO_MUCH:
            return replace(request, stake_minor=2_000_00)
        return request


def _deposit(name: str, amount_minor: int, at: int) -> WalletTransfer:
    return WalletTransfer(
        event_id=f"deposit-{name}",
        occurred_at=at,
        received_at=at,
        provider=CHANNEL,
        transfer_id=f"deposit-{name}",
        customer_id=name,
        currency="GBP",
        amount_minor=amount_minor,
        reason="first deposit",
    )
