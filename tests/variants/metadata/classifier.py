"""A classifier of colours, built by hand: mean over an image, one dense layer, softmax; and its metadata."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from harness.variants.flatbuffer import read_object, write_object
from harness.variants.model_file import read_model_file
from tests.virtual.bench.tiny import G, Op, T, build

SIDE = 16
LABELS = ("reddish", "greenish", "bluish", "grey")
#: So uneven that a reader that leaves the normalization out answers otherwise.
MEAN, STD = (150.0, 90.0, 30.0), (60.0, 30.0, 120.0)
YAML = f"""\
name: colours
description: What colour most of an image has
version: "1"
author: tests
license: Apache-2.0
inputs:
  - name: image
    description: an image
    image: rgb
    normalization: {{mean: {list(MEAN)}, std: {list(STD)}}}
    min: [-3, -3, -3]
    max: [2, 6, 2]
outputs:
  - name: probability
    labels: labels.txt
    score_threshold: 0.01
files: [readme.txt]
"""


def colours(folder: Path) -> Path:
    """The model in `folder`, with metadata.yaml and the files that it names beside it; the model has none of it yet."""
    weights = np.array([[1, -1, -1], [-1, 1, -1], [-1, -1, 1], [0, 0, 0]], np.float32)
    tensors = [
        T("image", (1, SIDE, SIDE, 3)),
        T("axes", (2,), np.array([1, 2], np.int32), "INT32"),
        T("mean", (1, 3)),
        T("weights", (4, 3), weights),
        T("bias", (4,), np.array([0, 0, 0, 0.2], np.float32)),
        T("dense", (1, 4)),
        T("probability", (1, 4)),
    ]
    ops = [Op("MEAN", (0, 1), (2,)), Op("FULLY_CONNECTED", (2, 3, 4), (5,)), Op("SOFTMAX", (5,), (6,))]
    path = build(folder / "colours.tflite", G(tensors, ops, (0,), (6,), "serving_default"))
    model = read_object(path)
    _options(model)
    path.write_bytes(write_object(model))
    (folder / "metadata.yaml").write_text(YAML)
    (folder / "labels.txt").write_text("\n".join(LABELS) + "\n")
    (folder / "readme.txt").write_text("Made by a test.\n")
    assert read_model_file(path).macs == 12
    return path


def _options(model: Any) -> None:
    from ai_edge_litert import schema_py_generated as schema

    softmax = schema.SoftmaxOptionsT()
    softmax.beta = 1.0
    made = (schema.ReducerOptionsT(), schema.FullyConnectedOptionsT(), softmax)
    for op, options in zip(model.subgraphs[0].operators, made, strict=True):
        op.builtinOptions = options
        op.builtinOptionsType = getattr(schema.BuiltinOptions, type(options).__name__[:-1])


def pictures(count: int) -> list[np.ndarray[Any, np.dtype[np.uint8]]]:
    """Noisy images of all colours, from a fixed seed."""
    rng = np.random.default_rng(7)
    found = []
    for _ in range(count):
        colour = rng.integers(0, 256, 3)
        noise = rng.integers(-20, 21, (SIDE, SIDE, 3))
        found.append(np.clip(colour + noise, 0, 255).astype(np.uint8))
    return found
