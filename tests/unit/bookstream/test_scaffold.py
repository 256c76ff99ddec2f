"""A new provider's skeleton, written into a copy of this checkout: it is whole, and the house still stands."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bookstream.scaffold.provider import write_provider
from bookstream.scaffold.registers import REGISTERS
from domain.errors import Misconfigured

ROOT = Path(__file__).parents[3]
ROOMS = ("agents", "bookstream", "connectors", "domain", "ops", "schemas", "sinks", "tables")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Copy what the skeleton's own tests need."""
    ignored = shutil.ignore_patterns("__pycache__")
    for room in ROOMS:
        shutil.copytree(ROOT / room, tmp_path / room, ignore=ignored)
    shutil.copytree(ROOT / "tests" / "unit", tmp_path / "tests" / "unit", ignore=ignored)
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def run(checkout: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(checkout), "COLUMNS": "300"}
    return subprocess.run(
        [sys.executable, "-m", *argv], cwd=checkout, env=env, capture_output=True, text=True, check=False, timeout=150
    )


@pytest.mark.parametrize("name", ["acme", "zenbet2"])
def test_a_new_provider_passes_its_tests_and_the_houses_checks(checkout: Path, name: str) -> None:
    done = run(checkout, "bookstream.cli", "provider", "new", name, "--title", "Acme Bet", "--json")
    assert done.returncode == 0, done.stderr
    written = json.loads(done.stdout)["written"]
    assert {f"connectors/{name}/messages.py", "bookstream/topics.py", "docs/contracts.md"} <= set(written)
    code = [path for path in written if path.endswith(".py")]
    assert run(checkout, "ruff", "check", *code).stdout == "All checks passed!\n"
    assert run(checkout, "ruff", "format", "--check", *code).returncode == 0
    tests = [f"tests/unit/connectors/test_{name}.py", "tests/unit/contracts/test_documents.py"]
    done = run(checkout, "pytest", "-q", "-p", "no:cacheprovider", *tests)
    assert done.returncode == 0, done.stdout
    done = run(checkout, "bookstream.cli", "provider", "list", "--json")
    assert name in {each["provider"] for each in json.loads(done.stdout)["providers"]}
    again = run(checkout, "bookstream.cli", "provider", "new", name)
    assert (again.returncode, again.stdout) == (2, "")
    assert f"there is a provider '{name}' already" in again.stderr


@pytest.mark.parametrize("name", ["", "Acme", "two words", "class", "x" * 40, "../acme", "kambi"])
def test_a_name_that_is_none_or_taken_writes_nothing(tmp_path: Path, name: str) -> None:
    with pytest.raises(Misconfigured, match="provider"):
        write_provider(tmp_path, name, "Acme")
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("title", ["", " ", 'Acme"', "A$b", "a\nb", "x" * 41])
def test_a_title_that_would_break_the_code_writes_nothing(tmp_path: Path, title: str) -> None:
    with pytest.raises(Misconfigured, match="title"):
        write_provider(tmp_path, "acme", title)
    assert [*tmp_path.iterdir()] == []


def test_elsewhere_than_in_a_checkout_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="no checkout of bookstream"):
        write_provider(tmp_path, "acme", "Acme")
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("register", REGISTERS, ids=lambda register: register.path)
def test_a_register_without_its_place_is_told(register: object) -> None:
    add = register.add  # type: ignore[attr-defined]
    with pytest.raises(Misconfigured):
        add("nothing of the kind\nfrom connectors.times import micros_of\n", "acme", "Acme")
