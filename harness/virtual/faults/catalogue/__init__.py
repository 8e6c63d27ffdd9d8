"""The kinds of fault; a module holds those of one part of a phone."""

from __future__ import annotations

import importlib
import pkgutil


def load() -> None:
    """Import, and so register, every kind."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
