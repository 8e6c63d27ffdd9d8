"""Metadata and its files in a model file.

The metadata lies in a buffer of the model that `TFLITE_METADATA` names; associated files (labels) follow the flatbuffer
as a zip archive of stored members, whose offsets count from the beginning of the whole file. So the file stays a model
for whoever knows nothing of this. Source: TensorFlow Lite Metadata's documentation; MediaPipe Tasks reads no deflated
members.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from harness.errors import UsageError
from harness.variants.flatbuffer import write_object
from harness.variants.metadata.codec import Damaged, decode, encode

NAME = "TFLITE_METADATA"
#: Labels of any model are far below; a hostile archive is not.
_MOST_BYTES = 64 << 20


@dataclass(frozen=True)
class Metadata:
    """What a model carries: the root table as a dict (tables.py) and the files by name."""

    table: dict[str, Any]
    files: dict[str, bytes] = field(default_factory=dict)


def read_metadata(path: Path) -> Metadata | None:
    """Metadata of a model file; None where it has none.

    Raises:
        UsageError: the model cannot be read, or its metadata is damaged.
    """
    from ai_edge_litert import schema_py_generated as schema

    from harness.variants.model_file import read_model_file

    if NAME not in read_model_file(path).metadata:
        return None
    data = path.read_bytes()
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(data, 0))
    found = next(model.buffers[m.buffer].data for m in model.metadata if m.name == NAME.encode())
    try:
        return Metadata(decode(bytes(() if found is None else found)), _files(data))
    except (ValueError, zipfile.BadZipFile, zlib.error, struct.error, RuntimeError, EOFError, OSError) as error:
        raise UsageError(
            f"the metadata of {path} is damaged: {error}",
            advice="write it again with --set, or convert the model again",
        ) from None


def _files(data: bytes) -> dict[str, bytes]:
    if not zipfile.is_zipfile(io.BytesIO(data)):
        return {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = [m for m in archive.infolist() if not m.is_dir()]
        if sum(m.file_size for m in members) > _MOST_BYTES:
            raise Damaged("its files unpack to more than 64 MiB")
        return {m.filename: archive.read(m) for m in members}


def with_metadata(model: Any, metadata: Metadata) -> bytes:
    """A model file that carries this metadata in place of what it carried.

    Args:
        model: a `ModelT`; it is changed.
    """
    from ai_edge_litert import schema_py_generated as schema

    buffer = schema.BufferT()
    buffer.data = np.frombuffer(encode(metadata.table), np.uint8)
    kept = [m for m in model.metadata or [] if m.name != NAME.encode()]
    for old in [m for m in model.metadata or [] if m.name == NAME.encode()]:
        model.buffers[old.buffer].data = None
    model.buffers.append(buffer)
    entry = schema.MetadataT()
    entry.name, entry.buffer = NAME.encode(), len(model.buffers) - 1
    model.metadata = [*kept, entry]
    data = write_object(model)
    if not metadata.files:
        return data
    whole = io.BytesIO(data)
    with zipfile.ZipFile(whole, "a", zipfile.ZIP_STORED) as archive:
        for name, content in sorted(metadata.files.items()):
            archive.writestr(zipfile.ZipInfo(name), content)  # with a fixed date: the same bytes at each build
    return whole.getvalue()
