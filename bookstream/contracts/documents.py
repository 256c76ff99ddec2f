"""The documents that are made from topics and schemas, and whether the committed ones are up to date."""

from pathlib import Path

from bookstream.contracts import asyncapi, reference


def documents(root: Path) -> dict[Path, str]:
    """Make every document: its path and its text."""
    return {
        root / "docs" / "contracts.md": reference.render(),
        root / "docs" / "asyncapi.yaml": asyncapi.render(),
    }


def is_written(path: Path, text: str) -> bool:
    """Tell whether a file holds exactly this text."""
    return path.exists() and path.read_text(encoding="utf-8") == text
