"""Who holds a port, as the kernel's tables say."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from harness.adb.hung import server_pids


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="no /proc here")
def test_only_an_adb_that_listens_there(tmp_path: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        assert server_pids(port) == []  # we listen, and are no adb
        comm = Path("/proc/self/comm")
        name = comm.read_text()
        comm.write_text("adb")
        try:
            assert server_pids(port) == [os.getpid()]
        finally:
            comm.write_text(name)
    assert server_pids(port) == []


def test_a_system_without_proc(tmp_path: Path) -> None:
    assert server_pids(5037, tmp_path) == []
