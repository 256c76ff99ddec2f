"""Reconciliation: the provider's statement against the ledger's payments, with every difference classified.

Pure. Both sides are lines of one shape. A line of the statement and one of the ledger are a pair when they have the
same key and movement; what remains has no other side. Whatever the lines are, provider − ledger = the sum of what the
findings explain, in each currency.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Final

import msgspec

from domain.money.payment_terms import SECOND_US

WINDOW_US: Final = 3_600 * SECOND_US


class Movement(StrEnum):
    """How money moved between the house and a customer's bank."""

    CAPTURE = "CAPTURE"
    REFUND = "REFUND"
    PAYOUT = "PAYOUT"
    RETURN = "RETURN"


class Settled(StrEnum):
    """Whether it has moved: only SETTLED counts in sums. In the ledger what is held is PENDING, released FAILED."""

    SETTLED = "SETTLED"
    PENDING = "PENDING"
    FAILED = "FAILED"


class PaymentLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the provider's statement or a payment entry of the ledger; `amount_minor` is never negative.

    `line_id` is the side's own name for it, `key` the idempotency key of the request, `at` microseconds UTC.
    """

    line_id: str
    key: str
    movement: Movement
    amount_minor: int
    currency: str
    status: Settled
    at: int

    @property
    def money_minor(self) -> int:
        """Return what it brings to the house: negative for what leaves it."""
        sign = 1 if self.movement in INWARD else -1
        return sign * self.amount_minor if self.status is Settled.SETTLED else 0


INWARD: Final = frozenset({Movement.CAPTURE, Movement.RETURN})


class Difference(StrEnum):
    """How the two sides differ."""

    MISSING_IN_LEDGER = "MISSING_IN_LEDGER"
    MISSING_AT_PROVIDER = "MISSING_AT_PROVIDER"
    AMOUNT_DIFFERS = "AMOUNT_DIFFERS"
    CURRENCY_DIFFERS = "CURRENCY_DIFFERS"
    STATUS_DIFFERS = "STATUS_DIFFERS"
    DUPLICATE_AT_PROVIDER = "DUPLICATE_AT_PROVIDER"
    DUPLICATE_IN_LEDGER = "DUPLICATE_IN_LEDGER"
    IN_FLIGHT = "IN_FLIGHT"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One difference, or several of one pair."""

    differences: tuple[Difference, ...]
    line: PaymentLine | None = None
    entry: PaymentLine | None = None

    @property
    def explains(self) -> dict[str, int]:
        """Return provider − ledger by currency, in minor units."""
        sums: Counter[str] = Counter()
        if self.line is not None:
            sums[self.line.currency] += self.line.money_minor
        if self.entry is not None:
            sums[self.entry.currency] -= self.entry.money_minor
        return dict(sums)


