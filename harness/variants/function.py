"""Functions that recipes name as `module:function`."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness.errors import UsageError


def find_function(name: str, folder: Path | None = None) -> Callable[..., Any]:
    """The function `module:function`.

    Args:
        folder: put in the path before, so that a module beside a recipe is found.

    Raises:
        UsageError: there is no such module or function.
    """
    if folder is not None and str(folder.absolute()) not in sys.path:
        sys.path.insert(0, str(folder.absolute()))
    module, _, function = name.partition(":")
    try:
        found: Callable[..., Any] = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError) as error:
        raise UsageError(f"{name} cannot be found: {error}", advice="name a function beside the recipe") from None
    return found
