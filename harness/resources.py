"""Finds device_scripts/, binaries/ and reports/ in a checkout as well as in an installed wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def resource_dir(name: str) -> Path:
    """Directory of shipped files.

    Args:
        name: "device_scripts", "binaries" or "reports/templates".

    Raises:
        FileNotFoundError: the installation is incomplete.
    """
    for base in (_PACKAGE / "_data", _PACKAGE.parent):
        if (base / name).is_dir():
            return base / name
    raise FileNotFoundError(f"this installation lacks {name}/; reinstall phone-rack-harness")
