"""Payments through the accounts' agent, whatever is lost, delivered again or comes late: books and statement agree."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bookstream import topics
from domain.events.betting import LedgerEntry
from domain.events.payments import Payment
from domain.money.payment_answers import answer_to
from domain.money.payment_entries import entry_lines
from domain.money.payment_terms import Outcome, Verb
from domain.money.reconcile import reconcile
from tests.unit.agents.payment_story import PaymentStory

CUSTOMERS = ("ann", "ben")
AGAIN = (topics.PAYMENT_REQUESTS, topics.PAYMENT_ANSWERS)
UNDER_WAY = {"AUTHORISING", "CAPTURING", "PAYING"}
OUTCOMES = (Outcome.DONE, Outcome.DONE, Outcome.PENDING, Outcome.DECLINED, None)

PAY = st.tuples(
    st.just("pay"), st.sampled_from(("DEPOSIT", "WITHDRAWAL")), st.integers(0, 5), st.integers(1, 3),
    st.sampled_from(CUSTOMERS),
)  # fmt: skip
CARRY = st.tuples(st.just("carry"), st.sampled_from(OUTCOMES), st.sampled_from(("once", "twice", "lost", "unsaid")))
HAPPEN = st.tuples(st.sampled_from(("again", "webhook", "finish", "return", "restart")), st.integers(0, 50))
WAIT = st.tuples(st.just("wait"), st.sampled_from((1, 10, 31, 1801)))
EVENTS = st.lists(st.one_of(PAY, CARRY, CARRY, HAPPEN, WAIT), max_size=40)


class Muddle(PaymentStory):
    """A story in which anything may happen."""

    def carry(self, outcome: Outcome | None, how: str) -> None:
        """Carry out the next ask, more or less well."""
        ask = self.next_ask()
        if ask is None:
            return
        if how == "lost":
            return
        self.outcomes.append(outcome)
        for _ in range(2 if how == "twice" else 1):
            answer = answer_to(ask, self._ask(ask), self.now)
            if how != "unsaid":
                self.send(topics.PAYMENT_ANSWERS, answer)
        self.outcomes.clear()

    def happen(self, what: str, n: int) -> None:
        """Let something befall what was said or done before."""
        keys = list(self.book.kept)
        key = keys[n % len(keys)] if keys else ""
        kept = self.book.kept.get(key)
        match what:
            case "again":
                records = [record for topic in AGAIN for record in self.log.records(topic.name)]
                if records:
                    record = records[n % len(records)]
                    self.log.send(record.topic, record.key, record.value)
                    self.log.run()
            case "restart":
                for place, shard in self.log.shards.items():
                    self.log.shards[place] = shard.reopened()
            case "webhook" if kept:
                self.webhook(key)
            case "finish" if kept and kept.outcome is Outcome.PENDING:
                self.book.finish(key, (Outcome.DONE, Outcome.DECLINED)[n % 2], self.now)
            case "return" if kept and kept.verb is Verb.PAYOUT and kept.outcome is Outcome.DONE:
                self.book.finish(key, Outcome.RETURNED, self.now)
                self.webhook(key)

    def settle(self) -> None:
        """Let everything come to its end."""
        for key, kept in list(self.book.kept.items()):
            if kept.outcome is Outcome.PENDING:
                self.book.finish(key, Outcome.DONE, self.now)
        for _ in range(8):
            self.cashier()
            self.clock(1000)


@given(EVENTS)
@settings(max_examples=150, deadline=None)
def test_books_and_statement_agree_whatever_happens(happened: list[tuple[object, ...]]) -> None:
    story = Muddle()
    for customer in CUSTOMERS:
        story.pay("DEPOSIT", "first", 5_000, customer=customer)
        story.cashier()
    for what, *rest in happened:
        match what, rest:
            case "pay", [str(kind), int(name), int(size), str(customer)]:
                story.pay(kind, f"p{name}", size * 1_000, customer=customer)
            case "carry", [outcome, str(how)]:
                assert outcome is None or isinstance(outcome, Outcome)
                story.carry(outcome, how)
            case "wait", [int(seconds)]:
                story.clock(seconds)
            case _, [int(n)]:
                story.happen(str(what), n)
        story.proved()
    story.settle()
    assert story.proved()["the bank holds what was paid in"] == 1
    entries = story.said(topics.LEDGER, LedgerEntry)
    assert len({entry.entry_id for entry in entries}) == len(entries)
    lines = [line.line() for line in story.book.statement().lines]
    assert reconcile(lines, entry_lines(entries), at=story.now + 10**12).is_clean
    last = {(each.customer_id, each.payment_id): each for each in story.said(topics.PAYMENTS, Payment)}
    assert [each.status for each in last.values() if each.status in UNDER_WAY or each.unknown_since_at] == []
    assert [story.account(customer)[1] for customer in CUSTOMERS] == [0, 0]
