"""Writes that are on the disk when they return: a file's bytes, and the folder entry that names it."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


def sync_folder(path: Path) -> None:
    """Sync a folder's entries, so that a new or renamed file in it outlives a power cut.

    A platform or file system that cannot sync folders (Windows, some network mounts) is passed over.
    """
    with contextlib.suppress(OSError):
        entry = os.open(path, os.O_RDONLY)
        try:
            os.fsync(entry)
        finally:
            os.close(entry)


def write_atomic(path: Path, text: str, *, mode: int | None = None) -> None:
    """Replace a file in one step: readers and crashes see the old text or the new one, never a part.

    Characters that are no UTF-8 (file names of other encodings) are written as `\\udcXX`, which JSON reads back.

    Args:
        mode: permissions of the file, whatever the umask; None: as the umask leaves them.

    Raises:
        OSError: the disk refuses; the old file is still there.
    """
    part = path.with_name(path.name + ".part")
    try:
        if mode is not None:  # several users write here, and one of them may have died in mid-write
            part.unlink(missing_ok=True)
        with part.open("wb") as file:
            file.write(encode(text))
            file.flush()
            if mode is not None:
                part.chmod(mode)
            os.fsync(file.fileno())
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def encode(json_text: str) -> bytes:
    """JSON as UTF-8; a lone surrogate becomes the escape by which JSON names it."""
    return json_text.encode("utf-8", "backslashreplace")
