"""`bookstream identity`: what is shown of a log in memory, what is sent, and what is refused before it is."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import pytest

from bookstream import topics
from bookstream.cli import identity
from bookstream.delivery.api import Record
from domain.events.canonical import IdentityDecision, IdentityReview
from domain.events.head import Event
from tests.unit.agents.identity_samples import KICK_OFF, Round
from tests.unit.cli.conftest import Run

WORD = ("--who", "ann", "--why", "same ground")


class Sent:
    """An outlet that hands decisions to a log in memory."""

    played: Round
    decisions: list[IdentityDecision]

    def __init__(self, _address: str, _security: dict[str, str]) -> None:
        pass

    def send(self, topic: str, event: Event) -> None:
        assert topic == topics.IDENTITY_DECISIONS.name
        assert isinstance(event, IdentityDecision)
        self.decisions.append(event)
        self.played.hand_on(event)

    def flush(self) -> None:
        pass


@pytest.fixture
def played(environment: pytest.MonkeyPatch) -> Round:
    """Return a round in which one match is two fixtures, which a review doubts; its log is the broker."""
    made = Round()
    made.poll("pinnacle")
    made.poll("williamhill")
    candidate = made.directory.get(made.fixture_of("pinnacle"))
    assert candidate
    made.review(IdentityReview(
        event_id="r1", occurred_at=made.at, received_at=made.at, provider="theoddsapi", sport="soccer",
        provider_fixture_id="two", provider_name="The [Villans] v Pensioners", kick_off_at=KICK_OFF,
        candidate_id=candidate.fixture_id, candidate_name=candidate.name, score=0.71, reason="names are alike",
    ))  # fmt: skip

    def read(_bootstrap: str, names: Sequence[str], _security: Any = None) -> Iterator[Record]:
        for name in names:
            yield from made.log.records(name)

    environment.setenv("BOOKSTREAM_KAFKA", "memory:1")
    environment.setattr(identity, "read", read)
    environment.setattr(identity, "Outlet", Sent)
    Sent.played, Sent.decisions = made, []
    return made


def test_open_reviews_are_listed_with_both_names_and_the_score(run: Run, played: Round) -> None:
    shown = run("identity", "review")
    assert shown.code == 0
    for part in ("theoddsapi:two", "The [Villans] v Pensioners", played.fixture_of("pinnacle"), "0.710", "1 of 1"):
        assert part in shown.out
    told = run("identity", "review", "--json").json
    assert (told["total"], told["reviews"][0]["score"]) == (1, 0.71)


@pytest.mark.parametrize("answer", ["accept", "reject"])
def test_an_answered_review_is_not_open_any_more(run: Run, played: Round, answer: str) -> None:
    kept = played.fixture_of("pinnacle")
    ran = run("identity", answer, "theoddsapi:two", *WORD, "--json")
    assert (ran.code, ran.json["fixture_id"]) == (0, kept)
    assert run("identity", "review", "--json").json == {"total": 0, "reviews": []}
    assert (played.fixture_of("williamhill") == kept) == (answer == "accept")
    again = run("identity", answer, "theoddsapi:two", *WORD)
    assert (again.code, again.out) == (2, "")
    assert "no open review of theoddsapi:two" in again.sentence


def test_a_merge_says_who_and_why_and_takes_effect(run: Run, played: Round) -> None:
    kept, retired = played.fixture_of("pinnacle"), played.fixture_of("williamhill")
    ran = run("identity", "merge", kept, retired, *WORD)
    assert ran.code == 0
    assert f"{retired} is {kept}" in ran.out
    (decision,) = Sent.decisions
    assert (decision.actor, decision.reason, decision.name) == ("ann", "same ground", "Aston Villa v Chelsea")
    assert played.fixture_of("williamhill") == kept
    assert not played.reasons


def test_a_merge_undone_by_a_split_gives_a_new_id(run: Run, played: Round) -> None:
    kept, retired = played.fixture_of("pinnacle"), played.fixture_of("williamhill")
    run("identity", "merge", kept, retired, *WORD)
    ran = run("identity", "split", "theoddsapi:two", *WORD, "--json")
    assert (ran.code, ran.json["retired_id"]) == (0, kept)
    assert ran.json["fixture_id"] not in {kept, retired}
    assert played.fixture_of("williamhill") == ran.json["fixture_id"]
    assert not played.reasons


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("merge", "fx-never", "KEPT", *WORD), "nobody has told of fixture fx-never"),
        (("merge", "KEPT", "fx-never", *WORD), "nobody has told of fixture fx-never"),
        (("merge", "KEPT", "KEPT", *WORD), "is one fixture with itself"),
        (("merge", "KEPT", "RETIRED", "--who", " ", "--why", "x"), "say who decides it and why"),
        (("split", "theoddsapi:never", *WORD), "nobody has told of theoddsapi:never"),
        (("split", "two", *WORD), "a provider's fixture is PROVIDER:ID, its player PROVIDER:player/ID, not 'two'"),
        (("accept", "kambi:1", *WORD), "no open review of kambi:1"),
    ],
    ids=lambda each: each if isinstance(each, str) else " ".join(each[:3]),
)
def test_what_cannot_be_decided_is_not_sent(run: Run, played: Round, argv: tuple[str, ...], said: str) -> None:
    names = {"KEPT": played.fixture_of("pinnacle"), "RETIRED": played.fixture_of("williamhill")}
    ran = run("identity", *(names.get(each, each) for each in argv))
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.sentence
    assert not Sent.decisions


def test_what_was_merged_before_is_named_with_its_successor(run: Run, played: Round) -> None:
    kept, retired = played.fixture_of("pinnacle"), played.fixture_of("williamhill")
    run("identity", "merge", kept, retired, *WORD)
    ran = run("identity", "merge", retired, kept, *WORD)
    assert ran.code == 2
    assert f"{retired} was merged into {kept}" in ran.sentence


def test_a_review_whose_sides_are_swapped_is_accepted_turned(run: Run, played: Round) -> None:
    (review,) = [each for each in played.said(topics.IDENTITY_REVIEWS, IdentityReview) if each.event_id == "r1"]
    played.review(msgspec.structs.replace(review, event_id="r2", reason="home and away are swapped"))
    assert run("identity", "accept", "theoddsapi:two", *WORD, "--json").json["turned"] is True
