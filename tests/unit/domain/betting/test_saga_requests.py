"""What the account says to a request, and to the same request again."""

from typing import Any

import msgspec
import pytest

from domain.betting.checks.authentication import TokenClaims, TokenFailure
from domain.betting.codes import Code
from domain.betting.journal import BetIdReused
from domain.betting.rules import AccountRules, Limits
from domain.errors import ContractViolation
from domain.events.betting import Account, BetDecision, BetLeg, LedgerEntry
from domain.money.account import AccountState

NOW = 1_000_000_000_000


def names(events: tuple[Any, ...]) -> list[str]:
    return [type(event).__name__ for event in events]


def test_a_sound_request_reserves_the_stake_and_asks_the_book(desk: Any, request_of: Any) -> None:
    entry, account, leg = desk.request(request_of())
    assert isinstance(entry, LedgerEntry)
    assert entry.kind == "RESERVE"
    assert isinstance(account, Account)
    assert (account.balance_minor, account.reserved_minor, account.version) == (10_000, 1000, 2)
    assert isinstance(leg, BetLeg)
    assert (leg.action, leg.stake_minor, leg.odds, leg.other_odds) == ("HOLD", 1000, 2500, 1000)
    assert leg.leg_id == "ann/b1/0"


def test_each_leg_of_an_accumulator_carries_the_odds_of_the_others(desk: Any, request_of: Any) -> None:
    desk.request(request_of(odds=(2000, 1500, 3000)))
    assert [leg.other_odds for leg in desk.legs("HOLD")] == [4500, 6000, 3000]


def test_no_event_and_no_row_holds_the_token(desk: Any, request_of: Any) -> None:
    desk.request(request_of())
    assert b"secret" not in msgspec.msgpack.encode(desk.said)
    assert b"secret" not in msgspec.msgpack.encode(desk.bets)
    desk.verdict()
    assert b"secret" not in msgspec.msgpack.encode(desk.said)


@pytest.mark.parametrize(
    ("token", "code"),
    [
        (TokenFailure(Code.TOKEN_MISSING), "TOKEN_MISSING"),
        (TokenFailure(Code.TOKEN_INVALID), "TOKEN_INVALID"),
        (TokenClaims(customer_id="ann", expires_at=NOW), "TOKEN_EXPIRED"),
        (TokenClaims(customer_id="ann", expires_at=NOW + 1, valid_from=NOW + 1), "TOKEN_INVALID"),
        (TokenClaims(customer_id="bob", expires_at=NOW + 1), "TOKEN_OTHER_CUSTOMER"),
    ],
)
def test_who_cannot_be_authenticated_is_refused_and_learns_nothing_of_the_account(
    desk: Any, request_of: Any, token: Any, code: str
) -> None:
    desk.token = token
    (decision,) = desk.request(request_of())
    assert isinstance(decision, BetDecision)
    assert (decision.outcome, decision.code) == ("REJECTED", code)
    assert [check.check for check in decision.checks] == ["authentication"]


@pytest.mark.parametrize(
    ("changes", "check", "code"),
    [
        ({"legs": ()}, "limits", "NO_LEGS"),
        ({"odds": (1500,) * 5}, "limits", "TOO_MANY_LEGS"),
        ({"stake_minor": 0}, "limits", "STAKE_NOT_POSITIVE"),
        ({"stake_minor": -5}, "limits", "STAKE_NOT_POSITIVE"),
        ({"stake_minor": 9}, "limits", "STAKE_BELOW_MINIMUM"),
        ({"stake_minor": 5001}, "limits", "STAKE_ABOVE_LIMIT"),
        ({"odds": (50_001,)}, "limits", "PAYOUT_ABOVE_LIMIT"),
        ({"odds": (1000,)}, "odds", "ODDS_INVALID"),
        ({"odds": (-2500,)}, "odds", "ODDS_INVALID"),
        ({"odds": (10_000_001,)}, "odds", "ODDS_INVALID"),
        ({"odds": (10_000_000, 1_000_000)}, "odds", "ODDS_INVALID"),
        ({"stake_minor": 10_001}, "balance", "INSUFFICIENT_BALANCE"),
        ({"currency": "EUR"}, "balance", "CURRENCY_MISMATCH"),
    ],
)
def test_a_refusal_names_its_check_and_its_code(
    desk: Any, request_of: Any, changes: dict[str, Any], check: str, code: str
) -> None:
    (decision,) = desk.request(request_of(**changes))
    assert (decision.outcome, decision.code, decision.stake_minor, decision.payout_minor) == ("REJECTED", code, 0, 0)
    assert (decision.checks[-1].check, decision.checks[-1].code) == (check, code)
    assert decision.checks[-1].figures
    assert desk.account.reserved_minor == 0


