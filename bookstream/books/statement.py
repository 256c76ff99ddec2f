"""A customer's statement: what moved in a period, which bets are open at its end, and which were settled in it."""

from collections.abc import Sequence

import msgspec

from bookstream.books.asking import Ask, Period, quoted

ENTRIES = """
SELECT toUnixTimestamp64Micro(at), kind, reference, toInt64(amount * 100), toInt64(balance * 100), currency
FROM customer_statement WHERE customer_id = {customer} AND at < {until} ORDER BY number
"""

BETS = """
SELECT b.bet_id, toUnixTimestamp64Micro(b.accepted_at), b.legs.market_id, b.legs.selection_id, b.stake_minor, b.odds,
       b.payout_minor, if(m.version = 0, 'OPEN', m.last_status), m.gone != 0, m.returned,
       toUnixTimestamp64Micro(m.changed_at), m.version, b.currency
FROM bets_taken AS b LEFT JOIN (
    SELECT bet_id, sum(stake_minor) AS gone, sum(returned_minor) AS returned, max(v.version) AS version,
           argMax(v.status, v.version) AS last_status, argMax(v.at, v.version) AS changed_at
    FROM settlement_moves AS v WHERE customer_id = {customer} AND at < {until} GROUP BY bet_id
) AS m ON m.bet_id = b.bet_id
WHERE b.customer_id = {customer} AND b.accepted_at < {until} ORDER BY b.accepted_at, b.bet_id
"""

MADE = """
SELECT sum(returned_minor - stake_minor) FROM settlement_moves
WHERE customer_id = {customer} AND at >= {since} AND at < {until}
"""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One entry: what it added to what is the customer's, and the balance after it, in minor units."""

    at: int
    kind: str
    reference: str
    amount_minor: int
    balance_minor: int


class Bet(msgspec.Struct, frozen=True, kw_only=True):
    """A bet as it stood at the end of the period; `odds` in thousandths, money in minor units.

    `selections` are `<market_id>:<selection_id>`. `may_return_minor` is the most that it could return when taken.
    """

    bet_id: str
    accepted_at: int
    selections: tuple[str, ...]
    stake_minor: int
    odds: int
    may_return_minor: int
    status: str
    settled: bool
    returned_minor: int
    changed_at: int


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """A customer's period, in minor units of `currency`.

    `settled_bets` are those whose settlement changed last in it; `made_minor` is what the customer made of settled bets
    and of corrections in it, stakes taken off.
    """

    customer_id: str
    currency: str
    opening_minor: int
    closing_minor: int
    entries: tuple[Line, ...]
    open_bets: tuple[Bet, ...]
    settled_bets: tuple[Bet, ...]
    made_minor: int

    @property
    def open_stakes_minor(self) -> int:
        """Return the stakes of the open bets."""
        return sum([bet.stake_minor for bet in self.open_bets])


def statement(ask: Ask, customer_id: str, period: Period) -> Statement | None:
    """Return a customer's statement; None where nothing was known of the customer before the period's end.

    Raises:
        Unavailable: history is away.
    """

    def rows(sql: str) -> Sequence[Sequence[object]]:
        names = {"customer": quoted(customer_id), "since": period.since, "until": period.until}
        return ask(sql.format(**names)).rows

    entries, bets = rows(ENTRIES), rows(BETS)
    if not entries and not bets:
        return None
    lines, stood = [_line(row) for row in entries], [_bet(row) for row in bets]
    before = [line for line in lines if line.at < period.from_at]
    within = [line for line in lines if line.at >= period.from_at]
    opening = sum([line.amount_minor for line in before])
    return Statement(
        customer_id=customer_id, currency=str((entries or bets)[0][-1]), opening_minor=opening,
        closing_minor=opening + sum([line.amount_minor for line in within]), entries=tuple(within),
        open_bets=tuple(bet for bet in stood if not bet.settled),
        settled_bets=tuple(bet for bet in stood if bet.settled and bet.changed_at >= period.from_at),
        made_minor=int(str(rows(MADE)[0][0])),
    )  # fmt: skip


def _line(row: Sequence[object]) -> Line:
    at, kind, reference, amount, balance, _ = map(str, row)
    return Line(at=int(at), kind=kind, reference=reference, amount_minor=int(amount), balance_minor=int(balance))


def _bet(row: Sequence[object]) -> Bet:
    bet_id, accepted_at, markets, selections, stake, odds, payout, status, settled, returned, changed_at, *_ = row
    legs = zip(msgspec.convert(markets, list[str]), msgspec.convert(selections, list[str]), strict=True)
    return Bet(
        bet_id=str(bet_id), accepted_at=int(str(accepted_at)), selections=tuple(map(":".join, legs)),
        stake_minor=int(str(stake)), odds=int(str(odds)), may_return_minor=int(str(payout)), status=str(status),
        settled=bool(settled), returned_minor=int(str(returned)), changed_at=int(str(changed_at)),
    )  # fmt: skip
