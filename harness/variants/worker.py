"""Builds one variant in a process of its own, since the converter leaks and can abort; or saves a factory's model once.

Usage: python -m harness.variants.worker REQUEST.json. The last line on stdout is JSON: {"error": …}, or what is worth
keeping of the work: {"curve": […], "claims": […]}.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness.errors import HarnessError, UsageError
from harness.variants.claims import unkept
from harness.variants.dataset import Array, arrays_for, examples, iterate
from harness.variants.function import find_function
from harness.variants.keras2 import in_tf_keras
from harness.variants.kinds import KINDS
from harness.variants.kinds.base import Kind, Trained
from harness.variants.model_file import read_model_file
from harness.variants.sources import Opened, load_arrays, open_source, save_factory, with_converter
from harness.variants.training import Tuner
from harness.variants.unsupported import explained


def main() -> None:
    """Do what the request says."""
    request = json.loads(Path(sys.argv[1]).read_text())
    # What trains further knows no other Keras than tf-keras; must be said before TensorFlow is imported.
    os.environ["TF_USE_LEGACY_KERAS"] = "1"
    try:
        answer = _build(request)
    except HarnessError as error:
        answer = {"error": str(error)}
    except Exception as error:  # whatever the converter raises is told as it is
        answer = {"error": explained(error)}
    print(json.dumps(answer), flush=True)


def _build(request: dict[str, Any]) -> dict[str, Any]:
    sys.path.insert(0, request["folder"])
    out = Path(request["out"])
    if request["kind"] is None:
        save_factory(request["source"], out)
        return {}
    kind = KINDS[request["kind"]]
    options: Any = kind.options.model_validate(request["options"])
    opened = open_source(request["source"])
    data = None
    if kind.conversion.calibrates(options):
        arrays, where = load_arrays(request["representative"])
        samples = options.samples or request["representative"]["samples"]
        listed = examples(arrays, opened.inputs, samples, where, seed=options.seed)

        def data() -> Iterator[list[Array]]:
            return iterate(listed)

    model, tuner, claims = _trained(kind, options, opened, request["training"])

    def convert(converter: Any) -> bytes:
        import tensorflow as tf

        kind.conversion.set_up(converter, options, data)
        if options.flex:
            chosen = list(converter.target_spec.supported_ops or [tf.lite.OpsSet.TFLITE_BUILTINS])
            converter.target_spec.supported_ops = [*chosen, tf.lite.OpsSet.SELECT_TF_OPS]
        converter.allow_custom_ops = bool(options.custom_ops)
        return bytes(converter.convert())

    made = opened.flatbuffer or with_converter(opened, model, request["source"]["batch"], convert)
    if opened.flatbuffer or kind.conversion.on_file:
        made = kind.conversion.requantize(made, options, data)
    out.write_bytes(made)
    fault = unkept(read_model_file(out), kind, options, claims)
    if fault is not None:
        raise UsageError(f"the file is not {request['kind']}: {fault}")
    return {"curve": tuner.curve if tuner is not None else [], "claims": [vars(c) for c in claims]}


def _trained(
    kind: Kind, options: Any, opened: Opened, training: dict[str, Any]
) -> tuple[Any, Tuner | None, list[Trained]]:
    if not kind.trains:
        return opened.keras, None, []
    loss = find_function(training["loss"]) if ":" in training["loss"] else training["loss"]
    arrays, where = load_arrays(training)
    if training["labels"] not in arrays:
        raise UsageError(f"{where} has no array {training['labels']!r}", advice=f"it holds {', '.join(sorted(arrays))}")
    labels = arrays.pop(training["labels"])
    tuner = Tuner(training, arrays_for(arrays, opened.inputs, where), labels, loss)
    model = in_tf_keras(opened.keras)
    claims: list[Trained] = []
    before: tuple[str, ...] = ()
    for name, step in kind.steps.items():
        model, claim = step.train(model, tuner, options, before)
        claims.append(claim)
        before = (*before, name)
    return model, tuner, claims


if __name__ == "__main__":
    main()
