"""Where the harness keeps what it can get again: programs that it fetched, models that it made."""

from __future__ import annotations

import os
from pathlib import Path


def cache_dir() -> Path:
    """The user's cache folder for us; HARNESS_CACHE puts it elsewhere. Not made yet."""
    given = os.environ.get("HARNESS_CACHE")
    if given:
        return Path(given).expanduser()
    from platformdirs import user_cache_path

    return user_cache_path("harness", appauthor=False)
