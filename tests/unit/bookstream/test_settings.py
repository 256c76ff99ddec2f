"""Settings: read from the environment, frozen, nothing unknown, one sentence for what is wrong."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from bookstream.rules import account_rules, book_rules
from bookstream.settings import Settings, settings
from domain.errors import Misconfigured


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    settings.cache_clear()


def test_an_unknown_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOOKSTREAM_KAFKAA", "localhost:9092")
    with pytest.raises(Misconfigured, match="unknown setting BOOKSTREAM_KAFKAA"):
        settings()


def test_an_impossible_value_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOOKSTREAM_SINK_BATCH_ROWS", "0")
    with pytest.raises(Misconfigured, match="BOOKSTREAM_SINK_BATCH_ROWS"):
        settings()


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings().currency = "EUR"


def test_secrets_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOOKSTREAM_THEODDSAPI_KEY", "s3cret")
    assert "s3cret" not in repr(settings())


def test_a_dotenv_file_is_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("BOOKSTREAM_CURRENCY=EUR\n")
    assert settings().currency == "EUR"


def test_rules_are_read_from_a_file_and_take_the_books_currency(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text("[accounts]\nanswer_within_us = 20_000_000\n[book]\nin_play_delay_s = 8\n")
    given = Settings(rules=path, currency="EUR")
    assert (account_rules(given).answer_within_us, account_rules(given).currency) == (20_000_000, "EUR")
    assert (book_rules(given).in_play_delay_s, book_rules(given).currency) == (8, "EUR")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [("[acounts]\n", "unknown table acounts"), ("[accounts]\nanswer = 1\n", "answer"), ("[[[", "rules.toml")],
)
def test_a_wrong_rules_file_is_named(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(text)
    with pytest.raises(Misconfigured, match=complaint):
        account_rules(Settings(rules=path))
