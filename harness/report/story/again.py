"""How to take a figure again. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

#: Of a suite's protocol to the option of `harness bench`.
_OPTIONS = {"num_runs": "--num-runs", "min_secs": "--min-secs", "warmup_min_secs": "--warmup-min-secs"}
#: Options of a run that say which virtual phones it had.
_VIRTUAL = ("--virtual", "--profile", "--rate", "--faults")


def how_again(row: dict[str, Any], model_sha256: str | None, meta: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Commands with what each does; keys: `what`, `command` (None with `reason` where there is none).

    Args:
        meta: of run.json.
    """
    found = []
    argv = meta.get("argv")
    found.append(
        {"what": "the whole run", "command": shlex.join(["harness", *argv]), "reason": None}
        if argv
        else {
            "what": "the whole run",
            "command": None,
            "reason": "it was measured elsewhere, or its command is not kept",
        }
    )
    if row["provenance"] == "imported":
        return found
    file = next((m.get("file") for m in meta.get("models", []) if m.get("sha256") == model_sha256), None)
    if file is None:
        return [*found, {"what": "this row alone", "command": None, "reason": "the model file's name is not kept"}]
    delegate = ":".join([row["delegate"], *(f"{k}={v}" for k, v in row["options"].items())])
    words = ["harness", "bench", file, "--delegate", delegate, "--sessions", str(row["sessions_run"])]
    words += ["--threads", str(row["threads"])] if row["threads"] else []
    protocol = (meta.get("suite") or {}).get("protocol") or {}
    for key, option in _OPTIONS.items():
        if protocol.get(key) is not None:
            words += [option, f"{protocol[key]:g}"]
    words += ["--device", row["phone_id"]]
    if row["provenance"] == "virtual":
        words += _virtual(list(argv or ())) or ["--virtual", str(max(1, len(meta.get("phones", []))))]
    return [*found, {"what": "this row alone", "command": shlex.join(words), "reason": None}]


def _virtual(argv: list[str]) -> list[str]:
    """What the run's command says of its virtual phones."""
    found = []
    for word, value in zip(argv, [*argv[1:], ""], strict=True):
        if word in _VIRTUAL:
            found += [word, value]
        elif word.partition("=")[0] in _VIRTUAL:
            found.append(word)
    return found
