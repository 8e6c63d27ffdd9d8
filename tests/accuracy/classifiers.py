"""Two linear classifiers of made-up examples: a light one that sees two features of six, a heavy one that sees all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from harness.variants.flatbuffer import read_object, write_object
from tests.virtual.bench.tiny import G, Op, T, build

FEATURES, CLASSES = 6, 3


def examples(path: Path, count: int = 400) -> Path:
    """An .npz of `count` examples `x` with `labels`, from a fixed seed."""
    rng = np.random.default_rng(3)
    labels = rng.integers(0, CLASSES, count)
    values = _centres()[labels] + rng.normal(size=(count, FEATURES))
    np.savez(path, x=values.astype(np.float32), labels=labels)
    return path


def classifiers(folder: Path, *, softmax: bool = True) -> tuple[Path, Path]:
    """light.tflite and heavy.tflite in `folder`; without softmax the light one gives logits."""
    light = _linear(folder / "light.tflite", seen=2, softmax=softmax)
    return light, _linear(folder / "heavy.tflite", seen=FEATURES, softmax=True)


def _centres() -> Any:
    return np.random.default_rng(5).normal(scale=1.1, size=(CLASSES, FEATURES))


def _linear(path: Path, *, seen: int, softmax: bool) -> Path:
    from ai_edge_litert import schema_py_generated as schema

    # The best answer for normal noise around centres is linear; unseen features count nothing.
    centres = _centres()
    centres[:, seen:] = 0
    bias = -0.5 * (centres**2).sum(1)
    tensors = [
        T("x", (1, FEATURES)),
        T("w", (CLASSES, FEATURES), centres.astype(np.float32)),
        T("b", (CLASSES,), bias.astype(np.float32)),
        T("logits", (1, CLASSES)),
        T("probabilities", (1, CLASSES)),
    ]
    ops = [Op("FULLY_CONNECTED", (0, 1, 2), (3,)), Op("SOFTMAX", (3,), (4,))][: 1 + softmax]
    build(path, G(tensors, ops, (0,), (3 + softmax,)))
    model = read_object(path)
    beta = schema.SoftmaxOptionsT()
    beta.beta = 1.0
    for op, options in zip(model.subgraphs[0].operators, (schema.FullyConnectedOptionsT(), beta), strict=False):
        op.builtinOptions, op.builtinOptionsType = options, getattr(schema.BuiltinOptions, type(options).__name__[:-1])
    path.write_bytes(write_object(model))
    return path
