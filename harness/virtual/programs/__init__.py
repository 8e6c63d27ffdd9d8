"""The system programs of a virtual phone; each module is one noun and registers itself."""

from __future__ import annotations

import importlib
import pkgutil
from importlib.util import find_spec

_BENCH = "harness.virtual.bench"


def load() -> None:
    """Import every module of this package, and the benchmark program's package where it is there, to register them."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    if find_spec(_BENCH):
        importlib.import_module(_BENCH)
