"""The house's answer to a bet, as a function of the slip, what was held and what the book said of each leg."""

from collections.abc import Sequence
from operator import itemgetter

import msgspec

from domain.betting.checks.limits import limits, most_payout
from domain.betting.codes import Code
from domain.betting.legs import taken_odds
from domain.betting.payout import combined_odds
from domain.betting.rules import MOST_LEGS, MOST_ODDS, Limits
from domain.betting.shares import leg_lines, mean_odds
from domain.betting.slip import Slip
from domain.betting.systems import line_count, refusal
from domain.events.betting import BetDecision, CheckVerdict, DecidedLeg, DecisionOutcome, LegVerdict, bet_key
from domain.money.cause import PROVIDER, Cause


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """An outcome, its code (empty when accepted in full), the stake taken, and the checks made in answering."""

    outcome: DecisionOutcome
    code: str
    stake_minor: int
    odds: tuple[int, ...]
    checks: tuple[CheckVerdict, ...] = ()


def refuse(slip: Slip, code: str, checks: tuple[CheckVerdict, ...] = ()) -> Answer:
    """Reject a bet; its odds are those asked."""
    assert code, "a rejection has its reason"
    return Answer(outcome="REJECTED", code=code, stake_minor=0, odds=slip.odds, checks=checks)


def weigh(slip: Slip, held_minor: int, held_code: str, verdicts: Sequence[LegVerdict], rules: Limits) -> Answer:
    """Decide a bet when the book has spoken of every leg, whatever the order in which it did.

    Any refused leg rejects the bet, with the first such leg's code. What is taken is the largest stake, the same on
    every line, that each leg's lines may bear, and no more than pays the largest payout at the odds taken
    (`taken_odds`). Less than was asked is taken only from a customer who accepts that, and not below the minimum stake;
    `held_code` is why less than that was held, if so.
    """
    assert len(verdicts) == len(slip.legs), "every leg has its verdict"
    for verdict in verdicts:
        if verdict.outcome == "REFUSE":
            return refuse(slip, verdict.code)
    stake_minor, code = _borne(slip, held_minor, held_code, verdicts)
    assert stake_minor <= held_minor <= slip.stake_minor, "no one takes more than was held, nor holds more than asked"
    odds = tuple(
        taken_odds(leg.odds, verdict.odds, len(verdicts)) for leg, verdict in zip(slip.legs, verdicts, strict=True)
    )
    if stake_minor < rules.min_stake_minor:
        return refuse(slip, code or Code.STAKE_BELOW_MINIMUM.value)
    # A single at better odds than asked may pay more than one bet may.
    again = limits(rules, slip.bet_type, stake_minor, odds)
    checks = () if again.outcome == "PASS" else (again,)
    if again.outcome == "REFUSE":
        return refuse(slip, again.code, checks)
    if again.outcome == "REDUCE":
        stake_minor, code = again.figures["allowed_minor"], again.code
    if stake_minor == slip.stake_minor:
        return Answer(outcome="ACCEPTED", code="", stake_minor=stake_minor, odds=odds)
    if not slip.accept_partial:
        return refuse(slip, code, checks)
    return Answer(outcome="PARTIAL", code=code, stake_minor=stake_minor, odds=odds, checks=checks)


def _borne(slip: Slip, held_minor: int, held_code: str, verdicts: Sequence[LegVerdict]) -> tuple[int, str]:
    """Return the stake that every leg allows, and why it is less than was asked, if so."""
    counts = leg_lines(slip.bet_type)
    units = [
        (verdict.stake_minor // lines, verdict.code)
        for verdict, lines in zip(verdicts, counts, strict=True)
        if verdict.outcome == "REDUCE"
    ]
    if not units:
        return held_minor, held_code
    unit, code = min(units, key=itemgetter(0))
    return unit * line_count(slip.bet_type), code


def decision_event(
    slip: Slip,
    answer: Answer,
    verdicts: Sequence[LegVerdict | None],
    checks: tuple[CheckVerdict, ...],
    cause: Cause,
) -> BetDecision:
    """Write the decision with all that was seen; `event_id` is `<customer_id>/<bet_id>.decision`.

    Of a slip with too many legs the first `MOST_LEGS` are shown: what is refused must still fit into a record.
    """
    taken = answer.outcome != "REJECTED"
    return BetDecision(
        event_id=f"{bet_key(slip.customer_id, slip.bet_id)}.decision",
        occurred_at=cause.at,
        received_at=cause.at,
        provider=PROVIDER,
        source=cause.source,
        bet_id=slip.bet_id,
        customer_id=slip.customer_id,
        outcome=answer.outcome,
        code=answer.code,
        currency=slip.currency,
        stake_asked_minor=slip.stake_minor,
        stake_minor=answer.stake_minor,
        odds=max(0, min(MOST_ODDS, _shown_odds(slip, answer.odds))),
        payout_minor=most_payout(slip.bet_type, answer.stake_minor, answer.odds) if taken else 0,
        requested_at=slip.requested_at,
        legs=tuple(
            _decided_leg(slip, index, verdicts[index] if index < len(verdicts) else None, answer)
            for index in range(min(len(slip.legs), MOST_LEGS))
        ),
        checks=checks + _book_checks(verdicts) + answer.checks,
        folds=slip.folds[:MOST_LEGS],
        bankers=slip.bankers[:MOST_LEGS],
        free=slip.free,
    )


def _shown_odds(slip: Slip, odds: Sequence[int]) -> int:
    """Return the mean of the lines' odds; what makes no lines is shown as an accumulator."""
    if len(odds) > MOST_LEGS or refusal(slip.bet_type, len(odds)):
        return combined_odds(odds[:MOST_LEGS])
    return mean_odds(slip.bet_type, odds)


def _decided_leg(slip: Slip, index: int, verdict: LegVerdict | None, answer: Answer) -> DecidedLeg:
    leg = slip.legs[index]
    if verdict is None:
        # The account refused before asking the book, or the book did not answer in time.
        code = answer.code if answer.code == Code.TIMEOUT else ""
        return DecidedLeg(
            leg_id=slip.leg_id(index),
            fixture_id=leg.fixture_id,
            market_id=leg.market_id,
            selection_id=leg.selection_id,
            odds_asked=leg.odds,
            odds=leg.odds,
            quote_version=leg.quote_version,
            outcome="REFUSE",
            code=code,
            liability_before_minor=0,
            liability_after_minor=0,
        )
    spared = answer.outcome == "REJECTED" and verdict.outcome == "PASS"
    return DecidedLeg(
        leg_id=verdict.leg_id,
        fixture_id=leg.fixture_id,
        market_id=leg.market_id,
        selection_id=leg.selection_id,
        odds_asked=leg.odds,
        odds=verdict.odds if answer.outcome == "REJECTED" else answer.odds[index],
        quote_version=verdict.quote_version,
        outcome=verdict.outcome,
        code=Code.OTHER_LEG_REFUSED.value if spared else verdict.code,
        liability_before_minor=verdict.liability_before_minor,
        liability_after_minor=verdict.liability_after_minor,
    )


def _book_checks(verdicts: Sequence[LegVerdict | None]) -> tuple[CheckVerdict, ...]:
    """Gather the book's checks; `leg` among the figures tells whose they are."""
    return tuple(
        msgspec.structs.replace(check, figures={**check.figures, "leg": index})
        for index, verdict in enumerate(verdicts)
        if verdict is not None
        for check in verdict.checks
    )
