"""The demo: a real match, replayed through the whole system, and the proof that what came out is right."""

from importlib import resources
from pathlib import Path


def rules_file() -> Path:
    """Return the rules that the demo plays by."""
    return Path(str(resources.files("bookstream.demo").joinpath("rules.toml")))
