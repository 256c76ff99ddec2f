"""What a market's truth is by the words of its sources, in any order."""

from itertools import permutations

import pytest

from domain.errors import ContractViolation
from domain.settlement.reasons import Reason
from domain.settlement.result import HALF_LOSE, HALF_WIN, LOSE, VOID, WIN, LegResult
from domain.settlement.truth import LegOutcome, MarketWords, Opinion, hear, leg_outcome, merged, unheard
from domain.settlement.words import (
    DESK,
    MOST_NAMED,
    Cancelled,
    CancelUndone,
    Outcome,
    Settled,
    SettlementUndone,
    Word,
    checked,
    plain,
)

MARKET = "fx-1/MATCH_ODDS/FT"
PLACED = 500


def settled(at: int, source: str = "uof:1", *, confirmed: bool = True, known_at: int | None = None,
            **results: LegResult | None) -> Settled:  # fmt: skip
    outcomes = tuple(Outcome(selection_id=name, result=each, known_at=known_at) for name, each in results.items())
    return Settled(source=source, at=at, outcomes=outcomes, confirmed=confirmed)


def undone(at: int, *selections: str, source: str = "uof:1") -> SettlementUndone:
    return SettlementUndone(source=source, at=at, selection_ids=selections)


def cancelled(at: int, start: int | None, end: int | None, *selections: str, source: str = "uof:1") -> Cancelled:
    return Cancelled(source=source, at=at, start=start, end=end, selection_ids=selections)


def restored(at: int, start: int | None, end: int | None, *selections: str, source: str = "uof:1") -> CancelUndone:
    return CancelUndone(source=source, at=at, start=start, end=end, selection_ids=selections)


def after(*words: Word) -> MarketWords:
    market = unheard(MARKET)
    for word in words:
        market = hear(market, word)
    return market


def outcome(market: MarketWords, selection: str = "home", placed_at: int = PLACED) -> tuple[str, LegResult | None, str]:
    leg = leg_outcome(market.truth, selection, placed_at)
    return leg.status, leg.result, leg.reason


def test_nothing_said_is_an_open_market() -> None:
    assert leg_outcome(unheard(MARKET).truth, "home", PLACED) == LegOutcome(version=0, status="OPEN")


def test_a_settlement_is_provisional_until_it_is_confirmed() -> None:
    market = after(settled(1, confirmed=False, home=WIN, away=LOSE))
    assert market.truth.status == "PROVISIONAL"
    assert outcome(market) == ("PROVISIONAL", WIN, "")
    confirmed = hear(market, settled(2, home=WIN, away=LOSE))
    assert confirmed.truth.status == "CONFIRMED"
    assert confirmed.truth.results == {"away": LOSE, "home": WIN}
    assert (market.truth.version, confirmed.truth.version) == (1, 2)


def test_the_market_is_as_uncertain_as_its_least_certain_result() -> None:
    market = after(settled(1, home=LOSE), settled(2, confirmed=False, away=WIN))
    assert market.truth.status == "PROVISIONAL"
    assert outcome(market, "home") == ("CONFIRMED", LOSE, "")
    assert outcome(market, "draw") == ("OPEN", None, "")


def test_a_repeat_or_a_late_word_changes_nothing() -> None:
    market = after(settled(5, home=WIN))
    assert hear(market, settled(5, home=WIN)) is market
    assert hear(market, settled(3, home=LOSE)) is market


def test_a_word_that_adds_no_truth_keeps_the_version() -> None:
    market = after(settled(5, home=WIN))
    again = hear(market, settled(9, home=WIN))
    assert again is not market
    assert again.truth == market.truth


def test_a_provisional_word_never_overrules_a_confirmed_one() -> None:
    assert outcome(after(settled(1, home=WIN), settled(2, confirmed=False, home=LOSE))) == ("CONFIRMED", WIN, "")


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_settle_undo_resettle_is_the_last_truth_in_every_order(order: tuple[int, ...]) -> None:
    words: list[Word] = [
        settled(1, home=WIN),
        undone(2),
        settled(3, confirmed=False, home=LOSE),
        cancelled(4, 900, None),
    ]
    market = after(*[words[at] for at in order], words[0])
    assert outcome(market) == ("PROVISIONAL", LOSE, "")
    assert outcome(market, placed_at=900) == ("CONFIRMED", VOID, Reason.CANCELLED)


def test_an_undoing_without_a_new_word_opens_the_market() -> None:
    market = after(settled(1, home=WIN), undone(2))
    assert (market.truth.status, outcome(market)) == ("OPEN", ("OPEN", None, ""))


def test_an_undoing_of_one_selection_leaves_the_others() -> None:
    market = after(settled(1, home=WIN, away=LOSE), undone(2, "home"))
    assert market.truth.results == {"away": LOSE}