def test_an_unknown_account_is_refused(desk: Any, request_of: Any) -> None:
    desk.account = None
    (decision,) = desk.request(request_of())
    assert decision.code == "ACCOUNT_UNKNOWN"


def test_two_legs_of_one_fixture_are_related(desk: Any, request_of: Any) -> None:
    one = request_of().legs[0]
    two = msgspec.structs.replace(one, market_id="fx-0/TOTAL_GOALS/FT/2500", selection_id="over")
    (decision,) = desk.request(request_of(legs=(one, two)))
    assert decision.code == "LEGS_RELATED"


def test_two_markets_of_one_fixture_pass_where_the_house_allows_it_but_never_twice_one_market(
    desk: Any, request_of: Any
) -> None:
    desk.rules = AccountRules(related_legs=True)
    one = request_of().legs[0]
    two = msgspec.structs.replace(one, market_id="fx-0/TOTAL_GOALS/FT/2500", selection_id="over")
    assert names(desk.request(request_of(legs=(one, two))))[-1] == "BetLeg"
    (decision,) = desk.request(request_of(bet_id="b2", legs=(one, msgspec.structs.replace(one, selection_id="away"))))
    assert decision.code == "LEGS_RELATED"


def test_a_market_must_be_of_the_fixture_that_the_leg_names(desk: Any, request_of: Any) -> None:
    leg = msgspec.structs.replace(request_of().legs[0], market_id="fx-9/MATCH_ODDS/FT")
    (decision,) = desk.request(request_of(legs=(leg,)))
    assert decision.code == "MARKET_UNKNOWN"


def test_what_is_reserved_cannot_be_bet_again(desk: Any, request_of: Any) -> None:
    for n in range(3):
        desk.request(request_of(bet_id=f"b{n}", stake_minor=3300, odds=(1500,)))
    (decision,) = desk.request(request_of(bet_id="b9", stake_minor=101, odds=(1500,)))
    assert decision.code == "INSUFFICIENT_BALANCE"
    assert decision.checks[-1].figures["available_minor"] == 100


def test_a_customer_who_takes_part_of_a_bet_has_the_allowed_stake_held(desk: Any, request_of: Any) -> None:
    desk.request(request_of(stake_minor=6000, accept_partial=True))
    assert desk.legs("HOLD")[0].stake_minor == 5000
    assert desk.account.reserved_minor == 5000
    desk.verdict()
    assert (desk.decision().outcome, desk.decision().code) == ("PARTIAL", "STAKE_ABOVE_LIMIT")


def test_the_stake_is_reduced_to_what_the_largest_payout_allows(desk: Any, request_of: Any) -> None:
    desk.request(request_of(stake_minor=2000, odds=(30_000,), accept_partial=True))
    assert desk.legs("HOLD")[0].stake_minor == 1666
    desk.verdict()
    assert (desk.decision().code, desk.decision().payout_minor) == ("PAYOUT_ABOVE_LIMIT", 49_980)


def test_what_could_only_be_reduced_below_the_minimum_is_refused(desk: Any, request_of: Any) -> None:
    (decision,) = desk.request(request_of(stake_minor=2000, odds=(9_000_000,), accept_partial=True))
    assert (decision.outcome, decision.code) == ("REJECTED", "PAYOUT_ABOVE_LIMIT")


