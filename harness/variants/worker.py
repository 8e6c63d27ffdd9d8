"""Builds one variant in a process of its own, since the converter leaks and can abort; or saves a factory's model once.

Usage: python -m harness.variants.worker REQUEST.json. The last line on stdout is JSON: {} or {"error": …}.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness.errors import HarnessError, UsageError
from harness.variants.dataset import Array, Input, examples, iterate, read_npz
from harness.variants.function import find_function
from harness.variants.kinds import KINDS


def main() -> None:
    """Do what the request says."""
    request = json.loads(Path(sys.argv[1]).read_text())
    try:
        _build(request)
        answer: dict[str, Any] = {}
    except HarnessError as error:
        answer = {"error": str(error)}
    except Exception as error:  # whatever the converter raises is told as it is
        lines = [line for line in str(error).splitlines() if line.strip()]
        answer = {"error": f"{type(error).__name__}: {lines[0] if lines else 'no message'}"}
    print(json.dumps(answer), flush=True)


def _build(request: dict[str, Any]) -> None:
    sys.path.insert(0, request["folder"])
    if request["kind"] is None:
        call(request["source"]["factory"]).save(request["out"])
        return
    kind = KINDS[request["kind"]]
    converter, inputs = _source(request["source"])
    data = None
    if kind.calibrates:
        arrays, where = _data(request["representative"])
        listed = examples(arrays, inputs, request["representative"]["samples"], where)

        def data() -> Iterator[list[Array]]:
            return iterate(listed)

    kind.set_up(converter, request["options"], data)
    Path(request["out"]).write_bytes(converter.convert())


def _source(source: dict[str, Any]) -> tuple[Any, list[Input]]:
    import tensorflow as tf

    if source.get("saved_model"):
        folder = source["saved_model"]
        loaded = tf.saved_model.load(folder)
        if "serving_default" not in loaded.signatures:
            raise UsageError(f"{folder} has no signature serving_default", advice="save the model with one")
        _, named = loaded.signatures["serving_default"].structured_input_signature
        inputs = [Input(name, tuple(s.shape[1:]), s.dtype.name) for name, s in named.items()]
        return tf.lite.TFLiteConverter.from_saved_model(folder), inputs
    import keras

    model = keras.models.load_model(source["keras"], compile=False)
    if any(_broken(weights) for weights in model.get_weights()):
        raise UsageError("the model holds weights that are no numbers", advice="train it again")
    inputs = [Input(t.name, tuple(t.shape[1:]), str(t.dtype)) for t in model.inputs]
    return tf.lite.TFLiteConverter.from_keras_model(model), inputs


def _broken(weights: Array) -> bool:
    import numpy as np

    return weights.dtype.kind == "f" and not bool(np.isfinite(weights).all())


def _data(representative: dict[str, Any]) -> tuple[dict[str, Array], str]:
    if representative.get("npz"):
        return read_npz(Path(representative["npz"])), representative["npz"]
    made = call(representative["factory"])
    return (made if isinstance(made, dict) else {"": made}), representative["factory"]


def call(factory: str) -> Any:
    """What `module:function` returns.

    Raises:
        UsageError: there is no such module or function.
    """
    return find_function(factory)()


if __name__ == "__main__":
    main()
