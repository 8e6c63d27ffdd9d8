"""`accuracy.json` and what lies beside it: every model's accuracy by the sha256 of its file.

Reports of phones take a model's accuracy from it by that sha256 (harness/results/accuracy.py reads it), so that no
figure can be shown for a file that it was not measured on.
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from harness.accuracy.dataset import Dataset
from harness.accuracy.details import by_class, confusion, disagreements, right_classes
from harness.accuracy.evaluate import Evaluated
from harness.durable import write_atomic
from harness.errors import HostError
from harness.records import to_json
from harness.results.accuracy import FILE, SCHEMA
from harness.variants.facts import facts

#: Parts by example, for comparisons without running the models again.
BY_EXAMPLE = "accuracy.npz"


def build_document(
    found: Sequence[Evaluated],
    data: Dataset,
    *,
    base: Evaluated | None,
    max_drop: float | None,
    unbuilt: dict[str, str],
) -> dict[str, Any]:
    """Everything that is known of the models. A value that is missing is None with its reason.

    Keys: `dataset` (where, sha256, examples), `metric`, `base`, `max_drop`, `models` by sha256 and `failed` (name to
    reason, of those without a file that can be read). A model: the fields of `AccuracyRecord`, name, file, file_bytes,
    size_ratio, deflated_bytes, sparsity and most_distinct_in_channel (as in variants.json), host (ms, ratio, batch:
    this machine's, no phone's), more_examples, clipped_pct, by_class, disagreements, confusion.
    """
    right = right_classes(data.labels, base)
    first = found[0].accuracy
    return {
        "schema": SCHEMA,
        "dataset": {"where": data.where, "sha256": data.sha256, "examples": data.count, "classes": list(data.classes)},
        "metric": {"name": first.metric, "unit": first.unit, "reference": first.reference},
        "base": None if base is None else {"name": base.name, "sha256": base.sha256},
        "max_drop": max_drop,
        "models": {m.sha256: _model(m, base, right) for m in found if m.sha256 is not None},
        "failed": {**unbuilt, **{m.name: m.accuracy.reason for m in found if m.sha256 is None}},
    }


def _model(model: Evaluated, base: Evaluated | None, right: Any) -> dict[str, Any]:
    compared = base if model is not base else None
    matrix = confusion(model, right)
    return {
        "name": model.name,
        "file": model.path.name,
        **to_json(model.accuracy),
        "drop_method": model.drop_method,
        "more_examples": model.more_examples,
        "file_bytes": model.file_bytes,
        "size_ratio": size_ratio(model, base),
        **_weights(model),
        "host": host(model, base),
        "clipped_pct": model.clipped_pct,
        "by_class": by_class(model, compared, right),
        "disagreements": disagreements(model, compared, right),
        "confusion": None if matrix is None else matrix.tolist(),
    }


def _weights(model: Evaluated) -> dict[str, Any]:
    """What pruning and clustering left in the file."""
    found = facts(model.path)
    return {key: found[key] for key in ("deflated_bytes", "sparsity", "sparsity_reason", "most_distinct_in_channel")}


def size_ratio(model: Evaluated, base: Evaluated | None) -> float | None:
    """File size over that of the base."""
    if base is None or base.file_bytes is None or model.file_bytes is None:
        return None
    return model.file_bytes / base.file_bytes


def host(model: Evaluated, base: Evaluated | None) -> dict[str, Any]:
    """Milliseconds of an example on this machine, and how many times as fast as the base it is.

    There is no ratio where the two ran in batches of different sizes, since a batch changes the time of an example.
    """
    ratio, reason = None, None
    if model.host_ms is None:
        reason = "it did not run"
    elif base is None or base.host_ms is None:
        reason = "nothing to compare with"
    elif base.batch != model.batch:
        reason = f"it runs in batches of {model.batch}, and {base.name} of {base.batch}"
    else:
        ratio = base.host_ms / model.host_ms
    return {"ms": model.host_ms, "ratio": ratio, "batch": model.batch, "reason": reason}


def write_document(document: dict[str, Any], found: Sequence[Evaluated], data: Dataset, out: Path) -> None:
    """Write accuracy.json and accuracy.npz into `out`.

    Raises:
        HostError: the disk refuses.
    """
    arrays: dict[str, Any] = {}
    if data.labels is not None and data.labels.ndim == 1:
        arrays["labels"] = data.labels
    for model in found:
        if model.scores is not None:
            arrays |= {f"{model.name}/{key}": value for key, value in model.scores.arrays().items()}
        if model.answers is not None:
            arrays[f"{model.name}/answer"] = model.answers.classes
            arrays[f"{model.name}/confidence"] = model.answers.confidence
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / BY_EXAMPLE).write_bytes(buffer.getvalue())
        write_atomic(out / FILE, json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
    except OSError as error:
        raise HostError(f"{out} cannot be written: {error.strerror}", advice="choose another --out") from None
