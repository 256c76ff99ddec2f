"""The committed documents are those that the code makes, and hold together."""

from pathlib import Path
from typing import Any

import pytest
import yaml

import schemas
from agents.dead_letters import dead_letter
from bookstream.contracts import __main__ as command
from bookstream.contracts.asyncapi import ERROR_HEADERS, document
from bookstream.contracts.documents import documents, is_written
from bookstream.contracts.reference import nested
from bookstream.delivery.api import Headers, Record
from bookstream.topics import PUBLIC
from domain.errors import UndecodableInput

ROOT = Path(schemas.__file__).parents[1]


@pytest.mark.parametrize("name", ["contracts.md", "asyncapi.yaml"])
def test_a_committed_document_is_up_to_date(name: str) -> None:
    path = ROOT / "docs" / name
    assert is_written(path, documents(ROOT)[path]), "run `python -m bookstream.contracts docs`"


def test_the_command_writes_what_is_out_of_date_and_tells_without_writing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "docs").mkdir()
    monkeypatch.setattr(command, "ROOT", tmp_path)
    assert command.main(["docs", "--check"]) == 1
    assert "docs/contracts.md is out of date" in capsys.readouterr().out
    assert not list((tmp_path / "docs").iterdir())
    assert command.main(["docs"]) == 0
    assert command.main(["docs", "--check"]) == 0


def test_the_reference_names_every_topic_record_field_and_symbol() -> None:
    text = (ROOT / "docs" / "contracts.md").read_text(encoding="utf-8")
    for topic in PUBLIC:
        assert f"| `{topic.name}` |" in text
    for record in schemas.records():
        for each in nested(schemas.current(record)):
            if each["type"] == "record":
                assert f"# {each['name']}\n" in text
                assert all(f"| `{field['name']}` |" in text for field in each["fields"])
            else:
                assert all(f"`{symbol}`" in text for symbol in each["symbols"])


def test_every_reference_within_the_asyncapi_document_leads_somewhere() -> None:
    whole = yaml.safe_load((ROOT / "docs" / "asyncapi.yaml").read_text(encoding="utf-8"))
    for reference in references(whole):
        if reference.startswith("#/"):
            place = whole
            for step in reference.removeprefix("#/").split("/"):
                place = place[step]
        else:
            assert (ROOT / "docs" / reference).resolve().is_file()


def references(part: Any) -> list[str]:
    if isinstance(part, list):
        return [found for each in part for found in references(each)]
    if not isinstance(part, dict):
        return []
    own = [part["$ref"]] if "$ref" in part else []
    return own + [found for each in part.values() for found in references(each)]


def test_the_asyncapi_document_has_the_shape_of_version_3() -> None:
    made = document()
    assert made["asyncapi"] == "3.0.0"
    assert made["info"].keys() >= {"title", "version"}
    assert [server["protocol"] for server in made["servers"].values()] == ["kafka"]
    assert set(made["channels"]) == {topic.name for topic in PUBLIC}
    assert len(made["operations"]) == len(PUBLIC)
    for operation in made["operations"].values():
        assert operation["action"] in {"send", "receive"}
        channel = operation["channel"]["$ref"].removeprefix("#/channels/")
        names = made["channels"][channel]["messages"]
        assert [message["$ref"] for message in operation["messages"]] == [
            f"#/channels/{channel}/messages/{name}" for name in names
        ]


def test_the_kafka_bindings_say_what_the_topics_declare() -> None:
    made = document()
    for topic in PUBLIC:
        binding = made["channels"][topic.name]["bindings"]["kafka"]
        assert binding["bindingVersion"] == "0.5.0"
        assert (binding["topic"], binding["partitions"]) == (topic.name, topic.partitions)
        said = binding["topicConfiguration"]
        assert {name: str(value[0] if isinstance(value, list) else value) for name, value in said.items()} == (
            topic.configs
        )
        message = made["components"]["messages"][topic.record or "DeadLetter"]
        if topic.record:
            assert message["bindings"]["kafka"]["schemaIdLocation"] == "payload"
            assert message["payload"]["schema"]["$ref"] == f"../schemas/avro/{topic.record}.avsc"


def test_the_headers_of_a_dead_letter_are_documented() -> None:
    sent: list[tuple[str, bytes]] = []

    class Taken:
        def send(
            self,
            topic: str,
            key: bytes | None,
            value: bytes | None,
            *,
            partition: int | None = None,
            headers: Headers = (),
        ) -> None:
            sent.extend(headers)

    dead_letter(Taken(), Record("odds", 0, 0, 0, b"k", b"v"), UndecodableInput("cut short"), "book")
    assert sorted(name for name, _ in sent) == sorted(ERROR_HEADERS)
