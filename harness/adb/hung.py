"""Finds the adb server of this user that holds a port, where it hangs too badly to end itself on request.

Source: `/proc` of Linux; other systems offer nothing as simple, so there the answer is empty.
"""

from __future__ import annotations

import os
from pathlib import Path

PROC = Path("/proc")
_LISTENING = "0A"


def server_pids(port: int, root: Path = PROC) -> list[int]:
    """Processes of ours that listen on a TCP port of this machine and are an adb."""
    sockets = {f"socket:[{inode}]" for name in ("tcp", "tcp6") for inode in _inodes(root / "net" / name, port)}
    if not sockets:
        return []
    return [
        int(folder.name)
        for folder in root.iterdir()
        if folder.name.isdigit() and _is_adb(folder) and sockets & _open_files(folder)
    ]


def _inodes(table: Path, port: int) -> list[str]:
    try:
        rows = [line.split() for line in table.read_text().splitlines()[1:]]
    except OSError:
        return []
    return [row[9] for row in rows if row[3] == _LISTENING and int(row[1].rpartition(":")[2], 16) == port]


def _is_adb(folder: Path) -> bool:
    try:
        return folder.stat().st_uid == os.getuid() and "adb" in (folder / "comm").read_text()
    except OSError:
        return False


def _open_files(folder: Path) -> set[str]:
    found = set()
    try:
        for link in (folder / "fd").iterdir():
            found.add(os.readlink(link))  # noqa: PTH115 - what it names is no path
    except OSError:
        pass
    return found