def test_a_source_undoes_before_it_says_anew_at_one_instant() -> None:
    words: list[Word] = [undone(2), settled(2, home=LOSE), settled(1, home=WIN)]
    for order in permutations(words):
        assert outcome(after(*order)) == ("CONFIRMED", LOSE, "")


def test_the_sequence_orders_words_of_one_instant() -> None:
    first = settled(1, home=WIN)
    later = Settled(source="uof:1", at=1, sequence=7, outcomes=settled(1, home=LOSE).outcomes, confirmed=True)
    assert outcome(after(later, first)) == outcome(after(first, later)) == ("CONFIRMED", LOSE, "")


def test_a_source_that_contradicts_itself_at_one_instant_is_read_in_one_way() -> None:
    one, other = settled(1, home=WIN), settled(1, home=LOSE)
    assert outcome(after(one, other)) == outcome(after(other, one)) == ("CONFIRMED", WIN, "")


def test_a_source_can_say_that_there_is_no_result() -> None:
    market = after(settled(1, home=WIN), settled(2, home=None))
    assert outcome(market) == ("OPEN", None, "")


def test_sources_that_disagree_hold_the_market_with_a_case() -> None:
    market = after(settled(1, home=WIN, away=LOSE), settled(9, "ours", confirmed=False, home=LOSE))
    assert (market.truth.status, market.truth.reason) == ("HELD", Reason.PROVIDERS_DISAGREE)
    assert market.truth.results == {}
    assert market.truth.case == (
        Opinion(selection_id="home", source="ours", result=LOSE, confirmed=False),
        Opinion(selection_id="home", source="uof:1", result=WIN, confirmed=True),
    )
    assert outcome(market, "away") == ("HELD", None, Reason.PROVIDERS_DISAGREE)


def test_a_held_market_is_free_when_a_source_corrects_itself_or_the_desk_decides() -> None:
    held = after(settled(1, home=WIN), settled(9, "ours", home=LOSE))
    assert outcome(hear(held, settled(2, home=LOSE))) == ("CONFIRMED", LOSE, "")
    assert outcome(hear(held, settled(1, DESK, home=VOID))) == ("CONFIRMED", VOID, "")
    assert outcome(hear(hear(held, settled(1, DESK, home=VOID)), undone(2, source=DESK)))[0] == "HELD"


def test_results_that_do_the_same_agree_however_they_are_written() -> None:
    half = LegResult(win=1, void=(2, 4), dead_heat=(3, 3))
    assert outcome(after(settled(1, home=half), settled(1, "ours", home=HALF_WIN))) == ("CONFIRMED", HALF_WIN, "")
    assert plain(LegResult(win=1, void=(3, 3))) == VOID
    assert plain(LegResult(win=0, void=(2, 4), dead_heat=(1, 2), deduction=5)) == HALF_LOSE


def test_confirmed_by_one_source_is_confirmed_where_others_agree() -> None:
    market = after(settled(1, confirmed=False, home=WIN), settled(1, "ours", home=WIN))
    assert market.truth.status == "CONFIRMED"


@pytest.mark.parametrize(
    ("start", "end", "void"),
    [(None, None, [True, True, True]), (None, 500, [True, False, False]), (500, None, [False, True, True]),
     (500, 501, [False, True, False])],
)  # fmt: skip
def test_a_window_voids_from_its_start_and_before_its_end(start: int | None, end: int | None, void: list[bool]) -> None:
    market = after(settled(1, home=WIN), cancelled(2, start, end))
    assert [outcome(market, placed_at=at)[1] == VOID for at in (499, 500, 501)] == void


def test_a_market_cancelled_whole_is_confirmed_even_where_sources_disagree() -> None:
    words = settled(1, home=WIN), settled(1, "ours", home=LOSE), cancelled(2, None, None)
    market = after(*words)
    assert (market.truth.status, market.truth.reason) == ("CONFIRMED", Reason.CANCELLED)
    assert outcome(market) == ("CONFIRMED", VOID, Reason.CANCELLED)
    assert outcome(hear(market, restored(3, None, None)))[0] == "HELD"


def test_a_superseded_market_says_so() -> None:
    word = Cancelled(source="uof:1", at=1, superseded_by="sr:match:2")
    assert outcome(after(word)) == ("CONFIRMED", VOID, Reason.SUPERSEDED)


def test_a_restored_window_frees_its_bets_and_no_other_window() -> None:
    words: list[Word] = [settled(1, home=WIN), cancelled(2, None, 400), cancelled(3, None, 600), restored(4, None, 600)]
    for order in permutations(words):
        market = after(*order)
        assert outcome(market, placed_at=399)[1] == VOID
        assert outcome(market, placed_at=400)[1] == WIN


def test_restoring_without_a_window_undoes_every_cancellation_before_it() -> None:
    words: list[Word] = [
        cancelled(1, None, 400),
        cancelled(2, 900, None),
        restored(3, None, None),
        cancelled(4, None, 300),
    ]
    for order in permutations(words):
        market = after(*order)
        assert [outcome(market, placed_at=at)[1] for at in (299, 399, 900)] == [VOID, None, None]


