"""What a live message that cannot be read is about."""

import pytest

from bookstream.faults.uof_messages import SENT_MS, odds_change
from connectors.uof.live_broken import Broken, broken_of
from connectors.uof.live_head import head_of

NOW = SENT_MS * 1000
KEY = "hi.-.live.odds_change.1.sr:match.42.-"
LIVE, PREMATCH = frozenset({"live"}), frozenset({"prematch"})


@pytest.mark.parametrize(
    ("key", "broken"),
    [
        (KEY, Broken("odds_change", "sr:match:42", LIVE, None)),
        ("lo.pre.-.bet_settlement.21.vf:match.7.-.1", Broken("bet_settlement", "vf:match:7", PREMATCH, None)),
        ("hi.pre.live.fixture_change.1.sr:season.8", Broken("fixture_change", "sr:season:8", LIVE | PREMATCH, None)),
        ("-.-.-.alive.-.-.-.-", None),
        ("hi.-.live.odds_change.1.sr:match.x.-", None),
        ("", None),
    ],
)
def test_without_a_head_it_is_known_by_its_routing_key(key: str, broken: Broken | None) -> None:
    assert broken_of(key, None) == broken


def test_a_message_that_ends_early_is_its_producer_s() -> None:
    payload = odds_change(1)
    assert broken_of(KEY, head_of(payload, NOW)) is None
    assert broken_of(KEY, head_of(payload + b"\n", NOW)) is None
    assert broken_of(KEY, head_of(payload[:-1], NOW)) == Broken("odds_change", "sr:match:42", LIVE, 1)


def test_a_message_without_content_is_whole() -> None:
    stop = f'<bet_stop product="1" event_id="sr:match:42" timestamp="{SENT_MS}" groups="all"/>'
    assert broken_of(KEY, head_of(stop.encode(), NOW)) is None


def test_whose_it_may_be_is_told_by_the_producer_or_the_scope() -> None:
    of_any, of_first = Broken("odds_change", "sr:match:42", LIVE, None), Broken("odds_change", "sr:match:42", LIVE, 1)
    assert [of_any.may_be_of(3, scope) for scope in ("live", "prematch|live", "", "prematch")] == [
        True, True, True, False,
    ]  # fmt: skip
    assert [of_first.may_be_of(each, "live") for each in (1, 3)] == [True, False]
