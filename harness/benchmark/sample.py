"""The model of `harness bench --sample`: of MobileNetV2's shape, with seeded random weights, made where it is needed.

It costs a phone what an image classifier costs it (224 × 224 × 3 in, 1000 out, 65 operators that every delegate knows),
and classifies nothing. Made by hand with the schema, it needs neither TensorFlow nor a download.
Source of the shape: Sandler et al., MobileNetV2, CVPR 2018, table 2.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.errors import HostError

NAME = "sample"
#: (expansion, channels, repeats, stride) of each row of the paper's table.
_BOTTLENECKS = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
_SIDE, _CLASSES, _SEED = 224, 1000, 2018


def sample_model(folder: Path) -> Path:
    """The sample's file in `folder`, made at first use; the same bytes wherever the same libraries made them.

    Raises:
        HostError: it cannot be written there.
    """
    path = folder / f"{NAME}.tflite"
    if path.is_file():
        return path
    # Under a name of its own first, so that a maker that dies or a second one leaves no half of a file.
    part = path.with_suffix(f".{os.getpid()}.part")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        part.write_bytes(_Network().finish())
        part.replace(path)
    except OSError as error:
        raise HostError(
            f"{path} cannot be written: {error.strerror}", advice="HARNESS_CACHE puts it elsewhere"
        ) from None
    finally:
        with contextlib.suppress(OSError):
            part.unlink()
    return path


class _Network:
    def __init__(self) -> None:
        from ai_edge_litert import schema_py_generated as schema

        self._schema: Any = schema
        # The legacy generator, since numpy promises that its numbers stay the same.
        self._random = np.random.RandomState(_SEED)
        self._model = schema.ModelT()
        self._model.version, self._model.buffers, self._model.operatorCodes = 3, [schema.BufferT()], []
        self._model.description = b"MobileNetV2's shape with random weights"
        self._graph = schema.SubGraphT()
        self._graph.name, self._graph.tensors, self._graph.operators = b"main", [], []
        self._model.subgraphs = [self._graph]
        self._codes: dict[str, int] = {}

    def finish(self) -> bytes:
        """Every layer, and the file's bytes."""
        import flatbuffers

        first = last = self._tensor("image", (1, _SIDE, _SIDE, 3))
        last = self._convolution(last, 32, size=3, stride=2)
        for expansion, channels, repeats, stride in _BOTTLENECKS:
            for repeat in range(repeats):
                last = self._bottleneck(last, expansion, channels, stride if repeat == 0 else 1)
        last = self._convolution(last, 1280, size=1)
        last = self._mean(last)
        last = self._dense(last, _CLASSES)
        last = self._node("SOFTMAX", "Softmax", (last,), "scores", (1, _CLASSES), beta=1.0)
        self._graph.inputs, self._graph.outputs = np.array([first], np.int32), np.array([last], np.int32)
        builder = flatbuffers.Builder(1 << 24)
        builder.Finish(self._model.Pack(builder), b"TFL3")
        return bytes(builder.Output())

    def _bottleneck(self, source: int, expansion: int, channels: int, stride: int) -> int:
        last = source
        if expansion > 1:
            last = self._convolution(last, expansion * self._shape(source)[3], size=1)
        last = self._depthwise(last, stride)
        last = self._convolution(last, channels, size=1, linear=True)
        if self._shape(last) != self._shape(source):
            return last
        return self._node("ADD", "Add", (source, last), "add", self._shape(last))

    def _convolution(self, source: int, channels: int, *, size: int, stride: int = 1, linear: bool = False) -> int:
        _, height, width, depth = self._shape(source)
        weights = self._weights((channels, size, size, depth), fan_in=size * size * depth)
        shape = (1, -(-height // stride), -(-width // stride), channels)
        inputs = (source, weights, self._bias(channels))
        activation = self._schema.ActivationFunctionType.NONE if linear else self._schema.ActivationFunctionType.RELU6
        return self._node(
            "CONV_2D", "Conv2D", inputs, "conv", shape,
            strideH=stride, strideW=stride, fusedActivationFunction=activation,
        )  # fmt: skip

    def _depthwise(self, source: int, stride: int) -> int:
        _, height, width, depth = self._shape(source)
        weights = self._weights((1, 3, 3, depth), fan_in=9)
        shape = (1, -(-height // stride), -(-width // stride), depth)
        activation = self._schema.ActivationFunctionType.RELU6
        return self._node(
            "DEPTHWISE_CONV_2D", "DepthwiseConv2D", (source, weights, self._bias(depth)), "depthwise", shape,
            strideH=stride, strideW=stride, depthMultiplier=1, fusedActivationFunction=activation,
        )  # fmt: skip

    def _mean(self, source: int) -> int:
        axes = self._tensor("axes", (2,), np.array([1, 2], np.int32))
        return self._node("MEAN", "Reducer", (source, axes), "mean", (1, self._shape(source)[3]), keepDims=False)

    def _dense(self, source: int, count: int) -> int:
        depth = self._shape(source)[1]
        inputs = (source, self._weights((count, depth), fan_in=depth), self._bias(count))
        return self._node("FULLY_CONNECTED", "FullyConnected", inputs, "logits", (1, count))

    def _weights(self, shape: tuple[int, ...], *, fan_in: int) -> int:
        values = self._random.standard_normal(shape).astype(np.float32) * np.float32((2 / fan_in) ** 0.5)
        return self._tensor("weights", shape, values)

    def _bias(self, count: int) -> int:
        return self._tensor("bias", (count,), np.zeros(count, np.float32))

    def _shape(self, tensor: int) -> tuple[int, ...]:
        return tuple(int(n) for n in self._graph.tensors[tensor].shape)

    def _tensor(self, name: str, shape: tuple[int, ...], values: npt.NDArray[Any] | None = None) -> int:
        made = self._schema.TensorT()
        made.name, made.shape, made.buffer = f"{name}_{len(self._graph.tensors)}".encode(), np.array(shape, np.int32), 0
        integer = values is not None and values.dtype == np.int32
        made.type = self._schema.TensorType.INT32 if integer else self._schema.TensorType.FLOAT32
        if values is not None:
            buffer = self._schema.BufferT()
            buffer.data = np.frombuffer(values.tobytes(), np.uint8)
            self._model.buffers.append(buffer)
            made.buffer = len(self._model.buffers) - 1
        self._graph.tensors.append(made)
        return len(self._graph.tensors) - 1

    def _node(
        self, op: str, options: str, inputs: tuple[int, ...], name: str, shape: tuple[int, ...], **values: Any
    ) -> int:
        made = self._schema.OperatorT()
        made.opcodeIndex = self._code(op)
        made.builtinOptionsType = getattr(self._schema.BuiltinOptions, f"{options}Options")
        made.builtinOptions = getattr(self._schema, f"{options}OptionsT")()
        if "strideH" in values:
            values |= {"padding": self._schema.Padding.SAME, "dilationHFactor": 1, "dilationWFactor": 1}
        for key, value in values.items():
            setattr(made.builtinOptions, key, value)
        output = self._tensor(name, shape)
        made.inputs, made.outputs = np.array(inputs, np.int32), np.array([output], np.int32)
        self._graph.operators.append(made)
        return output

    def _code(self, op: str) -> int:
        if op not in self._codes:
            code = self._schema.OperatorCodeT()
            code.builtinCode = getattr(self._schema.BuiltinOperator, op)
            code.deprecatedBuiltinCode, code.version = code.builtinCode, 1
            self._model.operatorCodes.append(code)
            self._codes[op] = len(self._codes)
        return self._codes[op]
