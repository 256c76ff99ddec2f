"""The quote audit: versions, prices, where they came from, and the verdicts that name them."""

from typing import Any

import msgspec
import pytest

from domain.audit.quotes import QuoteAudit
from domain.events.betting import LegVerdict
from domain.events.canonical import MarketOdds
from domain.events.trading import Quote, QuotedSelection, QuoteInput

HEAD: dict[str, Any] = {"occurred_at": 1, "received_at": 1, "provider": "test"}
MARKET: dict[str, Any] = {"fixture_id": "fx-1", "market_id": "fx-1/MATCH_ODDS/FT"}
SHAPE: dict[str, Any] = {"market_type": "MATCH_ODDS", "period": "FT", "line_milli": None, "in_play": False}


def tick(event_id: str = "t1.0") -> MarketOdds:
    return MarketOdds(
        event_id=event_id, **MARKET, **SHAPE, bookmaker="b", status="OPEN", bet_delay_s=0, late=False, selections=(),
        **HEAD,
    )  # fmt: skip


def quote(version: int = 1, odds: tuple[int | None, ...] = (1900, 1900), **changes: Any) -> Quote:
    given: dict[str, Any] = {
        "event_id": f"t1.0.q{version}", **MARKET, **SHAPE, "version": version, "status": "OPEN", "reason": "",
        "bet_delay_s": 0, "currency": "GBP", "overround": 1.05, "expires_at": 10,
        "selections": tuple(
            QuotedSelection(selection_id=f"s{n}", name="", odds=each, fair_probability=0.5, max_stake_minor=1)
            for n, each in enumerate(odds)
        ),
        "inputs": (QuoteInput(bookmaker="b", event_id="t1.0", weight=1.0, age_ms=0),), **HEAD, **changes,
    }  # fmt: skip
    return Quote(**given)


def verdict(**changes: Any) -> LegVerdict:
    given: dict[str, Any] = {
        "event_id": "v", "leg_id": "c/b/0", "bet_id": "b", "customer_id": "c", **MARKET, "selection_id": "s0",
        "outcome": "PASS", "code": "", "odds": 1900, "quote_version": 1, "stake_minor": 1, "liability_before_minor": 0,
        "liability_after_minor": 1, "checks": (), **HEAD, **changes,
    }  # fmt: skip
    return LegVerdict(**given)


def wrong(*quotes: Quote, ticks: tuple[str, ...] = ("t1.0",), judged: LegVerdict | None = None) -> list[str]:
    audit = QuoteAudit()
    if judged is not None:
        audit.judged(judged)
    for event_id in ticks:
        audit.tick(tick(event_id))
    for each in quotes:
        audit.quote(each)
    return [difference.rule for difference in audit.findings().differences]


def test_sound_quotes_and_their_repetition_have_no_differences() -> None:
    assert wrong(quote(1), quote(2), quote(2), quote(3, status="SUSPENDED", odds=(None, None)), judged=verdict()) == []


@pytest.mark.parametrize(
    ("quotes", "rule"),
    [
        ((quote(1), quote(3)), "versions without a gap"),
        ((quote(2),), "versions without a gap"),
        ((quote(1), quote(1, odds=(1901, 1900))), "one content a version"),
        ((quote(1, odds=(2001, 2001)),), "no book below 100 %"),
        ((quote(1, inputs=()),), "an open quote has inputs and prices"),
        ((quote(1, odds=(None, None)),), "an open quote has inputs and prices"),
        ((quote(1, inputs=(QuoteInput(bookmaker="b", event_id="t9.0", weight=1, age_ms=0),)),),
         "inputs are known ticks"),
    ],
)  # fmt: skip
def test_an_unsound_quote_is_found(quotes: tuple[Quote, ...], rule: str) -> None:
    assert wrong(*quotes) == [rule]


@pytest.mark.parametrize(
    ("judged", "rule"),
    [
        (verdict(quote_version=2), "a leg passes on a quote that was shown"),
        (verdict(odds=1800), "odds as shown"),
        (verdict(selection_id="s9"), "odds as shown"),
        (verdict(occurred_at=11), "a leg passes on a fresh quote"),
    ],
)
def test_a_verdict_that_its_quote_does_not_bear_is_found(judged: LegVerdict, rule: str) -> None:
    assert wrong(quote(1), judged=judged) == [rule]


