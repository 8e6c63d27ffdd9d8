"""Faults of the disk that the store is on."""

from __future__ import annotations

import errno
from pathlib import Path

from harness.errors import HostError

_NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def disk_error(error: OSError, path: Path) -> HostError:
    """A refused write as one sentence."""
    if error.errno in _NO_SPACE:
        return HostError(f"there is no space left for {path}", advice="make room or set HARNESS_CACHE to another disk")
    return HostError(f"{path} cannot be written: {error.strerror or error}", advice="check HARNESS_CACHE")
