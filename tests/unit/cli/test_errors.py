"""Whatever goes wrong on purpose is one sentence on standard error and an exit code; no command shows a traceback."""

from pathlib import Path
from typing import Any

import pytest
import typer

from bookstream.cli.main import app
from bookstream.tokens import TokenSigner
from tests.unit.cli.conftest import Run

BET = ("bet", "--customer", "ann", "--stake", "10", "--leg", "fx-1/MATCH_ODDS/FT:home@2.5")

NEED_A_BROKER = (
    ("verify", "--without-history"), ("explain", "x"), ("topics", "check"), ("topics", "apply"),
    ("dead-letters", "list"), ("dead-letters", "show", "0@0"), ("dead-letters", "replay", "--all"),
    ("dead-letters", "replay", "0@0"), ("credit", "ann", "10.00"), BET, ("settle", "--list"),
    ("settle", "fx-1/MATCH_ODDS/FT", "--cancel", "--who", "ann", "--why", "x"),
)  # fmt: skip


def commands() -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for name, command in _inner(typer.main.get_command(app)).items():
        found += [(name, each) for each in _inner(command)] or [(name,)]
    return found


def _inner(command: Any) -> dict[str, Any]:
    commands: dict[str, Any] = getattr(command, "commands", {})
    return commands


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_every_command_has_help_with_an_example_and_speaks_json(run: Run, command: tuple[str, ...]) -> None:
    shown = run(*command, "--help")
    assert shown.code == 0
    assert "Example: " in shown.out
    assert "--json" in shown.out or command == ("down",)


@pytest.mark.parametrize("argv", NEED_A_BROKER, ids=" ".join)
def test_without_a_stack_it_is_said_how_to_start_one(run: Run, argv: tuple[str, ...]) -> None:
    ran = run(*argv)
    assert ran.code == 3
    assert ran.sentence.startswith("bookstream: no broker: none runs on")
    assert ran.out == ""


@pytest.mark.usefixtures("nobody")
@pytest.mark.parametrize(
    "argv", [("explain", "x"), ("verify", "--without-history"), ("dead-letters", "list", "--json")], ids=" ".join
)
def test_a_broker_that_is_away_is_said_to_be_away(run: Run, argv: tuple[str, ...]) -> None:
    ran = run(*argv)
    assert ran.code == 3
    assert "the Kafka broker does not answer" in ran.sentence
    assert ran.out == ""


@pytest.mark.usefixtures("nobody")
@pytest.mark.parametrize(
    "argv",
    [("explain", "x"), ("verify", "--without-history"), ("credit", "ann", "1"), BET, ("replay", "betfair", "feed")],
    ids=" ".join,
)
def test_events_are_written_and_read_by_the_registrys_ids_or_not_at_all(
    run: Run, environment: pytest.MonkeyPatch, tmp_path: Path, argv: tuple[str, ...]
) -> None:
    (tmp_path / "feed").write_text("{}")
    environment.setenv("BOOKSTREAM_REGISTRY", "http://127.0.0.1:1")
    ran = run(*argv)
    assert (ran.code, ran.out) == (3, "")
    assert "the schema registry does not answer" in ran.sentence