def test_a_verdict_on_a_suspended_quote_is_found_and_a_refusal_needs_none() -> None:
    suspended = quote(1, status="SUSPENDED")
    assert wrong(suspended, judged=verdict()) == ["a leg passes on an open quote"]
    assert wrong(suspended, judged=verdict(outcome="REFUSE", quote_version=0)) == []


def test_versions_that_were_compacted_away_are_no_gap_and_bind_no_verdict() -> None:
    audit = QuoteAudit()
    audit.judged(verdict(quote_version=3))
    audit.tick(tick())
    audit.quote(quote(4), whole=False)
    findings = audit.findings()
    assert findings.differences == []
    assert "a leg passes on a quote that was shown" not in findings.checked


MINUTE = 60_000_000


def lapsed(*quotes: tuple[Quote, int], ticks: dict[int, MarketOdds]) -> tuple[list[str], int, int]:
    """Audit a partition whose first ticks are gone; return the differences, and what was checked and unknown."""
    audit = QuoteAudit()
    audit.lapse()
    for offset, kept in ticks.items():
        audit.tick(kept, offset=offset)
    for each, taken in quotes:
        audit.quote(each, taken=taken)
    findings, rule = audit.findings(), "inputs are known ticks"
    assert set(findings.checked) | set(findings.unknown) >= {rule}
    return [difference.found for difference in findings.differences], findings.checked[rule], findings.unknown[rule]


def made_of(version: int, *event_ids: str) -> Quote:
    inputs = tuple(QuoteInput(bookmaker="b", event_id=each, weight=1.0, age_ms=0) for each in event_ids)
    return quote(version, inputs=inputs)


def at(minutes: int, event_id: str, **changes: Any) -> MarketOdds:
    times = {"occurred_at": minutes * MINUTE, "received_at": minutes * MINUTE}
    return msgspec.structs.replace(tick(event_id), **times, **changes)


def test_an_input_that_its_topic_no_longer_keeps_is_unknown_and_no_difference() -> None:
    kept = {40: at(9, "kept")}
    assert lapsed((made_of(1, "gone"), 39), (made_of(2, "kept"), 40), ticks=kept) == ([], 1, 1)
    assert lapsed((made_of(1, "gone"), 39), ticks={}) == ([], 0, 1)


def test_an_input_that_its_source_had_replaced_by_a_kept_tick_is_a_difference_however_the_quote_was_caused() -> None:
    kept = {40: at(1, "other", bookmaker="c"), 41: at(9, "kept")}
    assert lapsed((made_of(1, "made up"), 41), ticks=kept) == (["made up"], 1, 0)
    assert lapsed((made_of(1, "kept"), 41), (made_of(2, "made up"), -1), ticks=kept) == (["made up"], 2, 0)


@pytest.mark.parametrize(
    "kept",
    [at(9, "late", late=True), at(9, "other", bookmaker="c"), at(9, "other", market_id="fx-1/X/FT"), at(1, "as old")],
)
def test_a_kept_tick_that_need_not_have_replaced_an_input_binds_nothing(kept: MarketOdds) -> None:
    ticks = {40: at(1, "first", bookmaker="d"), 41: kept}
    assert lapsed((made_of(1, "gone"), 41), ticks=ticks) == ([], 0, 1)


def test_a_partition_that_keeps_everything_is_judged_in_full() -> None:
    audit = QuoteAudit()
    audit.lapse()
    audit.quote(made_of(1, "gone"))
    audit.end()
    audit.quote(msgspec.structs.replace(made_of(1, "made up"), market_id="fx-2/MATCH_ODDS/FT"))
    assert [each.found for each in audit.findings().differences] == ["made up"]


def test_of_a_partition_that_is_over_nothing_is_remembered_but_what_verdicts_still_ask_for() -> None:
    audit = QuoteAudit()
    for number in range(4):
        audit.judged(verdict(leg_id=f"c/b{number}/0", market_id=f"fx-{number}/MATCH_ODDS/FT"))
    for number in range(3):
        audit.tick(tick())
        audit.quote(quote(market_id=f"fx-{number}/MATCH_ODDS/FT"))
        audit.end()
    assert (len(audit._ticks), audit._markets) == (0, {})
    assert [market_id for market_id, _ in audit._asked] == ["fx-3/MATCH_ODDS/FT"]
    (missing,) = audit.findings().differences
    assert (missing.rule, missing.subject[:6]) == ("a leg passes on a quote that was shown", "c/b3/0")
