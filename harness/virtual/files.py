"""Writes the files that show a virtual phone's state, each always in place."""

from __future__ import annotations

import contextlib
import os
import resource
from pathlib import Path

from harness.virtual.nodes import Node

#: Enough for some hundreds of phones in one process.
_FILES_WANTED = 65536


class LiveFiles:
    """Files below `root` that are held open and written in place.

    They may be bound into the phone's namespace, so no inode is ever replaced; and they are read-only or denied to
    the phone's shell, which is this user, so they are opened before their mode is set. One descriptor a file.
    """

    def __init__(self, root: Path) -> None:
        _allow_many_files()
        self._root = root
        self._open: dict[str, int] = {}
        self._written: dict[str, str] = {}
        self._made: set[Path] = set()

    def folder(self, name: str) -> None:
        """Make a folder and its parents."""
        self._make(self._root / name)

    def link(self, name: str, target: str) -> None:
        """Make a symbolic link."""
        place = self._root / name
        self._make(place.parent)
        if not place.is_symlink():
            place.symlink_to(target)

    def once(self, node: Node) -> None:
        """Make a file that does not change; one that is there stays."""
        place = self._root / node.path
        self._make(place.parent)
        with contextlib.suppress(FileExistsError):
            fd = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, node.mode)
            try:
                os.write(fd, node.text.encode())
            finally:
                os.close(fd)

    def replace(self, node: Node) -> None:
        """Give a file that `once` made another content."""
        place = self._root / node.path
        place.chmod(0o644)
        place.write_text(node.text)
        place.chmod(node.mode)

    def put(self, name: str, text: str) -> None:
        """Show a text; costs nothing where it stands there already."""
        old = self._written.get(name)
        if old == text:
            return
        self._written[name] = text
        fd = self._open.get(name)
        if fd is None:
            fd = self._open[name] = self._create(name)
        data = text.encode()
        # The new text first: a reader may see a rest of the old one after it, never nothing.
        os.pwrite(fd, data, 0)
        if old is None or len(old) != len(text):
            os.ftruncate(fd, len(data))

    def deny(self, name: str) -> None:
        """Let a file, or every file of a folder, refuse the shell user; writing it goes on."""
        whole = self._root / name
        for place in whole.iterdir() if whole.is_dir() else (whole,):
            place.chmod(0o000)

    def mode(self, name: str, mode: int) -> None:
        """Set what the shell user may do with a file or folder."""
        (self._root / name).chmod(mode)

    def close(self) -> None:
        """Let the files go."""
        for fd in self._open.values():
            os.close(fd)
        self._open.clear()

    def _create(self, name: str) -> int:
        place = self._root / name
        self._make(place.parent)
        # A tree that stands from an earlier life of this phone has the file, read-only.
        if place.exists():
            place.chmod(0o644)
        fd = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
        os.fchmod(fd, 0o444)
        return fd

    def _make(self, folder: Path) -> None:
        if folder not in self._made:
            folder.mkdir(parents=True, exist_ok=True)
            self._made.add(folder)


def _allow_many_files() -> None:
    # A phone holds some forty files open, and the usual limit of 1024 is soft.
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES_WANTED if hard == resource.RLIM_INFINITY else min(hard, _FILES_WANTED)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
