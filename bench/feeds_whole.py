"""All recordings through one ingest worker's handlers; prints what came of it, and the memory that it took."""

import json
import resource
import time

from bench.feeds import Ingest, as_record
from bench.recordings import recordings


def main() -> None:
    """Run, and print one JSON object."""
    ingest, found = Ingest(), recordings()
    before = _peak_mb()
    began, count = time.perf_counter(), 0
    for recording in found:
        for message in recording.messages():
            ingest.take(as_record(message, count))
            count += 1
    seconds = time.perf_counter() - began
    told = {"messages": count, "events": ingest.said, "rate": count / seconds}
    print(json.dumps({**told, "before_mb": before, "peak_mb": _peak_mb()}))


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
