"""What the simulated providers say, written as recordings: the demo replays files like any others."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from bookstream.demo import bookmakers, exchange
from bookstream.demo.match import SECOND, Match
from bookstream.replaying import Item, merged, with_clock
from connectors import by_name

HALF_TIME_KEPT_SECONDS = 60
"""Of the fifteen minutes of half-time the demo keeps one: nothing happens in the rest."""


def write(match: Match, folder: Path, seed: int) -> list[tuple[str, Path]]:
    """Write the feeds' files anew and return them with their providers."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    said = {
        "exchange.jsonl": ("betfair", exchange.messages(match, seed)),
        "odds.jsonl": ("theoddsapi", bookmakers.odds_answers(match, seed)),
        "scores.jsonl": ("theoddsapi", bookmakers.score_answers(match)),
    }
    files = []
    for name, (provider, messages) in said.items():
        with (folder / name).open("wb") as file:
            file.writelines(line + b"\n" for _, line in messages)
        files.append((provider, folder / name))
    return files


def items(match: Match, files: list[tuple[str, Path]]) -> Iterator[Item]:
    """Read the files back by the real connectors, merged in event time, most of half-time left out."""
    start = match.half_time_at + HALF_TIME_KEPT_SECONDS // 2 * SECOND
    end = match.second_half_at - HALF_TIME_KEPT_SECONDS // 2 * SECOND
    for item in with_clock(merged(by_name(provider).recorded(path) for provider, path in files)):
        if not start < item.received_at < end:
            yield item
