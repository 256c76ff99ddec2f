"""What a wire id stands for, and the functions that write and read by it."""

from collections.abc import Callable, Mapping
from functools import cache
from io import BytesIO
from typing import Any, NamedTuple

import msgspec
from fastavro import parse_schema, schemaless_reader

import schemas
from bookstream.contracts.decoder import Decode, compile_decoder
from bookstream.contracts.encoder import Encode, compile_encoder
from domain.errors import ContractViolation, Misconfigured
from domain.events import betting, canonical, cash_out, feeds, payments, settlement, trading
from domain.events.head import Event, Source

Schema = dict[str, Any]

STRUCTS: dict[str, type[msgspec.Struct]] = {"Source": Source} | {
    kind.__name__: kind
    for module in (feeds, canonical, trading, betting, settlement, payments, cash_out)
    for kind in vars(module).values()
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct)
}
"""Every record of the schemas, nested ones included, by its name."""

RECORDS: dict[str, type[Event]] = {
    name: kind for name, kind in STRUCTS.items() if issubclass(kind, Event) and kind is not Event
}
"""The records that are values of topics."""

MOST_UNKNOWN = 4096


class Release(NamedTuple):
    """One version of a record."""

    record: str
    version: int


class Reader(NamedTuple):
    """How to read a value of one wire id: `read` gives the struct and the offset behind it."""

    record: str
    schema: Schema
    read: Decode


Lookup = Callable[[int], tuple[str, Schema] | None]
"""Ask a registry for an id: the record's name and its schema, or None when it has none."""


class Ids:
    """Wire ids both ways.

    Raises:
        Misconfigured: a current schema has not been released, so that no id stands for it.

    Args:
        known: the released version behind each id. Where one version has several, the first writes.
        lookup: asked once for an id that is not known: a newer program may already write by a newer schema.
    """

    def __init__(self, known: Mapping[int, Release], lookup: Lookup | None = None) -> None:
        self.readers: dict[int, Reader] = {}
        self.encoders: dict[type[Event], Encode] = {}
        self._lookup = lookup
        self._unknown: set[int] = set()
        newest: dict[str, tuple[int, int]] = {}
        for number, (record, version) in known.items():
            self.readers[number] = reader_of(record, schemas.released(record)[version])
            if version > newest.get(record, (0, 0))[0]:
                newest[record] = (version, number)
        for record, (version, number) in newest.items():
            if plain(schemas.released(record)[version]) != plain(schemas.current(record)):
                raise Misconfigured(
                    f"{record}.avsc is not its latest release: `python -m bookstream.contracts release`"
                )
            head = b"\0" + number.to_bytes(4)
            self.encoders[RECORDS[record]] = compile_encoder(schemas.current(record), head)

    def reader(self, number: int) -> Reader:
        """Return how to read what a wire id marks.

        Raises:
            ContractViolation: it stands for no schema, or for no record of this system.
            Unavailable: the registry had to be asked and is away.
        """
        found = self.readers.get(number)
        if found is not None:
            return found
        if self._lookup is not None and number not in self._unknown:
            asked = self._lookup(number)
            if asked is not None and asked[0] in RECORDS:
                reader = self.readers[number] = reader_of(*asked)
                return reader
            if len(self._unknown) >= MOST_UNKNOWN:
                self._unknown.clear()
            self._unknown.add(number)
        raise ContractViolation(f"no released schema has the id {number}")


def plain(schema: Any) -> Any:  # noqa: ANN401 - JSON
    """Strip what the codecs do not read: logical types, so that times stay integers, and the words for people."""
    if isinstance(schema, dict):
        return {key: plain(value) for key, value in schema.items() if key not in {"logicalType", "doc"}}
    if isinstance(schema, list):
        return [plain(each) for each in schema]
    return schema


def reader_of(record: str, writer: Schema) -> Reader:
    """Return how to read what this schema wrote: compiled when it is the current one, else resolved by fastavro."""
    if plain(writer) == plain(schemas.current(record)):
        return Reader(record, writer, _decoder(record))
    return Reader(record, writer, _resolver(record, writer))


@cache
def _decoder(record: str) -> Decode:
    return compile_decoder(schemas.current(record), STRUCTS)


def _resolver(record: str, writer: Schema) -> Decode:
    written = parse_schema(plain(writer))
    wanted = parse_schema(plain(schemas.current(record)))
    kind = RECORDS[record]

    def resolve(data: bytes, at: int) -> tuple[Event, int]:
        body = BytesIO(data)
        body.seek(at)
        fields = schemaless_reader(body, written, wanted)
        try:
            return msgspec.convert(fields, kind), body.tell()
        except msgspec.ValidationError as error:
            # It follows the schema, so it is a symbol that this version does not know.
            raise ContractViolation(str(error)) from error

    return resolve


def pinned() -> Ids:
    """Return the ids that the repository pins."""
    return Ids(
        {
            number: Release(record, version)
            for record, versions in schemas.pinned_ids().items()
            for version, number in versions.items()
        }
    )
