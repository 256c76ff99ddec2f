"""The customers' statements and the house's books in history, from a story whose every cent is known."""

from decimal import Decimal
from typing import Any

from bookstream import topics
from domain.events.cash_out import CashOutAction, CashOutAnswer, CashOutRequest
from domain.events.trading import Exposure
from sinks.clickhouse.client import ClickHouse
from tests.integration.sinks.books_story import CORRECTED_AT, keep, told, win
from tests.unit.bookstream.proof.story import NOW, SECOND, START, Story


def rows(database: ClickHouse, what: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in database.ask(f"SELECT {what}", read_only=True).rows]


def returned(story: Story) -> Decimal:
    """Return what ten pounds at the odds of the first match's home team come to."""
    return Decimal(story.leg(story.markets()[0]).odds) / 100


async def test_a_statement_runs_from_the_first_payment_to_the_balance_of_the_account(database: ClickHouse) -> None:
    story = told()
    await keep(database, story)
    columns = "kind, amount, balance, reserved, open_stakes"
    said = rows(database, f"{columns} FROM customer_statement WHERE customer_id = 'ann' ORDER BY number")
    hundred, ten, won = Decimal("100.00"), Decimal("10.00"), returned(story)
    assert said == [
        ("TRANSFER", hundred, hundred, 0, 0),
        ("RESERVE", 0, hundred, ten, 0),
        ("RESERVE", 0, hundred, 2 * ten, 0),
        ("STAKE", -ten, hundred - ten, ten, ten),
        ("STAKE", -ten, hundred - 2 * ten, 0, 2 * ten),
        ("SETTLE", won, hundred - 2 * ten + won, 0, ten),
    ]
    refused = rows(database, "amount, balance FROM customer_statement WHERE kind = 'TRANSFER_REFUSED'")
    assert refused == [(0, hundred)]


async def test_bets_are_open_or_settled_with_what_they_returned(database: ClickHouse) -> None:
    story = told()
    await keep(database, story)
    ten, won = Decimal("10.00"), returned(story)
    assert rows(database, "customer_id, bet_id, status, stake, leg_count FROM open_bets ORDER BY bet_id DESC") == [
        ("ann", "open", "OPEN", ten, 1), ("ben", "both", "PARTLY", ten, 2),
    ]  # fmt: skip
    assert rows(database, "customer_id, bet_id, stake, returned, profit FROM settled_bets ORDER BY customer_id") == [
        ("ann", "won", ten, won, won - ten), ("ben", "lost", ten, 0, -ten),
    ]  # fmt: skip
    assert rows(database, "customer_id, bets, stakes_open, returned, profit FROM customer_profit ORDER BY 1") == [
        ("ann", 2, ten, won, won - ten), ("ben", 2, ten, 0, -ten),
    ]  # fmt: skip


async def test_the_house_s_books_sum_to_zero_now_and_at_any_instant(database: ClickHouse) -> None:
    story = told()
    await keep(database, story)
    won = returned(story)
    assert dict(rows(database, "account, balance FROM house_books")) == {
        "customers:cash": Decimal("160.00") + won, "customers:held": 0, "house:stakes": Decimal("20.00"),
        "house:profit": Decimal("20.00") - won, "house:bank": Decimal("-200.00"),
    }  # fmt: skip
    before = dict(rows(database, "account, balance FROM house_books_at(until = '2026-09-21 15:00:00')"))
    assert before == {
        "customers:cash": Decimal("160.00"), "customers:held": 0, "house:stakes": Decimal("40.00"),
        "house:bank": Decimal("-200.00"),
    }  # fmt: skip
    assert rows(database, "* FROM house_books_at(until = '2026-09-21 00:00:00')") == []


async def test_revenue_is_of_the_day_on_which_it_was_settled_or_corrected(database: ClickHouse) -> None:
    story = told()
    win(story, story.markets()[0], "away", CORRECTED_AT)
    await keep(database, story)
    ten, won = Decimal("10.00"), returned(story)
    lost = Decimal(story.leg(story.markets()[0], "away").odds) / 100
    assert rows(database, "toString(day), stakes, returns, gross_win FROM revenue_by_day ORDER BY day") == [
        ("2026-09-21", 2 * ten, won, 2 * ten - won),
        # ann's return is taken back, ben's is paid; and his double is lost by its first leg.
        ("2026-09-22", ten, lost - won, ten - lost + won),
    ]
    kinds = rows(
        database, "sport, market_type, sum(stakes), sum(returns) FROM revenue_by_market_type GROUP BY 1, 2 ORDER BY 2"
    )
    assert kinds == [("soccer", "MATCH_ODDS", 2 * ten, lost), ("soccer", "MULTIPLE", ten, 0)]
    assert rows(database, "sport, sum(gross_win) FROM revenue_by_sport GROUP BY sport") == [("soccer", 3 * ten - lost)]
    customers = rows(database, "customer_id, sum(gross_win) FROM revenue_by_customer GROUP BY 1 ORDER BY 1")
    assert customers == [("ann", ten), ("ben", 2 * ten - lost)]
    assert rows(database, "hold FROM revenue_by_customer WHERE customer_id = 'ben' AND day = '2026-09-21'") == [
        (100.0,)
    ]