def test_a_customer_may_have_limits_of_their_own(desk: Any, request_of: Any) -> None:
    desk.rules = AccountRules(customers={"ann": Limits(max_stake_minor=500)})
    (decision,) = desk.request(request_of())
    assert decision.code == "STAKE_ABOVE_LIMIT"


def test_a_bet_sent_again_while_it_is_open_says_nothing_new(desk: Any, request_of: Any) -> None:
    desk.request(request_of())
    before = (desk.account, dict(desk.bets))
    assert desk.request(request_of(event_id="request-2", received_at=NOW + 5, token="another")) == ()
    assert (desk.account, desk.bets) == before


def test_a_bet_sent_again_is_answered_with_the_same_decision(desk: Any, request_of: Any) -> None:
    desk.request(request_of())
    first = next(event for event in desk.verdict() if isinstance(event, BetDecision))
    before = desk.account
    assert desk.request(request_of(received_at=NOW + 9_000_000)) == (first,)
    assert desk.account is before


def test_a_refused_bet_sent_again_is_refused_again_though_it_would_now_pass(desk: Any, request_of: Any) -> None:
    (first,) = desk.request(request_of(stake_minor=10_001))
    desk.account = AccountState(customer_id="ann", currency="GBP", balance_minor=1_000_000)
    assert desk.request(request_of(stake_minor=10_001)) == (first,)


@pytest.mark.parametrize("changes", [{"stake_minor": 999}, {"odds": (2600,)}, {"price_policy": "any"}])
def test_another_bet_under_a_used_bet_id_breaks_the_contract_and_changes_nothing(
    desk: Any, request_of: Any, changes: dict[str, Any]
) -> None:
    desk.request(request_of())
    with pytest.raises(BetIdReused) as early:
        desk.request(request_of(**changes))
    assert early.value.answer is None
    desk.verdict()
    before = (desk.account, dict(desk.bets))
    with pytest.raises(BetIdReused) as late:
        desk.request(request_of(**changes))
    assert late.value.answer is desk.decision()
    assert (desk.account, desk.bets) == before


@pytest.mark.parametrize("bet_id", ["", "a/b", "a\0b", "x" * 129])
def test_an_id_that_cannot_be_carried_on_breaks_the_contract(desk: Any, request_of: Any, bet_id: str) -> None:
    with pytest.raises(ContractViolation, match="bet_id"):
        desk.request(request_of(bet_id=bet_id))


def test_an_id_of_a_leg_that_no_record_should_carry_breaks_the_contract(desk: Any, request_of: Any) -> None:
    leg = msgspec.structs.replace(request_of().legs[0], selection_id="x" * 129)
    with pytest.raises(ContractViolation, match="leg"):
        desk.request(request_of(legs=(leg,)))


def test_a_request_older_than_the_journal_is_not_decided_anew(desk: Any, request_of: Any) -> None:
    twelve_hours = 12 * 3600 * 1_000_000
    with pytest.raises(ContractViolation, match="longer ago"):
        desk.request(request_of(received_at=NOW + twelve_hours + 1))
    assert names(desk.request(request_of(), at=NOW + 1))[-1] == "BetLeg"


def test_a_request_that_waited_past_its_deadline_is_refused_without_asking_the_book(desk: Any, request_of: Any) -> None:
    (decision,) = desk.request(request_of(), at=NOW + 15_000_000)
    assert decision.code == "TIMEOUT"
    assert desk.account.reserved_minor == 0


def test_a_slip_of_thousands_of_legs_makes_a_decision_that_still_fits(desk: Any, request_of: Any) -> None:
    (decision,) = desk.request(request_of(odds=(1500,) * 2000))
    assert decision.code == "TOO_MANY_LEGS"
    assert decision.checks[-1].figures["legs"] == 2000
    assert len(decision.legs) == 30
