"""A release freezes what has changed, and only what may."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

import schemas
from bookstream.contracts import __main__ as command
from bookstream.contracts.release import release
from domain.errors import Misconfigured

SCHEMAS = Path(schemas.__file__).parent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for record in ("Participant", "ClockTick"):
        for part in (f"avro/{record}.avsc", f"released/{record}/1.avsc"):
            (tmp_path / part).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(SCHEMAS / f"avro/{record}.avsc", tmp_path / part)
    (tmp_path / "ids.json").write_text('{"Participant": {"1": 14}, "ClockTick": {"1": 5}}')
    return tmp_path


def edit(folder: Path, record: str, **change: Any) -> None:
    path = folder / "avro" / f"{record}.avsc"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))


def files(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_nothing_changed_is_nothing_released(folder: Path) -> None:
    before = files(folder)
    assert release(folder) == []
    assert files(folder) == before


def test_a_changed_schema_becomes_the_next_version_with_an_id_of_its_own(folder: Path) -> None:
    first = (folder / "released/Participant/1.avsc").read_text()
    edit(folder, "Participant", doc="Said in other words.")
    assert release(folder) == ["Participant 2"]
    assert (folder / "released/Participant/1.avsc").read_text() == first
    assert json.loads((folder / "released/Participant/2.avsc").read_text())["doc"] == "Said in other words."
    assert json.loads((folder / "ids.json").read_text())["Participant"] == {"1": 14, "2": 15}
    assert release(folder) == []


def test_a_first_release_needs_nothing_before_it(tmp_path: Path) -> None:
    (tmp_path / "avro").mkdir()
    shutil.copy(SCHEMAS / "avro/ClockTick.avsc", tmp_path / "avro")
    assert release(tmp_path) == ["ClockTick 1"]
    assert json.loads((tmp_path / "ids.json").read_text()) == {"ClockTick": {"1": 1}}


def test_a_schema_that_is_not_its_struct_is_refused_and_nothing_is_written(folder: Path) -> None:
    edit(folder, "ClockTick", doc="Said in other words.")
    edit(folder, "Participant", fields=json.loads((folder / "avro/Participant.avsc").read_text())["fields"][:-1])
    before = files(folder)
    with pytest.raises(Misconfigured, match="nothing was released: Participant: the struct has"):
        release(folder)
    assert files(folder) == before


def test_what_no_released_version_can_read_is_refused(folder: Path) -> None:
    path = folder / "released/Participant/1.avsc"
    released = json.loads(path.read_text())
    released["fields"].append({"name": "needed", "type": "string", "doc": "Version 1 cannot do without it."})
    path.write_text(json.dumps(released))
    with pytest.raises(Misconfigured, match="version 1 cannot read what the new schema wrote: needed"):
        release(folder)


def test_the_latest_version_can_be_written_anew_under_its_id(folder: Path) -> None:
    edit(folder, "Participant", doc="Said in other words.")
    assert release(folder, again=1) == ["Participant 1"]
    assert json.loads((folder / "released/Participant/1.avsc").read_text())["doc"] == "Said in other words."
    assert json.loads((folder / "ids.json").read_text())["Participant"] == {"1": 14}


def test_an_older_version_is_never_written_anew(folder: Path) -> None:
    edit(folder, "Participant", doc="Said in other words.")
    release(folder)
    edit(folder, "Participant", doc="Said in yet other words.")
    assert release(folder, again=1) == ["Participant 3"]


def test_the_command_reports_a_refusal_in_one_sentence(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "ROOT", folder.parent)
    folder.rename(folder.parent / "schemas")
    assert command.main(["release"]) == 0
    assert capsys.readouterr().out == "nothing has changed\n"
    edit(folder.parent / "schemas", "Participant", fields=[])
    assert command.main(["release"]) == 2
    assert capsys.readouterr().err.startswith("contracts: nothing was released: Participant")
