"""Reads `variants.json`, the list of what was built."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from harness.errors import UsageError
from harness.variants.build import LIST


@dataclass(frozen=True)
class Listed:
    """A built variant; `error` says why there is no file, and `path` is None then."""

    name: str
    kind: str
    path: Path | None
    error: str | None


def read_list(folder: Path) -> list[Listed]:
    """The variants that a folder's `variants.json` lists, in its order.

    Raises:
        UsageError: there is none, it is damaged, or a file that it lists is gone.
    """
    file = folder / LIST
    try:
        document = json.loads(file.read_bytes())
        found = [
            Listed(
                str(v["name"]), str(v["kind"]), folder / v["file"] if v.get("error") is None else None, v.get("error")
            )
            for v in document["variants"]
        ]
    except OSError:
        advice = f"run harness variants build RECIPE --out {folder}"
        raise UsageError(f"{str(folder)!r} holds no {LIST}", advice=advice) from None
    except (ValueError, KeyError, TypeError):
        raise UsageError(f"{file} is damaged", advice="build the variants again") from None
    for variant in found:
        if variant.path is not None and not variant.path.is_file():
            raise UsageError(f"{file} lists {variant.path}, which is gone", advice="build the variants again")
    return found
