"""The house itself: its README is true, its names are its own, its modules stay small."""

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
README = (ROOT / "README.md").read_text(encoding="utf-8")
ROOMS = ("agents", "bench", "bookstream", "connectors", "domain", "ops", "schemas", "sinks", "tables")
MOST_LINES = 400


def commands() -> list[str]:
    blocks = re.findall(r"```\n(.*?)```", README, re.DOTALL)
    lines = [line.split("#")[0].strip() for block in blocks for line in block.splitlines()]
    found = {tuple(shlex.split(line.replace("…", ""))[:2]) for line in lines if line.startswith("bookstream ")}
    return sorted(name for _, name in found)


def test_the_readme_shows_commands() -> None:
    assert {"up", "down", "replay", "bet", "sql"} <= set(commands())


@pytest.mark.parametrize("command", commands())
def test_every_command_of_the_readme_exists_and_has_an_example(command: str) -> None:
    argv = [sys.executable, "-m", "bookstream.cli", command, "--help"]
    shown = subprocess.run(
        argv, capture_output=True, text=True, check=False, cwd=ROOT, env={"COLUMNS": "200", "PATH": "/usr/bin"}
    )
    assert shown.returncode == 0, shown.stderr
    assert "Example" in shown.stdout or "Commands" in shown.stdout


def test_every_verb_of_the_readme_is_in_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    verbs = set(re.findall(r"`?make (\w+)", README))
    assert {"demo", "test"} <= verbs
    assert all(re.search(rf"^{verb}:", makefile, re.MULTILINE) for verb in verbs)


def test_every_link_of_the_documents_leads_somewhere() -> None:
    for document in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md")):
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8")):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_no_room_has_the_name_of_a_dependency() -> None:
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    installed = {package["name"] for package in lock["package"]} - {"bookstream"}
    assert not installed & set(ROOMS)


def test_no_module_needs_a_table_of_contents() -> None:
    modules = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    assert len(modules) > 100
    long = {
        str(m.relative_to(ROOT)): n for m in modules if (n := m.read_text(encoding="utf-8").count("\n")) > MOST_LINES
    }
    assert not long
