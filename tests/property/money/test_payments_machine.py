"""Any interleaving of requests, answers, losses, webhooks, repeats and restarts: money moves once, and is explained.

The provider is honest but its network is not: requests and words are lost, doubled, late and overtake each other. At
the end all is found out by asking alone, and the ledger is the provider's statement.
"""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bookstream.faults.payment_book import PaymentBook
from connectors.payments.messages import Order
from domain.money.payment_codes import PaymentCode
from domain.money.payment_limits import DAY_US, PaymentLimits
from domain.money.payment_terms import (
    Answered,
    Ask,
    DepositAsked,
    MoveKind,
    Outcome,
    Patience,
    RefundAsked,
    Said,
    Unanswered,
    Verb,
    WithdrawalAsked,
)
from domain.money.payments import Deposit, DepositStatus, ask_after, payment_of, unresolved_since
from domain.money.reconcile import Difference, Movement, PaymentLine, Settled, reconcile
from tests.unit.domain.money.payment_desk import CASH, CLEARING, CURRENCY, HELD, Desk

SECOND = 1_000_000
T0 = 1_700_000_000 * SECOND
DAY_LIMIT = 1_400
LIMITS = PaymentLimits(deposit_day_minor=DAY_LIMIT, most_balance_minor=1_600)
PATIENCE = Patience(authorise_us=600 * SECOND)
DISHONEST = {
    PaymentCode.CONTRADICTS,
    PaymentCode.AMOUNT_DIFFERS,
    PaymentCode.CURRENCY_DIFFERS,
    PaymentCode.REQUEST_UNKNOWN,
    PaymentCode.MOVE_UNKNOWN,
    PaymentCode.PAYMENT_UNKNOWN,
}
names = st.sampled_from([f"p{n}" for n in range(1, 9)])
amounts = st.sampled_from([50, 50, 50, 300])
picks = st.integers(0, 30)
outcomes = st.sampled_from([Outcome.DONE, Outcome.DONE, Outcome.PENDING, Outcome.DECLINED])


