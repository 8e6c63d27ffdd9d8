"""From what a person wrote (given.py) to the tables of the format, checked against the model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from harness.errors import UsageError
from harness.variants.metadata.attach import Metadata
from harness.variants.metadata.given import Given, Input, Labels, Output
from harness.variants.model_file import GraphInfo, TensorInfo

#: The first version of the format has all that is written here.
_MIN_PARSER = "1.0.0"


def make_metadata(given: Given, graph: GraphInfo, folder: Path) -> Metadata:
    """Tables and files for a model.

    Args:
        graph: the model's first.
        folder: that paths in `given` are relative to.

    Raises:
        UsageError: it does not fit the model's inputs and outputs, or a file cannot be read.
    """
    files: dict[str, bytes] = {}
    for side, told, places in (("inputs", given.inputs, graph.inputs), ("outputs", given.outputs, graph.outputs)):
        if len(told) != len(places):
            raise UsageError(
                f"the metadata tells of {len(told)} {side}, and the model has {len(places)}",
                advice=f"tell of all {side}, in the model's order",
            )
    inputs = [_input(one, graph.tensors[t]) for one, t in zip(given.inputs, graph.inputs, strict=True)]
    outputs = [
        _output(one, graph.tensors[t], folder, files) for one, t in zip(given.outputs, graph.outputs, strict=True)
    ]
    extra = [{"name": _keep(files, path.name, _read(folder / path)), "type": "DESCRIPTIONS"} for path in given.files]
    about = {k: v for k in ("name", "description", "version", "author", "license") if (v := getattr(given, k))}
    subgraph = {"input_tensor_metadata": inputs, "output_tensor_metadata": outputs}
    table = {**about, "subgraph_metadata": [subgraph], "min_parser_version": _MIN_PARSER}
    return Metadata({**table, "associated_files": extra} if extra else table, files)


def _input(told: Input, tensor: TensorInfo) -> dict[str, Any]:
    made = _tensor(told, tensor)
    if told.image is not None:
        channels = {"rgb": 3, "grayscale": 1}[told.image]
        if len(tensor.shape) != 4 or tensor.shape[-1] != channels:
            raise UsageError(
                f"input {told.name!r} is no {told.image} image: the model takes {_shape(tensor)}",
                advice=f"an image of that kind is batch × height × width × {channels}",
            )
        made["content"] = {"content_properties": {"ImageProperties": {"color_space": told.image.upper()}}}
    else:
        made["content"] = _FEATURE
    if told.normalization is not None:
        _check_channels(told.normalization.mean, told.name, tensor, "normalization")
        options = {"mean": told.normalization.mean, "std": told.normalization.std}
        made["process_units"] = [{"options": {"NormalizationOptions": options}}]
    return made


_FEATURE = {"content_properties": {"FeatureProperties": dict[str, Any]()}}


def _output(told: Output, tensor: TensorInfo, folder: Path, files: dict[str, bytes]) -> dict[str, Any]:
    made = _tensor(told, tensor)
    made["content"] = _FEATURE
    units, attached = [], []
    if told.labels is not None:
        attached.append(_labels(told.labels, told.name, tensor, folder, files))
    if told.score_calibration is not None:
        found = told.score_calibration
        name = _keep(files, found.file.name, _read(folder / found.file))
        attached.append({"name": name, "type": "TENSOR_AXIS_SCORE_CALIBRATION"})
        options = {"score_transformation": found.transform.upper(), "default_score": found.default}
        units.append({"options": {"ScoreCalibrationOptions": options}})
    if told.score_threshold is not None:
        units.append({"options": {"ScoreThresholdingOptions": {"global_score_threshold": told.score_threshold}}})
    if told.boxes is not None:
        boxes = {"index": told.boxes.order, "type": told.boxes.type.upper()}
        boxes["coordinate_type"] = told.boxes.coordinates.upper()
        made["content"] = {"content_properties": {"BoundingBoxProperties": boxes}, "range": {"min": 2, "max": 2}}
    return {
        **made,
        **({"process_units": units} if units else {}),
        **({"associated_files": attached} if attached else {}),
    }


def _labels(told: Labels, output: str, tensor: TensorInfo, folder: Path, files: dict[str, bytes]) -> dict[str, Any]:
    if told.file is not None:
        text, name = _read(folder / told.file), told.file.name
        try:
            listed = text.decode("utf-8").splitlines()
        except UnicodeDecodeError:
            raise UsageError(f"{folder / told.file} is no text in UTF-8", advice="give a label a line") from None
    else:
        listed, name = list(told.names or []), f"labels_{output}.txt"
        if any("\n" in label or "\r" in label for label in listed):
            raise UsageError(f"a label of output {output!r} has a line break", advice="give a label a line")
        text = ("\n".join(listed) + "\n").encode()
    classes = tensor.shape[-1] if tensor.shape else 1
    if told.of == "axis" and classes > 0 and len(listed) != classes:
        raise UsageError(
            f"output {output!r} has {len(listed)} labels, and the model gives {classes} values", advice="name each once"
        )
    kind = {"axis": "TENSOR_AXIS_LABELS", "value": "TENSOR_VALUE_LABELS"}[told.of]
    made = {"name": _keep(files, name, text), "type": kind}
    return {**made, "locale": told.locale} if told.locale else made


def _tensor(told: Input | Output, tensor: TensorInfo) -> dict[str, Any]:
    made: dict[str, Any] = {"name": told.name}
    if told.description:
        made["description"] = told.description
    for key in ("min", "max"):
        _check_channels(getattr(told, key), told.name, tensor, key)
    stats = {key: getattr(told, key) for key in ("min", "max") if getattr(told, key)}
    return {**made, "stats": stats} if stats else made


def _check_channels(values: Sequence[float], name: str, tensor: TensorInfo, what: str) -> None:
    channels = tensor.shape[-1] if tensor.shape else 1
    if channels > 0 and len(values) not in (0, 1, channels):
        raise UsageError(
            f"{what} of {name!r} has {len(values)} values, and the tensor {channels} channels",
            advice=f"give 1 or {channels}",
        )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", advice="check the paths in the metadata") from None


def _keep(files: dict[str, bytes], name: str, content: bytes) -> str:
    if files.get(name, content) != content:
        raise UsageError(f"two files are called {name!r}", advice="rename one of them")
    files[name] = content
    return name


def _shape(tensor: TensorInfo) -> str:
    return " × ".join("?" if n < 0 else str(n) for n in tensor.shape) or "a scalar"
