"""A model whose chosen operators compute in half precision.

Method: the flatbuffer is rewritten. Every float32 constant that a chosen operator reads is rounded to float16; every
float32 value that enters or leaves a chosen operator goes through two CAST operators, to float16 and back. The
operators themselves then run with the interpreter's float32 kernels.

So the numbers between operators are those that a GPU would keep in half-precision memory, with the same overflow at
65504 and the same loss below 6e-5. What remains different: sums inside one operator are kept in float32, as GPUs do in
their mixed mode; one that also sums in half precision is less exact than this. Integer tensors stay as they are.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema


def halved(data: bytes, nodes: Collection[int], subgraph: int = 0) -> bytes:
    """The rewritten model; `nodes` are indices of operators of that subgraph."""
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(data, 0))
    _Rewriter(model, model.subgraphs[subgraph], frozenset(nodes)).rewrite()
    builder = flatbuffers.Builder(len(data))
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


class _Rewriter:
    def __init__(self, model: Any, graph: Any, nodes: frozenset[int]) -> None:
        self._model, self._graph, self._nodes = model, graph, nodes
        self._made: list[Any] = []
        self._rounded: dict[int, int] = {}
        self._results: set[int] = set()  # what chosen operators left
        code = schema.OperatorCodeT()
        code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.CAST
        code.version = 1
        model.operatorCodes.append(code)
        self._cast_code = len(model.operatorCodes) - 1

    def rewrite(self) -> None:
        graph = self._graph
        for index, op in enumerate(graph.operators):
            use = self._round if index in self._nodes else self._result
            op.inputs = np.array([use(int(t)) for t in op.inputs], np.int32)
            self._made.append(op)
            if index in self._nodes:
                for tensor in op.outputs:
                    self._round(int(tensor))
                    self._results.add(int(tensor))
        graph.operators = self._made
        graph.outputs = np.array([self._result(int(t)) for t in graph.outputs], np.int32)
        for signature in self._model.signatureDefs or []:
            if self._model.subgraphs[signature.subgraphIndex] is graph:
                for entry in signature.outputs:
                    entry.tensorIndex = self._result(entry.tensorIndex)

    def _result(self, number: int) -> int:
        # Who reads what a chosen operator left gets it in half precision; everything else stays as it was.
        return self._rounded.get(number, number) if number in self._results else number

    def _round(self, number: int) -> int:
        if number < 0 or self._graph.tensors[number].type != schema.TensorType.FLOAT32:
            return number
        if self._graph.tensors[number].sparsity is not None:
            return number  # its buffer is no plain array
        if number in self._rounded:
            return self._rounded[number]
        buffer = self._model.buffers[self._graph.tensors[number].buffer]
        if buffer.data is not None and len(buffer.data):
            rounded = self._constant(number, buffer)
        else:
            low = self._tensor(number, schema.TensorType.FLOAT16, b"/half")
            rounded = self._tensor(number, schema.TensorType.FLOAT32, b"/rounded")
            self._cast(number, low, schema.TensorType.FLOAT32, schema.TensorType.FLOAT16)
            self._cast(low, rounded, schema.TensorType.FLOAT16, schema.TensorType.FLOAT32)
        self._rounded[number] = rounded
        return rounded

    def _constant(self, number: int, buffer: Any) -> int:
        values = np.frombuffer(np.asarray(buffer.data, np.uint8).tobytes(), np.float32)
        with np.errstate(over="ignore"):
            rounded = values.astype(np.float16).astype(np.float32)
        made = schema.BufferT()
        made.data = np.frombuffer(rounded.tobytes(), np.uint8)
        self._model.buffers.append(made)
        tensor = self._tensor(number, schema.TensorType.FLOAT32, b"/rounded")
        self._graph.tensors[tensor].buffer = len(self._model.buffers) - 1
        return tensor

    def _tensor(self, like: int, kind: int, suffix: bytes) -> int:
        source, made = self._graph.tensors[like], schema.TensorT()
        made.shape, made.shapeSignature = source.shape, source.shapeSignature
        made.type, made.buffer, made.name = kind, 0, (source.name or b"") + suffix
        self._graph.tensors.append(made)
        return len(self._graph.tensors) - 1

    def _cast(self, source: int, target: int, from_kind: int, to_kind: int) -> None:
        op, options = schema.OperatorT(), schema.CastOptionsT()
        options.inDataType, options.outDataType = from_kind, to_kind
        op.opcodeIndex = self._cast_code
        op.inputs, op.outputs = np.array([source], np.int32), np.array([target], np.int32)
        op.builtinOptionsType, op.builtinOptions = schema.BuiltinOptions.CastOptions, options
        self._made.append(op)
