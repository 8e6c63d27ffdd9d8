"""The one place where names and paths are quoted for a phone's shell."""

from __future__ import annotations

import shlex

#: Everything of ours on a phone lies below this folder.
DEVICE_ROOT = "/data/local/tmp/harness"


def quote(text: str) -> str:
    """`text` as one word of the phone's shell, whatever it holds."""
    return shlex.quote(text)


def device_path(path: str) -> str:
    """An absolute path as one word; `PHONE_ROOT` is empty on a phone and set on a virtual one in portable mode."""
    return '"${PHONE_ROOT}"' + quote(path)
