"""Where the harness keeps what it has learnt and cannot get again without the phones."""

from __future__ import annotations

import os
from pathlib import Path


def state_dir() -> Path:
    """The user's state folder for us; HARNESS_STATE puts it elsewhere. Not made yet."""
    given = os.environ.get("HARNESS_STATE")
    if given:
        return Path(given).expanduser()
    from platformdirs import user_state_path

    return user_state_path("harness", appauthor=False)
