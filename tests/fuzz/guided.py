"""One provider's parsers under a coverage-guided fuzzer: atheris, on the bytecode of connectors/ and domain/feeds/.

`python -m tests.fuzz.guided` with an `Order` prints its figures as JSON; `run` starts it where atheris is installed.
"""

import os
import random
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import atheris
import msgspec

with atheris.instrument_imports(include=["connectors", "domain.feeds"]):
    from tests.fuzz.campaign import Campaign, Order
    from tests.fuzz.mutations import mutated

LONGEST = 16_000
OURS = 2_000
"""Bytes of what is changed by our means: where its values are is not known beforehand, and is dear to find."""


def main() -> None:
    """Fuzz until the ordered number of inputs, then print the figures and end the process."""
    order = msgspec.json.decode(sys.argv[1], type=Order)
    campaign = Campaign(order)
    good = [payload for payload in campaign.good if len(payload) <= LONGEST]
    until = time.monotonic() + order.seconds
    given = 0

    def one(payload: bytes) -> None:
        nonlocal given
        campaign.parse("guided", payload)
        given += 1
        if given >= order.guided or time.monotonic() > until:
            campaign.watch.close()
            sys.stdout.buffer.write(msgspec.json.encode(campaign.figures) + b"\n")
            sys.stdout.flush()
            os._exit(0)  # the fuzzer has no other end that lets its caller speak

    def spoil(payload: bytes, most: int, seed: int) -> bytes:
        """Change what the fuzzer found worth keeping: by its own means, or by ours, with a good message beside it."""
        rng = random.Random(seed)
        if rng.random() < 0.5 or len(payload) > OURS:
            return bytes(atheris.Mutate(payload, most))
        return mutated(rng, (payload, payload, rng.choice(good)))[:most]

    with TemporaryDirectory() as corpus:
        for number, payload in enumerate(random.Random(order.seed).sample(good, min(200, len(good)))):
            (Path(corpus) / str(number)).write_bytes(payload)
        settings = [f"-seed={order.seed}", f"-max_len={LONGEST}", "-rss_limit_mb=0", "-timeout=0", "-verbosity=0"]
        atheris.Setup([sys.argv[0], *settings, corpus], one, custom_mutator=spoil)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
