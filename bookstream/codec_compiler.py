"""Avro encoders and decoders compiled from a record's schema: one Python function each, without a call for a field.

fastavro walks the schema for every value: 25 µs to write a tick of three selections, 23 µs to read it. The functions
made here know the schema by heart and go from struct to bytes and back directly: 6 and 9 µs, byte for byte the same
(the tests hold them against fastavro). They serve the current version of a record; every other version takes fastavro.

Encoding rules: Apache Avro 1.12 specification, "Binary encoding".
"""

from collections.abc import Callable
from itertools import count
from struct import Struct as Packing
from typing import Any

import msgspec

Schema = Any
Encode = Callable[[Any], bytes]
Decode = Callable[[bytes, int], tuple[Any, int]]

SMALL = 64
CACHED = 50_000
"""Texts that are remembered, both ways: ids and names come again and again."""

_double = Packing("<d")


def varint(number: int) -> bytes:
    """Encode an int or long."""
    rest = (number << 1) ^ (number >> 63)
    encoded = bytearray()
    while rest > 0x7F:
        encoded.append((rest & 0x7F) | 0x80)
        rest >>= 7
    encoded.append(rest)
    return bytes(encoded)


_VARINTS = {number: varint(number) for number in range(-SMALL, 1 << 14)}


class _Texts(dict[str, bytes]):
    """Texts as written, remembered; forgotten all at once when there are too many."""

    def __missing__(self, text: str) -> bytes:
        data = text.encode()
        written = varint(len(data)) + data
        if len(self) >= CACHED:
            self.clear()
        self[text] = written
        return written


class _Read(dict[bytes, str]):
    """Texts as read, remembered."""

    def __missing__(self, data: bytes) -> str:
        text = data.decode()
        if len(self) >= CACHED:
            self.clear()
        self[data] = text
        return text


def _time(number: int) -> bytes:
    """Encode a time in microseconds: from 1978 on it takes eight bytes, filled seven bits each in three steps."""
    x = number << 1
    if not 1 << 49 <= x < 1 << 56:
        return varint(number)
    x = (x & 0xFFFFFFF) | (x & 0xFFFFFFF0000000) << 4
    x = (x & 0x3FFF00003FFF) | (x & 0xFFFC0000FFFC000) << 2
    x = (x & 0x7F007F007F007F) | (x & 0x3F803F803F803F80) << 1
    return (x | 0x80808080808080).to_bytes(8, "little")


def _read_time(data: bytes, at: int) -> tuple[int, int]:
    """Read a time: the way back of `_time`."""
    x = int.from_bytes(data[at : at + 8], "little")
    if x & 0x8080808080808080 != 0x80808080808080 or x & 1:
        return _long(data, at)
    x &= 0x7F7F7F7F7F7F7F7F
    x = (x & 0x7F007F007F007F) | (x & 0x7F007F007F007F00) >> 1
    x = (x & 0x3FFF00003FFF) | (x & 0x3FFF00003FFF0000) >> 2
    x = (x & 0xFFFFFFF) | (x & 0xFFFFFFF00000000) >> 4
    return x >> 1, at + 8


def _long(data: bytes, at: int) -> tuple[int, int]:
    """Read a varint of any length up to ten bytes."""
    number = shift = 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return (number >> 1) ^ -(number & 1), at
        shift += 7
        if shift > 63:
            raise ValueError("a number of more than ten bytes")


def _slice(data: bytes, at: int, length: int) -> bytes:
    if length < 0 or at + length > len(data):
        raise ValueError("a text or bytes longer than the value")
    return data[at : at + length]


class _Source:
    """Python source under construction."""

    def __init__(self, names: dict[str, Any]) -> None:
        self.lines: list[str] = []
        self.names = names
        self._numbers = count()

    def add(self, depth: int, line: str) -> None:
        self.lines.append("    " * depth + line)

    def fresh(self, prefix: str) -> str:
        return f"{prefix}{next(self._numbers)}"

    def constant(self, prefix: str, value: object) -> str:
        name = self.fresh(prefix)
        self.names[name] = value
        return name

    def function(self, name: str) -> Callable[..., Any]:
        space = dict(self.names)
        exec("\n".join(self.lines), space)  # noqa: S102 - the source is made here, from the repository's own schemas
        made: Callable[..., Any] = space[name]
        return made


