"""What a bet's move posts: its lines by account, and the same as transfers from one account to another."""

from collections.abc import Sequence

from domain.events.betting import Posting
from domain.money import chart
from domain.settlement.bet import Move
from domain.settlement.debt import Purse, bonus_postings, cash_postings


def postings(customer_id: str, move: Move, cash: Purse, bonus: Purse) -> tuple[tuple[Posting, ...], Purse, Purse]:
    """Return the lines of a bet's move, which sum to zero, and the customer's purses after it by the debt rule.

    A move that moves nothing has none.
    """
    if not move:
        return (), cash, bonus
    cash_lines, cash = cash_postings(customer_id, cash, move.cash_minor)
    bonus_lines, bonus = bonus_postings(customer_id, bonus, move.bonus_minor)
    house = ((chart.open_stakes(customer_id), move.stakes_minor), (chart.PROFIT, move.profit_minor))
    lines = [Posting(ledger_account=name, amount_minor=amount) for name, amount in house if amount]
    return (*lines, *cash_lines, *bonus_lines), cash, bonus


def transfers(lines: Sequence[Posting]) -> tuple[tuple[str, str, int], ...]:
    """Return lines that sum to zero as linked transfers: (debit account, credit account, minor units).

    The first debit goes to the first credit as far as it reaches: at most one transfer fewer than there are lines.
    """
    assert sum([line.amount_minor for line in lines]) == 0, lines
    credit_lines = iter([line for line in lines if line.amount_minor > 0])
    moved: list[tuple[str, str, int]] = []
    to, room = "", 0
    for line in [line for line in lines if line.amount_minor < 0]:
        left = -line.amount_minor
        while left:
            if not room:
                credit = next(credit_lines)
                to, room = credit.ledger_account, credit.amount_minor
            amount = min(left, room)
            moved.append((line.ledger_account, to, amount))
            left, room = left - amount, room - amount
    return tuple(moved)
