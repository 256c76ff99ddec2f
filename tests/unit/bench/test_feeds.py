"""The bench of feeds finds whose each recording is, and normalises it."""

from pathlib import Path

import pytest

from bench import feeds
from bench.recordings import Recording, recordings
from domain.errors import Misconfigured
from tests.unit.connectors.samples import answers, exchange_payloads


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BOOKSTREAM_REALDATA", str(tmp_path))
    (tmp_path / "betfair").mkdir()
    (tmp_path / "the_odds_api").mkdir()
    (tmp_path / "betfair" / "stream.jsonl").write_bytes(b"\n".join(exchange_payloads(40)) + b"\n")
    (tmp_path / "the_odds_api" / "answers.jsonl").write_bytes(b"\n".join(answers()) + b"\n")
    (tmp_path / "the_odds_api" / "README.md").write_text("no recording")
    return tmp_path


def test_files_are_found_with_their_providers(data: Path) -> None:
    assert recordings() == [
        Recording("betfair", data / "betfair" / "stream.jsonl"),
        Recording("theoddsapi", data / "the_odds_api" / "answers.jsonl"),
    ]


def test_every_provider_is_measured_and_all_of_them_together(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "LEAST_SECONDS", 0.001)
    whole, *figures = feeds.run(rounds=2, messages=20)
    assert whole.name.startswith("all recordings: 52 messages, ")
    assert whole.ratio >= 1
    assert [figure.name for figure in figures] == ["betfair normalised", "theoddsapi normalised"]
    assert all(figure.rounds == 2 and figure.low > 0 for figure in figures)
    assert data.exists()


def test_without_recordings_it_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOOKSTREAM_REALDATA", str(tmp_path))
    with pytest.raises(Misconfigured, match=r"needs recordings.*BOOKSTREAM_REALDATA"):
        recordings()
