"""The contracts as files: current records, every released version of them, and their pinned ids."""

import json
from functools import cache
from importlib import resources
from typing import Any

Schema = dict[str, Any]


@cache
def current(record: str) -> Schema:
    """Read the current schema of a record."""
    schema: Schema = _read("avro", f"{record}.avsc")
    return schema


@cache
def released(record: str) -> dict[int, Schema]:
    """Read every released schema of a record, by version."""
    folder = resources.files("schemas").joinpath("released", record)
    numbers = sorted(int(file.name.removesuffix(".avsc")) for file in folder.iterdir())
    return {number: _read("released", record, f"{number}.avsc") for number in numbers}


@cache
def pinned_ids() -> dict[str, dict[int, int]]:
    """Read the wire id of every released version: record → version → id."""
    ids = _read("ids.json")
    return {record: {int(version): number for version, number in versions.items()} for record, versions in ids.items()}


def records() -> list[str]:
    """Name every record."""
    folder = resources.files("schemas").joinpath("avro")
    return sorted(file.name.removesuffix(".avsc") for file in folder.iterdir() if file.name.endswith(".avsc"))


def _read(*path: str) -> Any:  # noqa: ANN401 - JSON
    return json.loads(resources.files("schemas").joinpath(*path).read_text(encoding="utf-8"))
