"""The money and exposure audits: sound books pass, one cent off does not."""

from typing import Any

import msgspec

from domain.audit.exposure import ExposureAudit
from domain.audit.money import MoneyAudit
from domain.events.betting import Account, BetDecision, BetLeg, EntryKind, LedgerEntry, WalletTransfer
from domain.events.trading import Exposure, OutcomeExposure
from domain.money import ledger
from domain.money.account import AccountState, release, transfer
from domain.money.cause import Cause

HEAD: dict[str, Any] = {"occurred_at": 1, "received_at": 1, "provider": "test"}
MARKET = "fx-1/MATCH_ODDS/FT"


BET = BetDecision(
    event_id="d", bet_id="b1", customer_id="c", outcome="ACCEPTED", code="", currency="GBP", stake_asked_minor=1000,
    stake_minor=1000, odds=2000, payout_minor=2000, requested_at=1, legs=(), checks=(), **HEAD,
)  # fmt: skip


def entry(kind: EntryKind, reference: str, amount: int) -> LedgerEntry:
    account = AccountState(customer_id="c", currency="GBP", balance_minor=10**6, reserved_minor=10**5)
    if kind == "TRANSFER":
        return transfer(account, amount, reference, Cause(1))[1]
    if kind == "RELEASE":
        return release(account, amount, reference, Cause(1))[1]
    return ledger.movement(kind, reference, customer_id="c", currency="GBP", amount_minor=amount, cause=Cause(1))


def money(*, balance: int = 9000, open_stakes: int = 1000) -> MoneyAudit:
    """Tell of a hundred pounds paid in and ten staked, and the account as given."""
    audit = MoneyAudit()
    audit.transfer(
        WalletTransfer(
            event_id="t",
            transfer_id="t1",
            customer_id="c",
            currency="GBP",
            amount_minor=10_000,
            reason="deposit",
            **HEAD,
        )
    )
    movements: tuple[tuple[EntryKind, str, int], ...] = (
        ("TRANSFER", "t1", 10_000),
        ("RESERVE", "b1", 1000),
        ("STAKE", "b1", 1000),
    )
    for kind, reference, amount in movements:
        audit.entry(entry(kind, reference, amount))
    audit.decision(BET)
    audit.account(
        Account(
            event_id="c.v2",
            customer_id="c",
            version=2,
            currency="GBP",
            balance_minor=balance,
            reserved_minor=0,
            open_stakes_minor=open_stakes,
            **HEAD,
        )
    )
    return audit


def leg(number: int, selection: str, stake: int, odds: int, action: str = "CONFIRM") -> BetLeg:
    return BetLeg(
        event_id=f"l{number}",
        leg_id=f"b{number}/0",
        bet_id=f"b{number}",
        customer_id="c",
        action=action,  # type: ignore[arg-type]
        fixture_id="fx-1",
        market_id=MARKET,
        selection_id=selection,
        odds=odds,
        quote_version=1,
        price_policy="exact",
        currency="GBP",
        stake_minor=stake,
        other_odds=1000,
        **HEAD,
    )


def exposure(version: int, outcomes: dict[str, int], *, bets: int = 2, stakes: int = 1500, held: int = 0) -> Exposure:
    return Exposure(
        event_id=f"e{version}",
        fixture_id="fx-1",
        market_id=MARKET,
        version=version,
        currency="GBP",
        bets=bets,
        stakes_minor=stakes,
        held_minor=held,
        worst_case_minor=max(outcomes.values()),
        outcomes=tuple(OutcomeExposure(selection_id=s, liability_minor=m) for s, m in outcomes.items()),
        **HEAD,
    )


SOUND = {"home": 1000 - 500, "draw": -1500, "away": 2000 - 1000}


def test_a_sound_account_has_no_differences() -> None:
    findings = money().findings()
    assert findings.differences == []
    assert findings.checked["ledger entries balance"] == 3


def test_a_balance_off_by_one_cent_is_found_twice() -> None:
    rules = [difference.rule for difference in money(balance=9001).findings().differences]
    assert rules == ["balance by transfers, bets and settlements", "balance by the ledger"]


def test_bets_of_two_customers_with_one_id_both_count() -> None:
    audit = money()
    audit.decision(msgspec.structs.replace(BET, customer_id="d"))
    wrong = [(d.rule, d.subject) for d in audit.findings().differences]
    assert ("account published", "d") in wrong
    assert ("the bank holds what was paid in", "house:bank") not in wrong


def test_a_refused_transfer_moves_nothing() -> None:
    audit = money()
    refused = WalletTransfer(
        event_id="t2", transfer_id="t2", customer_id="c", currency="GBP", amount_minor=-99_000, reason="w", **HEAD
    )
    audit.transfer(refused)
    assert "balance by transfers, bets and settlements" in {d.rule for d in audit.findings().differences}
    audit = money()
    audit.transfer(refused)
    audit.entry(entry("TRANSFER_REFUSED", "t2", 0))
    assert audit.findings().differences == []


def test_an_entry_that_takes_what_is_not_there_is_found() -> None:
    audit = money()
    audit.entry(entry("RESERVE", "b2", 9_001))
    audit.entry(entry("RELEASE", "b2", 9_001))
    assert [(d.rule, d.subject) for d in audit.findings().differences] == [
        ("no entry takes what is not there", "c/b2.reserve")
    ]


def test_an_account_version_that_goes_back_is_found() -> None:
    audit = money()
    audit.account(
        Account(
            event_id="c.v1",
            customer_id="c",
            version=1,
            currency="GBP",
            balance_minor=9000,
            reserved_minor=0,
            open_stakes_minor=1000,
            **HEAD,
        )
    )
    assert "account versions rise" in {d.rule for d in audit.findings().differences}


def test_exposure_is_the_sum_of_the_confirmed_legs() -> None:
    audit = ExposureAudit()
    audit.leg(leg(1, "home", 1000, 2000))
    audit.leg(leg(2, "away", 500, 5000))
    audit.leg(leg(3, "draw", 900, 3000, action="RELEASE"))
    audit.exposure(exposure(1, SOUND))
    assert audit.findings().differences == []


def test_an_exposure_off_by_one_and_a_hold_that_stayed_are_found() -> None:
    audit = ExposureAudit()
    audit.leg(leg(1, "home", 1000, 2000))
    audit.leg(leg(2, "away", 500, 5000))
    audit.exposure(exposure(1, {**SOUND, "home": 501}, held=7))
    assert [d.rule for d in audit.findings().differences] == ["nothing held when all is decided", "liability"]


def test_a_market_with_bets_and_no_exposure_is_found() -> None:
    audit = ExposureAudit()
    audit.leg(leg(1, "home", 1000, 2000))
    assert [d.rule for d in audit.findings().differences] == ["exposure published"]