def compile_encoder(schema: Schema, head: bytes) -> Encode:
    """Compile the function that writes a struct of this record: `head` and the Avro body."""
    source = _Source(
        {"V": _VARINTS, "varint": varint, "time": _time, "T": _Texts(), "double": _double.pack, "HEAD": head}
    )
    source.add(0, "def encode(e):")
    source.add(1, "out = [HEAD]")
    source.add(1, "put = out.append")
    _write_record(source, 1, schema, "e")
    source.add(1, "return b''.join(out)")
    return source.function("encode")


def _write_record(source: _Source, depth: int, schema: Schema, value: str) -> None:
    for field in schema["fields"]:
        name = source.fresh("v")
        source.add(depth, f"{name} = {value}.{field['name']}")
        if field["name"].endswith("_at"):
            source.add(depth, f"put(time({name}))")
        else:
            _write(source, depth, field["type"], name, unique=field["name"].endswith("event_id"))


def _write(source: _Source, depth: int, schema: Schema, value: str, *, unique: bool = False) -> None:
    if isinstance(schema, list):
        assert schema[0] == "null"
        assert len(schema) == 2
        source.add(depth, f"if {value} is None: put(b'\\0')")
        source.add(depth, "else:")
        source.add(depth + 1, "put(b'\\2')")
        _write(source, depth + 1, schema[1], value)
        return
    kind = schema["type"] if isinstance(schema, dict) else schema
    if kind in {"int", "long"}:
        source.add(depth, f"put(V.get({value}) or varint({value}))")
    elif kind == "string" and unique:
        source.add(depth, f"{value} = {value}.encode(); n = len({value}); put(V.get(n) or varint(n)); put({value})")
    elif kind == "string":
        source.add(depth, f"put(T[{value}])")
    elif kind == "bytes":
        source.add(depth, f"n = len({value}); put(V.get(n) or varint(n)); put({value})")
    elif kind == "double":
        source.add(depth, f"put(double({value}))")
    elif kind == "boolean":
        source.add(depth, f"put(b'\\1' if {value} else b'\\0')")
    elif kind == "enum":
        symbols = {symbol: varint(index) for index, symbol in enumerate(schema["symbols"])}
        source.add(depth, f"put({source.constant('E', symbols)}[{value}])")
    elif kind == "record":
        _write_record(source, depth, schema, value)
    else:
        _write_many(source, depth, schema, kind, value)


def _write_many(source: _Source, depth: int, schema: Schema, kind: str, value: str) -> None:
    """Write an array or a map as one block."""
    item = source.fresh("i")
    source.add(depth, f"if {value}:")
    source.add(depth + 1, f"n = len({value}); put(V.get(n) or varint(n))")
    if kind == "map":
        key = source.fresh("k")
        source.add(depth + 1, f"for {key}, {item} in {value}.items():")
        source.add(depth + 2, f"put(T[{key}])")
        _write(source, depth + 2, schema["values"], item)
    else:
        assert kind == "array", kind
        source.add(depth + 1, f"for {item} in {value}:")
        _write(source, depth + 2, schema["items"], item)
    source.add(depth, "put(b'\\0')")


def compile_decoder(schema: Schema, kinds: dict[str, type[msgspec.Struct]]) -> Decode:
    """Compile the function that reads a struct of this record from `data` at `p`; returns it and where it ends.

    It raises IndexError, KeyError, ValueError or UnicodeDecodeError on bytes that do not follow the schema.
    """
    names: dict[str, Any] = {
        "L": _long,
        "time": _read_time,
        "S": _slice,
        "T": _Read(),
        "double": _double.unpack_from,
        **kinds,
    }
    source = _Source(names)
    source.add(0, "def decode(d, p):")
    result = _read_record(source, 1, schema)
    source.add(1, f"return {result}, p")
    return source.function("decode")


