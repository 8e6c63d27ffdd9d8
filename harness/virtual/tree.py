"""A virtual phone's file tree on the host, with the phone's absolute links and permissions.

Every path is walked inside the root: a link to `/sdcard` leads to the phone's, never to the host's. Owner bits decide
what the shell user may do, also where the host's user is root and would be let through.
"""

from __future__ import annotations

import errno
import os
import posixpath
from pathlib import Path
from typing import BinaryIO

_MAX_LINKS = 20


class Tree:
    """The tree below `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def resolve(self, path: str, *, follow: bool = True) -> Path:
        """The host's path of a path on the phone; relative ones start at `/`. `follow` also follows a final link.

        Raises:
            OSError: ELOOP for links in a circle.
        """
        todo = [p for p in path.split("/") if p and p != "."][::-1]
        done: list[str] = []
        links = 0
        while todo:
            part = todo.pop()
            if part == "..":
                done = done[:-1]
                continue
            here = self.root.joinpath(*done, part)
            if (todo or follow) and here.is_symlink():
                links += 1
                if links > _MAX_LINKS:
                    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
                target = str(here.readlink())
                if target.startswith("/"):
                    done = []
                todo += [p for p in target.split("/") if p and p != "."][::-1]
                continue
            done.append(part)
        return self.root.joinpath(*done)

    def open_for_reading(self, path: str) -> BinaryIO:
        """Open a file as the shell user may.

        Raises:
            OSError: as open(2) on the phone would fail.
        """
        place = self.resolve(path)
        if place.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        _require(place, 0o400)
        return place.open("rb")

    def prepare_new_file(self, path: str) -> Path:
        """Where a new file goes: parents made, an old file removed, as adbd does before it writes.

        Raises:
            OSError: as on the phone.
        """
        parent = self.resolve(posixpath.dirname(path))
        missing = []
        while not parent.exists():
            missing.append(parent.name)
            parent = parent.parent
        if not parent.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        _require(parent, 0o200)
        for name in reversed(missing):
            parent = parent / name
            parent.mkdir(mode=0o771)
        place = parent / posixpath.basename(path)
        if place.is_dir() and not place.is_symlink():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if place.is_symlink() or place.exists():
            place.unlink()
        return place


def _require(place: Path, bits: int) -> None:
    if place.stat().st_mode & bits != bits:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
