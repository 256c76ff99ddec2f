"""What people may name to be replayed."""

from pathlib import Path

import pytest

from bookstream.replay_sources import RawTopic, Recording, parse
from domain.errors import Misconfigured


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b", "c:d"):
        Path(name).write_text("{}")


def test_a_provider_stands_for_the_files_after_it_and_a_prefix_for_its_own() -> None:
    found = parse(["betfair", "a", "theoddsapi:b", "b", "kambi", "c:d"])
    assert found == [
        Recording("betfair", Path("a")), Recording("theoddsapi", Path("b")), Recording("betfair", Path("b")),
        Recording("kambi", Path("c:d")),
    ]  # fmt: skip


def test_a_raw_topic_is_named_by_its_address() -> None:
    assert parse(["kafka://host:9092/feeds.uof.raw"]) == [RawTopic("host:9092", "feeds.uof.raw")]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "nothing is named"),
        (["betfair"], "nothing is named"),
        (["a"], "unknown provider 'a'"),
        (["nobody:a"], "unknown provider 'nobody'"),
        (["betfair:absent"], "does not exist"),
        (["kafka://host:9092/odds"], "with a topic of feeds.betfair.raw"),
        (["kafka:///feeds.betfair.raw"], "is no kafka://HOST:PORT/TOPIC"),
    ],
)
def test_what_cannot_be_replayed_is_refused(words: list[str], said: str) -> None:
    with pytest.raises(Misconfigured, match=said):
        parse(words)