def _read_record(source: _Source, depth: int, schema: Schema) -> str:
    given = [f"{field['name']}={_read_field(source, depth, field)}" for field in schema["fields"]]
    name = source.fresh("r")
    source.add(depth, f"{name} = {schema['name']}({', '.join(given)})")
    return name


def _read_field(source: _Source, depth: int, field: Schema) -> str:
    name: str = field["name"]
    if name.endswith("_at"):
        read = source.fresh("t")
        source.add(depth, f"{read}, p = time(d, p)")
        return read
    if name.endswith("event_id"):
        return _read_plain(source, depth, field["type"], "string", unique=True)
    return _read(source, depth, field["type"])


def _read_number(source: _Source, depth: int) -> str:
    name = source.fresh("n")
    source.add(depth, f"{name} = d[p]")
    source.add(depth, f"if {name} < 128: {name} = ({name} >> 1) ^ -({name} & 1); p += 1")
    source.add(depth, f"else: {name}, p = L(d, p)")
    return name


def _read(source: _Source, depth: int, schema: Schema) -> str:
    if isinstance(schema, list):
        name = source.fresh("o")
        source.add(depth, "b = d[p]; p += 1")
        source.add(depth, f"if b == 0: {name} = None")
        source.add(depth, "elif b == 2:")
        inner = _read(source, depth + 1, schema[1])
        source.add(depth + 1, f"{name} = {inner}")
        source.add(depth, "else: raise ValueError('no such branch of a union')")
        return name
    kind = schema["type"] if isinstance(schema, dict) else schema
    if kind in {"int", "long"}:
        return _read_number(source, depth)
    if kind == "record":
        return _read_record(source, depth, schema)
    if kind in {"array", "map"}:
        return _read_many(source, depth, schema, kind)
    return _read_plain(source, depth, schema, kind)


def _read_plain(source: _Source, depth: int, schema: Schema, kind: str, *, unique: bool = False) -> str:
    name = source.fresh("x")
    if kind in {"string", "bytes"}:
        shape = "{}" if kind == "bytes" else "{}.decode()" if unique else "T[{}]"
        # Up to 63 bytes the length is one byte. A slice past the end is short, and `p` past the end is found there.
        source.add(depth, "b = d[p]")
        source.add(
            depth, f"if b < 128 and not b & 1: q = p + 1 + (b >> 1); {name} = {shape.format('d[p + 1:q]')}; p = q"
        )
        source.add(depth, f"else: n, p = L(d, p); {name} = {shape.format('S(d, p, n)')}; p += n")
    elif kind == "double":
        source.add(depth, f"S(d, p, 8); {name} = double(d, p)[0]; p += 8")
    elif kind == "boolean":
        source.add(depth, f"{name} = {source.constant('B', (False, True))}[d[p]]; p += 1")
    else:
        assert kind == "enum", kind
        symbols = source.constant("E", {2 * index: symbol for index, symbol in enumerate(schema["symbols"])})
        source.add(depth, f"{name} = {symbols}[d[p]]; p += 1")
    return name


def _read_many(source: _Source, depth: int, schema: Schema, kind: str) -> str:
    """Read the blocks of an array (to a tuple) or a map (to a dict)."""
    name, size = source.fresh("a"), source.fresh("c")
    source.add(depth, f"{name} = {'{}' if kind == 'map' else '[]'}")
    source.add(depth, "while True:")
    source.add(depth + 1, f"{size} = {_read_number(source, depth + 1)}")
    source.add(depth + 1, f"if {size} == 0: break")
    # A negative count is followed by the block's length in bytes, which a reader that skips nothing does not need.
    source.add(depth + 1, f"if {size} < 0: {size} = -{size}; _, p = L(d, p)")
    source.add(depth + 1, f"for _ in range({size}):")
    if kind == "map":
        length = _read_number(source, depth + 2)
        key = source.fresh("k")
        source.add(depth + 2, f"{key} = T[S(d, p, {length})]; p += {length}")
        source.add(depth + 2, f"{name}[{key}] = {_read(source, depth + 2, schema['values'])}")
        return name
    source.add(depth + 2, f"{name}.append({_read(source, depth + 2, schema['items'])})")
    source.add(depth, f"{name} = tuple({name})")
    return name
