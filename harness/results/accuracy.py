"""Accuracy measured on the host, as a run keeps it: read from an accuracy.json, by the sha256 of model files."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from harness.errors import UsageError
from harness.records import AccuracyRecord, from_json, to_json

FILE = "accuracy.json"
SCHEMA = 1


def read_accuracy(path: Path, wanted: Iterable[str]) -> dict[str, dict[str, Any]]:
    """What an accuracy.json knows of the files with these sha256, as run.json keeps it.

    Raises:
        UsageError: it cannot be read, is damaged, or was written by a newer harness.
    """
    try:
        document = json.loads(path.read_bytes())
        if document["schema"] > SCHEMA:
            raise UsageError(f"{path} was written by a newer harness", advice="update phone-rack-harness")
        models = document["models"]
        return {s: to_json(from_json(AccuracyRecord, models[s])) for s in sorted(set(wanted)) if s in models}
    except OSError as error:
        advice = "run harness variants evaluate"
        raise UsageError(f"{str(path)!r} cannot be read: {error.strerror}", advice=advice) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UsageError(f"{path} is damaged", advice="run harness variants evaluate again") from None