class Reconciliation(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it; sums by currency in minor units. `unexplained_minor` is zero, or this code is wrong."""

    matched: int
    findings: tuple[Finding, ...]
    provider_minor: dict[str, int]
    ledger_minor: dict[str, int]
    unexplained_minor: dict[str, int]

    @property
    def is_clean(self) -> bool:
        """Say whether nothing is left but what is on its way."""
        on_its_way = (Difference.IN_FLIGHT,)
        return not any(self.unexplained_minor.values()) and all(f.differences == on_its_way for f in self.findings)


def reconcile(
    lines: Iterable[PaymentLine],
    entries: Iterable[PaymentLine],
    *,
    at: int,
    since: int | None = None,
    until: int | None = None,
    window_us: int = WINDOW_US,
) -> Reconciliation:
    """Hold a statement against the ledger; `at` is now, and what is younger than the window may be in flight.

    With `since` and `until` only that time is reported: a pair belongs to the time of its statement line, so give
    lines and entries of a window around it, too.
    """
    statement, ledger = tuple(lines), tuple(entries)

    def within(line: PaymentLine) -> bool:
        return (since is None or line.at >= since) and (until is None or line.at < until)

    provider_sums, ledger_sums, explained = Counter[str](), Counter[str](), Counter[str]()
    for line in filter(within, statement):
        provider_sums[line.currency] += line.money_minor
    matched, findings = 0, []
    for finding in _findings(statement, ledger, at, window_us):
        first = finding.line or finding.entry
        assert first is not None
        if not within(first):
            continue
        if finding.entry is not None:
            ledger_sums[finding.entry.currency] += finding.entry.money_minor
        if finding.differences:
            findings.append(finding)
            for currency, amount in finding.explains.items():
                explained[currency] += amount
        elif finding.line is not None and finding.entry is not None:
            matched += 1
    currencies = provider_sums.keys() | ledger_sums.keys()
    return Reconciliation(
        matched=matched, findings=tuple(findings), provider_minor=dict(provider_sums), ledger_minor=dict(ledger_sums),
        unexplained_minor={c: provider_sums[c] - ledger_sums[c] - explained[c] for c in sorted(currencies)},
    )  # fmt: skip


def _findings(
    statement: tuple[PaymentLine, ...], ledger: tuple[PaymentLine, ...], at: int, window_us: int
) -> Iterator[Finding]:
    """Say of every line and entry, once, what it is; those with no difference too."""
    groups: dict[tuple[str, Movement], tuple[list[PaymentLine], list[PaymentLine]]] = defaultdict(lambda: ([], []))
    for side, given in enumerate((statement, ledger)):
        for each in sorted(given, key=lambda line: (line.at, line.line_id)):
            groups[each.key, each.movement][side].append(each)
    for _, (lines, entries) in sorted(groups.items()):
        yield from _group(lines, entries, at, window_us)


def _group(lines: list[PaymentLine], entries: list[PaymentLine], at: int, window_us: int) -> Iterator[Finding]:
    """Pair what is most alike, and say what the rest is."""
    pairs = ((n, m) for n in range(max(len(lines), 1)) for m in range(max(len(entries), 1)))
    n, m = min(pairs, key=lambda pair: _unlike(lines[pair[0] : pair[0] + 1], entries[pair[1] : pair[1] + 1]))
    line = lines.pop(n) if lines else None
    entry = entries.pop(m) if entries else None
    yield Finding(differences=_differences(line, entry, at, window_us), line=line, entry=entry)
    for each in lines:
        yield Finding(differences=(Difference.DUPLICATE_AT_PROVIDER,), line=each)
    for each in entries:
        yield Finding(differences=(Difference.DUPLICATE_IN_LEDGER,), entry=each)


def _unlike(lines: list[PaymentLine], entries: list[PaymentLine]) -> int:
    """Return how much two sides differ, each one or none; of one side alone, what has settled comes first."""
    if not lines or not entries:
        return int((lines + entries)[0].status is not Settled.SETTLED)
    line, entry = lines[0], entries[0]
    differ = (line.currency != entry.currency, line.amount_minor != entry.amount_minor, line.status != entry.status)
    return sum(differ)


def _differences(
    line: PaymentLine | None, entry: PaymentLine | None, at: int, window_us: int
) -> tuple[Difference, ...]:
    young = at - max(each.at for each in (line, entry) if each is not None) < window_us
    if line is None or entry is None:
        one = line or entry
        assert one is not None
        if one.status is Settled.FAILED:
            # Nothing moved, and nothing was to move: the other side need not know.
            return ()
        missing = Difference.MISSING_AT_PROVIDER if line is None else Difference.MISSING_IN_LEDGER
        return (Difference.IN_FLIGHT if young else missing,)
    found = []
    if line.currency != entry.currency:
        found.append(Difference.CURRENCY_DIFFERS)
    if line.amount_minor != entry.amount_minor:
        found.append(Difference.AMOUNT_DIFFERS)
    if line.status is not entry.status:
        under_way = young and Settled.PENDING in (line.status, entry.status)
        found.append(Difference.IN_FLIGHT if under_way else Difference.STATUS_DIFFERS)
    return tuple(found)
