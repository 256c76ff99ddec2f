"""Releases: the current schemas become the next version of their records, with ids of their own, for good.

A released file never changes and its id never stands for anything else: topics are full of values that it wrote.
"""

import json
from pathlib import Path
from typing import Any

from bookstream.contracts.agreement import differences
from bookstream.contracts.compatibility import breaks
from domain.errors import Misconfigured

Schema = dict[str, Any]
Pinned = dict[str, dict[str, int]]


def release(folder: Path, *, again: int | None = None) -> list[str]:
    """Freeze each schema of `folder`/avro that differs from its latest release; return "record version" of each.

    All or none: nothing is written unless every schema passes. Calling it once more changes nothing. `again` writes
    that version anew, under the same id, where it is the latest: only while no topic has ever held it.

    Raises:
        Misconfigured: a schema is not its struct, or does not read and is not read by every released version.
    """
    ids = pinned(folder)
    kept: dict[str, dict[int, Schema]] = {}
    changed: dict[str, Schema] = {}
    for record, schema in current(folder).items():
        versions = released(folder, record)
        if not versions or schema != versions[max(versions)]:
            changed[record] = schema
            kept[record] = {n: each for n, each in versions.items() if not (n == again == max(versions))}
    faults = [fault for schema in changed.values() for fault in differences(schema)]
    faults += [f"{record}: {fault}" for record, schema in changed.items() for fault in breaks(schema, kept[record])]
    if faults:
        raise Misconfigured("nothing was released: " + "; ".join(faults))
    names = []
    for record, schema in changed.items():
        version = max(kept[record], default=0) + 1
        ids.setdefault(record, {}).setdefault(str(version), _next(ids))
        _write(folder / "released" / record / f"{version}.avsc", schema)
        names.append(f"{record} {version}")
    if names:
        _write(folder / "ids.json", ids)
    return names


def _next(ids: Pinned) -> int:
    return max((number for versions in ids.values() for number in versions.values()), default=0) + 1


def current(folder: Path) -> dict[str, Schema]:
    """Read the current schema of every record."""
    return {path.stem: _read(path) for path in sorted((folder / "avro").glob("*.avsc"))}


def released(folder: Path, record: str) -> dict[int, Schema]:
    """Read the released schemas of a record by version."""
    paths = sorted((folder / "released" / record).glob("*.avsc"), key=lambda path: int(path.stem))
    return {int(path.stem): _read(path) for path in paths}


def pinned(folder: Path) -> Pinned:
    """Read the ids: record → version → id."""
    path = folder / "ids.json"
    ids: Pinned = _read(path) if path.exists() else {}
    return ids


def _read(path: Path) -> Any:  # noqa: ANN401 - JSON
    return json.loads(path.read_text(encoding="utf-8"))


def _write(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
