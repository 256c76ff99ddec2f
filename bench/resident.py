"""Resident memory of rows in dicts: they come encoded on standard input, and the bytes that they take are printed."""

import gc
import os
import sys

import msgspec

from bench.memory import resident_mb


def main() -> None:
    """Read the rows, make them, and print by how many bytes this process grew."""
    encoded = sys.stdin.buffer.read()
    decoder = msgspec.msgpack.Decoder(list[dict[bytes, bytes]])
    gc.collect()
    before = resident_mb(os.getpid())
    rows = decoder.decode(encoded)
    after = resident_mb(os.getpid())
    print(round((after - before) * 1024 * 1024), len(rows))


if __name__ == "__main__":
    main()