async def test_open_liability_is_what_open_legs_may_still_cost(database: ClickHouse) -> None:
    story = told()
    await keep(database, story)
    _, second = story.markets()
    ten = Decimal("10.00")
    draw, double = (
        rows(database, f"may_return FROM open_bets WHERE bet_id = '{bet}'")[0][0] for bet in ("open", "both")
    )
    found = rows(
        database, "market_id, selection_id, bets, stakes, payouts, house_result FROM open_liability ORDER BY 2"
    )
    assert found == [
        (second, "draw", 1, ten, draw, 2 * ten - draw), (second, "home", 1, ten, double, 2 * ten - double),
    ]  # fmt: skip
    assert rows(database, "fixture, markets, stakes, worst_case FROM open_liability_by_fixture") == [
        ("Getafe v Malaga", 1, 2 * ten, 2 * ten - max(draw, double))
    ]


async def test_what_comes_again_is_counted_once(database: ClickHouse) -> None:
    story = told()
    await keep(database, story)
    views = ("house_books", "customer_statement", "revenue_by_day", "settled_bets", "open_liability")
    before = {view: sorted(map(str, rows(database, f"* FROM {view}"))) for view in views}
    for table in ("ledger_entries", "bet_decisions", "bet_settlements", "leg_settlements"):
        columns = ", ".join(c if c != "_offset" else "_offset + 1000" for c in database.columns(table))
        database.do(f"INSERT INTO {table} SELECT {columns} FROM {table}")  # noqa: S608 - names are the test's own
    assert {view: sorted(map(str, rows(database, f"* FROM {view}"))) for view in views} == before


async def test_of_a_system_each_market_may_cost_what_the_book_says(database: ClickHouse) -> None:
    story = told()
    story.answer(at=START + 15 * SECOND, drift=0.02)
    _, second = story.markets()
    story.transfer("ben", 10_000, "t3")
    legs = [story.leg(market) for market in story.markets()]
    story.bet("system", *legs, customer="ben", stake_minor=901, folds=(1, 2))
    story.log.run()
    await keep(database, story)
    assert rows(database, "folds, bankers, free FROM bet_decisions WHERE bet_id = 'system'") == [([1, 2], [], False)]
    assert rows(database, "folds, each_way FROM bet_requests WHERE bet_id = 'system'") == [([1, 2], False)]
    book = [each for each in story.said(topics.EXPOSURES, Exposure) if each.market_id == second][-1]
    shown = {each.selection_id: -Decimal(each.liability_minor) / 100 for each in book.outcomes}
    found = rows(database, f"selection_id, house_result FROM open_liability WHERE market_id = '{second}' ORDER BY 1")
    assert found == [(name, shown[name]) for name in ("draw", "home")]


async def test_what_is_cashed_out_of_an_open_bet_is_revenue_and_no_open_stake(database: ClickHouse) -> None:
    story = told()
    story.answer(at=START + 15 * SECOND, drift=0.02)
    token = story.signer.mint("ann", issued_at=START, expires_at=START + 1000 * SECOND)
    asks: tuple[tuple[str, CashOutAction, str], ...] = (("q", "QUOTE", ""), ("t", "TAKE", "q"))
    for request_id, action, quote_id in asks:
        story.send(topics.CASH_OUTS, CashOutRequest(
            event_id=request_id, occurred_at=NOW, received_at=NOW, provider="web", request_id=request_id,
            customer_id="ann", token=token, bet_id="open", action=action, quote_id=quote_id,
            part_minor=400 if action == "QUOTE" else 0,
        ))  # fmt: skip
        story.log.run()
    answer = story.said(topics.CASH_OUT_ANSWERS, CashOutAnswer)[-1]
    paid = Decimal(answer.amount_minor) / 100
    await keep(database, story)
    asked = rows(database, "request_id, action, quote_id, part_minor FROM cash_out_requests ORDER BY _offset")
    assert asked == [("q", "QUOTE", "", 400), ("t", "TAKE", "q", 0)]
    said = rows(database, "outcome, part_minor, amount_minor, legs.odds_now FROM cash_out_answers ORDER BY _offset")
    odds = [leg.odds_now for leg in answer.legs]
    assert said == [(outcome, 400, answer.amount_minor, odds) for outcome in ("QUOTED", "TAKEN")]
    assert rows(database, "stake FROM open_bets WHERE bet_id = 'open'") == [(Decimal("6.00"),)]
    won = returned(story)
    assert rows(database, "stakes_open, stakes_settled, returned FROM customer_profit WHERE customer_id = 'ann'") == [
        (Decimal("6.00"), Decimal("14.00"), won + paid)
    ]
    assert rows(database, "sum(stakes), sum(returns) FROM revenue_by_customer WHERE customer_id = 'ann'") == [
        (Decimal("14.00"), won + paid)
    ]
