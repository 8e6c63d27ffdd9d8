"""Model files on the host: checked and named by content before anything is planned.

The check is of the file's frame (identifier, root inside the file), not of the model: whether a runtime can load it is
what a session finds out. Format: a FlatBuffer of the schema with file identifier `TFL3`, whose first four bytes are the
offset of the root table (flatbuffers.dev, "Internals").
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from harness.benchmark.work import ModelFile
from harness.errors import UsageError

_IDENTIFIER = b"TFL3"
_LFS_POINTER = b"version https://git-lfs"
_HEAD_BYTES = 64


def read_model(path: Path, *, name: str | None = None, variant: str = "") -> ModelFile:
    """A `.tflite` file, whatever its name holds.

    Args:
        name: in reports; the file's stem where not given.
        variant: of the model, "" where it has none.

    Raises:
        UsageError: it is missing, empty, cut short, or no TensorFlow Lite flatbuffer.
    """
    shown = f"model {str(path)!r}"
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            size = file.tell()
    except OSError as error:
        raise UsageError(f"{shown} cannot be read: {error.strerror}", advice="give a .tflite file") from None
    except ValueError:  # a path with a NUL
        raise UsageError(f"{shown} is no path", advice="give a .tflite file") from None
    if not head:
        raise UsageError(f"{shown} is empty", advice="convert it again")
    if head.startswith(_LFS_POINTER):
        raise UsageError(f"{shown} is a Git LFS pointer, not the model", advice="run git lfs pull")
    if head[4:8] != _IDENTIFIER:
        raise UsageError(f"{shown} is no TensorFlow Lite flatbuffer", advice="give a .tflite file")
    if int.from_bytes(head[:4], "little") + 4 > size:
        raise UsageError(f"{shown} is cut short", advice="copy or convert it again")
    return ModelFile(name or model_name(path), variant, path, digest, size)


def built_files(folder: Path) -> dict[str, Path]:
    """Variant to its file, of a folder of `harness variants build`; variants that could not be built are passed over.

    Raises:
        UsageError: the folder lists no variant, or a file is gone.
    """
    from harness.variants.listing import read_list

    found = {listed.name: listed.path for listed in read_list(folder) if listed.path is not None}
    if not found:
        raise UsageError(f"no variant was built in {str(folder)!r}", advice="see the reasons in its variants.json")
    return found


def model_name(path: Path) -> str:
    """The name of a model in reports: its file's stem."""
    return printable(path.stem)


def printable(text: str) -> str:
    """A file name with its bytes that are no UTF-8 replaced, so that it can be printed and stored."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
