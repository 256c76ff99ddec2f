"""A desk that runs the saga of one customer's bets over rows in memory."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from domain.betting.checks.authentication import TokenClaims, TokenFailure
from domain.betting.journal import BetState, Step
from domain.betting.rules import AccountRules, Limits
from domain.betting.saga import on_clock, on_request, on_verdict
from domain.events.betting import BetDecision, BetLeg, BetRequest, CheckVerdict, LegVerdict, SlipLeg
from domain.events.head import Event, Source
from domain.money.account import AccountState
from domain.money.cause import Cause

NOW = 1_000_000_000_000
CUSTOMER = "ann"


def make_request(odds: tuple[int, ...] = (2500,), **changes: Any) -> BetRequest:
    legs = tuple(
        SlipLeg(
            fixture_id=f"fx-{n}",
            market_id=f"fx-{n}/MATCH_ODDS/FT",
            selection_id="home",
            odds=each,
            quote_version=7,
        )
        for n, each in enumerate(odds)
    )
    request = BetRequest(
        event_id="request-1",
        occurred_at=NOW,
        received_at=NOW,
        provider="gateway",
        bet_id="b1",
        customer_id=CUSTOMER,
        token="secret-token",
        currency="GBP",
        stake_minor=1000,
        price_policy="exact",
        accept_partial=False,
        legs=legs,
    )
    return msgspec.structs.replace(request, **changes)


class Desk:
    """The rows of one customer, and everything said so far."""

    def __init__(self, rules: AccountRules) -> None:
        self.rules = rules
        self.account: AccountState | None = AccountState(
            customer_id=CUSTOMER, currency="GBP", version=1, balance_minor=10_000
        )
        self.bets: dict[str, BetState] = {}
        self.token: TokenClaims | TokenFailure = TokenClaims(customer_id=CUSTOMER, expires_at=NOW + 60_000_000)
        self.said: list[Event] = []
        self._offset = 0

    def request(self, request: BetRequest, at: int | None = None) -> tuple[Event, ...]:
        step = on_request(
            self.account,
            self.bets.get(request.bet_id),
            request,
            authenticate=lambda _token, _at: self.token,
            rules=self.rules,
            cause=self._cause(at or request.received_at),
        )
        return self._take(request.bet_id, step)

    def verdict(self, index: int = 0, bet_id: str = "b1", at: int = NOW + 1000, **changes: Any) -> tuple[Event, ...]:
        """Answer a held leg: by default it passes as it was asked."""
        held = next(
            event
            for event in self.said
            if isinstance(event, BetLeg) and event.action == "HOLD" and event.leg_id == f"{CUSTOMER}/{bet_id}/{index}"
        )
        verdict = LegVerdict(
            event_id=f"{held.leg_id}.verdict",
            occurred_at=at,
            received_at=at,
            provider="bookstream",
            leg_id=held.leg_id,
            bet_id=bet_id,
            customer_id=CUSTOMER,
            fixture_id=held.fixture_id,
            market_id=held.market_id,
            selection_id=held.selection_id,
            outcome="PASS",
            code="",
            odds=held.odds,
            quote_version=9,
            stake_minor=held.stake_minor,
            liability_before_minor=100,
            liability_after_minor=200,
            checks=(CheckVerdict(check="odds", outcome="PASS", code="", figures={"odds": held.odds}),),
        )
        return self.hear(msgspec.structs.replace(verdict, **changes))

    def hear(self, verdict: LegVerdict) -> tuple[Event, ...]:
        step = on_verdict(
            self.account,
            self.bets.get(verdict.bet_id),
            verdict,
            rules=self.rules,
            cause=self._cause(verdict.received_at),
        )
        return self._take(verdict.bet_id, step)

    def clock(self, at: int, bet_id: str = "b1") -> tuple[Event, ...]:
        return self._take(bet_id, on_clock(self.account, self.bets.get(bet_id), cause=self._cause(at)))

    def decision(self, bet_id: str = "b1") -> BetDecision:
        decision = self.bets[bet_id].decision
        assert decision is not None
        return decision

    def legs(self, action: str) -> list[BetLeg]:
        return [event for event in self.said if isinstance(event, BetLeg) and event.action == action]

    def _cause(self, at: int) -> Cause:
        self._offset += 1
        return Cause(at, Source("t", 0, self._offset))

    def _take(self, bet_id: str, step: Step) -> tuple[Event, ...]:
        self.account = step.account or self.account
        if step.bet is not None:
            self.bets[bet_id] = step.bet
        self.said.extend(step.events)
        return step.events


@pytest.fixture
def desk() -> Desk:
    limits = Limits(min_stake_minor=10, max_stake_minor=5_000, max_payout_minor=50_000, max_legs=4)
    return Desk(AccountRules(limits=limits))


@pytest.fixture
def request_of() -> Callable[..., BetRequest]:
    return make_request
