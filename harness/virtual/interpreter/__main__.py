"""Serve requests until standard input closes.

`{"do": "describe", "model": PATH}` is answered with what describe.py says, `{"do": "run", ...}` with what run.py says;
what goes wrong in the interpreter with `{"stage": load|build|prepare|invoke, "error": TEXT}`.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from harness.virtual.interpreter.describe import describe
from harness.virtual.interpreter.run import Refused, run


def main() -> None:
    """Answer line by line."""
    sys.stdout.write("{}\n")  # loaded
    sys.stdout.flush()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(_answer(json.loads(line))) + "\n")
        sys.stdout.flush()


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    try:
        return describe(request["model"]) if request["do"] == "describe" else run(request)
    except Refused as refused:
        return {"stage": refused.stage, "error": str(refused)}


main()
