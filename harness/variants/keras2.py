"""The same model in tf-keras, since tensorflow-model-optimization trains nothing else.

A Keras 3 model is rebuilt layer by layer from its own configuration (the format of `.keras` files), takes over the
weights, and has to give the same outputs.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np

from harness.errors import UsageError

_ADVICE = "give the source as a legacy .h5 file, or as a factory that returns a tf_keras model"
#: Difference of outputs, relative to the largest, up to which two float32 models are the same.
_SAME = 1e-4


def in_tf_keras(model: Any) -> Any:
    """`model` in tf-keras; a tf-keras model is returned as it is.

    Raises:
        UsageError: it is not of the functional or sequential kind, a layer is unknown there, or outputs differ.
    """
    if type(model).__module__.startswith("tf_keras"):
        return model
    found = {"Sequential", "Functional"} & {c.__name__ for c in type(model).__mro__}
    if not found:
        raise UsageError(f"a model of class {type(model).__name__} cannot be trained further", advice=_ADVICE)
    try:
        rebuilt = _rebuilt(model.get_config(), sequential="Sequential" in found)
        rebuilt.set_weights(model.get_weights())
    except UsageError:
        raise
    except Exception as error:  # whatever a layer objects to
        raise UsageError(f"the model cannot be rebuilt in tf-keras: {error}", advice=_ADVICE) from None
    _compare(model, rebuilt)
    return rebuilt


def _rebuilt(config: Mapping[str, Any], *, sequential: bool) -> Any:
    import tf_keras

    if sequential:
        return tf_keras.Sequential([_layer(entry) for entry in config["layers"]], name=config["name"])
    layers = {entry["config"]["name"]: _layer(entry) for entry in config["layers"]}
    results: dict[tuple[str, int], list[Any]] = {}
    todo = []
    for entry in config["layers"]:
        name = entry["config"]["name"]
        if entry["class_name"] == "InputLayer":
            results[name, 0] = [layers[name].output]
        todo += [(name, number, node) for number, node in enumerate(entry.get("inbound_nodes", ()))]
    while todo:
        left = [item for item in todo if not _call(*item, layers, results)]
        if len(left) == len(todo):
            raise ValueError("its graph has no order")
        todo = left
    ends = [
        [_at(history, results) for history in _histories(config[side])] for side in ("input_layers", "output_layers")
    ]
    inputs, outputs = (side[0] if len(side) == 1 else side for side in ends)
    return tf_keras.Model(inputs, outputs, name=config["name"])


def _histories(found: Any) -> list[Any]:
    return [found] if found and isinstance(found[0], str) else list(found)


def _at(history: Any, results: Mapping[tuple[str, int], list[Any]]) -> Any:
    return results[history[0], history[1]][history[2]]


def _call(
    name: str, number: int, node: Mapping[str, Any], layers: Any, results: dict[tuple[str, int], list[Any]]
) -> bool:
    """Call a layer once more; False while its inputs are not there yet."""
    try:
        args, kwargs = (_filled(node[part], results) for part in ("args", "kwargs"))
    except KeyError:
        return False
    kwargs = {key: value for key, value in kwargs.items() if value is not None and key != "mask"}
    made = layers[name](*args, **kwargs)
    results[name, number] = list(made) if isinstance(made, list | tuple) else [made]
    return True


def _filled(value: Any, results: Mapping[tuple[str, int], list[Any]]) -> Any:
    if isinstance(value, dict):
        if value.get("class_name") == "__keras_tensor__":
            return _at(value["config"]["keras_history"], results)
        return {key: _filled(inner, results) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(inner, results) for inner in value]
    return value


def _layer(entry: Mapping[str, Any]) -> Any:
    import tf_keras

    name, config = entry["class_name"], dict(entry["config"])
    if name in ("Sequential", "Functional"):
        return _rebuilt(config, sequential=name == "Sequential")
    made = getattr(tf_keras.layers, name, None)
    if made is None or entry.get("registered_name"):
        raise UsageError(f"tf-keras has no layer {name} ({config.get('name')})", advice=_ADVICE)
    dtype = config.get("dtype")
    if isinstance(dtype, dict):
        config["dtype"] = dtype["config"]["name"]
    if name == "InputLayer":
        return made(input_shape=config["batch_shape"][1:], dtype=config["dtype"], name=config["name"])
    known = {"name", "trainable", "dtype", *inspect.signature(made.__init__).parameters}
    # Initializers have other arguments there, and the weights are set anyway.
    return made.from_config({k: v for k, v in config.items() if k in known and not k.endswith("_initializer")})


def _compare(model: Any, rebuilt: Any) -> None:
    chance = np.random.default_rng(0)
    inputs = [
        chance.uniform(0, 1, (2, *(n or 4 for n in t.shape[1:]))).astype(str(np.dtype(t.dtype)), copy=False)
        for t in model.inputs
    ]
    given = inputs if len(inputs) > 1 else inputs[0]
    for ours, theirs in zip(_arrays(model(given)), _arrays(rebuilt(given)), strict=True):
        if not np.allclose(ours, theirs, atol=_SAME * max(1.0, float(np.abs(ours).max()))):
            raise UsageError("the model gives other outputs when rebuilt in tf-keras", advice=_ADVICE)


def _arrays(outputs: Any) -> list[Any]:
    values = list(outputs.values()) if isinstance(outputs, dict) else outputs
    return [np.asarray(o) for o in (values if isinstance(values, list | tuple) else [values])]