def test_a_cancellation_of_the_market_can_be_restored_for_one_selection() -> None:
    market = after(cancelled(1, None, None), restored(2, None, None, "home"))
    assert outcome(market, "home") == ("OPEN", None, "")
    assert outcome(market, "away") == ("CONFIRMED", VOID, Reason.CANCELLED)
    assert market.truth.status == "OPEN"


def test_a_cancellation_of_one_selection_leaves_the_others() -> None:
    market = after(cancelled(1, None, None, "home"))
    assert [outcome(market, name)[1] for name in ("home", "away")] == [VOID, None]
    assert outcome(hear(market, restored(2, None, None)))[1] is None


def test_windows_of_all_sources_hold_together_unless_the_desk_restores_them() -> None:
    market = after(cancelled(9, None, 400), cancelled(1, 900, None, source="ours"))
    assert [outcome(market, placed_at=at)[1] for at in (399, 400, 900)] == [VOID, None, VOID]
    assert outcome(hear(market, restored(99, None, 400, source="ours")), placed_at=399)[1] == VOID
    assert outcome(hear(market, restored(0, None, 400, source=DESK)), placed_at=399)[1] is None


def test_a_bet_placed_after_the_outcome_was_known_is_void_whatever_it_would_be() -> None:
    market = after(settled(1_000, known_at=500, home=WIN, away=LOSE))
    for selection, result in (("home", WIN), ("away", LOSE)):
        assert outcome(market, selection, placed_at=500) == ("CONFIRMED", result, "")
        assert outcome(market, selection, placed_at=501) == ("CONFIRMED", VOID, Reason.PAST_POSTED)


def test_the_outcome_was_known_when_the_first_that_says_so_saw_it() -> None:
    scouted = settled(1, confirmed=False, known_at=500, home=WIN)
    confirmed, ours = settled(2, known_at=700, home=WIN), settled(1, "ours", known_at=300, home=WIN)
    assert outcome(after(scouted, confirmed), placed_at=600)[2] == Reason.PAST_POSTED
    assert outcome(after(confirmed, ours), placed_at=400)[2] == Reason.PAST_POSTED
    assert outcome(after(settled(1, confirmed=False, known_at=500, home=LOSE), confirmed), placed_at=600)[2] == ""


def test_a_source_that_names_too_much_holds_the_market_in_every_order() -> None:
    words = [settled(at, "uof:1", confirmed=True, known_at=None, **{f"s{at}": WIN}) for at in range(MOST_NAMED + 1)]
    forth, back = after(*words), after(*reversed(words))
    assert forth.sources == back.sources
    assert len(forth.sources["uof:1"].confirmed) == MOST_NAMED
    assert (forth.truth.status, forth.truth.reason) == ("HELD", Reason.TOO_MUCH_SAID)
    assert outcome(hear(forth, settled(1, DESK, s9=LOSE)), "s9") == ("CONFIRMED", LOSE, "")


def test_rows_of_one_market_merge_to_what_was_heard_on_either_side() -> None:
    words: list[Word] = [settled(1, home=WIN), undone(2), settled(3, home=LOSE), cancelled(4, 900, None)]
    whole = after(*words)
    for cut in range(len(words) + 1):
        both = merged(after(*words[:cut]), after(*words[cut:]))
        assert both.sources == whole.sources
        assert outcome(both) == outcome(whole)
    assert merged(whole, whole) == whole


def test_a_merged_row_is_newer_than_both_if_its_truth_is_new() -> None:
    older, newer = after(settled(1, home=WIN)), after(settled(1, home=LOSE), undone(2), settled(3, home=LOSE))
    assert (older.truth.version, newer.truth.version) == (1, 3)
    assert merged(older, newer).truth.version == 4
    assert merged(newer, older).truth.version == 3
    assert merged(older, after(settled(1, home=LOSE), settled(2, home=WIN))).truth.version == 2


def test_a_row_that_was_cut_stays_so_when_merged() -> None:
    cut = after(
        *[settled(at, "uof:1", confirmed=True, known_at=None, **{f"s{at}": WIN}) for at in range(MOST_NAMED + 1)]
    )
    for both in (merged(cut, unheard(MARKET)), merged(unheard(MARKET), cut)):
        assert both.truth.reason == Reason.TOO_MUCH_SAID


@pytest.mark.parametrize(
    "word",
    [settled(1, ""), settled(1), settled(-1, home=WIN), cancelled(1, 5, 5), restored(1, 6, 5), undone(1, "a", "a"),
     undone(1, ""), undone(1, *map(str, range(MOST_NAMED + 1)))],
)  # fmt: skip
def test_what_cannot_be_a_word_is_refused(word: Word) -> None:
    with pytest.raises(ContractViolation):
        checked(word)


def test_every_reason_has_a_meaning() -> None:
    assert all(reason.meaning and reason == reason.name for reason in Reason)
