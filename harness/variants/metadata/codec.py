"""Tables of tables.py to and from FlatBuffers. Pure.

A table is a dict of the fields that are there; an enumeration is its name, a union a dict of the table's name to the
table. Format: flatbuffers.dev, "Internals".
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np

from harness.variants.metadata.tables import ENUMS, IDENTIFIER, ROOT, TABLES, UNIONS

_SCALARS = {"int": "<i", "uint": "<I", "float": "<f", "ubyte": "<B"}
#: No honest metadata holds more values; a hostile one can name the same table a million times.
_MOST_VALUES = 200_000


class Damaged(ValueError):
    """What was read is no metadata of this format."""


def decode(data: bytes) -> dict[str, Any]:
    """The root table of a metadata buffer.

    Raises:
        Damaged: it is no metadata, or an offset in it leads nowhere.
    """
    if data[4:8] != IDENTIFIER:
        raise Damaged("it does not begin as TensorFlow Lite Metadata")
    reader = _Reader(data)
    return reader.table(ROOT, reader.forward(0))


def encode(metadata: dict[str, Any]) -> bytes:
    """The buffer of a root table."""
    import flatbuffers

    builder = flatbuffers.Builder(1024)
    builder.Finish(_write_table(builder, ROOT, metadata), IDENTIFIER)
    return bytes(builder.Output())


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._left = _MOST_VALUES

    def table(self, name: str, at: int) -> dict[str, Any]:
        self._count(1)
        vtable = at - self._number("<i", at)
        size = self._number("<H", vtable)
        found: dict[str, Any] = {}
        place = 4
        for field, kind in TABLES[name]:
            offset = self._number("<H", vtable + place) if place + 2 <= size else 0
            if kind.startswith("<"):
                number = self._number("<B", at + offset) if offset else 0
                place += 2
                offset = self._number("<H", vtable + place) if place + 2 <= size else 0
                member = UNIONS[kind[1:-1]][number - 1 : number] if number else ()
                if offset and member:  # a newer member than this knows is left out
                    found[field] = {member[0]: self.table(member[0], self.forward(at + offset))}
            elif offset:
                found[field] = self._value(kind, at + offset)
            place += 2
        return found

    def forward(self, at: int) -> int:
        """Where an offset leads."""
        return at + int(self._number("<I", at))

    def _value(self, kind: str, at: int) -> Any:
        if kind in _SCALARS:
            value = self._number(_SCALARS[kind], at)
            return _shortest(value) if kind == "float" else value
        if kind in ENUMS:
            number = self._number("<b", at)
            return ENUMS[kind][number] if 0 <= number < len(ENUMS[kind]) else "UNKNOWN"
        at = self.forward(at)
        if kind == "string":
            return self._bytes(at).decode("utf-8", "replace")
        if kind == "[ubyte]":
            return self._bytes(at)
        if kind.startswith("["):
            item, count = kind[1:-1], self._number("<I", at)
            self._count(count)
            return [self._value(item, at + 4 + 4 * index) for index in range(count)]
        return self.table(kind, at)

    def _bytes(self, at: int) -> bytes:
        count = self._number("<I", at)
        if at + 4 + count > len(self._data):
            raise Damaged("a text in it is cut short")
        return self._data[at + 4 : at + 4 + count]

    def _number(self, layout: str, at: int) -> Any:
        if not 0 <= at <= len(self._data) - struct.calcsize(layout):
            raise Damaged("an offset in it leads out of it")
        return struct.unpack_from(layout, self._data, at)[0]

    def _count(self, values: int) -> None:
        self._left -= values
        if self._left < 0:
            raise Damaged("it names more values than any metadata holds")


def _shortest(value: float) -> float:
    """0.1 instead of 0.10000000149: the shortest number that is the same in single precision."""
    return float(str(np.float32(value)))


def _write_table(builder: Any, name: str, table: dict[str, Any]) -> int:
    unknown = set(table) - {field for field, _ in TABLES[name]}
    if unknown:
        raise ValueError(f"{name} has no {', '.join(sorted(unknown))}")
    # What is outside of the table has to be written before it is begun.
    slots: list[tuple[str, Any]] = []
    for field, kind in TABLES[name]:
        value = table.get(field)
        if kind.startswith("<"):
            member = next(iter(value)) if value else None
            slots.append(("union type", UNIONS[kind[1:-1]].index(member) + 1 if member else None))
            slots.append(("offset", _write_table(builder, member, value[member]) if value and member else None))
        elif kind in _SCALARS:
            slots.append((kind, value))
        elif kind in ENUMS:
            slots.append(("enum", ENUMS[kind].index(value) if value else None))
        else:
            slots.append(("offset", None if value is None else _write_outside(builder, kind, value)))
    builder.StartObject(len(slots))
    add = {
        "union type": builder.PrependUint8Slot, "enum": builder.PrependInt8Slot, "int": builder.PrependInt32Slot,
        "uint": builder.PrependUint32Slot, "float": builder.PrependFloat32Slot,
        "offset": builder.PrependUOffsetTRelativeSlot,
    }  # fmt: skip
    for number, (kind, value) in enumerate(slots):
        if value is not None:
            add[kind](number, value, 0)
    return int(builder.EndObject())


def _write_outside(builder: Any, kind: str, value: Any) -> int:
    if kind == "string":
        return int(builder.CreateString(value))
    if kind == "[ubyte]":
        builder.StartVector(1, len(value), 16)  # force_align in the schema
        builder.head -= len(value)
        builder.Bytes[builder.head : builder.head + len(value)] = value
        return int(builder.EndVector())
    if not kind.startswith("["):
        return _write_table(builder, kind, value)
    item = kind[1:-1]
    if item in _SCALARS:
        return int(builder.CreateNumpyVector(np.array(value, _SCALARS[item])))
    offsets = [_write_outside(builder, item, v) for v in value]
    builder.StartVector(4, len(offsets), 4)
    for offset in reversed(offsets):
        builder.PrependUOffsetTRelative(offset)
    return int(builder.EndVector())
