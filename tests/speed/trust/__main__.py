"""Print a table a part, and end with 1 where a bar is missed.

Usage: python -m tests.speed.trust [--seed N] [PART…]
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import pkgutil
import random
import sys

from tests.speed import trust


def parts() -> list[str]:
    """Names of the modules that have a table."""
    names = (m.name for m in pkgutil.iter_modules(trust.__path__) if not m.name.startswith("_"))
    return sorted(n for n in names if hasattr(importlib.import_module(f"{trust.__name__}.{n}"), "rows"))


def main(arguments: list[str]) -> int:
    """The exit code: 0, or 1 where a bar is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.speed.trust")
    parser.add_argument("--seed", type=int, help="of all that is drawn; a fresh one where it is not given")
    parser.add_argument("part", nargs="*", choices=[[], *parts()], help="which; all where none is named")
    asked = parser.parse_args(arguments)
    seed = random.SystemRandom().randrange(2**31) if asked.seed is None else asked.seed
    print(f"seed {seed}")
    missed = 0
    for name in asked.part or parts():
        module = importlib.import_module(f"{trust.__name__}.{name}")
        takes_seed = "seed" in inspect.signature(module.rows).parameters
        table = [list(module.HEAD), *(module.rows(seed=seed) if takes_seed else module.rows())]
        print(f"\n{name}: {(inspect.getdoc(module) or '').splitlines()[0]}\n")
        widths = [max(len(row[i]) for row in table) for i in range(len(module.HEAD))]
        for row in table:
            print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        missed += sum(cell.startswith("MISSED") for row in table for cell in row)
    print(f"\n{missed} bars missed." if missed else "\nEvery bar is reached.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
