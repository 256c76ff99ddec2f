"""sink: rows a second from Kafka into embedded ClickHouse, against a bare bulk insert of the same rows."""

import shutil
from collections import defaultdict

import msgspec

from bench.figures import Bound, Figure, compare, turns
from bench.harness import Stage
from bench.load import fixture_ids, ticks, values
from bench.sink_once import Turn
from bookstream.topics import ODDS
from domain.errors import BookstreamError

ROWS = 200_000
FIXTURE_COUNT = 200


def run(stage: Stage, *, rounds: int, rows: int = ROWS) -> list[Figure]:
    """Insert the same ticks both ways, once a round."""
    stage.renew([ODDS.name])
    stage.fill(ODDS.name, values(ticks(fixture_ids(FIXTURE_COUNT)), rows))
    measured: dict[str, list[float]] = defaultdict(list)
    digests: set[int] = set()
    for way in turns(("sink", "bare"), rounds):
        data_dir, result = stage.directory / "clickhouse", stage.directory / "rate.json"
        stage.finish(
            stage.python(
                way, "bench.sink_once", "--bootstrap", stage.bootstrap, "--rows", str(rows),
                "--data-dir", str(data_dir), "--result", str(result), way,
            )
        )  # fmt: skip
        turn = msgspec.json.decode(result.read_bytes(), type=Turn)
        measured[way].append(turn.rate)
        digests.add(turn.digest)
        shutil.rmtree(data_dir)
        stage.say(f"{way}: {measured[way][-1]:,.0f} rows/s")
    if len(digests) != 1:
        raise BookstreamError("the two ways did not leave the same rows")
    return [
        compare(
            "history sink from Kafka", measured["sink"], "bare insert of prebuilt columns", measured["bare"], "rows/s",
            bound=Bound(target=0.7),
        )
    ]  # fmt: skip
