"""Model files on the host: checked and named by content before anything is planned."""

from __future__ import annotations

import hashlib
from pathlib import Path

from harness.benchmark.work import ModelFile
from harness.errors import UsageError


def read_model(path: Path, *, name: str | None = None, variant: str = "") -> ModelFile:
    """A `.tflite` file, whatever its name holds.

    Raises:
        UsageError: it is missing, empty, or no TensorFlow Lite flatbuffer.
    """
    try:
        with path.open("rb") as file:
            head = file.read(8)
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            size = file.tell()
    except OSError as error:
        raise UsageError(f"model {str(path)!r} cannot be read: {error.strerror}") from None
    if not head:
        raise UsageError(f"model {str(path)!r} is empty", advice="convert it again")
    if head[4:8] != b"TFL3":
        raise UsageError(f"model {str(path)!r} is no TensorFlow Lite flatbuffer", advice="give a .tflite file")
    return ModelFile(name or path.stem, variant, path, digest, size)
