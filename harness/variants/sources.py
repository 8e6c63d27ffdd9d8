"""The trained model of a recipe, opened in the process that converts it."""

from __future__ import annotations

import contextlib
import json
import sys
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from harness.errors import EnvironmentFault, UsageError
from harness.variants.dataset import Array, Input, read_npz
from harness.variants.function import find_function


@dataclass(frozen=True)
class Opened:
    """What was opened; one of keras, saved_model and flatbuffer is there. inputs: without the batch."""

    inputs: list[Input]
    keras: Any = None
    saved_model: Path | None = None
    flatbuffer: bytes | None = None


def open_source(source: Mapping[str, Any]) -> Opened:
    """Open `source`: keras, saved_model or tflite, as a path.

    Raises:
        UsageError: it cannot be opened, or holds weights that are no numbers.
    """
    if source.get("saved_model"):
        return _saved_model(Path(source["saved_model"]))
    if source.get("tflite"):
        return _flatbuffer(Path(source["tflite"]))
    model = load_keras(Path(source["keras"]))
    if any(w.dtype.kind == "f" and not np.isfinite(w).all() for w in model.get_weights()):
        raise UsageError("the model holds weights that are no numbers", advice="train it again")
    inputs = [Input(t.name, tuple(t.shape[1:]), str(np.dtype(_dtype(t)))) for t in model.inputs]
    return Opened(inputs, keras=model)


def save_factory(source: Mapping[str, Any], out: Path) -> None:
    """Write down what the function of a recipe returns: a Keras model as it is, a PyTorch module as a `.tflite`.

    Raises:
        UsageError: it returns something else.
        EnvironmentFault: litert-torch is not installed.
    """
    if source.get("factory"):
        made = find_function(source["factory"])()
        if not hasattr(made, "get_weights"):
            raise UsageError(f"{source['factory']} returned no Keras model", advice="return one")
        made.save(out)
        return
    try:
        import litert_torch
    except ImportError:
        raise EnvironmentFault(
            "litert-torch is not installed", advice="pip install 'phone-rack-harness[torch]'"
        ) from None
    module, given = find_function(source["torch"])()
    litert_torch.convert(module.eval(), tuple(given)).export(str(out))


def load_keras(path: Path) -> Any:
    """A Keras model by the Keras that wrote it: a file of Keras 2 by tf-keras.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        if _keras_version(path).startswith("2."):
            import tf_keras as keras
        else:
            import keras
        return keras.models.load_model(path, compile=False)
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror or error}", advice="give a .keras or .h5 file"
        ) from None
    except (ValueError, TypeError) as error:
        first = next((line for line in str(error).splitlines() if line.strip()), "no reason given")
        raise UsageError(f"{path} is no Keras model that can be loaded: {first}", advice="save it again") from None


def _keras_version(path: Path) -> str:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            try:
                return str(json.loads(archive.read("metadata.json")).get("keras_version", ""))
            except (KeyError, ValueError):
                return ""
    import h5py

    with h5py.File(path) as file:
        version = file.attrs.get("keras_version", "")
        return version.decode() if isinstance(version, bytes) else str(version)


def _dtype(tensor: Any) -> Any:
    return getattr(tensor.dtype, "as_numpy_dtype", tensor.dtype)


def _saved_model(folder: Path) -> Opened:
    import tensorflow as tf

    try:
        loaded = tf.saved_model.load(str(folder))
    except (OSError, ValueError) as error:
        raise UsageError(f"{folder} is no SavedModel: {error}", advice="give its folder") from None
    if "serving_default" not in loaded.signatures:
        raise UsageError(f"{folder} has no signature serving_default", advice="save the model with one")
    _, named = loaded.signatures["serving_default"].structured_input_signature
    return Opened([Input(n, tuple(s.shape[1:]), s.dtype.name) for n, s in named.items()], saved_model=folder)


def _flatbuffer(path: Path) -> Opened:
    from harness.variants.model_file import read_model_file

    graph = read_model_file(path).graphs[0]
    tensors = [graph.tensors[i] for i in graph.inputs]
    inputs = [Input(t.name, tuple(None if n < 0 else n for n in t.shape[1:]), t.type.lower()) for t in tensors]
    return Opened(inputs, flatbuffer=path.read_bytes())


def with_converter(opened: Opened, model: Any, batch: int | None, then: Callable[[Any], bytes]) -> bytes:
    """What `then` makes of a `tf.lite.TFLiteConverter` of the model.

    Args:
        model: in place of `opened.keras`, when it was trained further.
        batch: of a Keras model's inputs; None leaves it free. A fixed one keeps operators that only work out the
            batch out of the file, which delegates refuse.
    """
    import tensorflow as tf

    if opened.saved_model is not None:
        return then(tf.lite.TFLiteConverter.from_saved_model(str(opened.saved_model)))
    specs = [tf.TensorSpec((batch, *i.shape), i.dtype, i.name) for i in opened.inputs]

    def serve(*given: Any) -> Any:
        made = model(given[0] if len(given) == 1 else list(given), training=False)
        outputs = list(made.values()) if isinstance(made, dict) else made
        listed = outputs if isinstance(outputs, list | tuple) else [outputs]
        return {f"output_{index}": output for index, output in enumerate(listed)}

    with tempfile.TemporaryDirectory(prefix="harness-saved-") as folder:
        if _is_tf_keras(model):
            holder = tf.Module()
            holder.model = model  # its variables have to be tracked
            tf.saved_model.save(
                holder, folder, signatures={"serving_default": tf.function(serve, input_signature=specs)}
            )
        else:
            _export(model, folder, serve, specs)
        return then(tf.lite.TFLiteConverter.from_saved_model(folder))


def _is_tf_keras(model: Any) -> bool:
    import tf_keras

    return isinstance(model, tf_keras.Model)


def _export(model: Any, folder: str, serve: Any, specs: list[Any]) -> None:
    """Save a Keras 3 model, whose variables only its own archive tracks."""
    from keras.export import ExportArchive

    archive = ExportArchive()
    archive.track(model)
    archive.add_endpoint("serving_default", serve, input_signature=specs)
    with contextlib.redirect_stdout(sys.stderr):
        archive.write_out(folder, verbose=False)


def load_arrays(data: Mapping[str, Any], folder: Path | None = None) -> tuple[dict[str, Array], str]:
    """Arrays of a recipe's section with npz or factory, and what to call it in errors.

    Args:
        folder: of the recipe, where it is not in the path yet.

    Raises:
        UsageError: they cannot be had.
    """
    if data.get("npz"):
        return read_npz(Path(data["npz"])), str(data["npz"])
    made = find_function(data["factory"], folder)()
    arrays = made if isinstance(made, dict) else {"": made}
    return {name: np.asarray(array) for name, array in arrays.items()}, str(data["factory"])
