"""`bookstream replay` and recordings that are not as they should be."""

import gzip
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from bookstream.lag import Lag
from bookstream.topics import CLOCK, DEAD_LETTERS, raw_topic
from domain.events.feeds import RawMessage
from domain.events.head import Event
from tests.unit.cli.conftest import Run
from tests.unit.connectors.samples import exchange_payloads

MESSAGES = 300


class World:
    """A broker whose topics take everything, and workers that are done at once."""

    def __init__(self) -> None:
        self.sent: list[Event] = []
        self.flushed = 0
        self.behind: Lag = {}
        self.ticks: Iterator[int] = iter(lambda: 0, 1)

    def now(self, topics: Sequence[str] = ()) -> Counter[str]:
        return Counter({CLOCK.name: next(self.ticks), DEAD_LETTERS.name: 0})

    def send(self, _topic: str, event: Event) -> None:
        self.sent.append(event)

    def flush(self) -> None:
        self.flushed = len(self.sent)

    def messages(self, name: str) -> int:
        return sum(isinstance(e, RawMessage) and e.stream_id.startswith(name) for e in self.sent[: self.flushed])


@pytest.fixture
def world(environment: pytest.MonkeyPatch) -> World:
    """Replace the broker and the workers."""
    world = World()
    environment.setenv("BOOKSTREAM_KAFKA", "nowhere:1")
    for name in ("TopicCounts", "Outlet"):
        environment.setattr(f"bookstream.cli.replay.{name}", lambda *_: world)
    environment.setattr("bookstream.cli.replay.LISTEN_SECONDS", 0.0)
    environment.setattr("bookstream.cli.replay.wait_until_quiet", lambda *_, **__: True)
    environment.setattr("bookstream.cli.replay.lag", lambda *_: world.behind)
    return world


@pytest.fixture
def files(tmp_path: Path, environment: pytest.MonkeyPatch) -> Path:
    """Write a whole recording, and others that are less."""
    recording = b"".join(payload + b"\n" for payload in exchange_payloads(MESSAGES))
    packed = gzip.compress(recording)
    (tmp_path / "whole").write_bytes(recording)
    (tmp_path / "cut.gz").write_bytes(packed[: len(packed) // 2])
    (tmp_path / "cut").write_bytes(recording[: len(recording) // 2])
    (tmp_path / "other").write_text("home,away\n1,2\n")
    (tmp_path / "empty").write_bytes(b"")
    environment.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("name", ["cut", "cut.gz"])
def test_a_cut_recording_is_replayed_up_to_the_cut_and_others_to_their_end(run: Run, world: World, name: str) -> None:
    ran = run("replay", "betfair", name, "whole", "--json")
    assert ran.code == 1
    assert f"bookstream: {name}" in ran.sentence
    assert ran.sentence.endswith("; what comes before was replayed")
    assert 0 < world.messages("cut") < MESSAGES
    assert world.messages("whole") == MESSAGES
    assert ran.json["messages"] == world.messages("cut") + MESSAGES
    assert len(ran.json["damages"]) == 1


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("betfair", "other"), "other is not a recording of the Exchange Stream"),
        (("betfair", "whole", "empty"), "empty is empty"),
        (("theoddsapi", "whole"), "whole is no answer of The Odds API"),
        (("nobody", "whole"), "unknown provider 'nobody': known are betfair"),
        (("betfair", "absent"), "'absent' does not exist"),
    ],
)
def test_what_is_no_recording_of_the_provider_is_refused_before_anything_is_sent(
    run: Run, world: World, argv: tuple[str, ...], said: str
) -> None:
    ran = run("replay", *argv)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.sentence
    assert world.sent == []


@pytest.mark.usefixtures("files")
def test_a_log_with_a_clock_of_its_own_takes_no_recording(run: Run, world: World) -> None:
    world.ticks = count()
    ran = run("replay", "betfair", "whole")
    assert (ran.code, world.sent) == (2, [])
    assert "use `bookstream up --no-clock`" in ran.sentence


@pytest.mark.usefixtures("files")
def test_what_no_worker_has_taken_is_no_success(run: Run, world: World) -> None:
    topic: Any = raw_topic("betfair")
    world.behind = {("ingest", topic, 0): 299, ("book", "odds", 1): 1}
    ran = run("replay", "betfair", "whole", "--json")
    assert (ran.code, ran.out) == (3, "")
    assert "300 records wait for book and ingest: are the workers running?" in ran.sentence
    assert world.messages("whole") == MESSAGES
