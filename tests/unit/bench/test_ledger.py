"""The ledger's bench compares like with like."""

from bench.ledger import PureLedger, Sqlite, run, transfers
from domain.money import chart


def test_the_candidates_keep_the_same_balances_and_refuse_the_same_transfers() -> None:
    asked = transfers(3_000)
    asked += asked[-2:]
    pure, sqlite = PureLedger(chained=True), Sqlite()
    pure.take(asked)
    sqlite.take(asked)
    balances = sqlite.balances()
    sqlite.close()
    assert pure.balances() == balances
    assert sum(balances.values()) == 0
    assert balances[chart.open_stakes("c1")] > 0
    assert len(pure.entries) < len(asked) - 2, "some stakes are taken back before there are any"


def test_each_figure_is_measured_in_every_round() -> None:
    figures = run(rounds=2, transfers_count=1_500)
    assert [figure.rounds for figure in figures] == [2, 2, 2, 2]
    assert all(figure.low > 0 for figure in figures)
