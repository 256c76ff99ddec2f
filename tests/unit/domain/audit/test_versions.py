"""Versions in the order of their topic: they rise, or are said again by the next owner after a crash."""

import pytest

from domain.audit.difference import Findings
from domain.audit.versions import Versions
from domain.events.betting import Account


def account(version: int, balance_minor: int = 100) -> Account:
    return Account(
        event_id=f"c.v{version}", occurred_at=1, received_at=1, provider="p", customer_id="c", version=version,
        currency="GBP", balance_minor=balance_minor, reserved_minor=0, open_stakes_minor=0,
    )  # fmt: skip


def found(*published: Account) -> list[tuple[str, str, str]]:
    versions, findings = Versions("account"), Findings()
    for each in published:
        versions.take(each.customer_id, each.version, each, findings)
    return [(d.rule, d.subject, d.found) for d in findings.differences]


@pytest.mark.parametrize("versions", [(1, 2, 3), (4, 9), (1, 2, 3, 2, 3, 4), (5, 6, 5, 6, 5, 6), (7, 7)])
def test_versions_that_rise_or_are_published_again_are_sound(versions: tuple[int, ...]) -> None:
    assert found(*map(account, versions)) == []


def test_a_version_that_was_skipped_and_comes_late_is_found() -> None:
    assert found(account(1), account(3), account(2)) == [("account versions rise", "c", "3 then 2")]


def test_a_version_published_again_with_another_content_is_found() -> None:
    assert found(account(1), account(2), account(1, 99)) == [
        ("one content a version of account", "c v1", "two contents")
    ]
    assert found(account(2), account(2, 99)) == [("one content a version of account", "c v2", "two contents")]


def test_versions_of_two_things_do_not_touch_each_other() -> None:
    versions, findings = Versions("account"), Findings()
    for subject, version in (("a", 7), ("b", 1), ("a", 8), ("b", 2)):
        versions.take(subject, version, account(version), findings)
    assert findings.differences == []
    assert findings.checked["account versions rise"] == 2