@pytest.mark.usefixtures("nobody")
def test_a_bet_without_a_broker_is_not_said_to_be_placed(run: Run, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("t")
    ran = run(*BET, "--token", "token")
    assert (ran.code, ran.out) == (3, "")
    assert "does not answer" in ran.sentence


def test_an_unknown_setting_is_named(run: Run, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("BOOKSTREAM_KAFKAA", "x:1")
    ran = run("explain", "x")
    assert ran.code == 2
    assert "BOOKSTREAM_KAFKAA" in ran.sentence


SECURITY = (
    ('{"sasl.mechanisn": "PLAIN"}', 'No such configuration property: "sasl.mechanisn"'),
    ('{"security.protocol": "TLS"}', 'Invalid value "TLS" for configuration property "security.protocol"'),
    ('{"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "X"}', "Unsupported SASL mechanism: X"),
    ("sasl.mechanism=PLAIN", "BOOKSTREAM_KAFKA_SECURITY"),
)


@pytest.mark.usefixtures("nobody")
@pytest.mark.parametrize(("security", "said"), SECURITY)
def test_a_wrong_security_setting_is_named(run: Run, environment: pytest.MonkeyPatch, security: str, said: str) -> None:
    environment.setenv("BOOKSTREAM_KAFKA_SECURITY", security)
    ran = run("explain", "x")
    assert (ran.code, ran.out) == (2, "")
    assert ran.sentence.startswith("bookstream: BOOKSTREAM_KAFKA_SECURITY: ")
    assert said in ran.sentence


@pytest.mark.usefixtures("nobody")
@pytest.mark.parametrize(
    "argv",
    [*NEED_A_BROKER, ("up", "--foreground"), ("feed", "theoddsapi"), ("replay", "betfair", "feed")],
    ids=" ".join,
)
def test_no_command_goes_on_with_a_wrong_security_setting(
    run: Run, environment: pytest.MonkeyPatch, tmp_path: Path, argv: tuple[str, ...]
) -> None:
    (tmp_path / "token").write_text("t")
    (tmp_path / "feed").write_text("{}")
    environment.setenv("BOOKSTREAM_KAFKA_SECURITY", SECURITY[0][0])
    environment.setenv("BOOKSTREAM_THEODDSAPI_KEY", "k")
    ran = run(*argv, *(("--token", "token") if argv[0] == "bet" else ()))
    assert (ran.code, ran.out) == (2, "")
    assert SECURITY[0][1] in ran.sentence


def test_a_clusters_security_without_its_address_is_refused_before_anything_starts(
    run: Run, environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    environment.setenv("BOOKSTREAM_KAFKA_SECURITY", '{"security.protocol": "SSL"}')
    ran = run("up", "--foreground")
    assert ran.code == 2
    assert "BOOKSTREAM_KAFKA_SECURITY is a cluster's, whose address is missing in BOOKSTREAM_KAFKA" in ran.sentence
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("argv", [("up",), ("down",), ("sql", "SELECT 1"), ("demo",), ("drill",)], ids=" ".join)
def test_a_data_directory_that_cannot_be_is_named(
    run: Run, environment: pytest.MonkeyPatch, tmp_path: Path, argv: tuple[str, ...]
) -> None:
    (tmp_path / "file").write_text("")
    environment.setenv("BOOKSTREAM_DATA_DIR", str(tmp_path / "file" / "data"))
    ran = run(*argv)
    assert (ran.code in {2, 3}, ran.out) == (True, "")
    assert f"{tmp_path}/file/data" in ran.sentence
    assert "Not a directory" in ran.sentence


def test_a_full_disk_is_told_before_anything_starts(run: Run, environment: pytest.MonkeyPatch) -> None:
    environment.setattr("ops.directory.LEAST_FREE_BYTES", 1 << 60)
    for argv in (("up",), ("up", "--foreground"), ("demo",)):
        ran = run(*argv)
        assert (ran.code, ran.out) == (3, "")
        assert "MB are free on the disk of" in ran.sentence


def test_an_unknown_command_and_an_unknown_option_exit_2(run: Run) -> None:
    assert run("explian", "x").code == 2
    assert run("explain", "x", "--jsn").code == 2


@pytest.mark.usefixtures("nobody")
@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (("--stake", "ten"), "'ten' is no amount of money"),
        (("--stake", "10.001"), "'10.001' has more than 2 decimals"),
        (("--stake", "1e30"), "'1e30' is no amount of money"),
        (("--stake", "nan"), "'nan' is no amount of money"),
        (("--leg", "home"), "a leg is MARKET:SELECTION or MARKET:SELECTION@ODDS, not 'home'"),
        (("--leg", "fx-1/M/FT:home@"), "a leg is MARKET:SELECTION or MARKET:SELECTION@ODDS, not"),
        (("--token", "[none]"), "the token file [none] cannot be read"),
        (("--key", "none"), "no --token, and no key to sign one with at none"),
        (("--key", "empty"), "empty holds no private Ed25519 key"),
    ],
)
def test_a_bet_that_cannot_be_asked_is_not_asked(run: Run, tmp_path: Path, changed: tuple[str, str], said: str) -> None:
    (tmp_path / "token").write_text("t")
    (tmp_path / "empty").write_text('{"keys": []}')
    given = ("--token", "token") if changed[0] not in {"--token", "--key"} else ()
    ran = run(*BET, *given, *changed)
    assert ran.code == 2
    assert said in ran.sentence


@pytest.mark.usefixtures("nobody")
@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("credit", "ann", "0"), "a transfer of nothing"),
        (("credit", "ann", "x"), "'x' is no amount"),
        (("credit", "an/n", "1"), "customer_id"),
        (("dead-letters", "replay"), "say which"),
        (("dead-letters", "replay", "0@1", "--all"), "say which"),
    ],
)
def test_what_would_only_become_a_dead_letter_is_refused_here(run: Run, argv: tuple[str, ...], said: str) -> None:
    ran = run(*argv)
    assert ran.code == 2
    assert said in ran.sentence


def test_money_is_withdrawn_by_a_negative_amount(run: Run, nobody: str) -> None:
    ran = run("credit", "ann", "-10.001")
    assert (ran.code, ran.out) == (2, "")
    assert "'-10.001' has more than 2 decimals" in ran.sentence


def test_the_key_of_the_data_directory_signs(run: Run, environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    TokenSigner.generate().write(tmp_path / "data/tokens.private.jwks.json", tmp_path / "data/tokens.public.jwks.json")
    environment.setenv("BOOKSTREAM_KAFKA", "127.0.0.1:1")
    environment.setattr("bookstream.reading.TIMEOUT_SECONDS", 0.3)
    ran = run(*BET)
    assert ran.code == 3, ran.err


def test_the_declared_topics_are_listed_without_a_broker(run: Run) -> None:
    ran = run("topics", "list", "--json")
    assert ran.code == 0
    (letters,) = [each for each in ran.json["topics"] if each["topic"] == "dead-letters"]
    assert letters["record"] == "bytes"
    assert "bets.decisions" in run("topics", "list").out


def test_history_that_is_not_there_is_said_so(run: Run, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("BOOKSTREAM_CLICKHOUSE", "clickhouse://ann:secret@127.0.0.1:1/none")
    for argv in (("sql", "SELECT 1"), ("up", "--foreground")):
        ran = run(*argv)
        assert (ran.code, ran.out) == (3, "")
        assert ran.sentence == "bookstream: ClickHouse at 127.0.0.1:1 does not answer: Connection refused"
    environment.setenv("BOOKSTREAM_CLICKHOUSE", "127.0.0.1")
    assert run("up", "--foreground").code == run("sql", "SELECT 1").code == 2
