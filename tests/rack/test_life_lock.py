"""A lock that lives as long as its holder."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from harness.errors import HostTransientError
from harness.rack.life_lock import LifeLock, holder_lives


def test_one_holder_and_others_who_ask(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert not holder_lives(path)
    with LifeLock(path, wait_s=0, mode=0o644):
        assert holder_lives(path) and holder_lives(path)
        start = time.monotonic()
        with pytest.raises(HostTransientError, match="is held by another harness; wait for it to end"):
            LifeLock(path, wait_s=0.1, mode=0o644)
        assert 0.1 <= time.monotonic() - start < 5
    assert path.exists() and not holder_lives(path)


def test_a_file_that_its_holder_removed_is_no_lock(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    opened: list[int] = []

    class Late(LifeLock):
        def _open(self, mode: int) -> int:
            file = super()._open(mode)
            if not opened:  # whoever held it lets go just now
                path.unlink()
            opened.append(file)
            return file

    lock = Late(path, wait_s=5, mode=0o644)
    assert len(opened) == 2 and holder_lives(path), "it holds the file that others find"
    lock.release(remove=True)
    assert not path.exists()
