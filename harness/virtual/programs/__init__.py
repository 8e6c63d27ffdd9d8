"""The system programs of a virtual phone; each module is one noun and registers itself."""

from __future__ import annotations

import importlib
import pkgutil


def load_programs() -> None:
    """Import every module of this package and the benchmark program, so that they are registered."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    importlib.import_module("harness.virtual.bench")