class Payments(RuleBasedStateMachine):
    """One customer, few ids, so that repeats and collisions happen."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk(LIMITS, PATIENCE)
        self.book = PaymentBook()
        self.now = T0
        self.wire: list[Ask] = []
        self.words: list[Said] = []
        self.bets = 0

    @initialize()
    def begin_with_money(self) -> None:
        """Let one deposit go through as it should."""
        self.deposit("p1", 1_000)
        self.go_on(0, Outcome.DONE)
        self.go_on(0, Outcome.DONE)
        assert self.desk.balances[CASH] == 1_000

    @rule(name=names, amount=amounts)
    def deposit(self, name: str, amount: int) -> None:
        asked = DepositAsked(payment_id=name, customer_id="ann", currency=CURRENCY, amount_minor=amount)
        self.desk.command(asked, self.now)

    @rule(name=names, amount=amounts)
    def withdraw(self, name: str, amount: int) -> None:
        asked = WithdrawalAsked(payment_id=f"w-{name}", customer_id="ann", currency=CURRENCY, amount_minor=amount)
        self.desk.command(asked, self.now)

    @rule(pick=picks, refund=st.sampled_from(["r1", "r2", "r3"]), amount=amounts)
    def refund(self, pick: int, refund: str, amount: int) -> None:
        captured = [
            key for key, payment in self.desk.payments().items()
            if isinstance(payment, Deposit) and payment.status is DepositStatus.CAPTURED
        ]  # fmt: skip
        asked = RefundAsked(refund_id=refund, amount_minor=amount)
        if captured:
            self.desk.refund(captured[pick % len(captured)], asked, self.now)

    @rule(share=st.sampled_from([-1.0, -0.3, -0.1, 0.3]))
    def bet(self, share: float) -> None:
        """Lose or win some of the free money."""
        won = int(self.desk.balances[CASH] * share)
        if won:
            self.desk.bet(won, self.now)
        self.bets += won

    @precondition(lambda self: self.desk.asks)
    @rule(pick=picks, outcome=outcomes)
    def go_on(self, pick: int, outcome: Outcome) -> None:
        """Let a request and its answer go through as they should; its webhook is under way."""
        said = self.provider(self.desk.asks.pop(pick % len(self.desk.asks)), outcome)
        self.desk.hear(Answered(said=said), self.now)
        self.words.append(said)

    @precondition(lambda self: self.desk.asks)
    @rule(pick=picks, crash=st.sampled_from([False] * 5 + [True]))
    def send(self, pick: int, *, crash: bool) -> None:
        """Send what is to be asked; a crash before that loses it all."""
        if crash:
            self.desk.asks.clear()
        else:
            self.wire.append(self.desk.asks.pop(pick % len(self.desk.asks)))

    @precondition(lambda self: self.wire)
    @rule(pick=picks, doubled=st.booleans(), outcome=outcomes)
    def arrive(self, pick: int, *, doubled: bool, outcome: Outcome) -> None:
        """Let a request come to the provider, now or once more later."""
        at = pick % len(self.wire)
        ask = self.wire[at] if doubled else self.wire.pop(at)
        self.words += [self.provider(ask, outcome)] * 2

    @precondition(lambda self: self.wire)
    @rule(pick=picks)
    def lose_request(self, pick: int) -> None:
        ask = self.wire.pop(pick % len(self.wire))
        self.desk.hear(Unanswered(key=ask.key), self.now)

    @precondition(lambda self: self.words)
    @rule(pick=picks, doubled=st.booleans())
    def hear(self, pick: int, *, doubled: bool) -> None:
        """Let a word come, by an answer or by a webhook, now or once more later."""
        at = pick % len(self.words)
        self.desk.hear(Answered(said=self.words[at] if doubled else self.words.pop(at)), self.now)

    @precondition(lambda self: self.words)
    @rule(pick=picks)
    def lose_word(self, pick: int) -> None:
        word = self.words.pop(pick % len(self.words))
        self.desk.hear(Unanswered(key=word.key), self.now)

    @precondition(lambda self: self.pending())
    @rule(pick=picks, outcome=st.sampled_from([Outcome.DONE, Outcome.DECLINED]))
    def decide(self, pick: int, outcome: Outcome) -> None:
        keys = self.pending()
        self.tell(keys[pick % len(keys)], outcome)

    @precondition(lambda self: self.paid())
    @rule(pick=picks)
    def give_back(self, pick: int) -> None:
        keys = self.paid()
        self.tell(keys[pick % len(keys)], Outcome.RETURNED)

    @rule(seconds=st.sampled_from([1, 1, 6, 6, 40, 40, 700, 90_000]))
    def wait(self, seconds: int) -> None:
        self.now += seconds * SECOND
        self.desk.tick(self.now)

    @rule(name=names)
    def lie(self, name: str) -> None:
        """Speak of what nobody asked for."""
        before = dict(self.desk.rows), self.desk.books
        said = Said(key=f"bob/{name}/capture", outcome=Outcome.DONE, amount_minor=100, currency=CURRENCY)
        assert self.desk.hear(Answered(said=said), self.now) is PaymentCode.PAYMENT_UNKNOWN
        assert (self.desk.rows, self.desk.books) == before

    def provider(self, ask: Ask, outcome: Outcome) -> Said:
        if ask.query:
            if ask.key not in self.book.kept:
                return Said(key=ask.key, outcome=Outcome.UNHEARD_OF)
            return self.book.told(ask.key).said()
        order = Order(
            key=ask.key, customer=ask.customer_id, currency=ask.currency, amount=ask.amount_minor, of=ask.of
        )  # fmt: skip
        return self.book.take(ask.verb, order, self.now, outcome).said()

    def tell(self, key: str, outcome: Outcome) -> None:
        self.words.append(self.book.finish(key, outcome, self.now).said())

    def pending(self) -> list[str]:
        return [key for key, kept in self.book.kept.items() if kept.outcome is Outcome.PENDING]

    def paid(self) -> list[str]:
        outward = {Verb.PAYOUT, Verb.REFUND}
        return [key for key, k in self.book.kept.items() if k.outcome is Outcome.DONE and k.verb in outward]

    @invariant()
    def money_is_conserved(self) -> None:
        balances = self.desk.balances
        assert balances[CASH] + balances[HELD] + balances[CLEARING] == self.bets
        assert min(balances[CASH], balances[HELD]) >= 0

    @invariant()
    def the_ledger_is_never_ahead_of_the_provider(self) -> None:
        for move, _ in self.desk.moves:
            if move.kind in {MoveKind.CREDIT, MoveKind.POST}:
                assert self.book.kept[move.key].outcome in {Outcome.DONE, Outcome.RETURNED}, move
            if move.kind is MoveKind.RETURN:
                assert self.book.kept[move.key].outcome is Outcome.RETURNED, move
            if move.kind is MoveKind.RELEASE:
                assert self.book.kept[move.key].outcome is Outcome.DECLINED, move

    @invariant()
    def no_limit_is_passed(self) -> None:
        opened = [
            payment for payment in self.desk.payments().values()
            if isinstance(payment, Deposit)
            and payment.status in {DepositStatus.AUTHORISING, DepositStatus.CAPTURING, DepositStatus.CAPTURED}
        ]  # fmt: skip
        for last in opened:
            day = [p for p in opened if last.opened_at - DAY_US < p.opened_at <= last.opened_at]
            assert sum(p.asked.amount_minor for p in day) <= DAY_LIMIT

    @invariant()
    def an_honest_provider_is_never_accused(self) -> None:
        assert not DISHONEST & set(self.desk.codes)

    def teardown(self) -> None:
        """Let the network be well, and time pass: all is found out, and the statement is the ledger."""
        for key in self.pending():
            self.book.finish(key, Outcome.DONE, self.now)
        self.wire.clear()
        self.words.clear()
        self.desk.asks.clear()
        for _ in range(50):
            while self.desk.asks:
                said = self.provider(self.desk.asks.pop(0), Outcome.DONE)
                self.desk.hear(Answered(said=said), self.now)
            due = self.desk.due_at()
            if due is None:
                break
            self.now = max(self.now, due)
            self.desk.tick(self.now)
        assert all(unresolved_since(payment) is None for payment in self.desk.payments().values())
        statement = [line.line() for line in self.book.statement().lines]
        self.find_out(statement)
        result = reconcile(statement, self.desk.lines(), at=self.now + DAY_US)
        assert (result.findings, result.is_clean) == ((), True)
        assert self.desk.balances[CLEARING] == -sum(line.money_minor for line in statement)
        assert self.desk.balances[HELD] == 0
        assert result.matched == sum(line.status is Settled.SETTLED for line in statement) + len(
            [move for move, _ in self.desk.moves if move.kind is MoveKind.RELEASE]
        )

    def find_out(self, statement: list[PaymentLine]) -> None:
        """Ask after what the statement has and the ledger has not: the word of money that was returned was lost."""
        for finding in reconcile(statement, self.desk.lines(), at=self.now + DAY_US).findings:
            assert finding.differences == (Difference.MISSING_IN_LEDGER,)
            assert finding.line
            assert finding.line.movement is Movement.RETURN
            name = payment_of(finding.line.key)
            assert name
            ask = ask_after(self.desk.payments()[name], finding.line.key)
            assert ask
            self.desk.hear(Answered(said=self.provider(ask, Outcome.DONE)), self.now)


Payments.TestCase.settings = settings(max_examples=200, stateful_step_count=50, deadline=None)
TestPayments = Payments.TestCase
